"""``leastwise doctor --policy apply``: calls on whom leastwise writes to are allowed, on others none is."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from leastwise.aws.sessions import Aws
from leastwise.aws.sso_admin import PermissionSet
from leastwise.declare.policies import read_policies
from leastwise.declare.principals_file import read_declaration
from leastwise.demo.live import ModelAws
from leastwise.doctor.apply import apply_boundary, apply_policies
from leastwise.iam.document import parse
from leastwise.iam.evaluate import Decision, prepare
from leastwise.iam.grammar import resource_mistake
from leastwise.iam.request import Request
from leastwise.iam.size import MANAGED_POLICY_CHARACTERS, non_white_length
from leastwise.live.for_plan import live_for_plan
from leastwise.model.declared import IdentityCenter
from leastwise.model.plan import Part
from leastwise.plan.planned import planned
from leastwise.reference.actions import exists
from tests.builders import allow, policy
from tests.doctor.test_doctor_cli import run
from tests.fakes.aws_wire import Fault, Wire
from tests.fakes.identity_center import FakeIdentityCenter
from tests.scratch_git import git

ACCOUNT, OTHER = "111122223333", "444455556666"
CENTER = "999988887777"
TEXT = f"""\
version: 1
identity_center: {{account: "{CENTER}", region: eu-west-1}}
accounts:
  "{OTHER}":
    role: arn:aws:iam::{OTHER}:role/read
    apply_role: arn:aws:iam::{OTHER}:role/leastwise-apply
defaults: {{ownership: apply}}
principals:
  - arn: arn:aws:iam::{ACCOUNT}:role/service/payments-api
    attached: [shared/logging.json, "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"]
    trial: {{opens: 2026-11-01, days: 90, policy: "arn:aws:iam::aws:policy/PowerUserAccess"}}
  - arn: arn:aws:iam::{ACCOUNT}:role/reports
  - arn: arn:aws:iam::{ACCOUNT}:user/exporter
  - arn: arn:aws:iam::{ACCOUNT}:role/only-proposed
    ownership: propose-only
  - arn: arn:aws:iam::{OTHER}:role/loader
  - permission_set: DataEngineer
    accounts: ["{ACCOUNT}"]
"""
DECLARATION = read_declaration(TEXT)
PAYMENTS, REPORTS, EXPORTER, PROPOSED, LOADER, ENGINEER = DECLARATION.principals
NAMES = {PAYMENTS.key: ("main", "extra"), REPORTS.key: ("reports",), LOADER.key: ("load",)}
READ = "ReadAccount"


def needed_by(declaration=DECLARATION, names=NAMES):
    """Holder -> the texts that it is to hold."""
    held = {}
    for needed in apply_policies(declaration, names):
        held.setdefault(needed.holder, []).append(needed.policy)
    return held


def decide(texts, action, resource, **context):
    keys = {f"iam:{name}": (value,) for name, value in context.items()}
    return prepare([parse(text) for text in texts]).evaluate_both(Request(action, resource, keys)).decision


def own():
    """What our own identity holds, the permission set's ARN filled in."""
    return [
        text.replace("ARN-OF-PERMISSION-SET-DataEngineer", "arn:aws:sso:::permissionSet/ssoins-1/ps-2")
        for text in needed_by()[""]
    ]


def policy_arn(name, account=ACCOUNT, path=""):
    return f"arn:aws:iam::{account}:policy/{path}{name}"


WRITES_OF_A_POLICY = [
    f"iam:{name}"
    for name in (
        *("CreatePolicy", "CreatePolicyVersion", "SetDefaultPolicyVersion"),
        *("DeletePolicyVersion", "DeletePolicy"),
    )
]


@pytest.mark.parametrize("action", WRITES_OF_A_POLICY)
@pytest.mark.parametrize(
    ("arn", "allowed"),
    [
        (policy_arn("main"), True),
        (policy_arn("extra", path="team/"), True),
        (policy_arn("reports"), True),
        (policy_arn("new", path="leastwise/role/payments-api/"), True),
        (policy_arn("new", path="leastwise/role/only-proposed/"), False),
        (policy_arn("new", path="leastwise/role/"), False),
        (policy_arn("main2"), False),
        (policy_arn("not-main"), False),
        (policy_arn("logging"), False),
        (policy_arn("main", OTHER), False),
        (policy_arn("load"), False),
        ("arn:aws:iam::aws:policy/PowerUserAccess", False),
    ],
)
def test_only_their_own_policies_are_written(action, arn, allowed):
    assert (decide(own(), action, arn) is Decision.ALLOW) is allowed


@pytest.mark.parametrize("verb", ["PutRolePolicy", "DeleteRolePolicy", "DetachRolePolicy"])
@pytest.mark.parametrize(
    ("arn", "allowed"),
    [
        (PAYMENTS.arn, True),
        (REPORTS.arn, True),
        (PROPOSED.arn, False),
        (f"arn:aws:iam::{ACCOUNT}:role/payments-api", False),
        (f"arn:aws:iam::{ACCOUNT}:role/leastwise-apply", False),
        (LOADER.arn, False),
    ],
)
def test_only_their_own_inline_policies_are_written(verb, arn, allowed):
    context = {"PolicyARN": policy_arn("anything")} if verb.startswith("Detach") else {}
    assert (decide(own(), f"iam:{verb}", arn, **context) is Decision.ALLOW) is allowed


@pytest.mark.parametrize(
    ("arn", "policy", "allowed"),
    [
        (PAYMENTS.arn, policy_arn("main"), True),
        (PAYMENTS.arn, policy_arn("logging", path="shared/"), True),
        (PAYMENTS.arn, "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess", True),
        (PAYMENTS.arn, "arn:aws:iam::aws:policy/PowerUserAccess", True),
        (PAYMENTS.arn, "arn:aws:iam::aws:policy/AdministratorAccess", False),
        (PAYMENTS.arn, policy_arn("reports"), False),
        (REPORTS.arn, policy_arn("main"), False),
        (REPORTS.arn, "arn:aws:iam::aws:policy/PowerUserAccess", False),
        (PROPOSED.arn, policy_arn("main"), False),
        (LOADER.arn, policy_arn("load", OTHER), False),
    ],
)
def test_only_what_is_declared_is_attached(arn, policy, allowed):
    assert (decide(own(), "iam:AttachRolePolicy", arn, PolicyARN=policy) is Decision.ALLOW) is allowed
    assert decide(own(), "iam:AttachRolePolicy", arn) is not Decision.ALLOW


def test_users_are_written_like_roles():
    for verb in ("PutUserPolicy", "DeleteUserPolicy"):
        assert decide(own(), f"iam:{verb}", EXPORTER.arn) is Decision.ALLOW
        assert decide(own(), f"iam:{verb}", f"arn:aws:iam::{ACCOUNT}:user/alice") is Decision.NONE
    assert decide(own(), "iam:ListGroupsForUser", EXPORTER.arn) is Decision.ALLOW


def test_another_account_is_written_by_its_own_role_and_that_is_entered():
    role = f"arn:aws:iam::{OTHER}:role/leastwise-apply"
    theirs = needed_by()[role]
    for action in WRITES_OF_A_POLICY:
        assert decide(theirs, action, policy_arn("load", OTHER)) is Decision.ALLOW
        assert decide(theirs, action, policy_arn("main")) is Decision.NONE
    assert decide(own(), "sts:AssumeRole", role) is Decision.ALLOW
    assert decide(own(), "sts:AssumeRole", f"arn:aws:iam::{OTHER}:role/read") is Decision.NONE


SET, INSTANCE = "arn:aws:sso:::permissionSet/ssoins-1/ps-2", "arn:aws:sso:::instance/ssoins-1"
SET_CALLS = [
    f"sso:{name}"
    for name in (
        *("PutInlinePolicyToPermissionSet", "DeleteInlinePolicyFromPermissionSet"),
        *("AttachManagedPolicyToPermissionSet", "DetachManagedPolicyFromPermissionSet"),
        "AttachCustomerManagedPolicyReferenceToPermissionSet",
        *("DetachCustomerManagedPolicyReferenceFromPermissionSet", "ProvisionPermissionSet"),
    )
]


def test_where_aws_tells_the_arns_nothing_is_left_to_be_put_in():
    known = {"DataEngineer": PermissionSet("DataEngineer", INSTANCE, SET)}
    texts = [needed.policy for needed in apply_policies(DECLARATION, NAMES, known) if not needed.holder]
    assert not any("ARN-OF" in text for text in texts)
    for action in SET_CALLS:
        assert decide(texts, action, SET) is decide(texts, action, INSTANCE) is Decision.ALLOW
        for place in (SET[:-1] + "3", INSTANCE[:-1] + "2", "arn:aws:sso:::permissionSet/ssoins-2/ps-2"):
            assert decide(texts, action, place) is Decision.NONE
    assert decide(texts, "sso:DescribePermissionSet", SET[:-1] + "3") is Decision.ALLOW
    assert decide(texts, "sso:DescribePermissionSet", "arn:aws:sso:::permissionSet/ssoins-2/ps-2") is (
        Decision.NONE
    )


@pytest.fixture
def set_root(tmp_path, monkeypatch):
    declared = "version: 1\nprincipals:\n  - permission_set: {}\n    accounts: ['111122223333']\n"
    text = declared.format("DataEngineer") + "    ownership: apply\n"
    (tmp_path / "principals.yaml").write_text(text)
    center = FakeIdentityCenter("Other", "DataEngineer")
    wire = Wire({"sso-admin": center.operations()})
    session = wire.session("eu-west-1")
    monkeypatch.setattr("leastwise.verbs.doctor.Aws", lambda roles: Aws(roles, session=session))
    return tmp_path, center, wire


def test_the_verb_asks_aws_for_the_arns_of_permission_sets(capsys, set_root):
    root, center, _ = set_root
    _, out, err = run(capsys, "doctor", "--policy", "apply", "--root", str(root))
    assert center.named("DataEngineer").arn in out
    assert center.named("Other").arn not in out
    assert "by hand" not in err


def test_where_aws_does_not_tell_them_the_verb_says_what_is_to_be_put_in(capsys, set_root):
    root, _, wire = set_root
    wire.faults["ListInstances"] = [Fault("AccessDeniedException")]
    code, out, err = run(capsys, "doctor", "--policy", "apply", "--root", str(root))
    assert code == 0
    assert "ARN-OF-PERMISSION-SET-DataEngineer" in out
    assert "put in the ARN of the permission set DataEngineer by hand: sso-admin:ListInstances" in err


ITSELF = f"arn:aws:iam::{ACCOUNT}:role/leastwise-apply"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
OTHER_ROLE = f"arn:aws:iam::{ACCOUNT}:role/admin"
GROUP = f"arn:aws:iam::{ACCOUNT}:group/admins"
MINE = policy_arn("main")
ATTACKS = [
    *[(action, policy_arn("leastwise-apply-1"), {}) for action in WRITES_OF_A_POLICY],
    *[(action, policy_arn("leastwise-apply-boundary"), {}) for action in WRITES_OF_A_POLICY],
    *[(action, policy_arn("foreign"), {}) for action in WRITES_OF_A_POLICY],
    *[(action, policy_arn("main/evil"), {}) for action in WRITES_OF_A_POLICY],
    ("iam:PutRolePolicy", ITSELF, {}),
    ("iam:PutRolePolicy", OTHER_ROLE, {}),
    ("iam:PutRolePolicy", PROPOSED.arn, {}),
    ("iam:PutRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/reports-2", {}),
    ("iam:PutUserPolicy", f"arn:aws:iam::{ACCOUNT}:user/admin", {}),
    ("iam:AttachRolePolicy", ITSELF, {"PolicyARN": MINE}),
    ("iam:AttachRolePolicy", OTHER_ROLE, {"PolicyARN": MINE}),
    ("iam:AttachRolePolicy", PAYMENTS.arn, {"PolicyARN": ADMINISTRATOR}),
    ("iam:AttachRolePolicy", PAYMENTS.arn, {"PolicyARN": policy_arn("foreign")}),
    ("iam:AttachUserPolicy", EXPORTER.arn, {"PolicyARN": ADMINISTRATOR}),
    ("iam:DetachRolePolicy", OTHER_ROLE, {"PolicyARN": ADMINISTRATOR}),
    ("iam:DeleteRolePermissionsBoundary", ITSELF, {}),
    ("iam:DeleteRolePermissionsBoundary", PAYMENTS.arn, {}),
    ("iam:PutRolePermissionsBoundary", ITSELF, {"PermissionsBoundary": MINE}),
    ("iam:PutRolePermissionsBoundary", PAYMENTS.arn, {"PermissionsBoundary": MINE}),
    ("iam:UpdateAssumeRolePolicy", PAYMENTS.arn, {}),
    ("iam:UpdateAssumeRolePolicy", ITSELF, {}),
    ("iam:CreateRole", f"arn:aws:iam::{ACCOUNT}:role/new", {}),
    ("iam:CreateUser", f"arn:aws:iam::{ACCOUNT}:user/new", {}),
    ("iam:CreateAccessKey", EXPORTER.arn, {}),
    ("iam:CreateLoginProfile", EXPORTER.arn, {}),
    ("iam:AddUserToGroup", GROUP, {}),
    ("iam:PutGroupPolicy", GROUP, {}),
    ("iam:AttachGroupPolicy", GROUP, {"PolicyARN": MINE}),
    ("iam:PassRole", PAYMENTS.arn, {}),
    ("iam:TagRole", PAYMENTS.arn, {}),
    ("sts:AssumeRole", PAYMENTS.arn, {}),
    ("sts:AssumeRole", OTHER_ROLE, {}),
    ("sso:PutInlinePolicyToPermissionSet", SET[:-1] + "3", {}),
    ("sso:AttachManagedPolicyToPermissionSet", SET[:-1] + "3", {}),
    ("sso:PutPermissionsBoundaryToPermissionSet", SET, {}),
    ("sso:DeletePermissionsBoundaryFromPermissionSet", SET, {}),
    ("sso:CreateAccountAssignment", SET, {}),
    ("sso:ProvisionPermissionSet", f"arn:aws:sso:::account/{OTHER}", {}),
    ("s3:PutObject", "arn:aws:s3:::any/x", {}),
]


@pytest.mark.parametrize(("action", "resource", "context"), ATTACKS)
def test_whoever_gets_the_role_can_do_nothing_else_with_it(action, resource, context):
    assert decide(own(), action, resource, **context) is not Decision.ALLOW


UNBOUNDED = {action for action, _, _ in ATTACKS} - {
    *(f"iam:{name}" for name in ("PutRolePolicy", "PutUserPolicy", "AttachRolePolicy", "AttachUserPolicy")),
    *("iam:DetachRolePolicy", "sts:AssumeRole", "s3:PutObject", *WRITES_OF_A_POLICY, *SET_CALLS),
}
"""What no policy whatever can give a role that has this boundary."""


@pytest.mark.parametrize("action", sorted(UNBOUNDED))
def test_the_boundary_holds_even_a_role_that_was_given_everything(action):
    everything = policy(allow("*"))
    assert decide([everything], action, "*") is Decision.ALLOW
    assert decide([apply_boundary(DECLARATION)], action, "*") is Decision.NONE


def test_the_boundary_keeps_a_role_with_everything_from_itself_and_from_administrators():
    boundary = [apply_boundary(DECLARATION)]
    for action in ("iam:PutRolePolicy", "iam:DetachRolePolicy", "iam:DeleteRolePolicy"):
        assert decide(boundary, action, ITSELF, PolicyARN=MINE) is Decision.DENY
    for action in WRITES_OF_A_POLICY:
        assert decide(boundary, action, policy_arn("leastwise-apply-boundary")) is Decision.DENY
    for name in ("AdministratorAccess", "IAMFullAccess"):
        arn = f"arn:aws:iam::aws:policy/{name}"
        assert decide(boundary, "iam:AttachRolePolicy", PAYMENTS.arn, PolicyARN=arn) is Decision.DENY


@pytest.mark.parametrize("action", SET_CALLS)
def test_of_permission_sets_only_the_enrolled_one_is_written(action):
    for place in (SET, INSTANCE):
        assert decide(own(), action, place) is Decision.ALLOW
    assert decide(own(), action, "arn:aws:sso:::permissionSet/ssoins-1/ps-3") is Decision.NONE
    if action == "sso:ProvisionPermissionSet":
        assert decide(own(), action, f"arn:aws:sso:::account/{ACCOUNT}") is Decision.ALLOW
        assert decide(own(), action, f"arn:aws:sso:::account/{OTHER}") is Decision.NONE


def test_where_aws_makes_up_the_name_the_policy_says_what_to_put_there_and_iam_refuses_it_as_it_is():
    (text,) = [text for text in needed_by()[""] if "ARN-OF" in text]
    entries = [entry for each in json.loads(text)["Statement"] for entry in each["Resource"]]
    (entry,) = [entry for entry in entries if entry.startswith("ARN-OF")]
    assert entry == "ARN-OF-PERMISSION-SET-DataEngineer"
    assert resource_mistake(entry)


def test_every_action_exists_and_nothing_else_is_granted():
    kinds = set()
    for texts in (own(), needed_by()[f"arn:aws:iam::{OTHER}:role/leastwise-apply"]):
        for text in texts:
            for statement in parse(text).statements:
                assert not statement.not_actions
                assert all(exists(action) for action in statement.actions), statement.actions
                kinds |= {action.partition(":")[0] for action in statement.actions}
    assert kinds == {"iam", "sso", "sts"}


def test_many_principals_fit_into_several_policies():
    many = "version: 1\ndefaults: {ownership: apply}\nprincipals:\n" + "".join(
        f"  - arn: arn:aws:iam::{ACCOUNT}:role/service-number-{number}\n" for number in range(60)
    )
    declaration = read_declaration(many)
    texts = needed_by(declaration, {each.key: (f"own-{each.name}",) for each in declaration.principals})[""]
    assert len(texts) > 1
    assert all(non_white_length(text) <= MANAGED_POLICY_CHARACTERS for text in texts)
    for number in (0, 59):
        name = f"own-service-number-{number}"
        arn = f"arn:aws:iam::{ACCOUNT}:role/service-number-{number}"
        assert decide(texts, "iam:CreatePolicyVersion", policy_arn(name)) is Decision.ALLOW
        assert decide(texts, "iam:AttachRolePolicy", arn, PolicyARN=policy_arn(name)) is Decision.ALLOW


def test_the_boundary_holds_what_is_needed_and_never_itself():
    boundary = apply_boundary(DECLARATION)
    assert non_white_length(boundary) <= MANAGED_POLICY_CHARACTERS
    for texts in [own(), *(found for holder, found in needed_by().items() if holder)]:
        for text in texts:
            for statement in parse(text).statements:
                for action, resource in product(statement.actions, statement.resources):
                    name = resource.replace("*", "x")
                    assert decide([boundary], action, name, PolicyARN=policy_arn("main")) is Decision.ALLOW
    for arn in (
        f"arn:aws:iam::{ACCOUNT}:role/leastwise-apply",
        f"arn:aws:iam::{ACCOUNT}:role/ci/leastwise-apply",
        policy_arn("leastwise-apply-boundary"),
        policy_arn("leastwise-apply-1", path="ci/security/"),
    ):
        for action in ("iam:PutRolePolicy", "iam:DetachRolePolicy", "iam:CreatePolicyVersion"):
            assert decide([boundary], action, arn) is Decision.DENY
    administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
    assert decide([boundary], "iam:AttachRolePolicy", PAYMENTS.arn, PolicyARN=administrator) is Decision.DENY
    assert decide([boundary], "iam:DeleteRolePermissionsBoundary", PAYMENTS.arn) is Decision.NONE


def test_what_is_declared_is_not_kept_from_being_attached():
    text = TEXT.replace("policy/PowerUserAccess", "policy/AdministratorAccess")
    administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
    boundary = apply_boundary(read_declaration(text))
    assert decide([boundary], "iam:AttachRolePolicy", PAYMENTS.arn, PolicyARN=administrator) is Decision.ALLOW


@pytest.fixture
def root(tmp_path):
    """A repository in which a policy was once, and is no more."""
    folder = tmp_path / f"policies/{ACCOUNT}/role/reports"
    folder.mkdir(parents=True)
    (tmp_path / "principals.yaml").write_text(
        "version: 1\ndefaults: {ownership: apply}\n"
        f"principals:\n  - arn: arn:aws:iam::{ACCOUNT}:role/reports\n"
    )
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    git(tmp_path, "init", "-q")
    for name in ("gone", "there"):
        (folder / f"{name}.json").write_text(text)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "Both")
    (folder / "gone.json").unlink()
    git(tmp_path, "commit", "-q", "-a", "-m", "One")
    return tmp_path


def on_iam(step):
    """What IAM asks the policy about for one step: resource and context."""
    if step.aspect.part is Part.ATTACHMENT:
        return PAYMENTS.arn, {"PolicyARN": step.arn}
    return (step.arn, {}) if step.arn else (PAYMENTS.arn, {})


COMMITTED = {
    f"{ACCOUNT}/role/payments-api/main.json": policy(allow("s3:GetObject")),
    f"{ACCOUNT}/role/payments-api/fresh.json": policy(allow("s3:PutObject")),
    f"{ACCOUNT}/role/payments-api/inline/quick.json": policy(allow("s3:ListBucket")),
    "shared/logging.json": policy(allow("logs:PutLogEvents")),
    "aws/job-function/ViewOnlyAccess.json": policy(allow("s3:ListAllMyBuckets")),
    "aws/PowerUserAccess.json": policy(allow("*")),
}


def test_every_call_of_a_real_plan_is_allowed_on_its_principal_and_on_no_other():
    aws = ModelAws(ACCOUNT)
    gone = {"main": policy(allow("s3:*")), "extra": policy(allow("sqs:*"))}
    aws.says("arn:aws:iam::aws:policy/PowerUserAccess", COMMITTED["aws/PowerUserAccess.json"])
    view = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"
    aws.says(view, COMMITTED["aws/job-function/ViewOnlyAccess.json"])
    logging = {"logging": COMMITTED["shared/logging.json"]}
    aws.holds(f"arn:aws:iam::{ACCOUNT}:role/other", logging)
    aws.holds(PAYMENTS.arn, gone, ("arn:aws:iam::aws:policy/PowerUserAccess",))
    policies_there = read_policies(COMMITTED, DECLARATION)
    live = live_for_plan(PAYMENTS, policies_there, aws, IdentityCenter())
    plan = planned(PAYMENTS, policies_there, live, date(2027, 6, 1)).plan
    calls = {step.call.partition(":")[2] for step in plan.steps}
    assert calls >= {"CreatePolicy", "CreatePolicyVersion", "AttachRolePolicy", "PutRolePolicy"}
    assert calls >= {"DetachRolePolicy", "DeletePolicy"}
    without_it = needed_by(replace(DECLARATION, principals=(REPORTS,)))[""]
    for step in plan.steps:
        resource, context = on_iam(step)
        assert decide(own(), step.call, resource, **context) is Decision.ALLOW, step
        assert decide(without_it, step.call, resource, **context) is Decision.NONE, step
        assert decide([apply_boundary(DECLARATION)], step.call, resource, **context) is Decision.ALLOW


def documents(out):
    decoder, found = json.JSONDecoder(), []
    while out.strip():
        value, end = decoder.raw_decode(out.lstrip())
        found.append(value)
        out = out.lstrip()[end:]
    return found


def test_the_verb_prints_the_policy_and_the_boundary_and_knows_what_git_knows(capsys, root):
    code, out, err = run(capsys, "doctor", "--policy", "apply", "--root", str(root))
    assert code == 0
    needed, boundary = documents(out)
    for name in ("gone", "there"):
        assert decide([json.dumps(needed)], "iam:DeletePolicy", policy_arn(name)) is Decision.ALLOW
    assert boundary["Statement"][0]["Sid"] == "AtMost"
    assert "the permissions boundary of each applying role" in err


def test_a_policy_that_is_somebody_elses_by_now_is_not_written(capsys, root):
    """As a plan advises: a policy that others hold too moves to ``shared/``, and is never written again."""
    folder = root / "policies"
    (folder / "shared").mkdir()
    (folder / f"{ACCOUNT}/role/reports/there.json").rename(folder / "shared/there.json")
    other = folder / f"{ACCOUNT}/role/only-proposed"
    other.mkdir()
    (folder / "shared/there.json").write_text(policy(allow("s3:GetObject")))
    (other / "gone.json").write_text(policy(allow("s3:GetObject")))
    with (root / "principals.yaml").open("a") as file:
        file.write(f"  - {{arn: 'arn:aws:iam::{ACCOUNT}:role/only-proposed', ownership: propose-only}}\n")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "Others hold them now")
    _, out, _ = run(capsys, "doctor", "--policy", "apply", "--root", str(root))
    needed, _ = documents(out)
    for name, action in product(("gone", "there"), WRITES_OF_A_POLICY):
        assert decide([json.dumps(needed)], action, policy_arn(name)) is Decision.NONE


def test_where_leastwise_writes_to_nobody_it_says_so(capsys, root):
    file = root / "principals.yaml"
    file.write_text(file.read_text().replace("ownership: apply", "ownership: propose-only"))
    code, _, err = run(capsys, "doctor", "--policy", "apply", "--root", str(root))
    assert code == 2
    assert "ownership: apply" in err
