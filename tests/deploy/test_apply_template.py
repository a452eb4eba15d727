"""``deploy/apply-role.yml``: who gets in, and what the printed boundary says."""

import json

import pytest

from leastwise.declare.principals_file import read_declaration
from leastwise.doctor.apply import apply_boundary, reading_policy
from tests.deploy.test_templates import GITHUB, MEMBER, Stack, template

PROVIDER = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
GIVEN = GITHUB | {
    "ProviderArn": PROVIDER,
    "PolicyArns": ["arn:aws:iam::111122223333:policy/leastwise-apply-1"],
}
NAME = "apply-role.yml"


def stack(**given):
    return Stack(NAME, GIVEN | given)


def subjects(role, **given):
    (statement,) = stack(**given).resource(role)["AssumeRolePolicyDocument"]["Statement"]
    condition = statement["Condition"]["StringEquals"]
    assert list(statement["Condition"]) == ["StringEquals"]
    assert condition["token.actions.githubusercontent.com:aud"] == "sts.amazonaws.com"
    return condition["token.actions.githubusercontent.com:sub"]


def test_only_the_protected_environment_writes():
    assert subjects("ApplyRole") == ["repo:acme/iam:environment:leastwise-apply"]
    assert subjects("ApplyRole", RepositoryWithIds="acme@12/iam@345") == [
        "repo:acme/iam:environment:leastwise-apply",
        "repo:acme@12/iam@345:environment:leastwise-apply",
    ]


def test_rolling_back_at_once_has_an_environment_of_its_own_where_it_is_wanted():
    assert subjects("ApplyRole", Rollback="yes", RepositoryWithIds="acme@12/iam@345") == [
        "repo:acme/iam:environment:leastwise-apply",
        "repo:acme@12/iam@345:environment:leastwise-apply",
        "repo:acme/iam:environment:leastwise-rollback",
        "repo:acme@12/iam@345:environment:leastwise-rollback",
    ]
    assert len(subjects("ApplyRole", Rollback="yes")) == 2


def test_plans_are_made_of_the_branch_and_of_pull_requests():
    assert subjects("PlanRole") == [
        "repo:acme/iam:environment:leastwise-plan",
        "repo:acme/iam:ref:refs/heads/main",
    ]
    assert len(subjects("PlanRole", RepositoryWithIds="acme@12/iam@345")) == 4


def test_the_boundary_is_what_the_verb_prints_where_nobody_is_declared_to_hold_more():
    printed = json.loads(apply_boundary(read_declaration("version: 1\n")))
    assert listed(stack().resource("Boundary")["PolicyDocument"]["Statement"]) == listed(printed["Statement"])
    role = stack().resource("ApplyRole")
    assert role["PermissionsBoundary"] == "the-boundary"
    assert role["ManagedPolicyArns"] == GIVEN["PolicyArns"]
    assert "Policies" not in role


def test_plans_read_and_nothing_else():
    (own,) = stack().resource("PlanRole")["Policies"]
    assert listed(own["PolicyDocument"]["Statement"]) == listed(json.loads(reading_policy())["Statement"])
    entering = stack(MemberRoleName="leastwise-read").resource("PlanRole")["Policies"][1]
    assert entering["PolicyDocument"]["Statement"][0]["Resource"] == ["arn:aws:iam::*:role/leastwise-read"]


@pytest.mark.parametrize(("name", "own"), [("github-role.yml", GITHUB), ("read-role.yml", MEMBER)])
def test_the_reading_roles_read_what_is_live_where_they_are_told_to(name, own):
    statements = Stack(name, own | {"ReadLive": "yes"}).statements()
    assert listed(statements) == listed(json.loads(reading_policy())["Statement"])


def test_repositories_are_named_without_wildcards_as_in_the_other_template():
    for parameter in ("Repository", "RepositoryWithIds"):
        theirs = template("github-role.yml")["Parameters"][parameter]["AllowedPattern"]
        assert template(NAME)["Parameters"][parameter]["AllowedPattern"] == theirs


def listed(statements):
    """The statements with every value as a list: a policy may write a single one without brackets."""
    return [{key: _listed(value) for key, value in statement.items()} for statement in statements]


def _listed(value):
    if isinstance(value, dict):
        return {key: _listed(each) for key, each in value.items()}
    return value if isinstance(value, list) else [value]
