"""Laws of ``interpret``: it never fails, never invents, never turns a name into a wildcard."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.iam import glob
from leastwise.model.request import ResourceForm
from leastwise.reference import actions
from leastwise.reference.facts import facts
from leastwise.reference.interpret import interpret
from tests.reference.events import REAL, call, real_events

SERVICES = [
    "s3",
    "ec2",
    "dynamodb",
    "kms",
    "lambda",
    "logs",
    "ssm",
    "ecs",
    "iam",
    "sqs",
    "apigateway",
    "organizations",
]
NAMES = st.text(max_size=12) | st.sampled_from(
    ["*", "?", "${aws:username}", "${*}", "arn:aws:s3:::*", "a/b", "\u202e", "arn:"]
)
NAMING = [
    *("bucketName", "key", "tableName", "functionName", "keyId", "roleName", "name", "cluster", "path"),
    *(
        "secretId",
        "logGroupName",
        "repositoryName",
        "instanceId",
        "domainName",
        "aliasName",
        "userName",
        "policyId",
    ),
]
WRAPPING = ["items", "tags", "instancesSet", "transactItems", "put", "tag", "content"]
MEMBERS = st.sampled_from([*NAMING, *WRAPPING, "queueUrl", "x-amz-copy-source", "statement"])
JSON = st.recursive(
    NAMES | st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(MEMBERS | NAMES, inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(MEMBERS | NAMES, JSON, max_size=5)
OPERATIONS = [
    (service, operation)
    for service in SERVICES
    for operation in (*facts("operations.json")["operations"][service], "Invoke", "Nonsense")
]


@given(st.sampled_from(OPERATIONS), OBJECTS, OBJECTS, NAMES, NAMES)
def test_any_record_is_understood_or_said_not_to_be(operation, request, response, region, account) -> None:
    found = interpret(
        call(*operation, request, responseElements=response, awsRegion=region, recipientAccountId=account)
    )
    assert all(actions.canonical(asked.action) == asked.action for asked in found.requests)
    assert len(set(found.requests)) == len(found.requests)
    for asked in found.requests:
        if asked.form in (ResourceForm.NONE, ResourceForm.UNRECORDED):
            assert asked.resource == "*"
        else:
            assert asked.resource.startswith("arn:")


@given(st.sampled_from(OPERATIONS), st.text("*?$", min_size=1, max_size=3).map(lambda text: f"nasty{text}"))
def test_a_name_never_becomes_a_wildcard(operation, name) -> None:
    found = interpret(call(*operation, dict.fromkeys(NAMING, name)))
    for asked in found.requests:
        if asked.form is ResourceForm.ROLLED_UP and "nasty" in asked.resource:
            assert glob.escape(name) in asked.resource
            assert name not in asked.resource.replace(glob.escape(name), "")


@pytest.mark.parametrize(
    ("region", "actor", "partition"),
    [
        ("cn-north-1", "", "aws-cn"),
        ("us-gov-west-1", "", "aws-us-gov"),
        ("eu-west-1", "", "aws"),
        ("eu-west-1", "arn:aws-cn:iam::111122223333:role/app", "aws-cn"),
    ],
)
def test_arns_are_of_the_callers_partition(region: str, actor: str, partition: str) -> None:
    found = interpret(
        call(
            "dynamodb",
            "GetItem",
            {"tableName": "T"},
            awsRegion=region,
            userIdentity={"type": "IAMUser", "arn": actor},
        )
    )
    assert found.requests[0].resource == f"arn:{partition}:dynamodb:{region}:111122223333:table/T"


ADMIN = "arn:aws:iam::111122223333:role/admin"
VICTIM = "arn:aws:dynamodb:eu-west-1:111122223333:table/victim"


@pytest.mark.parametrize(
    ("source", "name", "asked", "free", "response"),
    [
        ("iam", "CreateRole", {"roleName": "r"}, {"description": ADMIN}, {"role": {"description": ADMIN}}),
        ("iam", "UpdateRole", {"roleName": "r"}, {"description": ADMIN}, None),
        ("dynamodb", "DescribeTable", {"tableName": "T"}, {"comment": VICTIM}, None),
        (
            "dynamodb",
            "CreateTable",
            {"tableName": "T"},
            {"tags": [{"key": "tableArn", "value": VICTIM}]},
            None,
        ),
        ("lambda", "CreateFunction20150331", {"functionName": "f"}, {"description": ADMIN}, None),
        ("lambda", "CreateFunction20150331", {"functionName": "f"}, {"tags": {"role": ADMIN}}, None),
        (
            "ecs",
            "RegisterTaskDefinition",
            {"family": "f"},
            {"tags": [{"key": "taskRoleArn", "value": ADMIN}]},
            None,
        ),
        ("codebuild", "CreateProject", {"name": "p"}, {"environment": {"role": ADMIN}}, None),
        ("glue", "CreateJob", {"name": "j"}, {"defaultArguments": {"--role": ADMIN}}, None),
    ],
)
def test_an_arn_in_free_text_is_no_evidence_of_a_use(source, name, asked, free, response) -> None:
    """Whoever may create a function must not be able to write itself a right on another's role."""
    plain = interpret(call(source, name, asked))
    found = interpret(call(source, name, {**free, **asked}, responseElements=response))
    assert {request.resource for request in found.requests} == {
        request.resource for request in plain.requests
    }


def test_a_region_is_no_place_for_a_wildcard() -> None:
    found = interpret(call("ec2", "CreateVpc", {"cidrBlock": "10.0.0.0/16"}, awsRegion="*"))
    assert [request.resource for request in found.requests] == ["arn:aws:ec2::111122223333:vpc/*"]


def test_a_user_who_names_no_user_means_itself() -> None:
    me = "arn:aws:iam::111122223333:user/team/me"
    found = interpret(call("iam", "ListAccessKeys", userIdentity={"type": "IAMUser", "arn": me}))
    assert [request.resource for request in found.requests] == [me]


def test_a_million_members_and_deep_nesting_are_bounded() -> None:
    deep: dict[str, object] = {}
    inner = deep
    for _ in range(5_000):
        inner["x"] = inner = {}
    wide = {f"member{index}": "arn:aws:sqs:eu-west-1:111122223333:q" for index in range(50_000)}
    assert interpret(call("sqs", "SendMessage", wide)).requests
    assert interpret(call("ec2", "RunInstances", deep)).requests
    many = {"instancesSet": {"items": [{"instanceId": f"i-{index:017x}"} for index in range(100_000)]}}
    assert len(interpret(call("ec2", "TerminateInstances", many)).requests) < 5_000


@pytest.mark.skipif(not REAL.is_dir(), reason="the real records lie beside the repository, and are not here")
def test_real_records_are_understood() -> None:
    found = [interpret(event) for event in real_events()]
    calls = [each for each in found if not (each.unmapped or "").startswith("not an API call")]
    assert calls
    assert [each.unmapped for each in calls if each.unmapped] == []
    denied = [each for each in calls if each.denial and each.denial.action]
    assert denied
    assert [each for each in denied if each.disagrees] == []
