"""Athena as a source: tokens, bound parameters, pages, failures, limits, tables that cannot serve."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from leastwise.aws.sessions import Aws
from leastwise.collect.connections import Connections
from leastwise.collect.settings import Settings
from leastwise.errors import AwsError, SourceError
from leastwise.model.window import Window
from leastwise.reference.selectors import read_selectors
from tests.collect.logs import ROSTER, WINDOW, record
from tests.collect.sql_world import FEDERATED, NAME, NOW, TRAIL_TABLE, AthenaWorld, differences
from tests.fakes.aws_wire import Fault, Killed

RECORDS = [
    record(f"e{day}", eventTime=f"2026-11-{day:02}T10:00:00Z", resources=[{"ARN": f"arn:aws:s3:::b/{day}"}])
    for day in range(1, 21)
]
GB = 10**9
TO_NOON = Window(WINDOW.start, NOW)


@pytest.fixture(scope="module")
def whole():
    return AthenaWorld(RECORDS).collect(ROSTER, WINDOW)


def requests(world):
    return [parameters for name, parameters in world.wire.calls if name == "StartQueryExecution"]


def test_one_query_with_bound_parameters_for_the_windows_partitions(whole):
    world = AthenaWorld(RECORDS)
    assert world.collect(ROSTER, WINDOW) == whole
    (request,) = requests(world)
    assert request["ExecutionParameters"] == [
        "'2026/10/31'", "'2026/11/30'", "'2026-11-01T00:00:00Z'", "'2026-11-30T00:00:00Z'",
    ]  # fmt: skip
    assert request["QueryString"].count("?") == 4
    assert request["QueryExecutionContext"] == {"Catalog": "AwsDataCatalog", "Database": "audit"}
    assert request["WorkGroup"] == "primary"
    assert "ResultConfiguration" not in request


def test_a_place_for_results():
    world = AthenaWorld(RECORDS, replace(TRAIL_TABLE, output="s3://mine/out/"))
    world.collect(ROSTER, WINDOW)
    assert requests(world)[0]["ResultConfiguration"] == {"OutputLocation": "s3://mine/out/"}


def test_a_workgroup_without_a_place_for_results():
    world = AthenaWorld(RECORDS)
    world.athena.workgroup = {"Name": "primary", "Configuration": {}}
    with pytest.raises(
        SourceError, match=r"workgroup primary names no place for results; set one there, or `output"
    ):
        world.collect(ROSTER, WINDOW)
    world.athena.workgroup = {
        "Name": "primary",
        "Configuration": {"ManagedQueryResultsConfiguration": {"Enabled": True}},
    }
    assert world.collect(ROSTER, WINDOW).tallies


def test_pages_and_the_header_row(whole):
    assert AthenaWorld(RECORDS, page=3).collect(ROSTER, WINDOW) == whole


def test_the_same_question_is_the_same_query(whole):
    world = AthenaWorld(RECORDS)
    world.collect(ROSTER, WINDOW)
    assert world.collect(ROSTER, WINDOW) == whole
    assert len(world.athena.executions) == 1


@pytest.mark.parametrize("lives", range(12))
def test_a_run_that_is_killed_at_any_call_pays_once_for_what_is_settled(whole, lives):
    world = AthenaWorld(RECORDS)
    world.wire.lives = lives
    with pytest.raises(Killed):
        world.collect(ROSTER, TO_NOON)
    world.wire.lives = None
    world.clock.sleep(600)
    found = world.collect(ROSTER, replace(TO_NOON, end=world.clock.moment()))
    assert found.tallies == whole.tallies
    ends = [execution.request["ExecutionParameters"][3] for execution in world.athena.executions.values()]
    assert ends.count("'2026-11-22T00:00:00Z'") == 1
    assert len(ends) <= 3


def test_a_query_that_somebody_cancelled_is_asked_anew(whole):
    world = AthenaWorld(RECORDS)
    ends = iter([("CANCELLED", "Query cancelled by user", False)])
    world.athena.ends = lambda _request: next(ends, ("SUCCEEDED", "", False))
    assert world.collect(ROSTER, WINDOW) == whole
    assert len({request["ClientRequestToken"] for request in requests(world)}) == 2


def test_a_failure_that_may_pass_is_tried_again(whole):
    world = AthenaWorld(RECORDS)
    ends = iter([("FAILED", "INTERNAL_ERROR", True)] * 2)
    world.athena.ends = lambda _request: next(ends, ("SUCCEEDED", "", False))
    assert world.collect(ROSTER, WINDOW) == whole


def test_results_that_somebody_deleted_are_asked_for_anew(whole):
    world = AthenaWorld(RECORDS)
    world.collect(ROSTER, WINDOW)
    world.athena.deleted = set(world.athena.executions)
    assert world.collect(ROSTER, WINDOW) == whole
    assert len(world.athena.executions) == 2


def test_what_failed_in_earlier_runs_is_asked_anew_once_it_is_mended(whole):
    """The same statement has the same token all day, and Athena finds the failed query by it."""
    world = AthenaWorld(RECORDS)
    world.athena.ends = lambda _request: ("FAILED", "Permission denied on S3 path", False, 1501)
    for _ in range(3):
        with pytest.raises(SourceError, match="leastwise doctor --policy"):
            world.collect(ROSTER, WINDOW)
    world.athena.ends = lambda _request: ("SUCCEEDED", "", False)
    assert world.collect(ROSTER, WINDOW) == whole
    assert len(world.athena.executions) == 4


def test_a_failure_that_will_not_pass():
    world = AthenaWorld(RECORDS)
    world.athena.ends = lambda _request: ("FAILED", "HIVE_BAD_DATA: Error parsing", False)
    with pytest.raises(
        SourceError, match=r"source source: query execution-\S+ failed. Athena says: HIVE_BAD_DATA"
    ):
        world.collect(ROSTER, WINDOW)
    assert len(requests(world)) == 1


@pytest.mark.parametrize("reason", ["Query timeout", "Query exhausted resources at this scale factor"])
def test_a_query_that_is_too_much_is_cut_in_two(whole, reason):
    world = AthenaWorld(RECORDS)
    world.athena.ends = lambda request: (
        ("FAILED", reason, False)
        if request["ExecutionParameters"][2:] == ["'2026-11-01T00:00:00Z'", "'2026-11-30T00:00:00Z'"]
        else ("SUCCEEDED", "", False)
    )
    assert differences(world.collect(ROSTER, WINDOW), whole) == []
    assert len(requests(world)) == 3


def test_a_full_queue_is_waited_out(whole):
    world = AthenaWorld(RECORDS)
    world.wire.faults = {"StartQueryExecution": [Fault("TooManyRequestsException", "queue full")] * 3}
    assert world.collect(ROSTER, WINDOW) == whole


def test_a_queue_that_stays_full():
    world = AthenaWorld(RECORDS)
    world.wire.faults = {"StartQueryExecution": [Fault("TooManyRequestsException", "queue full")] * 8}
    with pytest.raises(AwsError, match="Athena's queue is full"):
        world.collect(ROSTER, WINDOW)


def test_credentials_that_expire_in_the_middle():
    world = AthenaWorld(RECORDS)
    expired = Fault("ExpiredTokenException", "The security token included in the request is expired")
    world.wire.faults = {"GetQueryExecution": [None, expired, expired]}
    with pytest.raises(
        AwsError, match="renew your AWS credentials and run again: what was finished is found again"
    ):
        world.collect(ROSTER, WINDOW)
    assert world.athena.stopped


def test_an_interrupt_stops_the_query():
    world = AthenaWorld(RECORDS)

    def interrupt(_seconds):
        raise KeyboardInterrupt

    world.clock.sleep = interrupt
    with pytest.raises(KeyboardInterrupt):
        world.collect(ROSTER, WINDOW)
    assert len(world.athena.stopped) == 1


def test_a_query_that_scans_too_much_is_stopped():
    world = AthenaWorld(RECORDS)
    world.athena.scans = lambda _request: 30 * GB
    seen = world.collect(ROSTER, WINDOW, most_bytes=10 * GB).coverage[NAME]
    assert seen.delivered == frozenset()
    assert any("the limit on bytes was reached: 2026-11-01 to 2026-11-29" in words for words in seen.limits)
    assert not any("no record of anybody" in words for words in seen.limits)
    assert len(world.athena.stopped) == 1
    assert world.scans[0].scanned == 20 * GB


def limited(gigabytes, a_day=GB):
    """A world in which each day of the window scans so much, and one query may scan some of it."""
    world = AthenaWorld(RECORDS)
    world.athena.workgroup["Configuration"]["BytesScannedCutoffPerQuery"] = gigabytes * GB

    def scans(request):
        first, last = (datetime.fromisoformat(text[1:-1]) for text in request["ExecutionParameters"][2:])
        return int((last - first).total_seconds() / 86_400 * a_day)

    world.athena.scans = scans
    return world


def gaps(seen):
    return [words for words in seen.limits if "were not read in full" in words]


def test_a_query_beyond_its_workgroups_limit_is_a_gap_and_said_precisely():
    world = limited(10)
    seen = world.collect(ROSTER, WINDOW).coverage[NAME]
    assert seen.delivered == frozenset()
    (said,) = gaps(seen)
    assert said == (
        "one query scans more than the 10 GB that workgroup primary allows: BytesScannedCutoffPerQuery "
        "(raise it, ask for less with --since, or let several queries scan more with --max-scan-gb): "
        "2026-11-01 to 2026-11-29 were not read in full"
    )
    assert len(requests(world)) == 1
    assert world.scans[0].scanned == 10 * GB


def test_who_allows_more_than_one_query_may_scan_gets_several(whole):
    world = limited(10)
    assert differences(world.collect(ROSTER, WINDOW, most_bytes=100 * GB), whole) == []
    assert len(requests(world)) == 7  # 29 days, then 14 and 15, then 7 and 8 of each
    assert "then its time is cut in two" in limited(10).collector(100 * GB).plan(ROSTER, WINDOW)


def test_a_limit_of_ours_below_that_of_the_workgroup_cuts_nothing_in_two():
    world = limited(10)
    seen = world.collect(ROSTER, WINDOW, most_bytes=5 * GB).coverage[NAME]
    assert len(requests(world)) == 1
    assert gaps(seen)


def test_a_day_that_is_too_much_is_a_gap_and_the_others_are_read():
    world = limited(2)
    usual = world.athena.scans

    def scans(request):
        first, last = request["ExecutionParameters"][2:]
        return 3 * GB if first < "'2026-11-05T12" < last else usual(request)

    world.athena.scans = scans
    seen = world.collect(ROSTER, WINDOW, most_bytes=1_000 * GB).coverage[NAME]
    (said,) = gaps(seen)
    assert "2026-11-04 to 2026-11-05 were not read in full" in said
    assert {day.day for _, day in seen.delivered} == set(range(1, 21)) - {4, 5}


def test_a_table_without_partitions_is_not_asked_in_parts():
    world = limited(10)
    world.athena.partition_keys = {}
    world.athena.scans = lambda _request: 30 * GB
    assert gaps(world.collect(ROSTER, WINDOW, most_bytes=100 * GB).coverage[NAME])
    assert len(requests(world)) == 1


def test_a_raised_limit_asks_anew():
    """The token of a query that was cut off would find it again for days."""
    world = limited(10)
    world.collect(ROSTER, WINDOW)
    world.athena.workgroup["Configuration"]["BytesScannedCutoffPerQuery"] = 100 * GB
    assert world.collect(ROSTER, WINDOW).coverage[NAME].delivered


def test_the_plan_tells_the_workgroups_limit():
    plan = limited(10).collector().plan(ROSTER, WINDOW)
    assert "-- workgroup primary ends a query that scans more than 10 GB; then its days are a gap" in plan
    plan = AthenaWorld(RECORDS).collector().plan(ROSTER, WINDOW)
    assert "-- workgroup primary sets no limit of its own" in plan


def test_a_workgroup_that_is_disabled():
    world = AthenaWorld(RECORDS)
    world.athena.workgroup["State"] = "DISABLED"
    with pytest.raises(
        SourceError, match=r"is disabled; enable it: `aws athena update-work-group .*ENABLED`"
    ):
        world.collect(ROSTER, WINDOW)


@pytest.mark.parametrize(
    ("error_type", "mend"),
    [
        (1501, "leastwise doctor --policy"),
        (234, "Lake Formation"),
        (1110, "leastwise athena-table"),
        (402, "place for results"),
        (1602, "reserved capacity"),
    ],
)
def test_what_aws_says_by_error_type_is_told_with_what_mends_it(error_type, mend):
    world = AthenaWorld(RECORDS)
    world.athena.ends = lambda _request: ("FAILED", "In words that may change", False, error_type)
    with pytest.raises(SourceError, match=rf"In words that may change; .*{mend}"):
        world.collect(ROSTER, WINDOW)
    assert len(requests(world)) == 1


@pytest.mark.parametrize("error_type", [4, 206])
def test_too_much_is_known_by_its_error_type(whole, error_type):
    world = AthenaWorld(RECORDS)
    ends = iter([("FAILED", "In words that may change", True, error_type)])
    world.athena.ends = lambda _request: next(ends, ("SUCCEEDED", "", False))
    assert differences(world.collect(ROSTER, WINDOW), whole) == []
    assert len(requests(world)) == 3


def test_who_is_throttled_asks_again(whole):
    world = AthenaWorld(RECORDS)
    ends = iter([("FAILED", "In words that may change", False, 1401)])
    world.athena.ends = lambda _request: next(ends, ("SUCCEEDED", "", False))
    assert world.collect(ROSTER, WINDOW) == whole


TRAIL = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/org"
ARCHIVE = {"222233334444": "arn:aws:iam::222233334444:role/leastwise-read"}


@pytest.mark.parametrize(
    ("source", "in_role"),
    [
        (replace(TRAIL_TABLE, account="222233334444", trail=TRAIL), True),
        (replace(TRAIL_TABLE, trail=TRAIL.replace("111122223333", "222233334444")), True),
        (replace(TRAIL_TABLE, trail=TRAIL), False),
        (TRAIL_TABLE, False),
    ],
)
def test_whose_role_runs_the_queries(source, in_role):
    world = AthenaWorld(RECORDS, source)
    connections = Connections(Path(), Aws(ARCHIVE, world.clock, world.wire.session()), world.clock.moment())
    connections.athena(replace(source, trail=None, account=source.reader)).plan(ROSTER, WINDOW)
    assert ("AssumeRole" in world.wire.names()) == in_role


def test_what_the_run_cost_is_told():
    world = AthenaWorld(RECORDS)
    world.collect(ROSTER, WINDOW)
    assert [(scan.queries, scan.scanned) for scan in world.scans] == [(1, 10_000_000)]


def test_a_table_that_is_not_there():
    world = AthenaWorld(RECORDS)
    world.athena.columns = None
    with pytest.raises(
        SourceError, match=r"table audit.logs does not exist; make it with the statement that `leastwise"
    ):
        world.collect(ROSTER, WINDOW)


def test_a_table_with_missing_columns():
    world = AthenaWorld(RECORDS)
    del world.athena.columns["eventcategory"], world.athena.columns["resources"]
    with pytest.raises(SourceError, match=r"lacks the columns eventcategory, resources: make it anew"):
        world.collect(ROSTER, WINDOW)
    assert requests(world) == []


def test_a_table_of_the_other_shape():
    world = AthenaWorld(RECORDS)
    world.source = replace(TRAIL_TABLE, table_shape="lake")
    with pytest.raises(SourceError, match="lacks the columns eventjson"):
        world.collect(ROSTER, WINDOW)


def test_a_table_without_partitions_by_day_is_read_whole(whole):
    world = AthenaWorld(RECORDS)
    world.athena.partition_keys = {"region": "string"}
    assert differences(world.collect(ROSTER, WINDOW), whole) == []
    assert len(requests(world)[0]["ExecutionParameters"]) == 2
    assert "the whole table" in world.collector().plan(ROSTER, WINDOW)
    world.collect(ROSTER, TO_NOON)
    assert len(requests(world)) == 2


def test_the_plan_shows_the_statement_and_what_it_would_scan():
    world = AthenaWorld(RECORDS)
    plan = world.collector(most_bytes=2 * GB).plan(ROSTER, WINDOW)
    assert "the partitions '2026/10/31' to '2026/11/30'" in plan
    assert "reading ends beyond 2 GB" in plan
    assert "2 queries like the one below" in world.collector().plan(ROSTER, TO_NOON)
    assert requests(world) == []


def test_the_plan_of_a_federated_store_says_what_bounds_it():
    plan = AthenaWorld(RECORDS, FEDERATED).collector().plan(ROSTER, WINDOW)
    assert "eventtime" in plan
    assert '"aws:cloudtrail"' in plan


def test_an_empty_result_is_not_no_use():
    seen = AthenaWorld([]).collect(ROSTER, WINDOW).coverage[NAME]
    assert not seen.delivered
    assert seen.selectors is None
    assert any("no record of anybody" in words for words in seen.limits)


def test_what_the_trail_logs_is_what_it_covers():
    selectors = read_selectors(
        '{"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": true}]}'
    )
    since = datetime(2026, 11, 5, tzinfo=UTC)
    told = Settings(selectors, all_regions=True, since=since, words=frozenset({"as AWS says"}))
    seen = AthenaWorld(RECORDS).collect(ROSTER, WINDOW, settings=told).coverage[NAME]
    assert (seen.selectors, seen.all_regions, seen.logging_since) == (selectors, True, since)
    assert "as AWS says" in seen.limits


def test_records_delivered_a_day_late_are_found():
    """CloudTrail files a record by the day of its delivery: midnight, and skewed clocks, move it."""
    world = AthenaWorld([record("e1", eventTime="2026-11-09T23:59:58Z")])
    world.athena._engine._connection.execute("""UPDATE "audit"."logs" SET "timestamp" = '2026/11/10'""")
    day = Window(datetime(2026, 11, 9, tzinfo=UTC), datetime(2026, 11, 10, tzinfo=UTC))
    assert len(world.collect(ROSTER, day).tallies) == 1
