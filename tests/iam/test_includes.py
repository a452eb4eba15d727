"""Inclusion, case by case: outer policies, inner policies, the answer."""

from __future__ import annotations

import pytest

from leastwise.iam.arn import Reading
from leastwise.iam.evaluate import Decision, Place, prepare
from leastwise.iam.includes import Included, Undecided, Witness, covers, includes
from leastwise.iam.statement import Effect, Version
from tests.iam.policies import BUCKET, allow, allow_not_action, deny, document, not_resource, when
from tests.iam.worlds_in_tests import is_confirmed

VPC = when("StringEquals", "aws:SourceVpc", "vpc-1", "vpc-2")
SAME_VPC = when("StringEquals", "AWS:sourcevpc", "vpc-2", "vpc-1")
SECRET = deny("s3:Put*", BUCKET + "secret*")
MINE = BUCKET + "${aws:username}/"

INSIDE = [
    ([allow("s3:*", BUCKET + "*")], [allow("s3:Get*", BUCKET + "x*")]),
    ([allow("s3:*", BUCKET + "*")], [allow("S3:getobject", BUCKET + "x")]),
    (
        [allow("s3:*", BUCKET + "a*"), allow("s3:*", BUCKET + "b*")],
        [allow("s3:*", (BUCKET + "a", BUCKET + "b"))],
    ),
    ([allow("s3:Get*"), allow("s3:Put*")], [allow(("s3:GetObject", "s3:PutObject"))]),
    ([allow("s3:?et*")], [allow(("s3:Get*", "s3:Set*"))]),
    ([allow("*", BUCKET + "?*")], [allow("*", BUCKET + "*?")]),
    ([allow("s3:*", BUCKET + "*"), SECRET], [allow("s3:*", BUCKET + "a*")]),
    ([allow("s3:*", BUCKET + "*"), SECRET], [allow("s3:*", BUCKET + "*"), SECRET]),
    ([allow("s3:*", BUCKET + "*"), SECRET], [allow("s3:*", BUCKET + "se*"), deny("s3:P*", BUCKET + "se*")]),
    ([allow("*")], [allow_not_action("iam:*")]),
    ([allow_not_action("iam:*")], [allow(("s3:*", "ec2:*"))]),
    ([allow_not_action("iam:Create*")], [allow_not_action("iam:*")]),
    (
        [not_resource(Effect.ALLOW, "*", BUCKET + "*")],
        [not_resource(Effect.ALLOW, "*", ("arn:aws:s3:::b*", "*:x"))],
    ),
    ([not_resource(Effect.ALLOW, "*", BUCKET + "*")], [allow("*", "arn:aws:s3:::c/*")]),
    ([allow()], [allow("*", "*", VPC)]),
    ([allow("*", "*", VPC)], [allow("s3:*", "*", SAME_VPC, when("Bool", "aws:x", "true"))]),
    ([allow("*", MINE + "*")], [allow("*", MINE + "x/*")]),
    ([allow("*", BUCKET + "*")], [allow("*", MINE + "*")]),
    ([allow("*", MINE + "*"), deny("iam:*", "*", VPC)], [allow("s3:*", MINE + "x")]),
    ([allow("*", MINE + "*"), deny("*", BUCKET + "z")], [allow("*", MINE + "x/*")]),
    ([allow("*", "arn:aws:sqs:*:*:q-*")], [allow("*", "arn:aws:sqs:us-east-1:1:q-prod-*")]),
    ([allow("*", "arn:aws:iam::1:us?r/*")], [allow("*", "arn:aws:iam::1:us?r/x")]),
    ([allow()], []),
    ([], [deny()]),
    ([], [allow(), deny()]),
    ([], [allow("s3:*", "*", VPC), deny("s3:*", "*", VPC)]),
]


@pytest.mark.parametrize(("outer", "inner"), INSIDE)
def test_included(outer, inner):
    assert includes([document(*outer)], [document(*inner)]) == Included()


OUTSIDE = [
    ([allow("s3:Get*", BUCKET + "x*")], [allow("s3:*", BUCKET + "x*")]),
    ([allow("s3:*", BUCKET + "x*")], [allow("s3:*", BUCKET + "*")]),
    ([allow("s3:*", BUCKET + "X")], [allow("s3:*", BUCKET + "x")]),
    ([allow("s3:*", BUCKET + "?")], [allow("s3:*", BUCKET + "*")]),
    ([allow("s3:*", BUCKET + "${*}")], [allow("s3:*", BUCKET + "*")]),
    ([allow("s3:*", BUCKET + "*"), SECRET], [allow("s3:*", BUCKET + "*")]),
    ([allow_not_action("iam:*")], [allow()]),
    ([not_resource(Effect.ALLOW, "*", BUCKET + "*")], [allow("*", BUCKET + "x")]),
    ([allow("*", "*", VPC)], [allow()]),
    ([allow("*", "*", VPC)], [allow("*", "*", when("StringEquals", "aws:SourceVpc", "vpc-3"))]),
    ([allow(), deny("*", "*", VPC)], [allow()]),
    ([allow("*", MINE + "*")], [allow("*", BUCKET + "*")]),
    ([allow("*", BUCKET + "?/*")], [allow("*", MINE + "*")]),
    ([allow("*", "arn:aws:iam::1:u*")], [allow("*", "arn:aws:iam::1:user/x")]),
    ([allow("*", "arn:aws:s3:*:*:b")], [allow("*", "arn:aws:s3:::b")]),
    ([allow_not_action("iam:*")], [allow_not_action("iam:Create*")]),
    ([not_resource(Effect.ALLOW, "*", "arn:aws:s3:::b*")], [not_resource(Effect.ALLOW, "*", BUCKET + "*")]),
    ([allow("s3:GetObject", BUCKET + "x")], [allow(("s3:GetObject", "s3:PutObject"), BUCKET + "x")]),
    ([], [allow()]),
    # a Deny whose NotResource has a variable without a value may not stand
    ([], [allow("*", "arn:aws:sqs:r:1:q"), not_resource(Effect.DENY, "*", MINE + "*")]),
]


@pytest.mark.parametrize(("outer", "inner"), OUTSIDE)
def test_witness(outer, inner):
    outer, inner = [document(*outer)], [document(*inner)]
    result = includes(outer, inner)
    assert isinstance(result, Witness)
    assert is_confirmed(result, outer, inner)


def test_both_readings_must_agree():
    outer, inner = (
        [document(allow("*", "arn:aws:sqs:*:q"))],
        [document(allow("*", "arn:aws:sqs:us-east-1:1:q"))],
    )
    assert includes(outer, inner).reading is Reading.SEGMENT
    for pattern in ("arn:aws:sqs:*:1:q", "arn:aws:sqs:a?b:1:q"):
        crossed = includes([document(allow("*", pattern))], [document(allow("*", "arn:aws:sqs:a:b:1:q"))])
        assert crossed.reading is Reading.SEGMENT
    short = [document(allow("*", "arn:aws:sqs"))]
    assert includes(short, [document(allow("*", "arn:aws:sqs:*"))]).reading is Reading.FLAT


def test_the_same_text_means_another_thing_in_version_2008():
    old, new = document(allow("*", MINE + "*"), version=Version.V2008), document(allow("*", MINE + "*"))
    assert isinstance(includes([old], [new]), Witness)
    assert isinstance(includes([new], [old]), Witness)
    value = when("StringEquals", "aws:x", "${aws:username}")
    old, new = document(allow("*", "*", value), version=Version.V2008), document(allow("*", "*", value))
    assert isinstance(includes([old], [new]), Witness)


def test_the_witness_names_what_a_reader_needs():
    outer, inner = document(allow("s3:GetObject", "*", VPC)), document(allow("iam:*"), allow("s3:GetObject"))
    assert includes([document(allow("iam:*")), outer], [inner]) == Witness(
        "s3:GetObject", "*", Place(0, 1), Reading.FLAT, (("StringEquals aws:sourcevpc vpc-1, vpc-2", False),)
    )


HOSTILE = BUCKET + "*a?" * 12


@pytest.mark.parametrize("budget", [0, 1_000, 20_000])
def test_many_stars_end_in_undecided(budget):
    outer = [
        document(allow("s3:*", tuple(HOSTILE + f"*{end}" for end in "bcdefgh")), deny("s3:*", HOSTILE + "?"))
    ]
    inner = [
        document(
            allow("s3:*", tuple(BUCKET + "*a" + "?" * gap + "b*c" for gap in range(20, 40))),
            deny("s3:*", BUCKET + "?*"),
        )
    ]
    assert includes(outer, inner, budget=budget) in (
        Undecided(f"not decided within {budget:,} steps"),
        Included(),
    )


def test_many_conditions_are_not_recursed_into_without_end():
    lines = [allow("*", "*", when("StringEquals", f"aws:k{at}", "v")) for at in range(1_000)]
    others = [allow("*", "*", when("StringEquals", f"aws:o{at}", "v")) for at in range(1_000)]
    assert isinstance(
        includes([document(*lines, deny("*", "*", VPC))], [document(*others)]), Witness | Undecided
    )


@pytest.mark.parametrize(
    ("statements", "resources", "context", "expected"),
    [
        ([allow("s3:*", BUCKET + "*")], BUCKET + "a/*", {}, Decision.ALLOW),
        ([allow("s3:*", BUCKET + "*")], "arn:aws:s3:::*", {}, Decision.NONE),
        ([allow("s3:*", (BUCKET + "a*", BUCKET + "b*"))], BUCKET + "?*", {}, Decision.NONE),
        ([allow("s3:*"), deny("s3:*", BUCKET + "a/x*")], BUCKET + "a/*", {}, Decision.DENY),
        ([allow("s3:*"), deny("s3:*", BUCKET + "b/x*")], BUCKET + "a/*", {}, Decision.ALLOW),
        ([allow("s3:*", "*", VPC)], BUCKET + "a/*", {}, Decision.UNKNOWN),
        ([allow("s3:*", "*", VPC)], BUCKET + "a/*", {"aws:SourceVpc": ("vpc-1",)}, Decision.ALLOW),
        ([allow("s3:*", "*", VPC)], BUCKET + "a/*", {"aws:SourceVpc": ("vpc-9",)}, Decision.NONE),
        ([allow("s3:*", "*", VPC)], BUCKET + "a/*", {"aws:SourceVpc": None}, Decision.NONE),
        ([allow("s3:*", MINE + "*")], BUCKET + "bob/*", {"aws:username": ("bob",)}, Decision.ALLOW),
        ([allow("s3:*", MINE + "*")], BUCKET + "bob/*", {}, Decision.UNKNOWN),
        (
            [not_resource(Effect.ALLOW, "s3:*", MINE + "*")],
            BUCKET + "a/*",
            {"aws:username": None},
            Decision.UNKNOWN,
        ),
        ([allow("s3:*")], "a/*", {}, Decision.UNKNOWN),
        ([allow("s3:*")], BUCKET + "${aws:username}", {}, Decision.UNKNOWN),
        ([allow("s3:*", "arn:aws:iam::1:u*")], "arn:aws:iam::1:u*", {}, Decision.UNKNOWN),
        ([allow("s3:*", "arn:aws:iam::1:u*")], "arn:aws:iam::1:user/*", {}, Decision.UNKNOWN),
        ([allow("s3:*", "arn:aws:iam::1:user/*")], "arn:aws:iam::1:us*r/*", {}, Decision.NONE),
        ([allow("s3:*", BUCKET + "*")], BUCKET + "${*}/x", {}, Decision.ALLOW),
    ],
)
def test_covers(statements, resources, context, expected):
    assert covers(prepare([document(*statements)]), "s3:GetObject", resources, context) is expected
