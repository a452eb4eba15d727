"""The issue of a saved query: its text, and the hidden line by which the next run knows what it shows."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.render.escape import code, plain, prose
from leastwise.render.words import counted
from leastwise.saved.results import row_digest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leastwise.saved.results import Asked, Found, Result

LIMIT = 60_000
"""Characters of a body: GitHub takes 65,536."""
_CELL = 200
_STATE = re.compile(r"<!-- leastwise:rows ([0-9a-f]{12}) ([0-9]+) ([0-9a-f]*) ([0-9a-f,]*) -->")


@dataclass(frozen=True, slots=True)
class State:
    """What an issue shows: ``query`` tells the file's words, ``digest`` all rows, ``rows`` each shown one."""

    query: str
    count: int
    digest: str
    rows: frozenset[str] = frozenset()

    @classmethod
    def of(cls, asked: Asked, found: Found) -> State:
        """Of a result."""
        rows = frozenset(map(row_digest, found.rows))
        return cls(_words_digest(asked, found), found.count, found.digest, rows)

    @classmethod
    def read(cls, body: str) -> State | None:
        """From an issue's body; ``None`` where somebody took the line out."""
        found = _STATE.search(body)
        if found is None:
            return None
        return cls(found[1], int(found[2]), found[3], frozenset(found[4].split(",")) - {""})

    def has_news_since(self, before: State) -> bool:
        """Whether there are rows that an earlier state did not show."""
        if self.rows - before.rows:
            return True
        return self.digest != before.digest and self.count > before.count

    def __str__(self) -> str:
        """The hidden line."""
        return (
            f"<!-- leastwise:rows {self.query} {self.count} {self.digest} {','.join(sorted(self.rows))} -->"
        )


def mark(name: str) -> str:
    """The first line of a query's issue."""
    return f"<!-- leastwise:query {name} -->"


def issue_title(asked: Asked) -> str:
    """What the issue is called when it is opened."""
    return plain(f"{asked.title} ({asked.name})", 200)


def found_body(result: Result, run: str) -> str:
    """What an issue says while there are rows; ``run`` is the run's address, empty where there is none."""
    asked, found = result.asked, result.found
    severity = asked.severity.value if asked.severity else "unknown"
    owners = f" For {_owners(asked)}." if asked.owners else ""
    closing = (
        f"When nothing is found, this issue is closed: {prose(asked.empty, 1_000)}. "
        "If you close it, it stays closed until a row comes that is not in this table."
    )
    lines = [
        mark(asked.name),
        str(State.of(asked, found)),
        f"**{counted(found.count, 'row')}** found by {code(asked.path)}, severity {severity}.{owners}",
        "",
        prose(asked.why, 2_000),
        "",
        *_table(found, LIMIT - 6_000),
        "",
        f"Looked at: {_span(result)}, when this text last changed. {_where(found, run)}",
        "",
        closing,
        "",
    ]
    return "\n".join(lines)


def clean_body(result: Result) -> str:
    """What an issue says once there is no row."""
    asked = result.asked
    lines = [
        mark(asked.name),
        str(State.of(asked, result.found)),
        f"**Nothing found** by {code(asked.path)} any more: {prose(asked.empty, 1_000)}.",
        "",
        f"Looked at: {_span(result)}. leastwise closed this issue, and opens it again when a row comes.",
        "",
    ]
    return "\n".join(lines)


def gone_body(name: str) -> str:
    """What an issue says once its query is gone."""
    return (
        f"{mark(name)}\nThe query `{plain(name)}` is no longer in `queries/`: leastwise closed its issue.\n"
    )


def markdown_table(found: Found, most: int) -> list[str]:
    """The rows as a table, up to ``most`` characters; what is left out is counted."""
    return list(_table(found, most))


def _table(found: Found, most: int) -> Iterator[str]:
    yield "| " + " | ".join(plain(name) or " " for name in found.columns) + " |"
    yield "|---" * len(found.columns) + "|"
    shown = 0
    for row in found.rows:
        line = "| " + " | ".join(code(cell, _CELL) if cell else " " for cell in row) + " |"
        most -= len(line) + 1
        if most < 0:
            break
        shown += 1
        yield line
    if shown < found.count:
        yield from ("", f"Cut here: {found.count - shown:,} more of {counted(found.count, 'row')}.")


def _where(found: Found, run: str) -> str:
    link = f"[this run]({run})" if run else "the run"
    return f"All {counted(found.count, 'row')} as CSV and JSON: artifact `leastwise-queries` of {link}."


def _span(result: Result) -> str:
    if result.start is None or result.end is None:
        return "no time"
    return f"{result.start:%Y-%m-%d %H:%M} to {result.end:%Y-%m-%d %H:%M} UTC"


def _owners(asked: Asked) -> str:
    """Owners were checked when the file was read: ``@user``, ``@org/team`` or an address."""
    return ", ".join(owner if owner.startswith("@") else f"`{plain(owner)}`" for owner in asked.owners)


def _words_digest(asked: Asked, found: Found) -> str:
    words = (asked.title, asked.why, asked.empty, *asked.owners, *found.columns)
    severity = asked.severity.value if asked.severity else ""
    return hashlib.sha256("\0".join((asked.path, severity, *words)).encode()).hexdigest()[:12]
