"""IAM users are planned, applied and rolled back like roles, by the calls that IAM has for users."""

from __future__ import annotations

import json

import pytest

from leastwise.errors import PlanError
from tests.apply.faults import faulty, refused
from tests.builders import allow, policy
from tests.fakes.iam_account import ACCOUNT, aws_managed
from tests.plan.world import NAME

ARN = f"arn:aws:iam::{ACCOUNT}:user/{NAME}"
READ = allow("s3:GetObject", "arn:aws:s3:::b/*")
WRITE = allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::b/*")
SEND = allow("sqs:SendMessage")
POWER = allow(["s3:*", "sqs:*"])


@pytest.fixture
def state(user):
    return ["--state", str(user.root / "state")]


def first_policy(user):
    """In place of what the trial held: an inline policy, and a managed one."""
    user.attach(aws_managed("PowerUserAccess", POWER))
    user.inline("old", SEND)
    user.commit("main", READ)
    user.commit("inline/extra", SEND)


def test_a_user_is_planned_with_the_calls_of_users(user):
    first_policy(user)
    assert user.calls() == [
        *("PutUserPolicy", "CreatePolicy", "AttachUserPolicy", "DeleteUserPolicy", "DetachUserPolicy"),
    ]
    assert f"/leastwise/user/{NAME}/main" in user.plan()["steps"][1]["arn"]


def test_it_is_applied_and_rolled_back(user, state):
    first_policy(user)
    before = user.holds()
    user.run("apply", user.plan()["fingerprint"], *state, exit_code=0)
    assert user.holds() == {"main": [READ], "extra": [SEND]}
    assert not user.plan()["differs"]
    (found,) = json.loads(user.run("rollback", ARN, "--format", "json", *state))["principals"]
    user.run("rollback", ARN, found["fingerprint"], *state, exit_code=0)
    assert user.holds() == before


def test_a_new_version_and_the_version_before(user, state):
    arn = user.live("main", WRITE)
    user.commit("main", READ)
    user.run("apply", user.plan()["fingerprint"], *state, exit_code=0)
    assert user.versions(arn) == ["v1", "v2"]
    (found,) = json.loads(user.run("rollback", ARN, "--to", "v1", "--format", "json"))["principals"]
    user.run("rollback", ARN, found["fingerprint"], "--to", "v1", exit_code=0)
    assert user.holds() == {"main": [WRITE]}


def test_its_groups_are_named_and_not_read(user):
    user.iam.create_group(GroupName="backend")
    user.iam.add_user_to_group(GroupName="backend", UserName=NAME)
    user.commit("main", READ)
    assert "policies of its groups count too, and are not read: backend" in user.plan()["notes"]


def test_a_policy_that_a_group_holds_too_is_not_written(user):
    user.iam.create_group(GroupName="backend")
    arn = user.live("main", WRITE)
    user.iam.attach_group_policy(GroupName="backend", PolicyArn=arn)
    user.commit("main", READ)
    assert "is attached to others too (1)" in user.plan()["why_not"][0]


def test_a_role_of_the_same_name_is_left_alone(user, state):
    user.iam.create_role(RoleName=NAME, AssumeRolePolicyDocument="{}")
    user.iam.put_role_policy(RoleName=NAME, PolicyName="old", PolicyDocument=policy(WRITE))
    first_policy(user)
    user.run("apply", user.plan()["fingerprint"], *state, exit_code=0)
    assert user.iam.list_role_policies(RoleName=NAME)["PolicyNames"] == ["old"]
    assert user.iam.list_attached_role_policies(RoleName=NAME)["AttachedPolicies"] == []


def test_who_only_proposes_is_never_written(user):
    first_policy(user)
    file = str(user.root / "plan.json")
    user.run("plan", "--out", file)
    fingerprint, before = user.plan()["fingerprint"], user.holds()
    user.declare(ownership="propose-only")
    with pytest.raises(PlanError, match="not enrolled with `ownership: apply`"):
        user.run("apply", "--plan", file, fingerprint)
    assert user.holds() == before


def test_a_denied_call_half_way_names_the_permission(user, state):
    first_policy(user)
    fingerprint = user.plan()["fingerprint"]
    with faulty(at={4: refused()}), pytest.raises(PlanError):
        user.run("apply", fingerprint, *state)
    assert set(user.holds()) == {"PowerUserAccess", "main", "extra"}
    assert "iam:DetachUserPolicy" in user.run("apply", fingerprint, *state, exit_code=0)
    assert user.holds() == {"main": [READ], "extra": [SEND]}
