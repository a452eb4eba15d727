"""The same records behind three engines: log files, CloudTrail Lake, Athena."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from leastwise.aws.athena import athena
from leastwise.aws.cloudtrail import cloudtrail
from leastwise.aws.sessions import Aws
from leastwise.collect.athena import AthenaTable
from leastwise.collect.interface import Silent
from leastwise.collect.lake import Lake
from leastwise.collect.ledger import observations
from leastwise.collect.settings import NOTHING_TOLD
from leastwise.collect.sql.coverage import of_tally
from leastwise.collect.sql.dialects import federated, trail_table
from leastwise.collect.sql.statement import statement
from leastwise.collect.sql.tally import GroupTally
from leastwise.collect.store import LocalFolder
from leastwise.collect.trail_files import TrailFiles
from leastwise.model.declared import AthenaSource, LakeSource, TrailFilesSource
from leastwise.model.event import Locator, Outcome
from leastwise.model.evidence import Evidence
from leastwise.reference.interpret import interpret
from tests.fakes.athena import LAKE_COLUMNS, TRAIL_COLUMNS, FakeAthena
from tests.fakes.aws_wire import TestClock, Wire
from tests.fakes.cloudtrail_lake import ARN, STORE, FakeLake
from tests.fakes.trino_embedded import Embedded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from leastwise.collect.roster import Roster
    from leastwise.model.evidence import ObservationKey, Tally
    from leastwise.model.window import Window

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
NAME = "source"
LAKE = LakeSource(NAME, ARN)
TRAIL_TABLE = AthenaSource(NAME, "primary", "audit", "logs", "eu-west-1")
FEDERATED = replace(TRAIL_TABLE, database="aws:cloudtrail", table=STORE, table_shape="lake")


def lake_engine(records: Sequence[Mapping[str, Any]]) -> Embedded:
    """An engine that tests of the same records may share."""
    engine = Embedded()
    engine.load_lake(STORE, records)
    return engine


@dataclass
class LakeWorld:
    """A store that holds ``records``, and a collector for it."""

    records: Sequence[Mapping[str, Any]]
    page: int = 1_000
    roles: Mapping[str, str] = field(default_factory=dict)
    engine: Embedded | None = None

    def __post_init__(self):
        self.clock = TestClock(NOW)
        engine = self.engine or lake_engine(self.records)
        self.lake = FakeLake(engine, self.clock, self.page)
        self.wire = Wire({"cloudtrail": self.lake.operations()})
        self.scans = []

    def collector(self, most_bytes=None):
        aws = Aws(self.roles, self.clock, self.wire.session())
        return Lake(
            LAKE, cloudtrail(aws, ARN), self.clock, self.clock.moment(), self.scans.append, most_bytes
        )

    def collect(self, roster: Roster, window: Window, most_bytes=None) -> Evidence:
        return self.collector(most_bytes).collect(roster, window, Silent())


@dataclass
class AthenaWorld:
    """A table that holds ``records``, and a collector for it."""

    records: Sequence[Mapping[str, Any]]
    source: AthenaSource = TRAIL_TABLE
    page: int = 1_000

    def __post_init__(self):
        self.clock = TestClock(NOW)
        engine = Embedded()
        is_trail = self.source.table_shape == "trail"
        load = engine.load_trail if is_trail else engine.load_federated
        load(self.source.database, self.source.table, self.records)
        columns = dict(TRAIL_COLUMNS if is_trail else LAKE_COLUMNS)
        self.athena = FakeAthena(engine, self.clock, columns, self.page)
        self.wire = Wire({"athena": self.athena.operations()})
        self.scans = []

    def collector(self, most_bytes=None, **chosen):
        api = athena(Aws({}, self.clock, self.wire.session()), self.source.region, self.source.reader)
        return AthenaTable(self.source, api, self.clock, self.scans.append, most_bytes=most_bytes, **chosen)

    def collect(self, roster: Roster, window: Window, most_bytes=None, **chosen) -> Evidence:
        return self.collector(most_bytes, **chosen).collect(roster, window, Silent())


def from_files(
    folder: Path, records: Sequence[Mapping[str, Any]], roster: Roster, window: Window
) -> Evidence:
    """What the embedded engine finds in one log file with all the records."""
    (folder / "log.json").write_text(json.dumps({"Records": records}), "utf-8")
    source = TrailFilesSource(NAME, str(folder))
    return TrailFiles(source, LocalFolder(folder), processes=1, interpret=interpret).collect(
        roster, window, Silent()
    )


def from_sql(engine: Embedded, table: AthenaSource, records: Sequence[Mapping[str, Any]], roster, window):
    """What an engine's rows say, without the API around it: for very many small questions."""
    if table.table_shape == "lake":
        engine.load_federated(table.database, table.table, records)
        dialect = federated(table.database, table.table, window)
    else:
        engine.load_trail(table.database, table.table, records)
        dialect = trail_table(table.database, table.table, window, by_day=True, has_source_identity=True)
    query = statement(dialect, roster)
    names, rows = engine.run(query.sql, query.parameters)
    total = GroupTally(roster, interpret)
    for index, row in enumerate(rows):
        told = {name: cell for name, cell in zip(names, row, strict=True) if cell is not None}
        total.add(told, Locator("query", index))
    seen = of_tally(table, window, NOTHING_TOLD, total, ())
    return Evidence(observations(NAME, total.ledger), {NAME: seen})


def tallies(evidence: Evidence) -> Mapping[ObservationKey, Tally]:
    """The observations without their samples, of which engines may choose others."""
    return {key: replace(tally, samples=()) for key, tally in evidence.tallies.items()}


def counted(evidence: Evidence) -> tuple[object, ...]:
    """The counted part of the coverage."""
    seen = evidence.coverage[NAME]
    return (
        seen.records, seen.duplicates, seen.delivered, seen.regions, seen.tampering, dict(seen.excluded),
        dict(seen.unmapped), dict(seen.disagreements), seen.unreadable_count,
    )  # fmt: skip


def differences(one: Evidence, other: Evidence) -> list[str]:
    """What two engines do not agree on, for a person to read."""
    mine, theirs = tallies(one), tallies(other)
    wrong = [
        f"{key}\n  {mine.get(key)}\n  {theirs.get(key)}"
        for key in mine.keys() | theirs.keys()
        if mine.get(key) != theirs.get(key)
    ]
    pairs = zip(counted(one), counted(other), strict=True)
    return wrong + [f"coverage: {left!r:.300} {right!r:.300}" for left, right in pairs if left != right]


def denied(evidence: Evidence) -> int:
    """How many calls were refused: a test on records without any proves less."""
    return sum(t.count for key, t in evidence.tallies.items() if key.outcome is Outcome.DENIED)
