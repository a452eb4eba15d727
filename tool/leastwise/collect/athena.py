"""Athena: a table over a trail's log files, or over a federated Lake store, as a source of evidence.

One query for what is settled, and one for what may still be delivered.  A query's token is made of what it
asks, so that a run that was killed finds the one that it left behind.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from leastwise.aws.athena import RESULTS_DELETED, Statement
from leastwise.collect.athena_outcome import Limits, enabling, reported
from leastwise.collect.athena_table import missing_columns
from leastwise.collect.ledger import observations
from leastwise.collect.settings import NOTHING_TOLD
from leastwise.collect.sql.coverage import of_tally
from leastwise.collect.sql.dialects import DAY_PARTITION, federated, trail_table
from leastwise.collect.sql.queries import Queries, Verdict, limit_in_words
from leastwise.collect.sql.spans import settled_apart, told
from leastwise.collect.sql.statement import statement
from leastwise.collect.sql.tally import GroupTally, counted
from leastwise.errors import AwsError, SourceError
from leastwise.model.evidence import Evidence
from leastwise.reference.interpret import interpret

if TYPE_CHECKING:
    from leastwise.aws.athena import Athena, Table, WorkGroup
    from leastwise.aws.caller import Clock
    from leastwise.collect.interface import Interpreter, Progress
    from leastwise.collect.roster import Roster
    from leastwise.collect.settings import Settings
    from leastwise.collect.sql.dialects import Dialect
    from leastwise.collect.sql.queries import Report, Row, Told
    from leastwise.collect.sql.statement import Query
    from leastwise.model.declared import AthenaSource
    from leastwise.model.window import Window

AT_ONCE = 4
"""Parts of a window that was too much for one query; Athena's own limits are far higher
(https://docs.aws.amazon.com/athena/latest/ug/service-limits.html, 2026-11-23)."""
FAILURES = 20
"""Failed queries of earlier runs that are passed over, for each query."""
_SOURCE_IDENTITY = "sourceidentity"
_WORTH_CUTTING = timedelta(days=1)
"""A table is partitioned by day: what is shorter scans as much."""
_AGAINST_IT = "raise it, ask for less with --since, or let several queries scan more with --max-scan-gb"


@dataclass(frozen=True, slots=True)
class AthenaTable:
    """A table.  ``settings`` says what the trail behind it is set to log.

    ``most_bytes`` bounds what may be scanned; ``told`` hears what was.
    """

    source: AthenaSource
    athena: Athena
    clock: Clock
    told: Told
    settings: Settings = NOTHING_TOLD
    most_bytes: int | None = None
    interpret: Interpreter = interpret

    def collect(self, roster: Roster, window: Window, progress: Progress) -> Evidence:
        """See ``Collector``.  Raises ``SourceError`` where the table or the workgroup cannot serve or a query
        fails, ``AwsError`` where AWS refuses."""
        name = self.source.name
        workgroup = usable_workgroup(self.source, self.athena)
        table = self._table(roster)
        limits = Limits(workgroup, self.most_bytes, is_partitioned(self.source, table))
        engine = AthenaEngine(self.source, self.athena, roster, table, limits)
        queries = Queries(name, engine, self.clock, self.most_bytes)
        total = GroupTally(roster, self.interpret)
        try:
            counted(queries, spans_of(self.source, table, window), total, name, progress)
        finally:
            self.told(queries.scan)
        seen = of_tally(self.source, window, self.settings, total, queries.unread)
        return Evidence(observations(name, total.ledger), {name: seen})

    def plan(self, roster: Roster, window: Window) -> str:
        """The queries that ``collect`` would run, for a person to read."""
        table = self._table(roster)
        workgroup = usable_workgroup(self.source, self.athena)
        limits = Limits(workgroup, self.most_bytes, is_partitioned(self.source, table))
        spans = spans_of(self.source, table, window)
        query = query_for(self.source, table, spans[-1], roster)
        scanned = _scanned_in_words(self.source, table, query)
        number = "1 query" if len(spans) == 1 else f"{len(spans)} queries like the one below"
        head = (
            f"-- source {self.source.name}: {number}, each for one of these spans; it scans {scanned};\n"
            f"-- Athena bills the bytes it scans; {limit_in_words(self.most_bytes)}\n"
            f"-- {limits.in_words}\n"
        )
        bound = "".join(f"-- ? {value}\n" for value in query.parameters)
        return f"{head}{told(spans)}{bound}{query.sql}\n"

    def _table(self, roster: Roster) -> Table:
        source = self.source
        table = existing_table(source, self.athena)
        name = f"source {source.name}: table {source.database}.{source.table}"
        lacking = missing_columns(table, source.table_shape)
        if lacking:
            raise SourceError(
                f"{name} lacks the columns {', '.join(lacking)}: make it anew with the statement that "
                "`leastwise athena-table` prints (the log files stay as they are)"
            )
        filtered = [p.key for p in roster.principals if p.source_identities]
        if filtered and not has_source_identity(table):
            raise SourceError(
                f"{name} has no sourceIdentity, by which {filtered[0]} is filtered: make it anew with the "
                "statement that `leastwise athena-table` prints"
            )
        return table


class AthenaEngine:
    """See ``Engine``."""

    at_once = AT_ONCE

    def __init__(
        self, source: AthenaSource, athena: Athena, roster: Roster, table: Table, limits: Limits
    ) -> None:
        """``table`` is what Athena tells of the source's table."""
        self._source = source
        self._athena = athena
        self._roster = roster
        self._table = table
        self._limits = limits
        self._windows: dict[str, Window] = {}

    def start(self, window: Window, attempt: int) -> str | None:
        """See ``Engine``.  A token finds what has failed too, and what made it fail may be mended by now."""
        query = query_for(self._source, self._table, window, self._roster)
        for failures in range(FAILURES):
            started = self._athena.start(self._statement(query, attempt, failures))
            if not self._has_failed(started):
                break
        self._windows[started] = window
        return started

    def _statement(self, query: Query, attempt: int, failures: int) -> Statement:
        source = self._source
        return Statement(
            sql=query.sql,
            parameters=query.parameters,
            token=token_of(source, query, self._limits.workgroup.cutoff, attempt, failures),
            database=source.database,
            workgroup=source.workgroup,
            output=source.output,
        )

    def _has_failed(self, query: str) -> bool:
        try:
            reported(self._athena.describe(query), self._source, self._limits, divisible=False)
        except SourceError:
            return True
        return False

    def report(self, query: str) -> Report:
        """See ``Engine``."""
        window = self._windows[query]
        divisible = window.end - window.start > _WORTH_CUTTING
        told = reported(self._athena.describe(query), self._source, self._limits, divisible=divisible)
        return replace(told, why=f"{told.why} ({_AGAINST_IT})") if told.verdict is Verdict.CUT_OFF else told

    def rows(self, query: str) -> list[Row] | None:
        """See ``Engine``."""
        try:
            return list(self._athena.rows(query))
        except AwsError as error:
            if RESULTS_DELETED in str(error):
                return None
            raise

    def cancel(self, query: str) -> None:
        """See ``Engine``."""
        self._athena.stop(query)


def existing_table(source: AthenaSource, athena: Athena) -> Table:
    """The source's table as the catalog has it.  Raises ``SourceError`` where there is none."""
    table = athena.table(source.database, source.table, source.workgroup)
    if table is None:
        raise SourceError(
            f"source {source.name}: table {source.database}.{source.table} does not exist; make it with the "
            "statement that `leastwise athena-table` prints, or correct `database` and `table` in "
            "principals.yaml"
        )
    return table


def usable_workgroup(source: AthenaSource, athena: Athena) -> WorkGroup:
    """The source's workgroup.  Raises ``SourceError`` where it runs nothing, or results have no place."""
    workgroup = athena.workgroup(source.workgroup)
    name = f"source {source.name}: workgroup {workgroup.name}"
    if not workgroup.enabled:
        raise SourceError(f"{name} is disabled; enable it: `{enabling(source)}`")
    if not workgroup.output and not source.output:
        raise SourceError(
            f"{name} names no place for results; set one there, or `output: s3://BUCKET/PREFIX/` in the "
            "source"
        )
    return workgroup


def query_for(source: AthenaSource, table: Table, window: Window, roster: Roster) -> Query:
    """The query for one window."""
    return statement(dialect_of(source, table, window), roster)


def spans_of(source: AthenaSource, table: Table, window: Window) -> list[Window]:
    """What is asked for one by one; all of it at once where each query would scan the whole table."""
    return settled_apart(window) if is_partitioned(source, table) else [window]


def is_partitioned(source: AthenaSource, table: Table) -> bool:
    """Whether a query for a part of the time scans a part of the data."""
    return source.table_shape == "lake" or DAY_PARTITION in table.partition_keys


def has_source_identity(table: Table) -> bool:
    """Whether the table tells of source identities."""
    return _SOURCE_IDENTITY in table.columns.get("useridentity", "")


def dialect_of(source: AthenaSource, table: Table, window: Window) -> Dialect:
    """How the table shows a record, bounded by the window."""
    if source.table_shape == "lake":
        return federated(source.database, source.table, window)
    return trail_table(
        source.database,
        source.table,
        window,
        by_day=DAY_PARTITION in table.partition_keys,
        has_source_identity=has_source_identity(table),
    )


def _scanned_in_words(source: AthenaSource, table: Table, query: Query) -> str:
    if source.table_shape == "lake":
        return "what the federated store keeps of the window"
    if DAY_PARTITION not in table.partition_keys:
        return "the whole table, which has no partition by day"
    return f"the partitions {query.parameters[0]} to {query.parameters[1]}"


def token_of(source: AthenaSource, query: Query, cutoff: int | None, attempt: int, failures: int = 0) -> str:
    """What makes Athena know a question again: the same for the same one, as long as the workgroup lets it
    scan as much (``cutoff``) and it was not answered by so many ``failures``."""
    parts = (
        source.workgroup,
        source.database,
        source.output or "",
        query.sql,
        *query.parameters,
        str(cutoff),
        str(attempt),
        str(failures),
    )
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
