"""Grants become statements a person would have written."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.iam.compose import SID_CHARACTERS, Grant, compose, free_sid
from leastwise.iam.document import parse, render
from leastwise.iam.statement import Condition, PolicyDocument

TABLE = "arn:aws:dynamodb:eu-west-1:111122223333:table/payments"
ROLE = "arn:aws:iam::111122223333:role/app/runner"


def grant(action, *resources, context=(), verb="Read"):
    return Grant(action, resources or (TABLE,), context, verb)


def test_actions_on_the_same_resources_share_a_statement():
    (statement,) = compose([grant("dynamodb:Query"), grant("dynamodb:GetItem")])
    assert statement.actions == ("dynamodb:GetItem", "dynamodb:Query")
    assert statement.sid == "DynamodbReadPayments"


def test_services_and_resources_stay_apart():
    other = TABLE + "-2"
    assert (
        len(compose([grant("dynamodb:Query"), grant("dynamodb:Query", other), grant("s3:GetObject", "*")]))
        == 3
    )


def test_values_of_one_key_are_listed_together():
    contexts = [
        (("iam:PassedToService", service),) for service in ("lambda.amazonaws.com", "ecs.amazonaws.com")
    ]
    (statement,) = compose(grant("iam:PassRole", ROLE, context=context) for context in contexts)
    assert statement.conditions == (
        Condition("StringEquals", "iam:PassedToService", ("ecs.amazonaws.com", "lambda.amazonaws.com")),
    )


def test_pairs_of_values_that_nobody_used_do_not_arise():
    one, other = (("k:1", "a"), ("k:2", "b")), (("k:1", "c"), ("k:2", "d"))
    assert (
        len(compose([grant("iam:PassRole", ROLE, context=one), grant("iam:PassRole", ROLE, context=other)]))
        == 2
    )


def test_a_call_without_a_condition_does_not_lose_it_to_one_with():
    with_and_without = [grant("iam:PassRole", ROLE, context=(("k:1", "a"),)), grant("iam:PassRole", ROLE)]
    assert [len(statement.conditions) for statement in compose(with_and_without)] == [0, 1]


def test_order_changes_nothing():
    grants = [
        grant("dynamodb:Query"),
        grant("s3:GetObject", "*"),
        grant("dynamodb:PutItem", verb="Write"),
        grant("s3:PutObject", "*"),
    ]
    assert len({compose(order) for order in permutations(grants)}) == 1


def test_sids_are_unique():
    statements = compose(grant("s3:GetObject", f"arn:aws:s3:::b/{key}") for key in "abc")
    assert [statement.sid for statement in statements] == ["S3ReadB", "S3ReadB2", "S3ReadB3"]


@pytest.mark.parametrize(("taken", "free"), [((), "A"), (("A",), "A2"), (("A", "A2"), "A3")])
def test_a_taken_sid_is_numbered(taken, free):
    assert free_sid("A", taken) == free


names = st.text(max_size=80).map("arn:aws:s3:::b/".__add__)


@given(
    st.lists(
        st.builds(grant, st.sampled_from(["s3:GetObject", "s3:PutObject"]), names), min_size=1, max_size=5
    )
)
def test_sids_are_what_iam_takes_whatever_the_names(grants):
    statements = parse(render(PolicyDocument(compose(grants)))).statements
    assert all(len(statement.sid) <= SID_CHARACTERS + 2 for statement in statements)
