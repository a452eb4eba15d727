"""CloudTrail Lake and Athena: how much comes back, and what thousands of principals cost outside the engine.

The engine is the embedded one behind the tests' fakes of both services, so its own speed says nothing of
AWS; rows, bytes and queries are those that AWS would give for the same records.
"""

from __future__ import annotations

import gzip
import json
import os
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.fakes.athena import TRAIL_COLUMNS, FakeAthena
from tests.fakes.aws_wire import TestClock
from tests.fakes.cloudtrail_lake import ARN, STORE, FakeLake
from tests.fakes.trino_embedded import Embedded

from bench.records import ACCOUNTS, FIRST_DAY, ROLES, Set, enrolled, role_arn, write
from leastwise.aws.athena import athena
from leastwise.aws.cloudtrail import cloudtrail
from leastwise.aws.sessions import Aws
from leastwise.collect.athena import AthenaTable
from leastwise.collect.interface import Collector, Silent
from leastwise.collect.lake import Lake
from leastwise.collect.roster import Roster
from leastwise.collect.sql.queries import unheard
from leastwise.model.declared import AthenaSource, LakeSource, Principal, PrincipalKind
from leastwise.model.window import Window

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from leastwise.aws.caller import Client

FILES = Set(100_000, days=100)
KINDS = ("cloudtrail-lake", "athena")
MANY = 10_000
MILLION = 1_000_000
NOW = datetime(2026, 11, 23, tzinfo=UTC)
Table = tuple[list[str], list[list[str | None]]]
DATABASE, TABLE = "audit", "logs"


class Measuring(Embedded):
    """The engine, which counts the processor time that it takes."""

    work = 0.0

    def run(self, sql: str, parameters: Sequence[str] = ()) -> Table:
        before = _work()
        try:
            return super().run(sql, parameters)
        finally:
            self.work += _work() - before


class Counting(Aws):
    """AWS without a wire: the fakes' own operations, with what they answer counted."""

    def __init__(self, fake: FakeLake | FakeAthena, clock: TestClock) -> None:
        super().__init__({}, clock)
        self._operations = fake.operations()
        self.calls: list[str] = []
        self.rows = self.bytes = 0

    def connect(self, *_: object) -> Client:  # type: ignore[override]
        return self

    def call(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        self.calls.append(operation)
        told: dict[str, Any] = self._operations[operation](dict(parameters))
        cells = list(_cells(told))
        self.rows += len(cells)
        self.bytes += sum(len(cell.encode()) for row in cells for cell in row)
        return told


@dataclass(frozen=True)
class Cost:
    """What one reading took; ``outside`` in seconds of processors."""

    queries: int
    rows: int
    bytes: int
    outside: float
    engine: float


def main() -> None:
    """Generate records, read them through both dialects, for few principals and for many."""
    engine = loaded(FILES)
    few = principals(len(enrolled()))
    print(f"{FILES.records:,} records of {FILES.days} days; {len(few)} principals make a tenth of the calls")
    for kind in KINDS:
        cost = measure(kind, engine, few, FILES)
        scale = MILLION / FILES.records
        print(
            f"{kind}: {cost.rows * scale:,.0f} rows and {cost.bytes * scale / 1e6:,.1f} MB of result "
            f"for each million records, in {_queries(cost)}"
        )
    many = principals(MANY)
    print(f"{len(many):,} principals, who make every call")
    for kind in KINDS:
        cost = measure(kind, engine, many, FILES)
        print(
            f"{kind}: {_queries(cost)}, {cost.rows:,} rows; {cost.outside:.1f} s of processors outside the "
            f"engine, {cost.outside / cost.rows * 1e6:,.0f} µs a row (in the engine: {cost.engine:.1f} s)"
        )


def loaded(wanted: Set) -> Measuring:
    """An engine with the records in the tables of both dialects."""
    engine = Measuring()
    with tempfile.TemporaryDirectory(prefix="leastwise-bench-") as name:
        write(Path(name), wanted)
        engine.load_lake(STORE, _records(Path(name)))
        engine.load_trail(DATABASE, TABLE, _records(Path(name)))
    return engine


def measure(kind: str, engine: Measuring, principals: tuple[Principal, ...], wanted: Set) -> Cost:
    """Read all records through one dialect."""
    clock = TestClock(NOW)
    is_lake = kind == "cloudtrail-lake"
    fake = FakeLake(engine, clock) if is_lake else FakeAthena(engine, clock, dict(TRAIL_COLUMNS))
    aws = Counting(fake, clock)
    window = Window.of_days(FIRST_DAY, FIRST_DAY + timedelta(days=wanted.days))
    before, in_engine = _work(), engine.work
    evidence = _collector(kind, aws, clock).collect(Roster(principals), window, Silent())
    assert evidence.coverage["bench"].records == wanted.files * wanted.per_file
    engine_took = engine.work - in_engine
    started = sum(name in ("StartQuery", "StartQueryExecution") for name in aws.calls)
    return Cost(started, aws.rows, aws.bytes, _work() - before - engine_took, engine_took)


def _collector(kind: str, aws: Aws, clock: TestClock) -> Collector:
    if kind == "cloudtrail-lake":
        return Lake(LakeSource("bench", ARN), cloudtrail(aws, ARN), clock, NOW, unheard)
    source = AthenaSource("bench", "primary", DATABASE, TABLE, "eu-west-1")
    return AthenaTable(source, athena(aws, source.region, source.reader), clock, unheard)


def principals(number: int) -> tuple[Principal, ...]:
    """The enrolled roles, then all that make calls, then roles that never do."""
    calling = [role_arn(account, role) for account in ACCOUNTS for role in range(ROLES)]
    idle = (f"arn:aws:iam::{ACCOUNTS[0]}:role/team-{n // 100}/idle-{n}" for n in range(number))
    arns = list(dict.fromkeys([*enrolled(), *calling, *idle]))[:number]
    return tuple(
        Principal(PrincipalKind.ROLE, arn.rpartition("/")[2], 0, arn, (arn.split(":")[4],)) for arn in arns
    )


def _records(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.rglob("*.json.gz")):
        yield from json.loads(gzip.decompress(path.read_bytes()))["Records"]


def _cells(told: dict[str, Any]) -> Iterator[list[str]]:
    """The text of every row of a result, whichever service answers; Athena's header is one of them."""
    for row in told.get("QueryResultRows", ()):
        yield [cell for column in row for cell in column.values()]
    for row in told.get("ResultSet", {}).get("Rows", ()):
        yield [cell.get("VarCharValue", "") for cell in row["Data"]]


def _queries(cost: Cost) -> str:
    return "1 query" if cost.queries == 1 else f"{cost.queries} queries"


def _work() -> float:
    return sum(os.times()[:2])
