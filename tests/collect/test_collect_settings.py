"""What a trail logs, asked of AWS itself, and what coverage makes of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import boto3
import pytest
from moto import mock_aws

from leastwise.aws.cloudtrail import TrailFacts
from leastwise.aws.s3 import Location
from leastwise.collect.connections import Connections
from leastwise.collect.s3_store import S3Store
from leastwise.collect.settings import of_trail
from leastwise.errors import AwsError, SourceError
from leastwise.model.declared import AthenaSource, TrailFilesSource
from leastwise.model.window import Window
from leastwise.reference.loggable import logged
from tests.collect import s3_world
from tests.collect.s3_world import BUCKET, ONE, OWNER, TWO, Hurried, aws, fill, key_of, put, record, roster

NOW = datetime(2026, 11, 23, tzinfo=UTC)
STARTED = datetime(2026, 11, 1, 8, tzinfo=UTC)
ARN = f"arn:aws:cloudtrail:eu-west-1:{OWNER}:trail/org"
WINDOW = Window(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 9, tzinfo=UTC))


def facts(**changed):
    selectors = {"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True}]}
    usual = TrailFacts(
        arn=ARN,
        all_regions=True,
        organization=True,
        bucket=BUCKET,
        is_logging=True,
        started=STARTED,
        stopped=None,
        delivery_error="",
        selectors=json.dumps({"TrailARN": ARN, **selectors, **changed.pop("selectors", {})}),
    )
    return replace(usual, **changed)


def test_a_trail_that_logs_tells_everything():
    told = of_trail(facts(), NOW)
    assert (told.all_regions, told.since, told.only_account, told.words) == (True, STARTED, "", frozenset())
    assert told.selectors.management_read
    assert told.selectors.trail_arn == ARN


@pytest.mark.parametrize(
    "off", [{"is_logging": False, "stopped": NOW}, {"is_logging": False}, {"started": None}]
)
def test_a_trail_that_is_switched_off_proves_nothing_up_to_now(off):
    assert of_trail(facts(**off), NOW).since == NOW


def test_people_are_told_what_is_wrong_with_a_trail():
    told = of_trail(
        facts(is_logging=False, stopped=STARTED, delivery_error="NoSuchBucket", organization=False), NOW
    )
    assert sorted(words[:30] for words in told.words) == [
        "CloudTrail could not deliver t",
        "the trail is switched off sinc",
        "the trail logs account 9999888",
    ]


@pytest.mark.parametrize(
    "selectors",
    [
        {
            "EventSelectors": [
                {
                    "ReadWriteType": "All",
                    "IncludeManagementEvents": True,
                    "ExcludeManagementEventSources": ["kms.amazonaws.com", "rdsdata.amazonaws.com"],
                }
            ]
        },
        {
            "EventSelectors": [],
            "AdvancedEventSelectors": [
                {
                    "FieldSelectors": [
                        {"Field": "eventCategory", "Equals": ["Management"]},
                        {
                            "Field": "eventSource",
                            "NotEquals": ["kms.amazonaws.com", "rdsdata.amazonaws.com"],
                        },
                    ]
                }
            ],
        },
    ],
    ids=["basic", "advanced"],
)
def test_excluded_kms_and_rds_data_events_count_as_not_logged(selectors):
    told = of_trail(facts(selectors=selectors), NOW).selectors
    assert logged("kms:Decrypt", ["*"], told)[1] == "management events of kms.amazonaws.com are excluded"
    assert logged("rds-data:ExecuteStatement", ["*"], told) is not None
    assert logged("ec2:DescribeInstances", ["*"], told) is None


@pytest.fixture
def cloud(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        s3_world.make_bucket()
        yield boto3.client("cloudtrail", region_name="eu-west-1")


def coverage_of(told, *accounts):
    store = S3Store(aws(), Location("org-trail", ""), trail=ARN)
    return s3_world.collect(store, roster(*accounts), told, WINDOW).coverage["bucket"]


def test_a_change_inside_the_window_begins_logging_anew(cloud):
    fill(accounts=(ONE,), regions=("eu-west-1",))
    told = of_trail(facts(), NOW)
    assert coverage_of(told, ONE).logging_since == STARTED
    for name, day in (("PutEventSelectors", 3), ("UpdateTrail", 5), ("StopLogging", 4), ("DeleteTrail", 2)):
        changed = record(OWNER, f"2026-11-0{day}", name, eventSource="cloudtrail.amazonaws.com")
        put(key_of(OWNER, "eu-west-1", date(2026, 11, day)), [changed])
    assert coverage_of(told, ONE).logging_since == datetime(2026, 11, 5, 12, tzinfo=UTC)


def test_another_account_in_the_bucket_is_not_covered_by_the_trail_of_one(cloud):
    fill(accounts=(ONE, TWO), regions=("eu-west-1",))
    only_one = facts(organization=False, arn=ARN.replace(OWNER, ONE))
    assert {account for account, _ in coverage_of(of_trail(only_one, NOW), ONE, TWO).delivered} == {ONE}
    assert {account for account, _ in coverage_of(of_trail(facts(), NOW), ONE, TWO).delivered} == {ONE, TWO}


def test_a_trail_of_one_region_never_counts_as_all(cloud):
    fill(accounts=(ONE,), regions=("eu-west-1", "eu-west-2"))
    assert coverage_of(of_trail(facts(all_regions=False), NOW), ONE).all_regions is False


def made(cloud, **more):
    return cloud.create_trail(Name="org", S3BucketName=BUCKET, **more)["TrailARN"]


def test_aws_is_asked_of_a_trail_named_in_the_declaration(cloud, tmp_path):
    arn = made(cloud, IsMultiRegionTrail=True)
    cloud.put_event_selectors(
        TrailName=arn, EventSelectors=[{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}]
    )
    cloud.start_logging(Name=arn)
    source = TrailFilesSource("bucket", f"s3://{BUCKET}/", trail=arn)
    settings = Connections(tmp_path, aws(clock=Hurried()), NOW).collector(source).settings
    assert (settings.selectors.management_read, settings.selectors.management_write) == (False, True)
    assert settings.all_regions
    assert abs(settings.since - datetime.now(UTC)) < timedelta(days=1)


def test_a_trail_that_was_never_started(cloud, tmp_path):
    assert Connections(tmp_path, aws(), NOW).trail_settings(made(cloud)).since == NOW


def test_no_such_trail(cloud, tmp_path):
    with pytest.raises(AwsError, match="correct `trail` of the source"):
        Connections(tmp_path, aws(), NOW).trail_settings(ARN)


def test_a_path_that_is_neither_a_folder_nor_a_bucket(tmp_path):
    with pytest.raises(SourceError, match="neither a folder nor s3://BUCKET/PREFIX"):
        Connections(tmp_path, aws(), NOW).collector(TrailFilesSource("bucket", "https://example.com/"))
    assert AthenaSource("a", "w", "d", "t", "r").place == "r/d/t"
