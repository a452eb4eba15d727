"""Log files in a bucket: what is listed, what is read, what is refused, and that the evidence is the same."""

from __future__ import annotations

import pickle
from datetime import date, timedelta

import pytest
from moto import mock_aws

from leastwise.aws.s3 import Location
from leastwise.collect.interface import Silent
from leastwise.collect.s3_store import S3Store
from leastwise.collect.store import LocalFolder
from leastwise.collect.trail_files import TrailFiles
from leastwise.errors import AwsError, SourceError
from leastwise.model.declared import TrailFilesSource
from tests.collect import s3_world
from tests.collect.fakes import interpret
from tests.collect.s3_world import (
    BUCKET,
    ONE,
    OWNER,
    TWO,
    WINDOW,
    Hurried,
    Refusing,
    aws,
    collect,
    fill,
    key_of,
    put,
    record,
    refusing,
    roster,
)

READ_DAYS = {date(2026, 11, day) for day in range(2, 8)}
"""The window's days and the one on either side: a record may be delivered late or early."""


@pytest.fixture(autouse=True)
def cloud(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        s3_world.make_bucket()
        yield


def store(path="s3://org-trail/", session=None, **more):
    return S3Store(aws(session), Location.parse(path), **more)


def listed(found):
    return {(file.trail_place, file.day) for file in found}


def expected(*accounts, regions=("eu-west-1", "us-east-1")):
    return {((account, region), day) for account in accounts for region in regions for day in READ_DAYS}


@pytest.mark.parametrize("layout", [{}, {"organization": ""}, {"prefix": "audit/"}], ids=str)
@pytest.mark.parametrize(
    "ends", ["", "AWSLogs/", "AWSLogs/o-exampleorgid", "AWSLogs/o-exampleorgid/111122223333/"]
)
def test_only_accounts_and_days_asked_for_are_listed(layout, ends):
    fill(**layout)
    if not layout.get("organization", "o"):
        ends = ends.replace("o-exampleorgid", "")
    session = Refusing()
    path = f"s3://org-trail/{layout.get('prefix', '')}{ends}".replace("//1", "/1")
    found = list(store(path, session).files(WINDOW, frozenset({ONE})))
    assert listed(found) == expected(ONE)
    assert session.calls["ListObjectsV2"] <= 6


def test_no_request_for_each_day_however_long_the_window():
    fill(accounts=(ONE,), regions=("eu-west-1",), days=40)
    session = Refusing()
    long = type(WINDOW)(WINDOW.start - timedelta(days=4_000), WINDOW.end + timedelta(days=4_000))
    assert len(list(store(session=session).files(long, frozenset({ONE})))) == 40
    assert session.calls["ListObjectsV2"] == 5  # root, AWSLogs, organization, regions, one page of keys


def test_listing_goes_on_after_a_page_and_stops_after_the_window(monkeypatch):
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "3")
    fill(accounts=(ONE,), regions=("eu-west-1",), days=30)
    session = Refusing()
    assert listed(store(session=session).files(WINDOW, frozenset({ONE}))) == expected(
        ONE, regions=("eu-west-1",)
    )
    assert session.calls["ListObjectsV2"] == 4 + 3  # the way down, then 6 days and the first one after them


def test_a_flat_prefix_is_listed_whole():
    put("copied/111122223333_CloudTrail_eu-west-1_20261104T1200Z_a.json.gz", [record(ONE, "2026-11-04")])
    put("copied/notes.txt", [])
    (found,) = store("s3://org-trail/copied").files(WINDOW)
    assert found.path == "111122223333_CloudTrail_eu-west-1_20261104T1200Z_a.json.gz"


def test_other_services_and_digests_are_not_listed():
    fill(accounts=(ONE,), regions=("eu-west-1",), days=1)
    put("AWSLogs/o-exampleorgid/111122223333/Config/eu-west-1/2026/11/4/ConfigHistory/x.json.gz", [])
    put("AWSLogs/o-exampleorgid/111122223333/CloudTrail-Digest/eu-west-1/2026/11/04/x.json.gz", [])
    assert {file.day for file in store().files(WINDOW)} <= READ_DAYS


def test_the_trails_owner_is_read_in_its_home_region_only():
    fill(accounts=(ONE, OWNER))
    found = store(trail=f"arn:aws:cloudtrail:us-east-1:{OWNER}:trail/org").files(WINDOW, frozenset({ONE}))
    assert listed(found) == expected(ONE) | expected(OWNER, regions=("us-east-1",))


def test_what_the_owner_did_to_the_trail_is_seen():
    fill(accounts=(ONE,))
    stopped = record(OWNER, "2026-11-04", "StopLogging", "us-east-1", eventSource="cloudtrail.amazonaws.com")
    put(key_of(OWNER, "us-east-1", date(2026, 11, 4)), [stopped])
    evidence = collect(store(trail=f"arn:aws:cloudtrail:us-east-1:{OWNER}:trail/org"), roster(ONE))
    (change,) = evidence.coverage["bucket"].tampering
    assert change.startswith("2026-11-04T12:00:00Z StopLogging")


def test_the_evidence_is_that_of_the_same_files_on_a_disk(tmp_path):
    fill()
    bucket_of_moto = s3_world.s3()
    for found in bucket_of_moto.list_objects_v2(Bucket=BUCKET)["Contents"]:
        path = tmp_path / found["Key"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bucket_of_moto.get_object(Bucket=BUCKET, Key=found["Key"])["Body"].read())
    local = TrailFiles(
        TrailFilesSource("bucket", "s3://org-trail/"), LocalFolder(tmp_path), processes=1, interpret=interpret
    ).collect(roster(ONE, TWO), WINDOW, Silent())
    assert local == collect(store(), roster(ONE, TWO))
    assert local.coverage["bucket"].records == 12


def test_it_travels_to_other_processes_without_a_connection():
    fill(accounts=(ONE,), regions=("eu-west-1",), days=4)
    here = S3Store(s3_world.Aws({}), Location.parse("s3://org-trail/"))
    files = list(here.files(WINDOW))
    there = pickle.loads(pickle.dumps(here))  # noqa: S301  our own bytes
    assert [there.read(file) for file in files] == [here.read(file) for file in files]


def test_a_refused_prefix_is_named_and_the_rest_goes_on():
    fill()
    refuse = refusing("222233334444/CloudTrail/us-east-1")
    evidence = collect(store(session=Refusing(refuse)), roster(ONE, TWO))
    seen = evidence.coverage["bucket"]
    assert seen.records == 9
    assert seen.unreadable_count == 1
    (lost,) = seen.unreadable
    assert lost.path == "AWSLogs/o-exampleorgid/222233334444/CloudTrail/us-east-1/"
    assert "allow s3:ListBucket on org-trail" in lost.reason


def test_a_refused_account_is_named_and_the_rest_goes_on():
    fill()
    refuse = refusing(f"{TWO}/")
    seen = collect(store(session=Refusing(refuse)), roster(ONE, TWO)).coverage["bucket"]
    assert seen.records == 6
    assert [lost.path for lost in seen.unreadable] == ["AWSLogs/o-exampleorgid/222233334444/"]


def test_a_refused_file_is_named_and_the_rest_goes_on():
    fill(accounts=(ONE,), regions=("eu-west-1",))
    refuse = refusing("20261104")
    seen = collect(store(session=Refusing(refuse)), roster(ONE)).coverage["bucket"]
    assert (seen.records, seen.unreadable_count) == (2, 1)
    assert "kms:Decrypt" in seen.unreadable[0].reason


def test_no_such_bucket():
    with pytest.raises(SourceError, match="there is no bucket nowhere: correct the s3:// address"):
        list(store("s3://nowhere/AWSLogs/").files(WINDOW))


def test_an_empty_prefix_is_a_mistake_and_not_a_quiet_account():
    with pytest.raises(SourceError, match=r"expected CloudTrail log files, found nothing; correct `path`"):
        list(store("s3://org-trail/AWSLog/").files(WINDOW))


def test_nothing_may_be_listed():
    with pytest.raises(SourceError, match="allow s3:ListBucket on org-trail"):
        list(store(session=Refusing(lambda *_: "AccessDenied")).files(WINDOW))


def test_throttling_is_waited_out():
    fill(accounts=(ONE,))
    tries = []

    def refuse(operation, _asked):
        tries.append(operation)
        return "SlowDown" if len(tries) % 3 else None

    clock = Hurried()
    throttled = S3Store(aws(Refusing(refuse), clock), Location.parse("s3://org-trail/"))
    assert collect(throttled, roster(ONE)).coverage["bucket"].unreadable_count == 0
    assert clock.slept


def test_throttling_without_end_is_named():
    fill(accounts=(ONE,), regions=("eu-west-1",))
    busy = Refusing(lambda operation, _: "SlowDown" if operation == "GetObject" else None)
    seen = collect(store(session=busy), roster(ONE)).coverage["bucket"]
    assert seen.unreadable_count == 6
    assert "stayed busy" in seen.unreadable[0].reason


def test_credentials_that_expire_in_the_middle_are_renewed():
    fill(accounts=(ONE,))
    expired = iter([None] * 8 + ["ExpiredToken"])
    session = Refusing(lambda *_: next(expired, None))
    assert collect(store(session=session), roster(ONE)).coverage["bucket"].records == 6


def test_credentials_that_cannot_be_renewed_end_the_reading():
    """Otherwise every other file would be named as unreadable, and a run would look like one that is done."""
    fill(accounts=(ONE,))
    session = Refusing(lambda operation, _: "ExpiredToken" if operation == "GetObject" else None)
    with pytest.raises(AwsError, match="renew your AWS credentials") as failed:
        collect(store(session=session), roster(ONE))
    again = pickle.loads(pickle.dumps(failed.value))  # noqa: S301  our own bytes
    assert (again.code, str(again)) == ("ExpiredToken", str(failed.value))
