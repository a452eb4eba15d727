"""CloudTrail Lake as a source: quotas, pages, failures, runs that were killed, what the store can show."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache

import pytest

from leastwise.collect.lake import kept, months
from leastwise.errors import AwsError, SourceError
from leastwise.model.window import Window
from tests.collect.logs import ACCOUNT, ROSTER, WINDOW, record, session
from tests.collect.sql_world import FEDERATED, NAME, NOW, AthenaWorld, LakeWorld, differences, lake_engine
from tests.fakes.aws_wire import ACCESS_KEY, Fault, Killed
from tests.fakes.cloudtrail_lake import ARN

YEAR = Window(datetime(2026, 1, 15, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC))
CREATED = datetime(2025, 1, 1, tzinfo=UTC)
RECORDS = [
    record(
        f"e{month}{day}",
        eventTime=f"2026-{month:02}-{day:02}T10:00:00Z",
        resources=[{"ARN": f"arn:aws:s3:::b/{day}"}],
    )
    for month in range(2, 12)
    for day in (3, 17)
]


@cache
def engine():
    return lake_engine(RECORDS)


def year():
    world = LakeWorld(RECORDS, engine=engine())
    world.lake.store["CreatedTimestamp"] = CREATED
    return world


@pytest.fixture(scope="module")
def whole():
    return year().collect(ROSTER, YEAR)


def test_a_month_for_each_query_ten_at_once_and_never_throttled(whole):
    world = year()
    found = world.collect(ROSTER, YEAR)
    assert found == whole
    assert sum(tally.count for tally in found.tallies.values()) == len(RECORDS)
    assert world.wire.names().count("StartQuery") == 11
    assert world.lake.most_at_once == 10


def test_pages(whole):
    world = year()
    world.lake._page = 1
    assert world.collect(ROSTER, YEAR) == whole
    assert world.wire.names().count("GetQueryResults") > 20


def test_what_the_run_cost_is_told():
    world = year()
    world.collect(ROSTER, YEAR)
    (scan,) = world.scans
    assert (scan.queries, scan.scanned) == (11, 11_000_000)
    assert str(scan) == "source: 0.011 GB scanned by 11 queries"


def test_throttling_is_waited_out(whole):
    world = year()
    busy = Fault("ThrottlingException", "Rate exceeded")
    world.wire.faults = {
        "StartQuery": [busy] * 3,
        "DescribeQuery": [None, busy],
        "GetQueryResults": [busy, busy],
    }
    assert world.collect(ROSTER, YEAR) == whole


def test_throttling_without_end_says_so():
    world = year()
    world.wire.faults = {"StartQuery": [Fault("ThrottlingException", "Rate exceeded")] * 8}
    with pytest.raises(
        AwsError, match=r"cloudtrail:StartQuery in eu-west-1, account 999988887777.*run again later"
    ):
        world.collect(ROSTER, WINDOW)


def test_other_peoples_queries_take_up_room(whole):
    world = year()
    world.lake.others = 9
    assert world.collect(ROSTER, YEAR) == whole
    assert world.lake.most_at_once == 1


def test_credentials_that_expire_in_the_middle_are_renewed(whole):
    world = year()
    world.roles = {"999988887777": "arn:aws:iam::999988887777:role/leastwise-read"}
    world.wire.faults = {"DescribeQuery": [None, None, Fault("ExpiredTokenException", "expired")]}
    assert world.collect(ROSTER, YEAR) == whole
    assert world.wire.names().count("AssumeRole") == 2
    assert set(world.wire.keys) == {ACCESS_KEY, "ASIAASSUMED00001", "ASIAASSUMED00002"}


def test_credentials_that_stay_expired_end_the_run_and_leave_no_query_behind():
    world = year()
    world.wire.faults = {"DescribeQuery": [None, None, *[Fault("ExpiredTokenException", "expired")] * 2]}
    with pytest.raises(AwsError, match=r"cloudtrail:DescribeQuery.*renew your AWS credentials and run again"):
        world.collect(ROSTER, YEAR)
    assert len(world.lake.cancelled) == 10
    assert len(world.scans) == 1


def test_an_interrupt_cancels_what_runs():
    world = year()
    world.clock.sleep = _interrupt
    with pytest.raises(KeyboardInterrupt):
        world.collect(ROSTER, YEAR)
    assert world.lake.cancelled
    assert all(query.status == "CANCELLED" for query in world.lake.queries.values())


def _interrupt(_seconds):
    raise KeyboardInterrupt


@pytest.mark.parametrize("lives", range(0, 22, 2))
def test_a_run_that_is_killed_at_any_call_pays_once_for_what_is_settled(lives):
    world, window = year(), Window(datetime(2026, 8, 15, tzinfo=UTC), NOW)
    undisturbed = year().collect(ROSTER, window)
    world.wire.lives = lives
    with pytest.raises(Killed):
        world.collect(ROSTER, window)
    begun = len(world.lake.queries)
    world.wire.lives = None
    world.wire.calls.clear()
    world.clock.sleep(600)
    found = world.collect(ROSTER, Window(window.start, world.clock.moment()))
    assert found.tallies == undisturbed.tallies
    statements = [query.statement for query in world.lake.queries.values()]
    assert sorted(statements) == sorted(set(statements))
    assert world.wire.names().count("StartQuery") in {5 - begun, 6 - begun}


def test_results_of_long_ago_are_asked_for_anew(whole):
    world = year()
    world.collect(ROSTER, YEAR)
    world.clock.sleep(8 * 86_400)
    world.wire.calls.clear()
    assert world.collect(ROSTER, YEAR) == whole
    assert world.wire.names().count("StartQuery") == 11


def test_results_of_yesterday_serve_only_for_months_that_were_over(whole):
    world = year()
    world.collect(ROSTER, YEAR)
    world.clock.sleep(86_400)
    world.wire.calls.clear()
    later = Window(YEAR.start, YEAR.end + timedelta(days=1))
    world.collect(ROSTER, later)
    assert world.wire.names().count("StartQuery") == 1


def test_results_that_vanish_between_two_calls_are_asked_for_anew(whole):
    world = year()
    world.wire.faults = {"GetQueryResults": [Fault("QueryIdNotFoundException", "gone")]}
    assert world.collect(ROSTER, YEAR) == whole
    assert world.wire.names().count("StartQuery") == 12


@pytest.mark.parametrize(
    "end",
    [
        ("TIMED_OUT", "Query timed out"),
        ("FAILED", "Query exhausted resources"),
        ("FAILED", "Query response is too large"),
    ],
)
def test_a_query_that_is_too_much_is_cut_in_two(whole, end):
    world = year()
    world.lake.ends = lambda sql: (
        end if "2026-03-01 00:00:00' AND eventtime < timestamp '2026-04-01" in sql else ("FINISHED", "")
    )
    assert world.collect(ROSTER, YEAR) == whole
    assert world.wire.names().count("StartQuery") == 13


def test_a_query_that_never_finishes_ends_the_run():
    world = year()
    world.lake.ends = lambda _sql: ("TIMED_OUT", "Query timed out")
    hour = Window(datetime(2026, 11, 10, 12, tzinfo=UTC), datetime(2026, 11, 10, 14, tzinfo=UTC))
    with pytest.raises(
        SourceError, match=r"source source: the query of 2026-11-10 13:00 to 2026-11-10 14:00 did not finish"
    ):
        world.collect(ROSTER, hour)


def test_a_failed_query_is_tried_three_times():
    world = year()
    world.lake.ends = lambda _sql: ("FAILED", "Internal error")
    with pytest.raises(
        SourceError, match=r"did not finish: CloudTrail Lake says: Internal error; run again later"
    ):
        world.collect(ROSTER, WINDOW)
    assert world.wire.names().count("StartQuery") == 3


def test_a_query_that_somebody_cancelled():
    world = year()
    world.lake.ends = lambda _sql: ("CANCELLED", "")
    with pytest.raises(SourceError, match=r"somebody cancelled query"):
        world.collect(ROSTER, WINDOW)


@pytest.mark.parametrize(
    ("operation", "code", "advice"),
    [
        ("GetEventDataStore", "EventDataStoreNotFoundException", "list-event-data-stores"),
        ("GetEventDataStore", "AccessDeniedException", "allow cloudtrail:GetEventDataStore to"),
        ("StartQuery", "InactiveEventDataStoreException", "restore-event-data-store"),
        ("StartQuery", "InvalidQueryStatementException", "--dry-run"),
        ("StartQuery", "InsufficientEncryptionPolicyException", "kms:Decrypt"),
        ("StartQuery", "UnsupportedOperationException", "athena or trail-files"),
        ("StartQuery", "OperationNotPermittedException", "accounts:"),
        ("StartQuery", "InvalidSignatureException", "set this machine's clock"),
        ("ListQueries", "EventDataStoreARNInvalidException", "write the whole ARN"),
    ],
)
def test_every_refusal_says_what_to_do(operation, code, advice):
    world = year()
    world.wire.faults = {operation: [Fault(code, "as AWS says.")]}
    with pytest.raises(AwsError, match=code) as refused:
        world.collect(ROSTER, WINDOW)
    assert refused.value.code == code
    assert advice in str(refused.value)


def test_an_empty_result_is_not_no_use():
    world = LakeWorld([])
    seen = world.collect(ROSTER, WINDOW).coverage[NAME]
    assert not seen.delivered
    assert any("no record of anybody" in words for words in seen.limits)


def test_no_use_is_not_an_empty_result():
    seen = LakeWorld([record(userIdentity=None)]).collect(ROSTER, WINDOW).coverage[NAME]
    assert seen.delivered == {(ACCOUNT, date(2026, 11, 10))}
    assert not any("no record of anybody" in words for words in seen.limits)


def test_coverage_comes_from_the_store():
    seen = year().collect(ROSTER, YEAR).coverage[NAME]
    assert seen.selectors is not None
    assert seen.selectors.management_read
    assert {selector.resource_type for selector in seen.selectors.data} == {"AWS::S3::Object"}
    assert seen.selectors.trail_arn == ARN
    assert seen.all_regions is True
    assert seen.logging_since == CREATED


def test_a_store_that_was_stopped_in_between_begins_anew_and_no_trail_with_it():
    stop = record(
        "stop",
        eventSource="cloudtrail.amazonaws.com",
        eventName="StopEventDataStoreIngestion",
        eventTime="2026-11-05T10:00:00Z",
        userIdentity=session(f"arn:aws:iam::{ACCOUNT}:role/stranger"),
        resources=None,
    )
    change = "2026-11-05T10:00:00Z StopEventDataStoreIngestion stop"
    in_store = LakeWorld([stop]).collect(ROSTER, WINDOW).coverage[NAME]
    assert in_store.tampering == {change}
    assert in_store.logging_since == datetime(2026, 11, 5, 10, tzinfo=UTC)
    assert AthenaWorld([stop], FEDERATED).collect(ROSTER, WINDOW).coverage[NAME].tampering == {change}
    assert AthenaWorld([stop]).collect(ROSTER, WINDOW).coverage[NAME].tampering == frozenset()


def test_what_was_kept_before_the_last_change_is_not_known():
    world = year()
    world.lake.store["UpdatedTimestamp"] = datetime(2026, 6, 1, tzinfo=UTC)
    assert world.collect(ROSTER, YEAR).coverage[NAME].logging_since == datetime(2026, 6, 1, tzinfo=UTC)


def test_a_store_of_one_account_knows_nothing_of_others():
    world = year()
    world.lake.store["OrganizationEnabled"] = False
    seen = world.collect(ROSTER, YEAR).coverage[NAME]
    assert seen.delivered == frozenset()
    assert any("account 999988887777 only" in words for words in seen.limits)


def test_a_store_that_takes_nothing_in_proves_nothing_up_to_now():
    world = year()
    world.lake.store["Status"] = "STOPPED_INGESTION"
    seen = world.collect(ROSTER, YEAR).coverage[NAME]
    assert seen.logging_since >= NOW
    assert any("STOPPED_INGESTION" in words for words in seen.limits)


def test_the_limit_on_bytes_leaves_gaps(whole):
    world = year()
    world.lake.scans = lambda _sql: 3 * 10**9
    found = world.collect(ROSTER, YEAR, most_bytes=4 * 10**9)
    days = {day for _, day in found.coverage[NAME].delivered}
    assert days
    assert days < {day for _, day in whole.coverage[NAME].delivered}
    assert any(
        "the limit on bytes was reached: 2026-01-15 to" in words for words in found.coverage[NAME].limits
    )
    assert not [query for query in world.lake.queries.values() if query.status in ("QUEUED", "RUNNING")]


def test_the_plan_shows_the_statement_and_runs_nothing():
    world = year()
    plan = world.collector(most_bytes=5 * 10**9).plan(ROSTER, YEAR)
    assert "11 queries like the one below" in plan
    assert "reading ends beyond 5 GB" in plan
    assert "-- 2026-01-15 00:00 to 2026-02-01 00:00" in plan
    assert "GROUP BY" in plan
    assert world.wire.names() == ["GetEventDataStore"]


def test_a_store_that_keeps_nothing_of_the_window():
    world = year()
    world.lake.store["RetentionPeriod"] = 7
    early = Window(YEAR.start, YEAR.start + timedelta(days=9))
    assert world.collect(ROSTER, early).tallies == {}
    assert "keeps nothing of this window" in world.collector().plan(ROSTER, early)


def test_months_cover_the_window_once():
    pieces = months(YEAR, CREATED)
    assert pieces[0].end == YEAR.end
    assert pieces[-1].start == YEAR.start
    assert [piece.start for piece in pieces[:-1]] == [piece.end for piece in pieces[1:]]


def test_what_is_older_than_the_store_is_one_piece():
    pieces = months(Window(datetime(2013, 11, 13, tzinfo=UTC), YEAR.end), datetime(2026, 9, 15, tzinfo=UTC))
    firsts = [date(2026, 11, 1), date(2026, 10, 1), date(2026, 9, 1), date(2013, 11, 13)]
    assert [piece.start.date() for piece in pieces] == firsts


def test_clock_skew_moves_no_record_out_of_the_window(whole):
    """A machine whose clock is days off asks for the same times of the records."""
    world = year()
    world.clock.sleep(3 * 86_400)
    assert differences(world.collect(ROSTER, YEAR), whole) == []


def test_kept_is_bounded_by_retention():
    world = year()
    store = world.collector().cloudtrail.event_data_store(ARN)
    long_ago = Window(datetime(2000, 1, 1, tzinfo=UTC), NOW)
    assert kept(store, long_ago, NOW).start == datetime(2016, 11, 22, tzinfo=UTC)
