"""What is read of a generated policy: names of actions, whatever else is in it, and never a placeholder."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.aws.access_analyzer import Generated, JobState
from leastwise.collect.analyzer.reading import Told, told_by
from leastwise.reference.actions import canonical


def told(*policies, is_complete=True):
    return told_by(Generated(JobState.SUCCEEDED, None, policies, is_complete, "t", True, None, None))


def template(**members):
    statement = {"Sid": "SupportedServiceSid0", "Effect": "Allow", "Resource": "*", **members}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.mark.parametrize(
    ("action", "actions", "vague"),
    [
        ("s3:CreateBucket", {"s3:CreateBucket"}, set()),
        ("S3:createbucket", {"s3:CreateBucket"}, set()),
        (["s3:CreateBucket", "dax:*"], {"s3:CreateBucket"}, {"dax"}),
        ("dax:${Action}", set(), {"dax"}),
        ("s3:${aws:username}", set(), {"s3"}),
        ("s3:Get${BucketName}", set(), {"s3"}),
        ("${Service}:GetObject", set(), {"*"}),
        ("${service}", set(), {"*"}),
        ("*", set(), {"*"}),
        ("s3:NoSuchAction", set(), {"s3"}),
        ("brandnew:DoIt", set(), {"brandnew"}),
    ],
)
def test_an_entry_names_an_action_or_its_service_or_nobody_knows(action, actions, vague):
    assert told(template(Action=action)) == Told(frozenset(actions), frozenset(vague))


@pytest.mark.parametrize(
    "policy",
    [
        "",
        "{",
        "[]",
        "null",
        '{"Version": "2012-10-17"}',
        template(NotAction="iam:*"),
        template(),
        template(Action=["s3:GetObject", 7]),
        template(Action=[]),
        "[" * 100_000,
        '{"Statement": [{"Effect": "Allow", "Action": "s3:A", "Action": "s3:B", "Resource": "*"}]}',
    ],
)
def test_what_cannot_be_read_leaves_every_service_open(policy):
    assert told(policy).vague == {"*"}


@pytest.mark.parametrize("order", [1, -1])
def test_what_is_read_of_one_policy_counts_beside_another_that_cannot_be_read(order):
    policies = (template(Action="s3:CreateBucket"), "{")[::order]
    assert told(*policies) == Told(frozenset({"s3:CreateBucket"}), frozenset("*"))


def test_a_placeholder_that_iam_would_refuse_hides_no_action_beside_it():
    assert told(template(Action=["s3:CreateBucket", "dax:${Action}"], Sid="${Sid}")) == Told(
        frozenset({"s3:CreateBucket"}), frozenset({"dax"})
    )


def test_a_denial_is_no_use():
    assert told(template(Effect="Deny", Action="s3:CreateBucket")) == Told(frozenset(), frozenset())


PLACEHOLDERS = st.sampled_from(
    [
        "${BucketName}", "${bucketname}", "${BUCKET_NAME}", "${A${B}}", "$${Name}", "${Open", "${}", "${*}",
        "${aws:username}", "${aws:PrincipalTag/team, 'none'}", "arn:aws:s3:::${BucketName}/${KeyName}",
    ]
)  # fmt: skip
TEXTS = st.one_of(PLACEHOLDERS, st.just("s3:CreateBucket"), st.text(max_size=8))
ENTRIES = st.one_of(TEXTS, st.lists(TEXTS, min_size=1, max_size=3))
MEMBERS = st.fixed_dictionaries(
    {},
    optional={
        "Sid": TEXTS,
        "Action": ENTRIES,
        "NotAction": ENTRIES,
        "Resource": ENTRIES,
        "NotResource": ENTRIES,
        "Condition": st.dictionaries(TEXTS, st.dictionaries(TEXTS, ENTRIES, max_size=2), max_size=2),
        "Effect": st.sampled_from(["Allow", "Deny", "${Effect}"]),
    },
)


@given(MEMBERS)
def test_only_actions_that_exist_and_names_of_services_come_out_of_any_template(members):
    found = told(template(**members))
    assert found.actions | found.vague or members.get("Effect") == "Deny"
    assert all(canonical(action) == action for action in found.actions)
    assert all(service == "*" or re.fullmatch("[a-z0-9-]+", service) for service in found.vague)
