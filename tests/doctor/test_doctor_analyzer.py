"""What the doctor says of Access Analyzer: trail, access role, jobs, results; and that its advice works."""

from __future__ import annotations

import json
import shlex
from contextlib import suppress
from datetime import timedelta

import boto3
import pytest
from moto import mock_aws

from leastwise.aws.boto import BotoClient
from leastwise.aws.caller import Caller
from leastwise.aws.iam import Iam
from leastwise.aws.sessions import Aws
from leastwise.collect.access_analyzer import CONTROL_TOWER_TRAIL
from leastwise.collect.roster import Roster
from leastwise.doctor.analyzer import READER, AnalyzerDoctor
from leastwise.doctor.checks import Doctor
from leastwise.doctor.policy import policies_for
from leastwise.errors import AwsError
from leastwise.model.check import Health
from leastwise.model.declared import AccessAnalyzerSource, Principal, PrincipalKind
from tests.collect.analyzer_world import ACCESS_ROLE, ACCOUNT, OTHER, SOURCE, TRAIL, World, role
from tests.fakes.aws_wire import Fault

PAYMENTS = role("payments")
TRUSTED = {
    "Effect": "Allow",
    "Principal": {"Service": [READER, "ec2.amazonaws.com"]},
    "Action": ["sts:AssumeRole"],
}


@pytest.fixture(scope="module")
def client():
    """One for all tests: making a client of IAM takes longer than any of them."""
    with mock_aws():
        yield boto3.Session("testing", "testing").client("iam", region_name="us-east-1")


@pytest.fixture
def cloud(client):
    yield client
    with suppress(client.exceptions.NoSuchEntityException):
        client.delete_role(RoleName="AccessAnalyzerMonitor")


def make_role(cloud, *statements):
    trust = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    cloud.create_role(RoleName="AccessAnalyzerMonitor", Path="/service-role/", AssumeRolePolicyDocument=trust)


def checks(cloud, world, source=SOURCE):
    """what -> (health, found, mend)"""
    doctor = AnalyzerDoctor(
        source,
        Roster(world.principals),
        world.collector().settings,
        world.apis.__getitem__,
        lambda _account: Iam(Caller("iam", "", lambda: BotoClient(cloud), world.clock, {})),
    )
    found = [*doctor.trail(), *doctor.queues(world.clock.moment())]
    return {check.what: (check.health, check.found, check.mend) for check in found}


def run(cloud, command):
    """The few commands of the AWS CLI that the doctor prints."""
    _, service, verb, *rest = shlex.split(command)
    assert service == "iam"
    names = {
        "--role-name": "RoleName",
        "--path": "Path",
        "--policy-document": "PolicyDocument",
        "--assume-role-policy-document": "AssumeRolePolicyDocument",
    }
    getattr(cloud, verb.replace("-", "_"))(
        **{names[k]: v for k, v in zip(rest[::2], rest[1::2], strict=True)}
    )


def test_all_is_well(cloud):
    make_role(cloud, TRUSTED)
    world = World()
    world.runs(2)
    found = checks(cloud, world)
    assert found["trail"] == (Health.GOOD, f"{TRAIL} is there", "")
    assert found[f"access role in {ACCOUNT}"] == (
        Health.GOOD,
        f"{ACCESS_ROLE} lets {READER} in; whether it may read the trail, the first generation tells",
        "",
    )
    assert found["data events"][0] is Health.PARTIAL
    assert found["data events"][2] == ""
    health, said, mend = found[f"policy generation in {ACCOUNT}"]
    assert (health, mend) == (Health.GOOD, "")
    assert said == "1 of 50 started in the last 24 hours; nothing is being generated; 0 wait"
    assert found[f"results in {ACCOUNT}"] == (
        Health.GOOD,
        "for 1 of 1 users and roles, the oldest up to 2026-11-23",
        "",
    )


def test_nothing_is_started(cloud):
    make_role(cloud, TRUSTED)
    world = World()
    found = checks(cloud, world)
    assert world.fake.jobs == []
    assert found[f"results in {ACCOUNT}"] == (
        Health.PARTIAL,
        "for 0 of 1 users and roles: AWS keeps them for 7 days",
        "`leastwise observe` starts the first generation",
    )


def test_a_role_that_is_not_there_is_made_by_the_command(cloud):
    world = World()
    health, said, mend = checks(cloud, world)[f"access role in {ACCOUNT}"]
    assert (health, said) == (Health.BROKEN, f"{ACCESS_ROLE} does not exist")
    run(cloud, mend)
    assert checks(cloud, world)[f"access role in {ACCOUNT}"][0] is Health.GOOD
    assert cloud.get_role(RoleName="AccessAnalyzerMonitor")["Role"]["Path"] == "/service-role/"


@pytest.mark.parametrize(
    "statement",
    [
        TRUSTED | {"Effect": "Deny"},
        TRUSTED | {"Principal": {"Service": "ec2.amazonaws.com"}},
        TRUSTED | {"Principal": {"AWS": READER}},
        TRUSTED | {"Principal": "*"},
        TRUSTED | {"Action": "sts:TagSession"},
    ],
)
def test_a_role_that_does_not_trust_access_analyzer_does_after_the_command(cloud, statement):
    make_role(cloud, statement)
    world = World()
    health, said, mend = checks(cloud, world)[f"access role in {ACCOUNT}"]
    assert (health, said) == (Health.BROKEN, f"{ACCESS_ROLE} does not let {READER} in")
    run(cloud, mend)
    assert checks(cloud, world)[f"access role in {ACCOUNT}"][0] is Health.GOOD


def test_a_role_of_which_we_may_not_ask_is_not_called_missing(cloud, monkeypatch):
    def refused(*_):
        raise AwsError("AccessDenied", "iam:GetRole: AWS answers AccessDenied; allow iam:GetRole")

    monkeypatch.setattr("leastwise.aws.iam.Iam.trust_of", refused)
    assert checks(cloud, World())[f"access role in {ACCOUNT}"] == (
        Health.PARTIAL,
        "not known: iam:GetRole: AWS answers AccessDenied",
        "allow iam:GetRole",
    )


def test_a_trail_of_control_tower(cloud):
    trail = TRAIL.replace("trail/org", f"trail/{CONTROL_TOWER_TRAIL}")
    source = AccessAnalyzerSource("analyzer", trail, ACCESS_ROLE)
    assert checks(cloud, World(source=source), source)["trail"] == (
        Health.BROKEN,
        "Access Analyzer cannot read a trail that Control Tower made",
        "name another trail in `trail`, or use a cloudtrail-lake, athena or trail-files source",
    )


def test_a_trail_that_is_not_there(cloud):
    make_role(cloud, TRUSTED)
    world = World(settings=AwsError("TrailNotFoundException", "no such trail; correct `trail`"))
    doctor = Doctor(Aws({}), world.clock.moment(), None, None, lambda _: world.collector().settings())
    (check,) = [c for c in doctor.checks(SOURCE, Roster(())) if c.what == "trail"]
    assert (check.health, check.found, check.mend) == (Health.BROKEN, "no such trail", "correct `trail`")


def test_generation_that_is_not_allowed(cloud):
    world = World()
    world.wire.faults = {"ListPolicyGenerations": [Fault("AccessDeniedException")]}
    health, said, mend = checks(cloud, world)[f"policy generation in {ACCOUNT}"]
    assert health is Health.BROKEN
    assert "access-analyzer:ListPolicyGenerations" in mend
    assert "AccessDeniedException" in said


def test_a_used_up_quota(cloud):
    world = World(principals=tuple(role(f"r{n}") for n in range(3)))
    world.fake.a_day = 2
    world.source = AccessAnalyzerSource("analyzer", TRAIL, ACCESS_ROLE, region="af-south-1")
    world.fake.takes = lambda: timedelta(minutes=1)
    for _ in range(2):
        world.run()
        world.clock.sleep(3600)
    found = checks(cloud, world, AccessAnalyzerSource("analyzer", TRAIL, ACCESS_ROLE, region="af-south-1"))
    assert found[f"policy generation in {ACCOUNT}"][1].startswith("2 of 5 started in the last 24 hours")


def test_a_generation_that_hangs_can_be_cancelled(cloud):
    world = World()
    world.fake.takes = lambda: timedelta(days=3)
    world.run()
    world.clock.sleep(30 * 3600)
    health, said, mend = checks(cloud, world)[f"policy generation in {ACCOUNT}"]
    (job,) = world.fake.jobs
    assert health is Health.PARTIAL
    assert "30 hours ago" in said
    assert mend == (f"aws accessanalyzer cancel-policy-generation --region eu-west-1 --job-id {job.job_id}")


def test_a_generation_that_failed_is_told_with_what_mends_it(cloud):
    world = World()
    world.fake.fails = lambda _: (
        "AUTHORIZATION_ERROR",
        "Incorrect permissions assigned to access CloudTrail",
    )
    world.runs(2)
    health, said, mend = checks(cloud, world)[f"generation for {PAYMENTS.arn}"]
    assert health is Health.BROKEN
    assert "AUTHORIZATION_ERROR" in said
    assert mend.startswith("let access-analyzer.amazonaws.com assume")


def test_a_permission_set_without_a_role_is_said(cloud):
    data = Principal(PrincipalKind.PERMISSION_SET, "Data", 1, accounts=(ACCOUNT,), sources=("analyzer",))
    found = checks(cloud, World(principals=(data,)))
    assert "has no role of permission set Data" in found["permission-set/Data"][1]


def test_lost_credentials_end_it(cloud):
    world = World()
    world.wire.faults = {"ListPolicyGenerations": [Fault("ExpiredTokenException")] * 2}
    with pytest.raises(AwsError, match="renew your AWS credentials"):
        checks(cloud, world)


def test_jobs_run_in_the_account_of_each_principal_and_so_does_the_policy():
    reads = f"arn:aws:iam::{OTHER}:role/leastwise-read"
    ours, theirs = policies_for(SOURCE, {OTHER: reads}, [ACCOUNT, OTHER])
    held = {s["Sid"]: s["Resource"] for s in json.loads(theirs.policy)["Statement"]}
    assert theirs.holder == reads
    assert held[f"PassAccessRole{OTHER}"] == [ACCESS_ROLE.replace(ACCOUNT, OTHER)]
    assert f"PassAccessRole{ACCOUNT}" not in held
    assert {s["Sid"] for s in json.loads(ours.policy)["Statement"]} == {
        "ReadTrailSettings",
        "GeneratePolicies",
        f"PassAccessRole{ACCOUNT}",
        f"ReadRolesAndUsers{ACCOUNT}",
        "FindReservedRoles",
        f"EnterAccount{OTHER}",
    }
