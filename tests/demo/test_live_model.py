"""The demo's model of IAM answers as moto does, and refuses what IAM refuses and moto lets pass."""

import json

import boto3
import pytest
from botocore.exceptions import ClientError

from leastwise.aws.caller import Refusal
from leastwise.aws.iam import Iam
from leastwise.demo.live import ModelAws, ModelIam
from leastwise.errors import AwsError
from leastwise.live.reading import live_state
from tests.builders import allow, policy, principal
from tests.fakes.iam_account import ACCOUNT, environment, mocked

TEXT, MORE = policy(allow("s3:GetObject")), policy(allow(["s3:GetObject", "s3:PutObject"]))
ROLE = f"arn:aws:iam::{ACCOUNT}:role/api"
ARN = f"arn:aws:iam::{ACCOUNT}:policy/main"
OF = {"RoleName": "api"}
ON = {"PolicyArn": ARN}
SCRIPT = [
    ("CreatePolicy", {"PolicyName": "main", "PolicyDocument": TEXT}),
    ("CreatePolicy", {"PolicyName": "main", "PolicyDocument": TEXT}),
    ("AttachRolePolicy", {**OF, **ON}),  # once: moto counts a second time, and IAM does not
    ("CreatePolicyVersion", {**ON, "PolicyDocument": MORE, "SetAsDefault": True}),
    *[("CreatePolicyVersion", {**ON, "PolicyDocument": TEXT})] * 3,
    ("CreatePolicyVersion", {**ON, "PolicyDocument": TEXT}),
    ("DeletePolicyVersion", {**ON, "VersionId": "v2"}),
    ("DeletePolicyVersion", {**ON, "VersionId": "v1"}),
    ("DeletePolicyVersion", {**ON, "VersionId": "v1"}),
    ("SetDefaultPolicyVersion", {**ON, "VersionId": "v3"}),
    ("GetPolicy", ON),
    ("GetPolicyVersion", {**ON, "VersionId": "v2"}),
    ("PutRolePolicy", {**OF, "PolicyName": "quick", "PolicyDocument": MORE}),
    ("GetRolePolicy", {**OF, "PolicyName": "quick"}),
    ("ListRolePolicies", OF),
    ("ListAttachedRolePolicies", OF),
    ("DeleteRolePolicy", {**OF, "PolicyName": "quick"}),
    ("DeleteRolePolicy", {**OF, "PolicyName": "quick"}),
    ("DetachRolePolicy", {**OF, **ON}),
    ("GetRolePolicy", {"RoleName": "nobody", "PolicyName": "quick"}),
    ("GetPolicy", {"PolicyArn": ARN + "2"}),
]
TOLD = {"PolicyName", "DefaultVersionId", "AttachmentCount", "Document", "PolicyDocument", "PolicyNames"}
TOLD |= {"AttachedPolicies", "PolicyArn", "VersionId"}


def gist(answer):
    """What leastwise reads of an answer."""
    if isinstance(answer, list):
        return [gist(each) for each in answer]
    if not isinstance(answer, dict):
        return answer
    found = {
        key: value if key.endswith("Document") else gist(value)
        for key, value in answer.items()
        if (key in TOLD or isinstance(value, dict)) and key != "ResponseMetadata"
    }
    return {key: value for key, value in found.items() if value != {}}


@pytest.fixture
def moto_iam(monkeypatch):
    environment(monkeypatch)
    with mocked():
        iam = boto3.client("iam")
        iam.create_role(RoleName="api", AssumeRolePolicyDocument="{}")
        names = {api: method for method, api in iam.meta.method_to_api_mapping.items()}
        yield lambda operation, given: getattr(iam, names[operation])(**given)


def test_it_answers_as_moto_does(moto_iam):
    model = ModelIam(ACCOUNT, "aws")
    model.make(ROLE, {}, ())
    for operation, given in SCRIPT:
        assert model_says(model, operation, given) == moto_says(moto_iam, operation, given), (
            operation,
            given,
        )


def model_says(model, operation, given):
    try:
        return gist(model.call(operation, given))
    except Refusal as refusal:
        return refusal.code


def moto_says(moto_iam, operation, given):
    try:
        told = moto_iam(operation, given)
        if operation == "CreatePolicyVersion":
            del told["PolicyVersion"]["Document"]  # IAM does not send it: its API reference says so
        return gist(told)
    except ClientError as error:
        return error.response["Error"]["Code"]


def test_it_refuses_what_moto_lets_pass():
    model = ModelIam(ACCOUNT, "aws")
    model.make(ROLE, {"main": TEXT}, ())
    large = policy(allow("s3:GetObject", [f"arn:aws:s3:::bucket-{number}/*" for number in range(400)]))
    assert (
        model_says(model, "CreatePolicy", {"PolicyName": "big", "PolicyDocument": large}) == "LimitExceeded"
    )
    assert model_says(model, "DeletePolicy", ON) == "DeleteConflict"
    assert (
        model_says(model, "CreatePolicyVersion", {**ON, "PolicyDocument": "{"}) == "MalformedPolicyDocument"
    )


def test_a_call_it_does_not_know_is_no_success():
    model = ModelIam(ACCOUNT, "aws")
    assert model_says(model, "CreateUser", {"UserName": "mallory"}) == "InvalidAction"
    with pytest.raises(AwsError, match="a model of IAM alone"):
        ModelAws(ACCOUNT).caller("sso-admin", "eu-west-1").call("ListInstances")


def test_what_it_holds_is_read_as_what_aws_holds():
    aws = ModelAws("111122223333")
    role = principal()
    aws.holds(role.arn, {"main": TEXT})
    live = live_state(role, Iam(aws.caller("iam", "", "111122223333")))
    (held,) = live.policies
    assert (held.path, json.loads(held.text), held.version) == (
        "111122223333/role/payments-api/main.json",
        json.loads(TEXT),
        "v1",
    )
