"""A policy laid out over several files says what it said, and each file is one that IAM takes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from leastwise.iam.document import parse, render
from leastwise.iam.includes import Included, includes
from leastwise.iam.size import non_white_length
from leastwise.iam.statement import Effect, PolicyDocument, Statement
from leastwise.propose.split import packed

QUOTA = 600
resources = st.builds(
    "arn:aws:s3:::{}{}".format, st.integers(0, 999), st.sampled_from(["", "a" * 60, "b" * 120])
)
actions = st.sampled_from(["s3:GetObject", "s3:PutObject", "s3:ListBucket", "sqs:SendMessage"])
statements = st.builds(
    Statement,
    st.just(Effect.ALLOW),
    actions=st.lists(actions, min_size=1, max_size=4, unique=True).map(tuple),
    resources=st.lists(resources, min_size=1, max_size=30, unique=True).map(tuple),
)
policies = st.lists(statements, min_size=1, max_size=3).map(
    lambda some: PolicyDocument(
        tuple(Statement(s.effect, s.actions, (), s.resources, (), (), f"Sid{n}") for n, s in enumerate(some))
    )
)


@given(policies)
def test_the_parts_say_the_same_fit_and_can_be_read(document):
    parts = packed(document, QUOTA)
    assert all(parse(render(part)) == part for part in parts)
    assert all(non_white_length(render(part)) <= QUOTA for part in parts)
    assert isinstance(includes(parts, [document]), Included)
    assert isinstance(includes([document], parts), Included)


def test_what_cannot_be_parted_is_left_too_large():
    statement = Statement(Effect.ALLOW, actions=("s3:GetObject",), resources=("arn:aws:s3:::" + "a" * QUOTA,))
    assert packed(PolicyDocument((statement,)), QUOTA) == [PolicyDocument((statement,))]


def test_what_fits_stays_in_one():
    statement = Statement(Effect.ALLOW, actions=("s3:GetObject",), resources=("*",))
    assert packed(PolicyDocument((statement, statement)), QUOTA) == [PolicyDocument((statement, statement))]
