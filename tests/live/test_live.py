"""What is live, by moto's IAM: managed policies with versions, inline ones, drift and import."""

from __future__ import annotations

import json

import boto3
import pytest
from click.testing import CliRunner
from moto import mock_aws

from leastwise.aws.iam import GONE, iam
from leastwise.aws.sessions import Aws
from leastwise.cli import cli
from leastwise.errors import AwsError
from leastwise.live.drift import Difference, drift
from leastwise.live.reading import live_permission_set, live_state
from leastwise.model.declared import Principal, PrincipalKind
from leastwise.model.policies import PolicyKind
from tests.builders import allow, policy, policy_file

ACCOUNT = "123456789012"
ROLE = Principal(
    PrincipalKind.ROLE,
    "payments-api",
    1,
    arn=f"arn:aws:iam::{ACCOUNT}:role/team/payments-api",
    accounts=(ACCOUNT,),
)
ALICE = Principal(
    PrincipalKind.USER, "alice", 1, arn=f"arn:aws:iam::{ACCOUNT}:user/alice", accounts=(ACCOUNT,)
)
FOLDER = f"{ACCOUNT}/role/payments-api"
READ, WRITE = allow("s3:GetObject", "arn:aws:s3:::b/*"), allow("s3:*", "arn:aws:s3:::b/*")


@pytest.fixture
def account(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with mock_aws():
        client = boto3.client("iam")
        client.create_role(RoleName="payments-api", Path="/team/", AssumeRolePolicyDocument="{}")
        client.create_user(UserName="alice")
        yield client


def attach(client, name, statement, *roles):
    arn = client.create_policy(PolicyName=name, PolicyDocument=policy(statement))["Policy"]["Arn"]
    for role in roles or ("payments-api",):
        client.attach_role_policy(RoleName=role, PolicyArn=arn)
    return arn


def state(principal=ROLE):
    return live_state(principal, iam(Aws({}), ACCOUNT))


def test_the_default_version_of_a_managed_policy_counts(account):
    arn = attach(account, "main", WRITE)
    account.create_policy_version(PolicyArn=arn, PolicyDocument=policy(READ), SetAsDefault=True)
    (held,) = state().policies
    assert (held.path, held.version, held.kind) == (f"{FOLDER}/main.json", "v2", PolicyKind.MANAGED)
    assert json.loads(held.text) == json.loads(policy(READ))


def test_inline_shared_and_aws_managed_policies_have_their_places(account):
    account.create_role(RoleName="other", AssumeRolePolicyDocument="{}")
    attach(account, "everyone", READ, "payments-api", "other")
    account.put_role_policy(RoleName="payments-api", PolicyName="extra", PolicyDocument=policy(READ))
    assert {held.path: held.kind for held in state().policies} == {
        "shared/everyone.json": PolicyKind.SHARED,
        f"{FOLDER}/inline/extra.json": PolicyKind.INLINE,
    }


def test_a_user_holds_what_its_groups_hold_too(account):
    account.create_group(GroupName="devs")
    account.add_user_to_group(GroupName="devs", UserName="alice")
    account.put_user_policy(UserName="alice", PolicyName="own", PolicyDocument=policy(READ))
    found = state(ALICE)
    assert [held.path for held in found.policies] == [f"{ACCOUNT}/user/alice/inline/own.json"]
    assert found.groups == ("devs",)


def test_the_inline_policy_of_a_permission_set_is_its_own_file(account):
    name = "AWSReservedSSO_DataEngineer_0123456789abcdef"
    path = "/aws-reserved/sso.amazonaws.com/"
    arn = account.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    account.put_role_policy(RoleName=name, PolicyName="AwsSSOInlinePolicy", PolicyDocument=policy(READ))
    assert iam(Aws({}), ACCOUNT).reserved_roles() == (arn,)
    who = Principal(PrincipalKind.PERMISSION_SET, "DataEngineer", 1, accounts=(ACCOUNT,))
    (held,) = live_permission_set(who, arn, iam(Aws({}), ACCOUNT)).policies
    assert held.path == "permission-set/DataEngineer/DataEngineer.json"


def test_a_principal_that_is_gone_is_said_to_be(account):
    account.delete_role(RoleName="payments-api")
    with pytest.raises(AwsError, match="not there") as caught:
        state()
    assert caught.value.code == GONE


def committed(statement, name="main"):
    file = policy_file(statement)
    return [type(file)(f"{FOLDER}/{name}.json", file.text, file.document, file.kind, FOLDER)]


@pytest.mark.parametrize(
    ("declared", "difference"),
    [
        (WRITE, Difference.LIVE_GRANTS_LESS),
        (allow("s3:GetObject", "arn:aws:s3:::b/x"), Difference.LIVE_GRANTS_MORE),
        (allow("s3:PutObject", "arn:aws:s3:::b/*"), Difference.EACH_GRANTS_MORE),
        (allow(["s3:GetObject"], ["arn:aws:s3:::b/*"]), Difference.SAME_MEANING),
    ],
)
def test_a_difference_is_told_by_its_meaning(account, declared, difference):
    attach(account, "main", READ)
    (found,) = drift(committed(declared), state())
    assert found.difference is difference
    assert found.changes


def test_what_is_the_same_is_no_drift_whatever_the_formatting(account):
    attach(account, "main", READ)
    assert drift(committed(json.dumps(json.loads(policy(READ)))), state()) == ()


def test_policies_of_one_side_only(account):
    attach(account, "main", READ)
    found = drift(committed(READ, "other"), state())
    assert [(each.path, each.difference) for each in found] == [
        (f"{FOLDER}/main.json", Difference.NOT_COMMITTED),
        (f"{FOLDER}/other.json", Difference.NOT_LIVE),
    ]


def test_a_drift_names_what_changed(account):
    attach(account, "main", READ)
    (found,) = drift(committed(allow("s3:GetObject", "arn:aws:s3:::b/x")), state())
    assert str(found) == (
        f"{FOLDER}/main.json: the live one grants more "
        "(['Statement'][0]['Resource']: \"arn:aws:s3:::b/x\" → \"arn:aws:s3:::b/*\")"
    )


def test_import_writes_the_first_files_and_touches_none_that_is_there(account, tmp_path):
    attach(account, "main", READ)
    account.put_role_policy(RoleName="payments-api", PolicyName="extra", PolicyDocument=policy(WRITE))
    (tmp_path / "policies" / FOLDER).mkdir(parents=True)
    (tmp_path / "policies" / FOLDER / "main.json").write_text("mine")
    done = CliRunner().invoke(cli, ["import", ROLE.arn, "--root", str(tmp_path)], catch_exceptions=False)
    assert done.exit_code == 0
    assert (tmp_path / "policies" / FOLDER / "main.json").read_text() == "mine"
    assert json.loads((tmp_path / "policies" / FOLDER / "inline" / "extra.json").read_text())
    assert "main.json: is there already, left as it is" in done.output
    assert "extra.json: written" in done.output
