"""What is live, by moto's IAM: managed policies with versions, inline ones, drift and import."""

from __future__ import annotations

import json
from dataclasses import replace

import boto3
import pytest
from click.testing import CliRunner

from leastwise.aws.iam import GONE, iam
from leastwise.aws.sessions import Aws
from leastwise.cli import cli
from leastwise.drift.differences import Difference, drift, meaning, structural, waiting
from leastwise.drift.matching import as_held, matched
from leastwise.errors import AwsError, LeastwiseError
from leastwise.iam.document import parse
from leastwise.iam.includes import Undecided
from leastwise.live.reading import live_of, live_state
from leastwise.model.declared import IdentityCenter, Principal, PrincipalKind
from leastwise.model.policies import PolicyFile, PolicyKind
from tests.builders import allow, policy, policy_file
from tests.fakes.aws_wire import Wire
from tests.fakes.iam_account import ACCOUNT, aws_managed, environment, mocked
from tests.fakes.identity_center import FakeIdentityCenter

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
ENGINEER = Principal(PrincipalKind.PERMISSION_SET, "DataEngineer", 1, accounts=(ACCOUNT,))
FOLDER = f"{ACCOUNT}/role/payments-api"
READ, WRITE = allow("s3:GetObject", "arn:aws:s3:::b/*"), allow("s3:*", "arn:aws:s3:::b/*")


@pytest.fixture
def account(monkeypatch, request):
    environment(monkeypatch)
    with mocked(aws_managed=getattr(request, "param", False)):
        client = boto3.client("iam")
        client.create_role(RoleName="payments-api", Path="/team/", AssumeRolePolicyDocument="{}")
        client.create_user(UserName="alice")
        yield client


def attach(client, name, statement, *roles):
    arn = client.create_policy(PolicyName=name, PolicyDocument=policy(statement))["Policy"]["Arn"]
    for role in roles or ("payments-api",):
        client.attach_role_policy(RoleName=role, PolicyArn=arn)
    return arn


def of_set(name, statement):
    path, text = f"permission-set/DataEngineer/{name}.json", policy(statement)
    return PolicyFile(path, text, parse(text), PolicyKind.INLINE, "permission-set/DataEngineer")


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


def center_of(*names):
    """Identity Center with its own wire; what it does not answer goes to moto."""
    center = FakeIdentityCenter(*names)
    wire = Wire({"sso-admin": center.operations()})
    return center, Aws({}, session=wire.session("eu-west-1"))


def test_a_permission_set_holds_one_inline_policy_and_names_others(account):
    center, aws = center_of("Other", "DataEngineer")
    held = center.named("DataEngineer")
    held.inline = policy(READ)
    held.managed = [aws_managed("Billing", READ, "/job-function/")]
    held.references = [("logging", "/team/")]
    found = live_of(ENGINEER, aws, IdentityCenter())
    assert [(each.path, each.kind, each.is_read) for each in found.policies] == [
        ("aws/job-function/Billing.json", PolicyKind.AWS_MANAGED, True),
        ("shared/logging.json", PolicyKind.SHARED, False),
        ("permission-set/DataEngineer/DataEngineer.json", PolicyKind.INLINE, True),
    ]
    assert found.arn == held.arn
    assert found.behind == found.provisioned == tuple(held.accounts)


def test_a_permission_set_that_was_provisioned_is_not_behind(account):
    center, aws = center_of("DataEngineer")
    assert live_of(ENGINEER, aws, IdentityCenter()).behind == ()
    center.named("DataEngineer").provisioned.pop(center.named("DataEngineer").accounts[0])
    center.named("DataEngineer").inline = policy(READ)
    assert live_of(ENGINEER, aws, IdentityCenter()).behind == (center.named("DataEngineer").accounts[1],)


def test_the_files_of_a_permission_set_are_compared_as_the_one_policy_they_become(account):
    center, aws = center_of("DataEngineer")
    own = as_held(ENGINEER, [of_set("a", READ), of_set("b", WRITE)])
    center.named("DataEngineer").inline = json.dumps(json.loads(own[0].text))
    live = matched(live_of(ENGINEER, aws, IdentityCenter()), ENGINEER, own, ())
    assert drift(own, live) == ()
    alone = as_held(ENGINEER, [of_set("a", READ)])
    live = matched(live_of(ENGINEER, aws, IdentityCenter()), ENGINEER, alone, ())
    assert [each.path for each in drift(alone, live)] == ["permission-set/DataEngineer/a.json"]


def test_a_permission_set_that_is_not_there_says_where_it_may_be(account):
    _, aws = center_of("Other")
    with pytest.raises(AwsError, match="identity_center:"):
        live_of(ENGINEER, aws, IdentityCenter())


def test_a_shared_policy_that_nobody_else_holds_yet_is_shared_all_the_same(account):
    attach(account, "everyone", READ)
    elsewhere = [policy_file(READ, "everyone.json", PolicyKind.SHARED)]
    live = matched(state(), ROLE, (), elsewhere)
    assert [each.path for each in live.policies] == ["shared/everyone.json"]
    assert drift(elsewhere, live) == ()


def test_a_principal_that_is_gone_is_said_to_be(account):
    account.delete_role(RoleName="payments-api")
    with pytest.raises(AwsError, match="not there") as caught:
        state()
    assert caught.value.code == GONE


def test_when_a_principal_was_made_is_told_of_the_one_with_that_path_and_no_other(account):
    here = iam(Aws({}), ACCOUNT)
    assert here.made(ROLE.arn) == account.get_role(RoleName="payments-api")["Role"]["CreateDate"]
    assert here.made(ALICE.arn) == account.get_user(UserName="alice")["User"]["CreateDate"]
    elsewhere = replace(ROLE, arn=ROLE.arn.replace("/team", ""))
    for ask in (lambda: here.made(elsewhere.arn), lambda: state(elsewhere)):
        with pytest.raises(AwsError, match=r"there is no .*:role/payments-api: .*role/team/pay") as caught:
            ask()
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


def test_statements_with_sids_are_compared_with_themselves_wherever_they_stand():
    first, second = {**READ, "Sid": "Read"}, {**allow("s3:PutObject"), "Sid": "Write"}
    narrowed = {**first, "Resource": "arn:aws:s3:::b/x"}
    assert structural(policy(first, second), policy(second, first)) == ()
    assert structural(policy(first, second), policy(second, narrowed)) == (
        "['Statement']['Read']['Resource']: \"arn:aws:s3:::b/*\" → \"arn:aws:s3:::b/x\"",
    )
    assert structural(policy(first), policy(second, first))[0].startswith(
        "['Statement']['Write']: nothing → "
    )
    assert structural('{"Condition": 1}', '{"Condition": true}') != ()
    assert structural(policy(first, narrowed), policy(first)) != ()


def test_a_policy_that_is_not_live_waits_to_be_applied(account):
    """It may never have been live, so nobody can be said to have taken it away."""
    attach(account, "main", READ)
    drifts = drift((policy_file(READ), policy_file(READ, "new.json")), state())
    assert "new.json" in "".join(waiting(drifts, state(), lambda _: ()))


def test_what_cannot_be_decided_is_not_called_the_same(monkeypatch):
    monkeypatch.setattr("leastwise.drift.differences.includes", lambda *_: Undecided("too many patterns"))
    assert meaning((parse(policy(READ)),), (parse(policy(WRITE)),)) is Difference.UNDECIDED


def test_a_name_with_underscores_before_it_is_no_secret():
    """DeepDiff passes over what is private in Python: a key of a condition may look like that."""
    one, other = (READ | {"Condition": {"StringEquals": {"__team": team}}} for team in ("a", "b"))
    assert len(structural(policy(one), policy(other))) == 1


def test_import_writes_the_first_files_and_touches_none_that_is_there(account, tmp_path):
    attach(account, "main", READ)
    account.put_role_policy(RoleName="payments-api", PolicyName="extra", PolicyDocument=policy(WRITE))
    (tmp_path / "policies" / FOLDER).mkdir(parents=True)
    (tmp_path / "policies" / FOLDER / "main.json").write_text("mine")
    done = CliRunner().invoke(cli, ["import", ROLE.arn, "--root", str(tmp_path)], catch_exceptions=False)
    assert done.exit_code == 0
    assert (tmp_path / "policies" / FOLDER / "main.json").read_text() == "mine"
    assert json.loads((tmp_path / "policies" / FOLDER / "inline" / "extra.json").read_text())
    assert "main.json: is there already and says something else, left as it is" in done.output
    assert "extra.json: written" in done.output
    assert "extra.json: is there already, left as it is" in imported(tmp_path, ROLE.arn)


def imported(folder, name):
    done = CliRunner().invoke(cli, ["import", name, "--root", str(folder)])
    if isinstance(done.exception, LeastwiseError):
        return str(done.exception)
    assert done.exit_code == 0, done.output
    return done.output


ODD = ("..", "-rf", "a=b,c@d+e_f.json")


def test_what_was_imported_is_read_again_and_is_what_is_live(account, tmp_path):
    """Names that IAM takes and that look like paths or options; one name inline and managed; a large one."""
    attach(account, "main", READ)
    arn = aws_managed("Billing", READ, "/job-function/")
    account.attach_role_policy(RoleName="payments-api", PolicyArn=arn)
    own = allow("s3:GetObject", ["arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::${*}/*"])
    large = allow("s3:GetObject", [f"arn:aws:s3:::bucket-{number:04}/*" for number in range(300)])
    for name, statement in {"main": own, "large": large, **dict.fromkeys(ODD, READ)}.items():
        account.put_role_policy(RoleName="payments-api", PolicyName=name, PolicyDocument=policy(statement))
    said = imported(tmp_path, ROLE.arn)
    assert f'attached: ["{arn}"]' in said
    declared = f'version: 1\nprincipals:\n  - arn: {ROLE.arn}\n    attached: ["{arn}"]\n'
    (tmp_path / "principals.yaml").write_text(declared)
    done = CliRunner().invoke(cli, ["plan", "--root", str(tmp_path)], catch_exceptions=False)
    assert "nothing differs" in done.output
    names = {path.name for path in (tmp_path / "policies" / FOLDER / "inline").iterdir()}
    assert names == {"main.json", "large.json", *(f"{name}.json" for name in ODD)}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("permission-set/..", "expected the ARN of a user or role, such as"),
        ("permission-set/a/b", "expected the ARN of a user or role, such as"),
        (f"arn:aws:iam::{ACCOUNT}:role/..", "expected a name of up to 64 letters"),
        (f"arn:aws:iam::{ACCOUNT}:role/payments-api", "has its name; write its ARN with the path"),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/payments-api/x", f"arn:aws:iam::{ACCOUNT}:role/payments-api"),
        (f"arn:aws:iam::{ACCOUNT}:role/nobody", "it is not there"),
    ],
)
def test_import_of_what_is_nobody_writes_nothing(account, tmp_path, name, words):
    assert words in imported(tmp_path, name)
    assert list(tmp_path.iterdir()) == []


def test_import_of_a_permission_set_names_what_its_text_is_not_known_of(account, tmp_path, monkeypatch):
    center, aws = center_of("DataEngineer")
    center.named("DataEngineer").inline = policy(READ)
    center.named("DataEngineer").references = [("logging", "/")]
    monkeypatch.setattr("leastwise.verbs.importing.Aws", lambda _roles: aws)
    done = CliRunner().invoke(
        cli, ["import", "permission-set/DataEngineer", "--root", str(tmp_path)], catch_exceptions=False
    )
    written = tmp_path / "policies" / "permission-set" / "DataEngineer" / "DataEngineer.json"
    assert json.loads(written.read_text()) == json.loads(policy(READ))
    assert "policies/shared/logging.json: not written: its text lies in each account" in done.output
    assert 'in principals.yaml, beside its own policies: `attached: ["shared/logging.json"]`' in done.output


@pytest.mark.parametrize("account", [True], indirect=True)
def test_import_writes_the_policy_of_the_trial_that_check_asked_for(account, tmp_path):
    """The way of the README: enrol, import, check."""
    arn = "arn:aws:iam::aws:policy/PowerUserAccess"
    account.attach_role_policy(RoleName="payments-api", PolicyArn=arn)
    root = ["--root", str(tmp_path)]
    runner = CliRunner()
    runner.invoke(cli, ["enrol", ROLE.arn, "--days", "90", "--policy", arn, *root], catch_exceptions=False)
    done = runner.invoke(cli, ["import", ROLE.arn, *root], catch_exceptions=False)
    assert done.exit_code == 0
    assert "attached:" not in done.output, "principals.yaml names it already"
    assert runner.invoke(cli, ["check", *root], catch_exceptions=False).exit_code == 0
