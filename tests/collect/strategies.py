"""Records that nobody writes and CloudTrail might: few of each part, so that calls collide often."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from leastwise.collect.roster import Roster
from leastwise.model.declared import Principal, PrincipalKind
from leastwise.model.window import Window
from leastwise.reference.denials import ENCODED
from tests.collect.logs import ACCOUNT, ALICE, PAYMENTS, ROLE, USER, WINDOW, session

OTHER = "444455556666"
STRANGER = f"arn:aws:iam::{ACCOUNT}:role/stranger"
FOREIGN = f"arn:aws:iam::{OTHER}:role/app/payments"
PERMISSION_SET = (
    f"arn:aws:iam::{OTHER}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Data_Eng_0123456789abcdef"
)


def _items(**item: object) -> dict[str, object]:
    return {"items": [item]}


ABSENT = object()
"""In place of a member that is not there at all."""

TEXTS = st.sampled_from(
    [
        "k", "a/b", "", "it's", 'say "x"', "a\\b", "a,b", "*", "?", "${*}", "${aws:username}", "%25", "{}",
        "[]", "null", "\u202e", "\n", "\t", "\x00", "né/ü", "\U0001f4a9", "--", "'; DROP TABLE x; --", "=1+1",
        "#", "a//b", "x" * 1_100, "arn:aws:s3:::b/k", "arn:aws:s3:::", " ", "A", "a",
    ]
)  # fmt: skip
IDENTITIES = st.sampled_from(
    [
        session(),
        session(name="alice"),
        session(name="bob@example.com", sourceIdentity="alice"),
        session(name=""),
        {**session(), "invokedBy": "s3.amazonaws.com"},
        {**session(), "accountId": None},
        {**session(), "arn": None},
        {**session(), "sessionContext": None},
        {**session(), "sessionContext": {"sessionIssuer": {}}},
        session(STRANGER),
        session(FOREIGN),
        session(PERMISSION_SET, "carol@example.com"),
        session(ROLE.replace("arn:aws:", "arn:aws-us-gov:")),
        {"type": "IAMUser", "arn": USER, "accountId": ACCOUNT, "userName": "alice"},
        {"type": "Root", "arn": f"arn:aws:iam::{ACCOUNT}:root", "accountId": ACCOUNT},
        {"type": "AWSService", "invokedBy": "ec2.amazonaws.com"},
        {"type": "AWSAccount", "accountId": OTHER, "principalId": "AROA:x"},
        {"type": "IdentityCenterUser", "accountId": ACCOUNT},
        {"type": "WebIdentityUser", "userName": "x", "identityProvider": "cognito-identity.amazonaws.com"},
        {"invokedBy": "ec2.amazonaws.com"},
        {},
        None,
    ]
)
TIMES = st.sampled_from(
    [
        "2026-10-31T23:59:59Z", "2026-11-01T00:00:00Z", "2026-11-09T23:59:59Z", "2026-11-10T00:00:00Z",
        "2026-11-10T00:00:01Z", "2026-11-10T12:00:00Z", "2026-11-29T23:59:59Z", "2026-11-30T00:00:00Z",
    ]
)  # fmt: skip
CALLS = st.sampled_from(
    [
        ("s3", "GetObject"), ("s3", "PutObject"), ("s3", "CopyObject"), ("s3", "DeleteObjects"),
        ("s3", "ListObjects"), ("s3", "ListBuckets"), ("s3", "HeadBucket"), ("dynamodb", "BatchWriteItem"),
        ("dynamodb", "GetItem"), ("dynamodb", "TransactGetItems"), ("ec2", "RunInstances"),
        ("ec2", "StopInstances"), ("ec2", "DescribeInstances"), ("kms", "Decrypt"), ("kms", "ReEncrypt"),
        ("lambda", "CreateFunction20150331"), ("lambda", "Invoke"), ("iam", "CreateRole"),
        ("sts", "AssumeRole"), ("sts", "GetCallerIdentity"), ("apigateway", "GetRestApis"),
        ("secretsmanager", "GetSecretValue"), ("cloudtrail", "StopLogging"),
        ("cloudtrail", "PutEventSelectors"), ("ecs", "RunTask"), ("unheard", "OfService"),
        ("s3", "getobject"),
    ]
)  # fmt: skip
CODES = st.sampled_from(
    [
        ABSENT,
        ABSENT,
        ABSENT,
        "",
        None,
        "AccessDenied",
        "Client.UnauthorizedOperation",
        "NoSuchKey",
        "Throttling",
    ]
)
_BLAMES = [
    " because no identity-based policy allows the {action} action",
    " with an explicit deny in a service control policy",
    "",
]
MEMBERS = st.sampled_from(
    [
        "bucketName", "key", "Key", "tableName", "requestItems", "keyId", "functionName", "role", "roleName",
        "roleArn", "clientToken", "ClientToken", "maxResults", "secretId", "instancesSet", "delete", "prefix",
        "networkInterfaceSet", "name", "x-amz-copy-source", "versionId", "taskDefinition", "key.with'quote",
        "",
    ]
)  # fmt: skip
SCALARS = (
    TEXTS | st.none() | st.booleans() | st.integers(-(2**63), 2**64) | st.sampled_from([0.1, 1.5e300, 10**30])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(MEMBERS, inner, max_size=3)
        | st.fixed_dictionaries({"items": st.lists(st.dictionaries(MEMBERS, inner, max_size=2), max_size=3)})
    ),
    max_leaves=6,
)  # fmt: skip
PARAMETERS = st.sampled_from([ABSENT, None, {}, [], [1], "text", 7]) | st.dictionaries(
    MEMBERS, VALUES, max_size=5
)
SHAPES = st.sampled_from(
    [
        {"bucketName": "b", "key": "k"},
        {"bucketName": "b", "key": "k", "x-amz-copy-source": "c/d%2Fe"},
        {"bucketName": "b", "delete": {"object": [{"key": "x"}, {"key": "it's"}, {}]}},
        {"bucketName": "b", "delete": ""},
        {"requestItems": {"T1": [{"putRequest": {"item": {"id": "1"}}}], "T'2": [{}]}},
        {"transactItems": [{"get": {"tableName": "T", "key": {"id": "1"}}}]},
        {"instancesSet": {"items": [{"instanceId": "i-1"}, {"instanceId": "i-2"}]}},
        {
            "instancesSet": _items(imageId="ami-1", minCount=1),
            "networkInterfaceSet": _items(subnetId="subnet-1", groupSet=_items(groupId="sg-1")),
            "iamInstanceProfile": {"name": "worker"},
            "tagSpecificationSet": _items(resourceType="instance", tags=[{"key": "k", "value": "v"}]),
        },
        {"functionName": "f", "role": ROLE, "clientToken": "t1"},
        {"tableName": "T", "key": {"id": "1"}, "clientToken": "t2"},
        {"roleName": "r", "path": "/a/", "roleArn": STRANGER, "roleSessionName": "s"},
        {"reason": "your request exceeded the size limit", "originalSize": 120_000, "omitted": True},
    ]
)  # fmt: skip
RESPONSES = st.sampled_from(
    [
        {"instancesSet": _items(instanceId="i-9", subnetId="subnet-1"), "requestId": "r"},
        {"functionArn": f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f", "codeSize": 5},
        {"role": {"arn": f"arn:aws:iam::{ACCOUNT}:role/a/r", "createDate": "x"}},
        {"credentials": {"accessKeyId": "ASIA"}, "packedPolicySize": 5},
    ]
)
RESOURCES = st.sampled_from([ABSENT, None, []]) | st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "ARN": st.sampled_from(
                [
                    "arn:aws:s3:::b/k", "arn:aws:s3:::b", f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/T",
                    f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/k", "", None, "not an arn",
                    "arn:aws:s3:::it's/\"x\"",
                ]
            ),
            "type": st.sampled_from(["AWS::S3::Object", "AWS::S3::Bucket", "", None]),
            "accountId": st.sampled_from([ACCOUNT, OTHER, "", None]),
            "ARNPrefix": st.just("arn:aws:s3:::b/"),
        },
    ),
    max_size=3,
)  # fmt: skip


@st.composite
def _messages(draw: st.DrawFn, action: str) -> Any:
    """An ``errorMessage``: AWS's own form with a hostile resource, EC2's, or any text."""
    resource = draw(st.sampled_from(["arn:aws:s3:::b/", "arn:aws:kms:eu-west-1:1:key/"])) + draw(TEXTS)
    blame = draw(st.sampled_from(_BLAMES)).format(action=action)
    said = f"User: {ROLE} is not authorized to perform: {action} on resource: {resource}{blame}"
    encoded = f"You are not authorized to perform this operation.{ENCODED} {draw(TEXTS)}"
    return draw(st.sampled_from([said, encoded, None, ABSENT, "", 7]) | TEXTS)


@st.composite
def records(draw: st.DrawFn) -> dict[str, Any]:
    """One record; none has the ID of another."""
    service, name = draw(CALLS)
    member = {
        "eventVersion": "1.11",
        "userIdentity": draw(IDENTITIES),
        "eventTime": draw(TIMES),
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": draw(st.sampled_from(["eu-west-1", "us-east-1", "us-gov-west-1", "cn-north-1"])),
        "eventID": draw(st.sampled_from([ABSENT, None, ""]) | st.uuids().map(str)),
        "eventType": draw(st.sampled_from(["AwsApiCall"] * 8 + [ABSENT, "AwsServiceEvent", "AwsNew", ""])),
        "recipientAccountId": draw(st.sampled_from([ACCOUNT, ACCOUNT, OTHER, ABSENT, None])),
        "eventCategory": draw(st.sampled_from(["Management", "Data", "Data", ABSENT, "NetworkActivity"])),
        "errorCode": draw(CODES),
        "requestParameters": draw(SHAPES | PARAMETERS),
        "responseElements": draw(st.sampled_from([ABSENT, None]) | RESPONSES | PARAMETERS),
        "resources": draw(RESOURCES),
    }
    if member["errorCode"] not in (ABSENT, None, ""):
        member["errorMessage"] = draw(_messages(f"{service}:{name}"))
    return {name: value for name, value in member.items() if value is not ABSENT}


@st.composite
def deliveries(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Records, some of them delivered twice."""
    made = draw(st.lists(records(), min_size=1, max_size=12))
    again = draw(st.lists(st.sampled_from(made), max_size=4))
    return draw(st.permutations([*made, *again]))


_DATA_ENG = Principal(PrincipalKind.PERMISSION_SET, "Data_Eng", 3, accounts=(ACCOUNT, OTHER))
_PEOPLE = Principal(PrincipalKind.GROUP, "people", 4, members=(USER, FOREIGN), accounts=(ACCOUNT, OTHER))
_ONE_PERSON = replace(PAYMENTS, session_names=("alice",))
ROSTERS = st.sampled_from(
    [
        Roster((PAYMENTS, ALICE, _DATA_ENG)),
        Roster((PAYMENTS, ALICE, _DATA_ENG, _PEOPLE), by_session=True),
        Roster((_ONE_PERSON, _PEOPLE)),
        Roster((_ONE_PERSON, _PEOPLE), by_session=True),
        Roster((replace(PAYMENTS, source_identities=("alice",)), ALICE)),
        Roster((), whole_accounts=frozenset({ACCOUNT})),
        Roster((PAYMENTS, _DATA_ENG), whole_accounts=frozenset({ACCOUNT, OTHER})),
    ]
)
WINDOWS = st.sampled_from(
    [
        WINDOW,
        Window(datetime(2026, 11, 10, tzinfo=UTC), datetime(2026, 11, 10, 0, 0, 1, tzinfo=UTC)),
        Window(datetime(2026, 11, 9, 12, 30, tzinfo=UTC), datetime(2026, 11, 10, 12, tzinfo=UTC)),
    ]
)
