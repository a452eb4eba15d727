"""What a run of saved queries found: small values, for people, for GitHub and for the next job."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from leastwise.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from leastwise.errors import Problem
    from leastwise.saved.header import Severity

SHOWN = 200
"""Rows of one query that pages show; all of them are in the run's files."""
MOST_ROWS = 3_000_000
MOST_CHARACTERS = 1_000_000_000
"""What is kept of one query: as much again as anybody opens in a spreadsheet, and no more than a disk has."""
_DIGEST = 8
_SPACE = 1 << 64

Row = tuple[str, ...]


class Standing(Enum):
    """What came of a query."""

    FOUND = "found"
    """There are rows."""
    CLEAN = "clean"
    """There is none, and the source was looked at."""
    UNSURE = "unsure"
    """There is none, but not all could be seen: that is not clean."""
    SKIPPED = "skipped"
    FAILED = "failed"
    """The engine refused it, or did not finish."""
    WRONG = "wrong"
    """The file has mistakes."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which query, as its file says; empty where the file has mistakes."""

    name: str
    path: str
    title: str = ""
    why: str = ""
    empty: str = ""
    severity: Severity | None = None
    owners: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """The rows: how many, the first ``SHOWN``, and a digest of all that does not depend on their order."""

    columns: Row = ()
    count: int = 0
    rows: tuple[Row, ...] = ()
    digest: str = ""

    @property
    def left_out(self) -> int:
        """How many rows pages do not show."""
        return self.count - len(self.rows)


@dataclass(frozen=True, slots=True)
class Result:
    """What one query found, from ``start`` up to, not including, ``end``.

    ``reason`` says in words why it is not FOUND or CLEAN; ``problems`` are the mistakes of a WRONG one.
    """

    asked: Asked
    standing: Standing
    found: Found = Found()
    reason: str = ""
    problems: tuple[Problem, ...] = ()
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """One run.  ``scanned`` is in bytes, as AWS bills them; 0 for log files.

    ``known`` are the names of all queries there are, so that issues of others can be closed; ``None``: only
    some were looked at.
    """

    source: str
    made: datetime
    results: tuple[Result, ...]
    notes: tuple[str, ...] = ()
    scanned: int = 0
    known: tuple[str, ...] | None = None

    def of(self, *standings: Standing) -> tuple[Result, ...]:
        """The results with one of these standings, in order."""
        return tuple(result for result in self.results if result.standing in standings)


def row_digest(row: Row) -> str:
    """Tells a row from others: eight hex digits."""
    return hashlib.sha256("\0".join(row).encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST]


class Tally:
    """Counts rows as they come, and keeps the first."""

    def __init__(self) -> None:
        """No row yet."""
        self._count = 0
        self._characters = 0
        self._rows: list[Row] = []
        self._sum = 0

    def counting(self, rows: Iterable[Row]) -> Iterable[Row]:
        """The same rows, counted on their way.  Raises ``SourceError`` where they are too many to be kept."""
        for row in rows:
            self._count += 1
            self._characters += sum(map(len, row))
            if self._count > MOST_ROWS or self._characters > MOST_CHARACTERS:
                raise SourceError(
                    f"the answer has more than {MOST_ROWS:,} rows, or {MOST_CHARACTERS:,} characters: it was "
                    "ended, and nothing of it is kept; ask for a shorter time, or count"
                )
            whole = hashlib.sha256("\0".join(row).encode("utf-8", "surrogatepass")).digest()
            self._sum = (self._sum + int.from_bytes(whole[:8])) % _SPACE
            if len(self._rows) < SHOWN:
                self._rows.append(row)
            yield row

    def found(self, columns: Row) -> Found:
        """What was counted."""
        return Found(columns, self._count, tuple(self._rows), f"{self._sum:016x}" if self._count else "")
