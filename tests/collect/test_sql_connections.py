"""A declared Lake or Athena source reaches its collector with everything that it was told."""

from __future__ import annotations

from dataclasses import replace

from leastwise.aws.sessions import Aws
from leastwise.collect.athena import AthenaTable
from leastwise.collect.connections import Connections
from leastwise.collect.interface import Silent
from leastwise.collect.lake import Lake
from leastwise.collect.settings import NOTHING_TOLD
from tests.collect.logs import ROSTER, WINDOW, record
from tests.collect.sql_world import LAKE, NAME, NOW, TRAIL_TABLE, AthenaWorld, LakeWorld
from tests.fakes.aws_wire import TestClock, Wire

TRAIL = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/org"
TRAIL_ANSWERS = {
    "GetTrail": lambda _request: {
        "Trail": {"TrailARN": TRAIL, "IsMultiRegionTrail": True, "HomeRegion": "eu-west-1"}
    },
    "GetTrailStatus": lambda _request: {"IsLogging": True, "StartLoggingTime": NOW.replace(year=2025)},
    "GetEventSelectors": lambda _request: {
        "TrailARN": TRAIL,
        "EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True}],
    },
}


def connections(root, wire, **chosen):
    clock = TestClock(NOW)
    return Connections(root, Aws({}, clock, wire.session()), NOW, **chosen)


def test_lake(tmp_path):
    scans = []
    made = connections(tmp_path, LakeWorld([record()]).wire, told=scans.append, most_bytes=5).collector(LAKE)
    assert isinstance(made, Lake)
    assert made.most_bytes == 5
    assert made.collect(ROSTER, WINDOW, Silent()).coverage[NAME].kind == "cloudtrail-lake"
    assert scans


def test_athena_with_a_trail_is_covered_by_it(tmp_path):
    world = AthenaWorld([record()])
    wire = Wire({"athena": world.athena.operations(), "cloudtrail": TRAIL_ANSWERS})
    made = connections(tmp_path, wire).collector(replace(TRAIL_TABLE, trail=TRAIL))
    assert isinstance(made, AthenaTable)
    seen = made.collect(ROSTER, WINDOW, Silent()).coverage[NAME]
    assert seen.selectors is not None
    assert seen.all_regions is True
    assert seen.logging_since == NOW.replace(year=2025)


def test_athena_without_a_trail_knows_of_no_selectors(tmp_path):
    made = connections(tmp_path, AthenaWorld([record()]).wire).collector(TRAIL_TABLE)
    assert isinstance(made, AthenaTable)
    assert made.settings == NOTHING_TOLD
