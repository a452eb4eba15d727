"""CloudTrail Lake: an event data store as a source of evidence.

One query for each calendar month, ten at once, and one for what may still be delivered.  What is settled
gives the same statement all day, a month that is over in every run, so that a run that was killed finds the
queries that it left behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from leastwise.aws.cloudtrail import LOST_QUERIES, TOO_MANY_QUERIES, QueryState
from leastwise.collect.ledger import observations
from leastwise.collect.settings import Settings
from leastwise.collect.sql.coverage import of_tally
from leastwise.collect.sql.dialects import lake
from leastwise.collect.sql.queries import Queries, Report, Verdict, limit_in_words
from leastwise.collect.sql.spans import SETTLED, settled_apart, told
from leastwise.collect.sql.statement import statement
from leastwise.collect.sql.tally import GroupTally, counted
from leastwise.errors import AwsError, SourceError
from leastwise.model.evidence import Evidence
from leastwise.model.window import Window, midnight
from leastwise.reference.interpret import interpret
from leastwise.reference.selectors import SelectorsError, read_selectors

if TYPE_CHECKING:
    from leastwise.aws.caller import Clock
    from leastwise.aws.cloudtrail import CloudTrail, EventDataStore, ListedQuery
    from leastwise.collect.interface import Interpreter, Progress
    from leastwise.collect.roster import Roster
    from leastwise.collect.sql.queries import Row, Told
    from leastwise.collect.sql.statement import Query
    from leastwise.model.declared import LakeSource
    from leastwise.model.evidence import Selectors

AT_ONCE = 10
"""Queued and running queries of one account and region
(https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html, 2026-11-23)."""
RESULTS_KEPT = timedelta(days=7)
"""How long Lake keeps results (.../query-results.html, 2026-11-23)."""
FRESH = timedelta(hours=6)
"""A query that was started so long ago may still be answered for a window that has not long been over."""
_LOOKED_AT = 200
"""Queries of other people cost one call each to tell apart from ours."""
_EXHAUSTED = ("exhaust", "too large", "insufficient resources", "memory limit")
"""In messages of failed queries that half the work would mend
(https://docs.aws.amazon.com/awscloudtrail/latest/userguide/lake-queries-optimization.html, 2026-11-23)."""


@dataclass(frozen=True, slots=True)
class Lake:
    """An event data store.  ``most_bytes`` bounds what may be scanned; ``told`` hears what was."""

    source: LakeSource
    cloudtrail: CloudTrail
    clock: Clock
    now: datetime
    told: Told
    most_bytes: int | None = None
    interpret: Interpreter = interpret

    def collect(self, roster: Roster, window: Window, progress: Progress) -> Evidence:
        """See ``Collector``.  Raises ``SourceError`` where a query fails, ``AwsError`` where AWS refuses."""
        name, now = self.source.name, self.now
        store = self.cloudtrail.event_data_store(self.source.event_data_store)
        engine = LakeEngine(self.source, self.cloudtrail, roster, now)
        queries = Queries(name, engine, self.clock, self.most_bytes)
        total = GroupTally(roster, self.interpret)
        try:
            counted(queries, spans_of(store, window, now), total, name, progress)
        finally:
            self.told(queries.scan)
        seen = of_tally(self.source, window, settings_of(store, now), total, queries.unread)
        return Evidence(observations(name, total.ledger), {name: seen})

    def plan(self, roster: Roster, window: Window) -> str:
        """The queries that ``collect`` would run, for a person to read."""
        store = self.cloudtrail.event_data_store(self.source.event_data_store)
        spans = spans_of(store, window, self.now)
        if not spans:
            return f"-- source {self.source.name}: the store keeps nothing of this window\n"
        head = (
            f"-- source {self.source.name}: {len(spans)} queries like the one below, each for one of these "
            f"spans;\n-- CloudTrail Lake bills the bytes they scan; {limit_in_words(self.most_bytes)}\n"
        )
        return f"{head}{told(spans)}{_query(self.source, spans[0], roster).sql}\n"


class LakeEngine:
    """See ``Engine``."""

    at_once = AT_ONCE

    def __init__(self, source: LakeSource, cloudtrail: CloudTrail, roster: Roster, now: datetime) -> None:
        """``now`` tells which queries of an earlier run are fresh enough."""
        self._source = source
        self._cloudtrail = cloudtrail
        self._roster = roster
        self._now = now
        self._left_behind: dict[str, ListedQuery] | None = None

    def start(self, window: Window, attempt: int) -> str | None:
        """See ``Engine``.  A query that an earlier run left behind serves for the first attempt."""
        sql = _query(self._source, window, self._roster).sql
        left = self._resumable().get(sql) if attempt == 1 else None
        if left is not None and self._still_true(left, window):
            return left.query_id
        return started(self._cloudtrail, sql)

    def report(self, query: str) -> Report:
        """See ``Engine``."""
        return report_of(self._source, self._cloudtrail, query)

    def rows(self, query: str) -> list[Row] | None:
        """See ``Engine``."""
        try:
            return list(self._cloudtrail.query_rows(query))
        except AwsError as error:
            if error.code in LOST_QUERIES:
                return None
            raise

    def cancel(self, query: str) -> None:
        """See ``Engine``."""
        self._cloudtrail.cancel_query(query)

    def _resumable(self) -> dict[str, ListedQuery]:
        """Statement -> the newest query of the last seven days that has not failed."""
        if self._left_behind is None:
            self._left_behind = {}
            for listed in self._recent():
                sql = self._cloudtrail.describe_query(listed.query_id).statement
                self._left_behind.setdefault(sql, listed)
        return self._left_behind

    def _recent(self) -> list[ListedQuery]:
        useful = (QueryState.QUEUED, QueryState.RUNNING, QueryState.FINISHED)
        listed = self._cloudtrail.list_queries(self._source.event_data_store, self._now - RESULTS_KEPT)
        newest = sorted(listed, key=lambda query: query.created, reverse=True)
        return [query for query in newest if query.state in useful][:_LOOKED_AT]

    def _still_true(self, query: ListedQuery, window: Window) -> bool:
        """Whether it has seen all that a new query would see."""
        return query.created > min(self._now - FRESH, window.end + SETTLED)


def started(cloudtrail: CloudTrail, sql: str) -> str | None:
    """A new query's ID; ``None`` where too many are queued or running."""
    try:
        return cloudtrail.start_query(sql)
    except AwsError as error:
        if error.code == TOO_MANY_QUERIES:
            return None
        raise


def report_of(source: LakeSource, cloudtrail: CloudTrail, query: str) -> Report:
    """Where a query stands.  Raises ``SourceError`` for one that somebody cancelled."""
    try:
        told = cloudtrail.describe_query(query)
    except AwsError as error:
        if error.code in LOST_QUERIES:
            return Report(Verdict.LOST, 0, str(error))
        raise
    if told.state is QueryState.CANCELLED:
        raise SourceError(f"source {source.name}: somebody cancelled query {query}; run again")
    why = told.error or told.state.value
    return Report(_verdict(told.state, told.error), told.bytes_scanned, f"CloudTrail Lake says: {why}")


def settings_of(store: EventDataStore, now: datetime) -> Settings:
    """What a store is set to keep.  Raises ``SourceError`` where AWS's answer cannot be understood.

    Records from before its creation were imported: they are evidence of use, but nobody knows of what they
    are all.
    """
    words = []
    if store.status != "ENABLED":
        words.append(
            f"the event data store is {store.status}: it takes in nothing until ingestion is started"
        )
    account = store.arn.split(":")[4]
    if not store.organization:
        words.append(f"the event data store keeps account {account} only; of other accounts nothing is known")
    return Settings(
        selectors=_selectors(store),
        all_regions=store.all_regions,
        since=max(store.created, store.updated) if store.status == "ENABLED" else now,
        only_account="" if store.organization else account,
        words=frozenset(words),
    )


def _selectors(store: EventDataStore) -> Selectors:
    try:
        return read_selectors(store.selectors)
    except SelectorsError as error:
        raise SourceError(
            f"{store.arn}: what AWS says of its event selectors is not understood: {error}"
        ) from error


def spans_of(store: EventDataStore, window: Window, now: datetime) -> list[Window]:
    """What is asked for one by one, the newest first: a month at most each."""
    return [
        month for part in settled_apart(kept(store, window, now)) for month in months(part, store.created)
    ]


def kept(store: EventDataStore, window: Window, now: datetime) -> Window:
    """The part of a window that the store has not yet deleted."""
    return Window(max(window.start, midnight(now - timedelta(days=store.retention_days))), window.end)


def months(window: Window, created: datetime) -> list[Window]:
    """The calendar months of a window, the newest first; what is older than the store is one piece."""
    pieces: list[Window] = []
    end = window.end
    while end > window.start:
        first = _month_of(end - timedelta(microseconds=1))
        start = max(first, window.start) if end > created else window.start
        pieces.append(Window(start, end))
        end = start
    return pieces


def _verdict(state: QueryState, error: str) -> Verdict:
    if state is QueryState.FINISHED:
        return Verdict.FINISHED
    if state is QueryState.TIMED_OUT or any(words in error.lower() for words in _EXHAUSTED):
        return Verdict.TOO_MUCH
    return Verdict.LOST if state is QueryState.FAILED else Verdict.RUNNING


def _query(source: LakeSource, window: Window, roster: Roster) -> Query:
    return statement(lake(source.event_data_store.rpartition("/")[2], window), roster)


def _month_of(moment: datetime) -> datetime:
    return midnight(moment).replace(day=1)
