"""What AWS documents, case by case: policies, a request, the answer."""

from __future__ import annotations

import pytest

from leastwise.iam.arn import Reading
from leastwise.iam.evaluate import Decision, Place, evaluate, evaluate_both, prepare
from leastwise.iam.request import Request
from leastwise.iam.statement import Effect, Version
from tests.iam.policies import BUCKET, allow, allow_not_action, deny, document, not_resource, request, when

ALLOW, DENY, NONE, UNKNOWN = Decision.ALLOW, Decision.DENY, Decision.NONE, Decision.UNKNOWN
USER = "arn:aws:iam::111122223333:user/"
QUEUE = "arn:aws:sqs:us-east-1:111122223333:q"


def decide(*statements, version=Version.V2012, **asked):
    return evaluate_both([document(*statements, version=version)], request(**asked)).decision


ACTIONS = [
    ("s3:GetObject", "s3:GetObject", ALLOW),
    ("S3:getobject", "s3:GetObject", ALLOW),
    ("s3:GetObject", "S3:GETOBJECT", ALLOW),
    ("s3:Get*", "s3:GetObject", ALLOW),
    ("s3:*Object", "s3:GetObject", ALLOW),
    ("s3:Get?bject", "s3:GetObject", ALLOW),
    ("s3:Get?Object", "s3:GetObject", NONE),
    ("s3:Get", "s3:GetObject", NONE),
    ("3:GetObject", "s3:GetObject", NONE),
    ("s3:GetObject", "s3:GetObjectAcl", NONE),
    ("*", "s3:GetObject", ALLOW),
    ("*:*", "s3:GetObject", ALLOW),
    ("s*:GetObject", "s3:GetObject", ALLOW),
    ("s3:Get[O]bject", "s3:GetObject", NONE),
    ("s3:Get.bject", "s3:GetObject", NONE),
    ("${*}", "s3:GetObject", NONE),
]


@pytest.mark.parametrize(("pattern", "action", "expected"), ACTIONS)
def test_action(pattern, action, expected):
    assert decide(allow(pattern), action=action) is expected


@pytest.mark.parametrize(
    ("patterns", "action", "expected"),
    [
        ("iam:*", "s3:GetObject", ALLOW),
        ("s3:get*", "s3:GetObject", NONE),
        (("iam:*", "s3:*"), "s3:GetObject", NONE),
    ],
)
def test_not_action(patterns, action, expected):
    assert decide(allow_not_action(patterns), action=action) is expected


RESOURCES = [
    ("*", BUCKET + "k", ALLOW),
    ("arn:aws:s3:::b/k", BUCKET + "k", ALLOW),
    ("arn:aws:s3:::B/k", BUCKET + "k", NONE),
    ("arn:aws:s3:::b/K", BUCKET + "k", NONE),
    ("arn:aws:s3:::b/*", BUCKET + "a/b/c", ALLOW),
    ("arn:aws:s3:::b/*", BUCKET, ALLOW),
    ("arn:aws:s3:::b/?", BUCKET, NONE),
    ("arn:aws:s3:::b/?", BUCKET + "é", ALLOW),
    ("arn:aws:s3:::b/?", BUCKET + "𝒳", ALLOW),
    ("arn:aws:s3:::b/a.c", BUCKET + "abc", NONE),
    ("arn:aws:s3:::b/[ab]", BUCKET + "a", NONE),
    ("arn:aws:s3:::b/(a|b)+", BUCKET + "a", NONE),
    ("arn:aws:s3:::b/*", BUCKET + "a:b:c", ALLOW),
    ("arn:aws:s3:::b/a*c", BUCKET + "a\nc", ALLOW),
    ("arn:aws:s3:::b/a", BUCKET + "a\n", NONE),
    ("arn:aws:s3:::b/\u00e9", BUCKET + "e\u0301", NONE),
    ("arn:aws:s3:::b/safe", BUCKET + "*", NONE),
    ("arn:aws:s3:::b/${*}", BUCKET + "*", ALLOW),
    ("arn:aws:s3:::b/${*}", BUCKET + "k", NONE),
    ("arn:aws:s3:::b/${?}", BUCKET + "?", ALLOW),
    ("arn:aws:s3:::b/${?}", BUCKET + "k", NONE),
    ("arn:aws:s3:::b/${$}{x}", BUCKET + "${x}", ALLOW),
    ("arn:aws:s3:::b/$x", BUCKET + "$x", ALLOW),
    ("arn:aws:s3:::*/k", BUCKET + "k", ALLOW),
    ("arn:aws:s3:::?/k", BUCKET + "k", ALLOW),
    ("arn:aws:s3:::b*", BUCKET + "k", ALLOW),
    ("arn:*:s3:::b/k", BUCKET + "k", ALLOW),
    ("arn:aws:s3:::b/*", "*", NONE),
    ("*", "*", ALLOW),
    (USER + "*", USER + "alice", ALLOW),
    ("arn:aws:iam::111122223333:*", USER + "alice", ALLOW),
    ("arn:aws:sqs:*:111122223333:q", QUEUE, ALLOW),
    ("arn:aws:sqs:us-*:1111????3333:?", QUEUE, ALLOW),
    ("arn:aws:sqs:*:*:topic*", "arn:aws:sqs:eu-west-1:111122223333:topic-1", ALLOW),
    # AWS's documents allow two readings, or none
    ("arn:aws:sqs:*:q", QUEUE, UNKNOWN),
    ("arn:aws:sqs", QUEUE, UNKNOWN),
    ("arn:aws:sqs:*", QUEUE, ALLOW),
    ("arn:aws:iam::111122223333:us?r/alice", USER + "alice", UNKNOWN),
    ("arn:aws:iam::111122223333:us?r/bob", USER + "alice", NONE),
    ("arn:aws:iam::111122223333:u*", USER + "alice", UNKNOWN),
    ("arn:aws:s3:*:*:b/k", BUCKET + "k", UNKNOWN),
    ("arn:aws:s3:*:*:accesspoint/x", "arn:aws:s3:us-east-1:111122223333:accesspoint/x", ALLOW),
]


@pytest.mark.parametrize(("pattern", "resource", "expected"), RESOURCES)
def test_resource(pattern, resource, expected):
    assert decide(allow("*", pattern), resource=resource) is expected


@pytest.mark.parametrize(
    ("pattern", "resource", "flat", "segment"),
    [
        ("arn:aws:sqs:*:q", QUEUE, ALLOW, NONE),
        ("arn:aws:sqs", QUEUE, NONE, ALLOW),
        ("arn:aws:s?s:*", QUEUE, ALLOW, ALLOW),
        ("arn:aws:*", "arn:aws", NONE, NONE),
        ("arn:aws:*:*:*:*", "arn:aws:sqs:eu-west-1", NONE, NONE),
    ],
)
def test_each_reading(pattern, resource, flat, segment):
    documents, asked = [document(allow("*", pattern))], request(resource=resource)
    assert evaluate(documents, asked, Reading.FLAT).decision is flat
    assert evaluate(documents, asked, Reading.SEGMENT).decision is segment


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        ("arn:aws:s3:::other/*", ALLOW),
        ("arn:aws:s3:::b/*", NONE),
        (("arn:aws:s3:::other/*", "arn:aws:s3:::b/*"), NONE),
        ("arn:aws:s3:::${aws:username}/*", ALLOW),
        ("arn:aws:s3:::${aws:nobody}/*", UNKNOWN),
        (("arn:aws:s3:::${aws:nobody}/*", "*"), NONE),
        ("arn:aws:s3:::${broken", UNKNOWN),
    ],
)
def test_not_resource(patterns, expected):
    assert decide(not_resource(Effect.ALLOW, "s3:*", patterns), aws_username="alice") is expected


DENIES = [
    ([allow(), deny("s3:*")], DENY),
    ([deny("s3:*"), allow()], DENY),
    ([deny("s3:*")], DENY),
    ([allow(), deny("iam:*")], ALLOW),
    ([allow(), deny("s3:*", "arn:aws:s3:::b/secret*")], ALLOW),
    ([allow(), not_resource(Effect.DENY, "s3:*", "arn:aws:s3:::b/*")], ALLOW),
    ([allow(), not_resource(Effect.DENY, "s3:*", "arn:aws:s3:::c/*")], DENY),
    ([allow(), deny("*", "*", when("Bool", "aws:SecureTransport", "false"))], ALLOW),
    ([allow(), deny("*", "*", when("StringNotEquals", "aws:PrincipalOrgID", "o-1"))], DENY),
    ([], NONE),
]


@pytest.mark.parametrize(("statements", "expected"), DENIES)
def test_deny(statements, expected):
    assert decide(*statements, aws_SecureTransport="true") is expected


@pytest.mark.parametrize(
    ("pattern", "resource", "context", "expected"),
    [
        ("${aws:username}", "alice", {"aws_username": "alice"}, ALLOW),
        ("${AWS:UserName}", "alice", {"aws_username": "alice"}, ALLOW),
        ("${aws:username}", "bob", {"aws_username": "alice"}, NONE),
        ("${aws:username}", "k", {"aws_username": "*"}, NONE),
        ("${aws:username}", "*", {"aws_username": "*"}, ALLOW),
        ("${aws:username}", "alice", {}, NONE),
        ("${aws:username}", "${aws:username}", {}, NONE),
        ("${aws:username, 'guest'}", "guest", {}, ALLOW),
        ("${aws:username,'guest'}", "guest", {}, ALLOW),
        ("${aws:username, 'guest'}", "alice", {"aws_username": "alice"}, ALLOW),
        ("${aws:username, 'gu*t'}", "guest", {}, NONE),
        ("${aws:PrincipalTag/team}/*", "red/x", {"aws_PrincipalTag/team": "red"}, ALLOW),
        ("${aws:TagKeys}", "a", {"aws_TagKeys": ("a", "b")}, UNKNOWN),
        ("${nonsense}", "nonsense", {}, UNKNOWN),
        ("${aws:username", "${aws:username", {}, UNKNOWN),
    ],
)
def test_variable(pattern, resource, context, expected):
    asked = {"resource": BUCKET + resource, **context}
    assert decide(allow("*", BUCKET + pattern), **asked) is expected


@pytest.mark.parametrize(
    ("pattern", "resource", "expected"),
    [
        ("${aws:username}", "alice", NONE),
        ("${aws:username}", "${aws:username}", ALLOW),
        ("${*}", "${anything}", ALLOW),
    ],
)
def test_version_2008_has_no_variables(pattern, resource, expected):
    statement = allow("*", BUCKET + pattern)
    asked = {"resource": BUCKET + resource, "aws_username": "alice"}
    assert decide(statement, version=Version.V2008, **asked) is expected


OPEN = Request("s3:GetObject", BUCKET + "k")
IN_VPC = when("StringEquals", "aws:SourceVpc", "vpc-1")


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([allow("*", "*", IN_VPC)], UNKNOWN),
        ([allow("*", "*", IN_VPC), allow()], ALLOW),
        ([allow("iam:*", "*", IN_VPC)], NONE),
        ([allow(), deny("*", "*", IN_VPC)], UNKNOWN),
        ([allow(), deny("*", "*", IN_VPC), deny()], DENY),
        ([deny("*", "*", IN_VPC)], NONE),
        ([allow("*", BUCKET + "${aws:username}")], UNKNOWN),
        ([allow("*", "arn:aws:s3:::c/${aws:username}")], NONE),
        ([allow("*", "*", IN_VPC, when("Null", "aws:SourceIp", "false"))], UNKNOWN),
    ],
)
def test_unknown_context(statements, expected):
    assert evaluate_both([document(*statements)], OPEN).decision is expected


def test_an_unknown_variable_in_a_short_pattern_may_match_by_segment():
    documents, asked = [document(allow("*", "arn:aws:${aws:x}:us-east-1"))], Request("sqs:x", QUEUE)
    assert evaluate(documents, asked, Reading.SEGMENT).decision is UNKNOWN


def test_the_deciding_statement_is_named():
    documents = [document(allow("iam:*")), document(allow("s3:*", sid="Read"), deny("s3:Put*"))]
    allowed = evaluate_both(documents, request())
    assert (allowed.statement, allowed.why) == (Place(1, 0), "statement 1 (Read) of document 2 allows it")
    denied = prepare(documents).evaluate_both(request(action="s3:PutObject"))
    assert (denied.decision, denied.statement) == (DENY, Place(1, 1))


@pytest.mark.parametrize(
    ("statement", "asked", "reason"),
    [
        (allow("*", "*", IN_VPC), OPEN, "StringEquals on aws:SourceVpc cannot be decided"),
        (allow("*", BUCKET + "${aws:username}"), OPEN, "the value of a policy variable is not known"),
        (
            allow("*", "arn:aws:iam::*:u*"),
            request(resource=USER + "x"),
            "arn:aws:iam::*:u* has a wildcard in the part",
        ),
    ],
)
def test_unknown_says_why(statement, asked, reason):
    assert reason in evaluate_both([document(statement)], asked).why


def test_documents_are_one_union():
    documents = [document(allow("s3:*")), document(deny("s3:Get*"))]
    assert evaluate_both(documents, request()).decision is DENY


def test_hostile_patterns_and_names_take_linear_time():
    pattern, name = BUCKET + "*a" * 2_000 + "*b", BUCKET + "a" * 100_000
    assert decide(allow("*", pattern), resource=name) is NONE
