"""What CloudTrail Lake and Athena share for saved queries: start one, wait for it, read it page by page."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from leastwise.collect.answers.embedded import nothing_there
from leastwise.collect.answers.interface import Answer
from leastwise.collect.sql.queries import GIGABYTE, POLL_SECONDS, Verdict
from leastwise.errors import AwsError, SourceError
from leastwise.saved.bind import bind, of_file, values

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from leastwise.aws.caller import Clock
    from leastwise.collect.sql.queries import Report, Row
    from leastwise.model.window import Window
    from leastwise.saved import results
    from leastwise.saved.bind import TableInUse
    from leastwise.saved.query import SavedQuery

_REFUSED = frozenset({"InvalidRequestException", "InvalidQueryStatementException"})
"""What Athena and Lake answer to a statement they cannot parse (botocore 1.44.5)."""


class Server(Protocol):
    """An engine of AWS.  Every method raises ``SourceError`` or ``AwsError``."""

    limit: int
    """Characters of a statement."""

    def table(self, window: Window) -> TableInUse:
        """The table, bounded by the window."""

    def start(self, sql: str) -> str | None:
        """A query's ID; ``None`` where the engine has no room for one now."""

    def report(self, query: str) -> Report:
        """Where it stands."""

    def rows(self, query: str) -> Iterator[Row]:
        """The rows of a finished query, page by page."""

    def cancel(self, query: str) -> None:
        """Stop it."""


class SqlAnswers:
    """See ``Answers``.  One query at a time: an engine bills each of them."""

    def __init__(self, name: str, server: Server, clock: Clock, most_bytes: int | None = None) -> None:
        """``name`` is the source's; no more than ``most_bytes`` are scanned by all queries together."""
        self._name = name
        self._server = server
        self._clock = clock
        self._most = most_bytes
        self._scanned: dict[str, int] = {}
        self._doubts: dict[Window, str] = {}

    def answer(self, query: SavedQuery, window: Window, principals: Sequence[str]) -> Answer:
        """See ``Answers``."""
        bound = bind(query, self._server.table(window), values(window, principals))
        if len(bound.sql) > self._server.limit:
            raise SourceError(
                f"{query.path}: the statement has {len(bound.sql):,} characters with its parameters, and the "
                f"engine takes {self._server.limit:,}: ask for fewer columns, or for fewer principals"
            )
        try:
            identifier = self._ended(bound.sql)
        except SourceError as error:
            raise SourceError(of_file(query, bound, str(error))) from error
        except AwsError as error:
            if error.code in _REFUSED:
                raise SourceError(of_file(query, bound, str(error))) from error
            raise
        columns = tuple(query.columns)
        return Answer(columns, _texts(columns, self._server.rows(identifier)))

    def doubt(self, window: Window) -> str:
        """See ``Answers``.  One short query of its own, which ends with the first record."""
        if window not in self._doubts:
            table = self._server.table(window)
            where = " AND ".join(table.conditions)
            sql = f"SELECT eventname FROM {table.name} WHERE {where} LIMIT 1"  # noqa: S608  ours
            is_empty = next(self._server.rows(self._ended(sql)), None) is None
            self._doubts[window] = nothing_there(window) if is_empty else ""
        return self._doubts[window]

    @property
    def scanned(self) -> int:
        """See ``Answers``."""
        return sum(self._scanned.values())

    def _ended(self, sql: str) -> str:
        """The ID of a finished query."""
        self._check_limit()
        identifier = self._started(sql)
        self._scanned.setdefault(identifier, 0)
        try:
            return self._awaited(identifier)
        except BaseException:
            with suppress(AwsError):  # what ended the waiting is the news, not this
                self._server.cancel(identifier)
            raise

    def _started(self, sql: str) -> str:
        while (identifier := self._server.start(sql)) is None:
            self._clock.sleep(POLL_SECONDS)
        return identifier

    def _awaited(self, identifier: str) -> str:
        while True:
            report = self._server.report(identifier)
            self._scanned[identifier] = report.scanned
            if report.verdict is Verdict.FINISHED:
                return identifier
            if report.verdict is not Verdict.RUNNING:
                is_much = report.verdict in (Verdict.TOO_MUCH, Verdict.CUT_OFF)
                advice = "ask for a shorter time" if is_much else "run again later"
                raise SourceError(f"source {self._name}: {report.why or 'the query was lost'}; {advice}")
            self._check_limit()
            self._clock.sleep(POLL_SECONDS)

    def _check_limit(self) -> None:
        if self._most is not None and self.scanned > self._most:
            raise SourceError(
                f"source {self._name}: {self.scanned / GIGABYTE:.3f} GB were scanned, and --max-scan-gb is "
                f"{self._most / GIGABYTE:g}: not asked, or not to the end"
            )


def _texts(columns: results.Row, rows: Iterator[Row]) -> Iterator[results.Row]:
    """Rows as the file has its columns: Lake leaves NULLs out, and nobody promises an order."""
    for row in rows:
        lower = {name.lower(): text for name, text in row.items()}
        yield tuple(lower.get(name, "") for name in columns)
