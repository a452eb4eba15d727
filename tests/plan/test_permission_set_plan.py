"""The plan of a permission set: one inline policy, attachments, and provisioning to its end."""

from __future__ import annotations

import json
import string

import boto3
import pytest

from leastwise.aws.iam import Held
from leastwise.aws.sessions import Aws
from leastwise.declare.policies import read_policies
from leastwise.errors import AwsError
from leastwise.iam.document import parse, render
from leastwise.iam.includes import Included, Witness
from leastwise.live.for_plan import live_for_plan
from leastwise.live.references import followed
from leastwise.model.declared import Declaration, IdentityCenter, Ownership, Principal, PrincipalKind
from leastwise.model.live import LivePolicy, named_only
from leastwise.model.policies import PolicyKind
from leastwise.plan.planned import of_sides, planned
from tests.builders import TODAY, allow, policy
from tests.fakes.aws_wire import Wire
from tests.fakes.iam_account import ACCOUNT, aws_managed, environment, mocked
from tests.fakes.identity_center import FakeIdentityCenter
from tests.plan.held import both_sides

NAME = "DataEngineer"
ACCOUNTS = ("111122223333", "444455556666")
READ, WRITE = allow("s3:GetObject"), allow(["s3:GetObject", "s3:PutObject"])


@pytest.fixture
def center(monkeypatch):
    environment(monkeypatch)
    with mocked():
        yield FakeIdentityCenter(NAME)


def engineer(**more):
    return Principal(
        PrincipalKind.PERMISSION_SET, NAME, 1, ownership=Ownership.APPLY, **{"accounts": ACCOUNTS} | more
    )


def plan_of(center, who=None, **files):
    """``files``: name -> statement, in the permission set's folder unless it names another."""
    who = who or engineer()
    texts = {
        path if "/" in path else f"permission-set/{NAME}/{path}.json": policy(statement)
        for path, statement in files.items()
    }
    return planned_of(center, texts, who)


def calls(found):
    return [step.call for step in found.plan.steps]


def test_a_change_is_put_and_provisioned(center):
    center.named(NAME).inline = policy(WRITE)
    center.settle()
    found = plan_of(center, main=READ)
    assert calls(found) == ["sso:PutInlinePolicyToPermissionSet", "sso:ProvisionPermissionSet"]
    assert found.effect.removed


def test_what_was_defined_and_not_provisioned_is_a_difference(center):
    center.named(NAME).inline = policy(READ)
    found = plan_of(center, main=READ)
    assert found.differs
    assert found.behind == ("111122223333", "444455556666")
    assert calls(found) == ["sso:ProvisionPermissionSet"]
    center.settle()
    assert not plan_of(center, main=READ).differs


def test_attachments_are_named_by_arn_or_by_path_and_name(center):
    old = aws_managed("ReadOnly", READ)
    held = center.named(NAME)
    held.managed, held.references, held.inline = [old], [("logging", "/team/")], policy(READ)
    center.settle()
    who = engineer(attached=("shared/audit.json",))
    found = plan_of(center, who, main=READ, **{"shared/audit.json": READ})
    assert [(step.call, step.arn) for step in found.plan.steps[:-1]] == [
        ("sso:AttachCustomerManagedPolicyReferenceToPermissionSet", "/audit"),
        ("sso:DetachManagedPolicyFromPermissionSet", old),
        ("sso:DetachCustomerManagedPolicyReferenceFromPermissionSet", "/team/logging"),
    ]


def test_several_files_become_one_policy_with_sids_of_its_own(center):
    center.settle()
    one, other = allow("s3:GetObject", Sid="Read"), allow("sqs:SendMessage", Sid="Read")
    found = plan_of(center, a=one, b=other)
    statements = json.loads(found.plan.steps[0].after)["Statement"]
    assert [statement["Sid"] for statement in statements] == ["Read", "Read2"]


def test_a_permission_set_of_nobody_needs_no_provisioning(center):
    center.named(NAME).provisioned = {}
    found = plan_of(center, main=READ)
    assert calls(found) == ["sso:PutInlinePolicyToPermissionSet"]
    assert "provisioned to no account" in found.notes[0]


def test_it_is_said_which_accounts_a_provisioning_reaches(center):
    center.settle()
    (note,) = plan_of(center, main=READ).notes
    assert note == "provisioning it reaches every account that has it: 111122223333, 444455556666"
    center.named(NAME).inline = policy(READ)
    center.settle()
    assert plan_of(center, main=READ).notes == ()


def test_an_account_that_is_not_declared_is_not_changed_unseen(center):
    """Provisioning reaches it too, and nobody looked at what is used there."""
    center.named(NAME).inline = policy(WRITE)
    center.settle()
    found = plan_of(center, engineer(accounts=("111122223333", "777788889999")), main=READ)
    assert found.differs
    assert found.plan is None
    assert "to accounts too that principals.yaml does not name (444455556666)" in found.why_not[0]


@pytest.mark.parametrize("attached", [True, False])
def test_what_a_policy_grants_that_lies_in_the_accounts_is_not_claimed_to_be_known(center, attached):
    held = center.named(NAME)
    held.inline = policy(READ)
    held.references = [] if attached else [("audit", "/")]
    center.settle()
    who = engineer(attached=("shared/audit.json",) if attached else ())
    effect = plan_of(center, who, main=READ, **{"shared/audit.json": WRITE}).effect
    undecided, included = (effect.gains, effect.losses) if attached else (effect.losses, effect.gains)
    assert "what /audit says in each account could not be read" in undecided.reason
    assert included == Included()


@pytest.mark.parametrize("attached", [True, False])
def test_what_it_says_in_every_account_is_read_and_judged(monkeypatch, attached):
    """Whether it is read makes no other plan: the role that plans may read less than the one that applies."""
    environment(monkeypatch)
    with mocked():
        center = FakeIdentityCenter(NAME, accounts=(ACCOUNT,))
        held = center.named(NAME)
        held.inline = policy(READ)
        held.references = [] if attached else [("audit", "/")]
        center.settle()
        who = engineer(accounts=(ACCOUNT,), attached=("shared/audit.json",) if attached else ())
        files = {"main": READ, "shared/audit.json": READ}
        unread = plan_of(center, who, **files)
        iam = boto3.client("iam")
        iam.create_policy(PolicyName="audit", PolicyDocument=policy(WRITE))
        found = plan_of(center, who, **files)
    effect, witness = found.effect, found.effect.gains if attached else found.effect.losses
    assert isinstance(witness, Witness)
    assert [grant.action for grant in (effect.added if attached else effect.removed)] == ["s3:PutObject"]
    assert found.plan.fingerprint == unread.plan.fingerprint
    assert any("AWS holds another text than the file" in note for note in found.notes) is attached


def test_texts_that_differ_between_accounts_are_not_taken_for_one():
    there = {"1": Held("audit", {"Statement": [READ]}), "2": Held("audit", {"Statement": [READ]})}
    policy_there = named_only("shared/audit.json", "audit", "/team/audit")

    def read(account, arn):
        assert arn == f"arn:aws:iam::{account}:policy/team/audit"
        if account not in there:
            raise AwsError("NoSuchEntity", "gone")
        return there[account]

    assert followed(policy_there, ("1", "2"), read, "aws").is_read
    assert not followed(policy_there, ("1", "3"), read, "aws").is_read
    there["2"] = Held("audit", {"Statement": [WRITE]})
    assert not followed(policy_there, ("1", "2"), read, "aws").is_read
    assert not followed(policy_there, (), read, "aws").is_read


def in_one(*statements, indent=None):
    """The inline policy of the permission set, with as much white space as is wanted."""
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, indent=indent)
    return LivePolicy(f"permission-set/{NAME}/{NAME}.json", text, parse(text), PolicyKind.INLINE, NAME)


def many(most):
    """A statement with so many short values in a condition."""
    values = [f"{number:03x}" for number in range(most)]
    return allow("s3:GetObject", Condition={"StringEquals": {"aws:PrincipalTag/team": values}})


@pytest.mark.parametrize(
    ("after", "rule"),
    [
        (in_one(many(2_000)), "bytes in the inline policy, white space not counted"),
        (in_one(many(1_200), indent=8), "bytes in the inline policy"),
    ],
)
def test_what_has_no_room_in_identity_center_is_refused_before_the_first_call(after, rule):
    (why, advice) = of_sides(both_sides([in_one(READ)], [after], engineer()), writable=True).why_not
    assert f" {rule}, " in why
    assert "splits a policy that is too large" in advice


def test_formatting_that_has_no_room_there_is_left_out(center):
    """Files are written without it, and one policy of them all with it."""
    center.settle()
    files = {f"permission-set/{NAME}/{name}.json": in_one(each).text for name, each in FILES.items()}
    found = planned_of(center, files)
    assert len(found.plan.steps[0].after) < 10_240
    assert len(render(parse(found.plan.steps[0].after))) > 32_768
    assert json.loads(found.plan.steps[0].after)["Statement"] == list(FILES.values())


SHORT = [*string.ascii_letters, *string.digits]
DEEP = {f"aws:PrincipalTag/{number}": SHORT for number in range(35)}
FILES = {"a": allow("s3:GetObject", Condition={"StringEquals": DEEP}), "b": READ}


def planned_of(center, texts, who=None):
    who = who or engineer()
    policies = read_policies(texts, Declaration({}, (who,)))
    aws = Aws({}, session=Wire({"sso-admin": center.operations()}).session("eu-west-1"))
    return planned(who, policies, live_for_plan(who, policies, aws, IdentityCenter()), TODAY)
