"""What the doctor says of a source, and that what it prescribes works."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from moto import mock_aws

from leastwise.aws.sessions import Aws
from leastwise.collect.connections import Connections
from leastwise.collect.roster import Roster
from leastwise.collect.settings import Settings
from leastwise.doctor.checks import Doctor
from leastwise.doctor.findings import of_settings, put_selectors
from leastwise.model.check import Health
from leastwise.model.declared import AthenaSource, LakeSource, TrailFilesSource
from leastwise.model.evidence import DataSelector, Selectors
from leastwise.reference.selectors import read_selectors
from leastwise.render.checks import check_lines, check_objects
from tests.collect import s3_world
from tests.collect.s3_world import BUCKET, ONE, TWO, Refusing, fill, refusing, roster
from tests.fakes.athena import FakeAthena
from tests.fakes.aws_wire import Fault, TestClock, Wire
from tests.fakes.cloudtrail_lake import ARN as STORE
from tests.fakes.cloudtrail_lake import FakeLake

NOW = datetime(2026, 11, 8, 12, tzinfo=UTC)
TRAIL = f"arn:aws:cloudtrail:eu-west-1:{ONE}:trail/org"
NOBODY = Roster(())
ALL = Selectors(management_read=True, management_write=True)
S3_DATA = DataSelector("AWS::S3::Object", read=True, write=True)
ATHENA = AthenaSource("archive", "primary", "logs", "cloudtrail", "eu-west-1", trail=TRAIL)


def doctor(aws, tmp_path):
    connections = Connections(tmp_path, aws, NOW)
    return Doctor(aws, NOW, connections.store, connections.settings, connections.trail_settings)


def found(checks):
    """What is not good: (what, health) -> what would mend it."""
    return {(check.what, check.health): check.mend for check in checks if check.health is not Health.GOOD}


@pytest.fixture
def cloud(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        s3_world.make_bucket()
        yield boto3.client("cloudtrail", region_name="eu-west-1")


def made(cloud, **more):
    return cloud.create_trail(Name="org", S3BucketName=BUCKET, **more)["TrailARN"]


def bucket_source(trail):
    return TrailFilesSource("bucket", f"s3://{BUCKET}/", trail=trail)


def test_what_the_doctor_prescribes_for_a_trail_makes_it_well(cloud, tmp_path):
    fill(accounts=(ONE,))
    trail = made(cloud)
    cloud.put_event_selectors(
        TrailName=trail, EventSelectors=[{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}]
    )
    source = bucket_source(trail)
    checks = list(doctor(s3_world.aws(), tmp_path).checks(source, roster(ONE)))
    ill = found(checks)
    assert set(ill) == {
        ("logging", Health.PARTIAL),
        ("regions", Health.BROKEN),
        ("management events", Health.BROKEN),
        ("data events", Health.PARTIAL),
    }
    run(cloud, f"aws cloudtrail start-logging --name {trail}")
    run(cloud, ill["regions", Health.BROKEN])
    run(cloud, ill["management events", Health.BROKEN])
    again = found(doctor(s3_world.aws(), tmp_path).checks(source, roster(ONE)))
    assert set(again) == {("logging", Health.PARTIAL)}  # it is no trail of the organization


def run(cloud, command):
    """The few commands of the AWS CLI that the doctor prints."""
    _, service, verb, *rest = shlex.split(command)
    assert service == "cloudtrail"
    flags = {"--is-multi-region-trail": ("IsMultiRegionTrail", True)}
    names = {
        "--name": "Name",
        "--trail-name": "TrailName",
        "--advanced-event-selectors": "AdvancedEventSelectors",
    }
    given = {}
    words = iter(rest)
    for word in words:
        if word in flags:
            given.update([flags[word]])
        else:
            value = next(words)
            given[names[word]] = json.loads(value) if value[0] == "[" else value
    getattr(cloud, verb.replace("-", "_"))(**given)


def test_the_bucket_without_permission(cloud, tmp_path):
    refuse = Refusing(lambda operation, _: "AccessDenied" if operation == "ListObjectsV2" else None)
    ill = found(doctor(s3_world.aws(refuse), tmp_path).checks(bucket_source(made(cloud)), roster(ONE)))
    assert "allow s3:ListBucket on org-trail" in ill["log files", Health.BROKEN]
    assert "bucket policy" in ill["log files", Health.BROKEN]


def test_one_account_that_is_refused_and_one_that_delivers_nothing(cloud, tmp_path):
    fill(accounts=(ONE, TWO))
    refuse = Refusing(refusing(f"{TWO}/"))
    missing = "333344445555"
    checks = list(
        doctor(s3_world.aws(refuse), tmp_path).checks(bucket_source(made(cloud)), roster(ONE, TWO, missing))
    )
    ill = found(checks)
    assert "allow s3:ListBucket" in ill[f"log files of AWSLogs/o-exampleorgid/{TWO}/", Health.BROKEN]
    assert ("log files of " + missing, Health.BROKEN) in ill
    (good,) = [check for check in checks if check.what == f"log files of {ONE}"]
    assert (good.health, good.found) == (Health.GOOD, "up to 2026-11-08, from eu-west-1, us-east-1")


def test_files_that_may_be_listed_and_not_read(cloud, tmp_path):
    fill(accounts=(ONE,))
    refuse = Refusing(lambda operation, _: "AccessDenied" if operation == "GetObject" else None)
    ill = found(doctor(s3_world.aws(refuse), tmp_path).checks(bucket_source(made(cloud)), roster(ONE)))
    assert "kms:Decrypt" in ill["reading a file", Health.BROKEN]


def test_a_trail_that_is_not_there(cloud, tmp_path):
    ill = found(doctor(s3_world.aws(), tmp_path).checks(bucket_source(TRAIL), roster(ONE)))
    assert "correct `trail`" in ill["trail", Health.BROKEN]


def test_a_folder_without_selectors(tmp_path):
    logs = TrailFilesSource("logs", "logs")
    ill = found(doctor(Aws({}), tmp_path).checks(logs, roster(ONE)))
    assert "copy the files there" in ill["log files", Health.BROKEN]
    assert "get-event-selectors" in ill["event selectors", Health.BROKEN]


class Told:
    """Lake and Athena as they should be, until a test says otherwise."""

    def __init__(self):
        clock = TestClock(NOW)
        self.lake = FakeLake(None, clock)
        self.athena = FakeAthena(None, clock, {})
        self.wire = Wire({"cloudtrail": self.lake.operations(), "athena": self.athena.operations()})
        self.aws = Aws({}, clock, self.wire.session())


def test_an_event_data_store(tmp_path):
    told = Told()
    assert found(doctor(told.aws, tmp_path).checks(LakeSource("lake", STORE), NOBODY)) == {}
    told.lake.store |= {"RetentionPeriod": 30, "Status": "STOPPED_INGESTION", "MultiRegionEnabled": False}
    ill = found(doctor(told.aws, tmp_path).checks(LakeSource("lake", STORE), NOBODY))
    assert "--retention-period 366" in ill["event data store", Health.PARTIAL]
    assert {("logging", Health.PARTIAL), ("regions", Health.BROKEN)} <= ill.keys()


def test_an_event_data_store_that_is_not_there(tmp_path):
    ill = found(doctor(Told().aws, tmp_path).checks(LakeSource("lake", STORE + "x"), NOBODY))
    assert "list-event-data-stores" in ill["event data store", Health.BROKEN]


def test_an_athena_table(tmp_path):
    told = Told()
    told.athena.columns = None
    told.athena.workgroup["Configuration"] = {}
    told.wire.faults["GetTrail"] = [Fault("AccessDeniedException")]
    ill = found(doctor(told.aws, tmp_path).checks(ATHENA, NOBODY))
    assert "result location" in ill["workgroup", Health.BROKEN]
    assert "athena-table" in ill["table", Health.BROKEN]
    assert "allow cloudtrail:GetTrail" in ill["trail", Health.BROKEN]
    told.athena.columns = {"eventtime": "string"}
    ill = found(doctor(told.aws, tmp_path).checks(AthenaSource(*["x"] * 5), NOBODY))
    assert "`trail:`" in ill["trail", Health.BROKEN]
    assert ("table", Health.BROKEN) in ill


def test_a_workgroup(tmp_path):
    told = Told()
    configuration = told.athena.workgroup["Configuration"]

    def rows(**changed):
        checks = doctor(told.aws, tmp_path).checks(replace(ATHENA, trail=None, **changed), NOBODY)
        return [
            (c.what, c.health, c.found, c.mend) for c in checks if c.what in ("workgroup", "limit of a query")
        ]

    assert rows() == [
        ("workgroup", Health.GOOD, "primary, results go to s3://athena-results/", ""),
        ("limit of a query", Health.GOOD, "none", ""),
    ]
    configuration |= {"EnforceWorkGroupConfiguration": True, "BytesScannedCutoffPerQuery": 5 * 10**9}
    told.athena.workgroup["State"] = "DISABLED"
    update = "aws athena update-work-group --region eu-west-1 --work-group primary"
    assert rows(output="s3://mine/") == [
        ("workgroup", Health.BROKEN, "primary is disabled", f"{update} --state ENABLED"),
        (
            "workgroup",
            Health.PARTIAL,
            "primary puts results into s3://athena-results/, whatever `output` of the source says",
            "take `output` out of the source",
        ),
        (
            "limit of a query",
            Health.PARTIAL,
            "5 GB: if a query is ended by it, its days are a gap",
            f"{update} --configuration-updates RemoveBytesScannedCutoffPerQuery=true",
        ),
    ]


def test_athena_is_asked_in_the_role_of_its_account(tmp_path):
    told = Told()
    aws = Aws({TWO: f"arn:aws:iam::{TWO}:role/read"}, TestClock(NOW), told.wire.session())
    list(doctor(aws, tmp_path).checks(replace(ATHENA, account=TWO, trail=None), NOBODY))
    assert told.wire.names().count("AssumeRole") == 1  # for the workgroup and for the table


@pytest.mark.parametrize(
    "before",
    [
        ALL,
        Selectors(
            management_read=False, management_write=True, excluded_sources=frozenset({"kms.amazonaws.com"})
        ),
        Selectors(management_read=True, management_write=True, data=frozenset({S3_DATA})),
        Selectors(
            management_read=True,
            management_write=False,
            data=frozenset(
                {DataSelector("AWS::S3::Object", read=False, write=True, arn_prefixes=("arn:aws:s3:::b/",))}
            ),
        ),
    ],
)
def test_the_command_keeps_data_events_and_adds_what_was_missing(before):
    text = shlex.split(put_selectors(TRAIL, before))[-1]
    after = read_selectors(json.dumps({"AdvancedEventSelectors": json.loads(text), "TrailARN": TRAIL}))
    assert after == Selectors(
        management_read=True, management_write=True, data=before.data or frozenset({S3_DATA}), trail_arn=TRAIL
    )


def test_no_command_replaces_selectors_that_are_not_understood():
    odd = Selectors(management_read=False, management_write=True, unread=("odd",))
    assert put_selectors(TRAIL, odd) == ""
    assert [check.found for check in of_settings("x", TRAIL, Settings(odd)) if "understood" in check.found]


def test_the_table_is_for_people_and_hostile_names_stay_harmless():
    checks = list(of_settings("s", TRAIL, Settings(ALL, all_regions=False, since=NOW - timedelta(days=3))))
    head, *rows = check_lines(checks)
    assert head.split() == ["SOURCE", "WHAT", "OK", "FOUND"]
    assert any(row.strip().startswith("-> aws cloudtrail update-trail --name arn:") for row in rows)
    assert check_objects(checks)[0]["what"] == "logging since"
    hostile = Settings(ALL, words=frozenset({"trail \u202e\x1b[2J`x`"}))
    assert all(
        line.isascii() and line.isprintable() for line in check_lines(list(of_settings("s", "", hostile)))
    )
