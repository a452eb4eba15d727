"""The CloudFormation templates grant what ``leastwise doctor --policy`` says, and let nobody else in."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from leastwise.doctor.policy import (
    policies_for,
    policies_for_opinions,
    policy_for_sending,
    policy_for_state,
)
from leastwise.model.declared import (
    AccessAnalyzerSource,
    AthenaSource,
    EmailTarget,
    LakeSource,
    SecondOpinion,
    TrailFilesSource,
)

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
TRAIL = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/org"
STORE = "arn:aws:cloudtrail:eu-west-1:111122223333:eventdatastore/EXAMPLE"
ROLE = "arn:aws:iam::444455556666:role/leastwise-read"
NOTHING = object()
ACCOUNT = "111122223333"
LOGS = TrailFilesSource("logs", "s3://org-trail/AWSLogs/", trail=TRAIL)
LAKE = LakeSource("lake", STORE)
ATHENA = AthenaSource(
    "archive", "primary", "audit", "cloudtrail_logs", "eu-west-1", output="s3://results/x/", trail=TRAIL
)
ANALYZER = AccessAnalyzerSource("analyzer", TRAIL, f"arn:aws:iam::{ACCOUNT}:role/service-role/Monitor")
OF_ANALYZER = {"AccessRole": "service-role/Monitor", "TrailArn": TRAIL}
OF_LOGS = {"LogBucket": "org-trail", "LogPrefix": "AWSLogs/", "TrailArn": TRAIL}
OF_LAKE = {"EventDataStoreArn": STORE}
OF_ATHENA = {
    "AthenaWorkgroup": "primary",
    "AthenaRegion": "eu-west-1",
    "AthenaDatabase": "audit",
    "AthenaTable": "cloudtrail_logs",
    "AthenaLogBucket": "NAME-OF-THE-BUCKET-WITH-THE-LOGS",
    "AthenaResultBucket": "results",
    "TrailArn": TRAIL,
}
GITHUB = {"Repository": "acme/iam"}
MEMBER = {"LeastwiseRoleArn": "arn:aws:iam::111122223333:role/leastwise"}


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms."""


def _short(loader, suffix, node):
    build = {
        yaml.ScalarNode: loader.construct_scalar,
        yaml.SequenceNode: lambda sequence: loader.construct_sequence(sequence, deep=True),
    }[type(node)]
    return {suffix if suffix == "Ref" else f"Fn::{suffix}": build(node)}


_Loader.add_multi_constructor("!", _short)


def template(name):
    return yaml.load((DEPLOY / name).read_text("utf-8"), _Loader)  # noqa: S506  a safe loader, with our tags


class Stack:
    """A template with its parameters: as much of CloudFormation's functions as our templates use."""

    def __init__(self, name, given):
        self._template = template(name)
        defaults = {key: about.get("Default") for key, about in self._template["Parameters"].items()}
        assert given.keys() <= defaults.keys()
        self._values = {**defaults, **given, "AWS::Partition": "aws", "AWS::NoValue": NOTHING}
        self._values["AWS::AccountId"] = ACCOUNT
        self._values |= {"Provider": "the-provider", "Boundary": "the-boundary"}

    def resource(self, name):
        return self._solve(self._template["Resources"][name]["Properties"])

    def statements(self):
        return [
            statement
            for policy in self.resource("Role")["Policies"]
            for statement in policy["PolicyDocument"]["Statement"]
        ]

    def _solve(self, node):
        if isinstance(node, list):
            return [found for found in map(self._solve, node) if found is not NOTHING]
        if not isinstance(node, dict):
            return node
        (name, argument), *others = node.items()
        if not others and name in self._functions:
            return self._functions[name](argument)
        return {key: self._solve(value) for key, value in node.items()}

    @property
    def _functions(self):
        return {
            "Ref": self._values.__getitem__,
            "Fn::Sub": lambda text: re.sub(r"\$\{([^}]+)\}", lambda found: self._values[found[1]], text),
            "Fn::Equals": lambda pair: self._solve(pair[0]) == self._solve(pair[1]),
            "Fn::And": lambda all_of: all(map(self._solve, all_of)),
            "Fn::Condition": self._holds,
            "Fn::Not": lambda one: not self._solve(one[0]),
            "Fn::If": lambda choice: self._solve(choice[1 if self._holds(choice[0]) else 2]),
        }

    def _holds(self, condition):
        return self._solve(self._template["Conditions"][condition])


def own_statements(source, roles):
    """What leastwise's own identity must hold for a source."""
    (own,) = [needed.policy for needed in policies_for(source, roles) if not needed.holder]
    return json.loads(own)["Statement"]


def by_sid(statements):
    return sorted(statements, key=lambda statement: statement["Sid"])


@pytest.mark.parametrize(
    ("source", "given"),
    [(LOGS, OF_LOGS), (LAKE, OF_LAKE), (ATHENA, OF_ATHENA), (ANALYZER, OF_ANALYZER)],
    ids=lambda value: str(value)[:12],
)
@pytest.mark.parametrize(("name", "own"), [("github-role.yml", GITHUB), ("read-role.yml", MEMBER)])
def test_the_role_reads_what_leastwise_says_it_reads(name, own, source, given):
    assert by_sid(Stack(name, own | given).statements()) == by_sid(own_statements(source, {}))


@pytest.mark.parametrize(
    ("declared", "given"),
    [
        (SecondOpinion(validate=False), ""),
        (SecondOpinion(), "validate"),
        (SecondOpinion(custom_checks=5), "custom-checks"),
    ],
)
@pytest.mark.parametrize(("name", "own"), [("github-role.yml", GITHUB), ("read-role.yml", MEMBER)])
def test_aws_is_asked_for_its_opinion_as_far_as_it_is_declared(name, own, declared, given):
    needed = policies_for_opinions(declared, {}, [ACCOUNT])
    statements = [statement for each in needed for statement in json.loads(each.policy)["Statement"]]
    assert Stack(name, own | {"SecondOpinion": given}).statements() == statements


def test_without_a_source_it_may_do_nothing():
    assert Stack("github-role.yml", GITHUB).statements() == []
    assert Stack("read-role.yml", MEMBER).statements() == []


def test_it_enters_other_accounts_by_one_name():
    (entering,) = Stack("github-role.yml", GITHUB | {"MemberRoleName": "leastwise-read"}).statements()
    (declared,) = own_statements(LOGS, {"111122223333": ROLE})
    assert entering | {"Resource": [ROLE], "Sid": declared["Sid"]} == declared
    assert entering["Resource"] == ["arn:aws:iam::*:role/leastwise-read"]


SEND = GITHUB | {"ProviderArn": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}
SENDER = EmailTarget("audit@acme.example", ("security@acme.example",), "eu-west-1")
TOPIC = "arn:aws:sns:eu-west-1:111122223333:leastwise"


@pytest.mark.parametrize("mails", [[], [SENDER]])
@pytest.mark.parametrize("topics", [[], [TOPIC]])
def test_the_role_that_sends_may_send_and_nothing_else(mails, topics):
    given = {"Sender": SENDER.sender, "SenderDomain": "acme.example", "SenderRegion": "eu-west-1"}
    stack = Stack("send-role.yml", SEND | (given if mails else {}) | ({"TopicArn": TOPIC} if topics else {}))
    assert stack.statements() == json.loads(policy_for_sending(mails, topics))["Statement"]


def test_the_role_that_sends_trusts_whom_the_one_that_reads_trusts():
    for given in ({}, {"Branch": "trunk"}, {"RepositoryWithIds": "acme@12/iam@345"}):
        reads, sends = (
            Stack(name, SEND | given).resource("Role")["AssumeRolePolicyDocument"]
            for name in ("github-role.yml", "send-role.yml")
        )
        assert reads == sends


def test_it_keeps_evidence_where_it_is_told():
    stack = Stack("github-role.yml", GITHUB | {"StateBucket": "state", "StatePrefix": "lw/"})
    assert stack.statements() == json.loads(policy_for_state("s3://state/lw/", "aws"))["Statement"]


def subjects(**given):
    trust = Stack("github-role.yml", GITHUB | given).resource("Role")["AssumeRolePolicyDocument"]
    (statement,) = trust["Statement"]
    condition = statement["Condition"]["StringEquals"]
    assert condition["token.actions.githubusercontent.com:aud"] == "sts.amazonaws.com"
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    return condition["token.actions.githubusercontent.com:sub"]


def test_only_the_default_branch_of_the_repository_gets_in():
    assert subjects() == ["repo:acme/iam:ref:refs/heads/main"]
    assert subjects(Branch="trunk") == ["repo:acme/iam:ref:refs/heads/trunk"]


def test_both_forms_of_the_subject_are_known():
    assert subjects(RepositoryWithIds="acme@12/iam@345") == [
        "repo:acme/iam:ref:refs/heads/main",
        "repo:acme@12/iam@345:ref:refs/heads/main",
    ]


@pytest.mark.parametrize(
    ("parameter", "good", "bad"),
    [
        ("Repository", ["acme/iam", "a-b/c.d_e"], ["acme", "acme/*", "acme/iam:ref", "*/*", "a/b/c"]),
        ("RepositoryWithIds", ["", "acme@12/iam@345"], ["acme/iam", "acme@*/iam@345", "acme@12/iam"]),
    ],
)
def test_no_wildcard_reaches_the_subject(parameter, good, bad):
    pattern = template("github-role.yml")["Parameters"][parameter]["AllowedPattern"]
    assert all(re.fullmatch(pattern, value) for value in good)
    assert not any(re.fullmatch(pattern, value) for value in bad)


def test_only_leastwise_assumes_the_role_of_a_member_account():
    trust = Stack("read-role.yml", MEMBER).resource("Role")["AssumeRolePolicyDocument"]["Statement"]
    assert trust == [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": MEMBER["LeastwiseRoleArn"]}}
    ]


def test_the_identity_provider_stays_when_the_stack_goes():
    provider = template("github-role.yml")["Resources"]["Provider"]
    assert (provider["DeletionPolicy"], provider["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_cfn_lint_has_no_complaint():
    linted = subprocess.run(
        [Path(sys.executable).with_name("cfn-lint"), *sorted(DEPLOY.glob("*.yml"))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (linted.returncode, linted.stdout) == (0, "")
