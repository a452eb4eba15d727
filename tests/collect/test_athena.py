"""Athena as a source: tokens, bound parameters, pages, failures, limits, tables that cannot serve."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from leastwise.collect.settings import Settings
from leastwise.errors import AwsError, SourceError
from leastwise.model.window import Window
from leastwise.reference.selectors import read_selectors
from tests.collect.logs import ROSTER, WINDOW, record
from tests.collect.sql_world import FEDERATED, NAME, TRAIL_TABLE, AthenaWorld, differences
from tests.fakes.aws_wire import Fault

RECORDS = [
    record(f"e{day}", eventTime=f"2026-11-{day:02}T10:00:00Z", resources=[{"ARN": f"arn:aws:s3:::b/{day}"}])
    for day in range(1, 21)
]
GB = 10**9


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
    assert world.scans[0].scanned == 15 * GB


def test_a_workgroups_own_limit():
    world = AthenaWorld(RECORDS)
    world.athena.ends = lambda _request: ("CANCELLED", "Bytes scanned limit was exceeded", False)
    with pytest.raises(
        SourceError, match=r"Bytes scanned limit was exceeded; raise the limit of workgroup primary"
    ):
        world.collect(ROSTER, WINDOW)


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


def test_the_plan_shows_the_statement_and_what_it_would_scan():
    world = AthenaWorld(RECORDS)
    plan = world.collector(most_bytes=2 * GB).plan(ROSTER, WINDOW)
    assert "the partitions '2026/10/31' to '2026/11/30'" in plan
    assert "reading ends beyond 2 GB" in plan
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
