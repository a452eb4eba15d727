"""A folder of log files, read from end to end."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from leastwise.collect import layout, trail_files
from leastwise.collect.roster import Roster
from leastwise.collect.settings import Settings
from leastwise.collect.store import LocalFolder
from leastwise.errors import SourceError
from leastwise.model.declared import TrailFilesSource
from leastwise.model.evidence import DenialReason, Selectors
from leastwise.model.request import Certainty, ResourceForm
from leastwise.model.window import Window
from tests.collect.logs import (
    ACCOUNT,
    PAYMENTS,
    ROLE,
    ROSTER,
    WINDOW,
    collect,
    coverage_of,
    lines,
    path_of,
    record,
    session,
    text,
    write,
)

DAY = path_of("2026-11-10")


def test_a_call_becomes_an_observation(tmp_path):
    write(tmp_path, DAY, text(record("e1"), record("e2", eventTime="2026-11-10T13:00:00Z")))
    (seen,) = collect(tmp_path).observations
    assert (seen.key.source, seen.key.principal) == ("logs", ROLE)
    assert seen.tally.days == {date(2026, 11, 10): 2}
    assert (seen.tally.first, seen.tally.last) == ("2026-11-10T12:00:00Z", "2026-11-10T13:00:00Z")
    assert seen.tally.samples == ("e1", "e2")
    assert seen.tally.regions == {"eu-west-1"}
    assert len(seen.tally.sessions) == 1
    assert "worker" not in str(seen.tally.sessions)


def test_denied_and_failed_calls_keep_their_reason(tmp_path):
    write(
        tmp_path,
        DAY,
        text(
            record("a", errorCode="AccessDenied", errorMessage="no", eventName="MakeThing"),
            record("b", errorCode="NoSuchKey"),
            record(
                "c", errorCode="Throttling", userIdentity=session() | {"invokedBy": "athena.amazonaws.com"}
            ),
        ),
    )
    denied, failed, throttled = sorted(collect(tmp_path).observations, key=lambda seen: seen.tally.samples)
    assert denied.key.denial is DenialReason.NO_IDENTITY_POLICY
    assert denied.key.request.certainty is Certainty.CERTAIN
    assert denied.key.error_code == ""
    assert denied.tally.hours == {"2026-11-10T12"}
    assert (failed.key.error_code, failed.key.proves_authorization) == ("NoSuchKey", True)
    assert (throttled.key.error_code, throttled.key.proves_authorization) == ("Throttling", False)
    assert throttled.key.via_service == "athena.amazonaws.com"


def test_what_is_only_inferred_is_marked(tmp_path):
    role = "arn:aws:iam::111122223333:role/worker"
    write(tmp_path, DAY, text(record(eventName="MakeThing", requestParameters={"roleArn": role})))
    inferred, certain = collect(tmp_path).observations
    assert (inferred.key.request.action, inferred.key.request.certainty) == (
        "iam:PassRole",
        Certainty.INFERRED,
    )
    assert certain.key.request.certainty is Certainty.CERTAIN


def test_unmapped_calls_are_counted_and_shown(tmp_path):
    write(tmp_path, DAY, text(record("a", eventName="OddThing"), record("b", eventName="OddThing")))
    evidence = collect(tmp_path)
    assert lines(evidence) == []
    assert coverage_of(evidence).unmapped == {"s3.amazonaws.com:OddThing": 2}


def test_the_window_is_exact_by_record_and_has_a_days_slack_by_path(tmp_path):
    window = Window(datetime(2026, 11, 10, 12, tzinfo=UTC), datetime(2026, 11, 11, tzinfo=UTC))
    times = ["2026-11-10T11:59:59Z", "2026-11-10T12:00:00Z", "2026-11-10T23:59:59Z", "2026-11-11T00:00:00Z"]
    write(tmp_path, DAY, text(*(record(str(n), eventTime=time) for n, time in enumerate(times))))
    write(tmp_path, path_of("2026-11-12"), text(record("late", eventTime="2026-11-10T20:00:00Z")))
    write(tmp_path, path_of("2026-11-13"), text(record("too late", eventTime="2026-11-10T20:00:00Z")))
    (seen,) = collect(tmp_path, window=window).observations
    assert seen.tally.samples == ("1", "2", "late")


def test_times_written_otherwise_are_understood(tmp_path):
    write(tmp_path, DAY, text(record("a", eventTime="2026-11-10T14:00:00+02:00")))
    (seen,) = collect(tmp_path).observations
    assert seen.tally.first == "2026-11-10T12:00:00Z"


@pytest.mark.parametrize(
    ("one", "other", "duplicates"),
    [
        (DAY, path_of("2026-11-10", name="b"), 1),
        (DAY, path_of("2026-11-11"), 1),
        (DAY, path_of("2026-11-12"), 0),
        (DAY, path_of("2026-11-10", region="eu-west-2"), 0),
        ("x/one.json", "y/two.json.gz", 1),
        (DAY, f"backup/{DAY.rpartition('/')[2]}", 1),
    ],
)
def test_an_event_delivered_twice_counts_once(tmp_path, one, other, duplicates):
    write(tmp_path, one, text(record("same")))
    write(tmp_path, other, text(record("same")))
    evidence = collect(tmp_path)
    assert lines(evidence)[0][3] == 2 - duplicates
    assert coverage_of(evidence).duplicates == duplicates
    assert any("delivered twice" in limit for limit in coverage_of(evidence).limits)


def test_old_records_without_an_id_are_no_duplicates(tmp_path):
    write(tmp_path, DAY, text(record(eventID=None), record(eventID=None)))
    assert lines(collect(tmp_path))[0][3] == 2


def test_digests_insights_other_services_and_the_selectors_are_no_logs(tmp_path):
    write(tmp_path, DAY, text(record()))
    for path in (
        DAY.replace("/CloudTrail/", "/CloudTrail-Digest/"),
        DAY.replace("/CloudTrail/", "/CloudTrail-Insight/"),
        DAY.replace("/CloudTrail/", "/Config/"),
        "selectors.json",
        "notes.txt",
    ):
        write(tmp_path, path, b"{}")
    store = LocalFolder(tmp_path, frozenset({tmp_path / "selectors.json"}))
    evidence = collect(tmp_path, store=store)
    assert lines(evidence)[0][3] == 1
    assert coverage_of(evidence).unreadable == ()


def test_a_single_file_is_a_source(tmp_path):
    write(tmp_path, "one.json", text(record()))
    assert lines(collect(tmp_path / "one.json"))[0][3] == 1


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(SourceError, match="found nothing"):
        collect(tmp_path / "nowhere")


def test_coverage_tells_days_regions_and_tampering_of_anybody(tmp_path):
    stranger = session("arn:aws:iam::111122223333:role/stranger")
    stop = {"eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging", "userIdentity": stranger}
    write(
        tmp_path,
        DAY,
        text(
            record("a", awsRegion="us-east-1"),
            record("stop", **stop),
            record("refused", **stop, errorCode="AccessDenied"),
        ),
    )
    coverage = coverage_of(collect(tmp_path))
    assert coverage.delivered == {(ACCOUNT, date(2026, 11, 10))}
    assert coverage.regions == {"us-east-1", "eu-west-1"}
    assert coverage.tampering == {"2026-11-10T12:00:00Z StopLogging stop"}
    assert coverage.records == 3
    assert coverage.excluded == {"principal not enrolled": 2}


SELECTORS = Selectors(
    management_read=True,
    management_write=True,
    trail_arn=f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/t",
)


@pytest.mark.parametrize(
    ("region", "declared", "selectors", "expected"),
    [
        ("eu-west-1", {}, SELECTORS, None),
        ("us-east-1", {}, SELECTORS, None),
        ("eu-north-1", {}, SELECTORS, True),
        ("eu-north-1", {}, None, None),
        ("eu-north-1", {"regions": ("eu-north-1",)}, SELECTORS, None),
        ("eu-west-1", {"all_regions": True}, None, True),
    ],
)
def test_all_regions_is_declared_or_shown_by_a_record_from_beyond(
    tmp_path, region, declared, selectors, expected
):
    write(tmp_path, path_of("2026-11-10", region=region), text(record(awsRegion=region)))
    source = TrailFilesSource("logs", str(tmp_path), **declared)
    coverage = coverage_of(collect(tmp_path, declared=source, settings=Settings(selectors)))
    assert coverage.all_regions is expected
    assert coverage.logged_regions == frozenset(declared.get("regions", ()))
    assert coverage.selectors == selectors


def test_another_accounts_regions_show_nothing_of_the_trail(tmp_path):
    other = {"awsRegion": "eu-north-1", "recipientAccountId": "999999999999"}
    write(tmp_path, DAY, text(record("a"), record("b", **other)))
    assert coverage_of(collect(tmp_path, settings=Settings(SELECTORS))).all_regions is None


def _many_files(folder, *, days: int = 12) -> None:
    source = random.Random(7)  # noqa: S311  the same files every time
    for region in ("eu-west-1", "us-east-1"):
        for day in range(1, days + 1):
            records = [
                record(
                    f"{source.getrandbits(24):06x}",
                    awsRegion=region,
                    eventTime=f"2026-11-{day:02d}T{source.randrange(24):02d}:00:00Z",
                    resources=[{"ARN": f"arn:aws:s3:::b/{source.randrange(40)}/{source.randrange(40)}"}],
                    userIdentity=session(name=f"s{source.randrange(20)}"),
                )
                for _ in range(60)
            ]
            again = f"2026-11-{day + 1:02d}"
            write(folder, path_of(f"2026-11-{day:02d}", region=region), text(*records))
            write(folder, path_of(again, region=region, name="again"), text(*records[:9]))


def test_processes_count_what_one_process_counts(tmp_path, monkeypatch):
    _many_files(tmp_path)
    alone = collect(tmp_path)
    monkeypatch.setattr(trail_files, "WORTH_A_PROCESS", 1)
    together = collect(tmp_path, processes=2)
    assert together == alone
    assert coverage_of(alone).duplicates == 2 * 12 * 9
    assert sum(count for *_, count in lines(alone)) == 2 * 12 * 60


@pytest.mark.parametrize("parts", [1, 2, 5, 100])
def test_however_files_are_dealt_out_the_counts_are_the_same(tmp_path, monkeypatch, parts):
    _many_files(tmp_path)
    alone = collect(tmp_path)
    dealt = layout.batches
    monkeypatch.setattr(trail_files, "batches", lambda files, _: dealt(files, parts))
    assert collect(tmp_path) == alone


def test_progress_adds_up(tmp_path):
    class Heard:
        def __init__(self):
            self.calls = []

        def begin(self, name, files, size):
            self.calls.append(("begin", name, files, size))

        def advance(self, files, size, records):
            self.calls.append(("advance", files, size, records))

        def finish(self):
            self.calls.append(("finish",))

    write(tmp_path, DAY, text(record("a"), record("b")))
    write(tmp_path, path_of("2026-11-11"), text(record("c")))
    heard = Heard()
    source = trail_files.TrailFiles(TrailFilesSource("logs", ""), LocalFolder(tmp_path))
    source.collect(ROSTER, WINDOW, heard)
    (_, name, files, size), *middle, last = heard.calls
    assert (name, files, last) == ("logs", 2, ("finish",))
    assert [sum(column) for column in list(zip(*middle, strict=True))[1:]] == [2, size, 3]


def test_a_call_can_count_for_a_principal_and_for_a_group(tmp_path):
    group = replace(PAYMENTS, name="team", arn=None, members=(ROLE,))
    write(tmp_path, DAY, text(record()))
    evidence = collect(tmp_path, roster=Roster((PAYMENTS, group)))
    assert {seen.key.principal for seen in evidence.observations} == {ROLE, group.key}


def test_hostile_names_stay_names(tmp_path):
    names = ["*", "?", "${aws:username}", "${*}", "\u202e", "a\nb", "x" * 1000]
    write(
        tmp_path,
        DAY,
        text(
            *(record(str(n), resources=[{"ARN": f"arn:aws:s3:::b/{name}"}]) for n, name in enumerate(names))
        ),
    )
    seen = collect(tmp_path).observations
    assert {line.key.request.resource for line in seen} == {f"arn:aws:s3:::b/{name}" for name in names}
    assert {line.key.request.form for line in seen} == {ResourceForm.LITERAL}
