"""A saved query, a table and a window -> the text that an engine gets; and an engine's line -> the file's.

``FROM cloudtrail`` becomes a sub-query over the real table that gives the columns the query reads and is
bounded by the window whatever the query asks; ``{{from}}``, ``{{to}}`` and ``{{principals}}`` become
literals.
Nothing that is put in holds an end of a line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from leastwise.errors import DeclarationError, Problem
from leastwise.saved.columns import COLUMNS, IDENTITY, TABLE, Shape, view
from leastwise.sql_text import literal, literals

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from leastwise.model.window import Window
    from leastwise.saved.query import SavedQuery

_PLACE = re.compile(r"\bline (\d+):(\d+): ")
_TRAILING = re.compile(r"('(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")|[ \t]+(?=\n|\Z)")
"""What quotation marks hold, and blanks at the end of a line: Lake counts those of a header as well."""


@dataclass(frozen=True, slots=True)
class TableInUse:
    """A real table: ``name`` and ``conditions`` are SQL, ``shape`` says how it shows a record.

    ``columns`` are those it has, in lower case, ``members`` those of its ``useridentity``; ``None``: all that
    its shape has.  ``words`` call it for people.
    """

    words: str
    name: str
    shape: Shape
    conditions: tuple[str, ...]
    columns: frozenset[str] | None = None
    members: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Bound:
    """A statement, and where it differs from the file: (line, column of the file, characters more)."""

    sql: str
    shifts: tuple[tuple[int, int, int], ...]

    def place(self, line: int, column: int) -> tuple[int, int]:
        """The file's line and column of a place in the statement; the beginning of what was put in."""
        for at_line, at_column, more in self.shifts:
            if at_line == line and at_column < column:
                column = max(at_column, column - more)
        return line, column


def values(window: Window, principals: Iterable[str]) -> Mapping[str, str]:
    """Parameter -> SQL."""
    return {
        "from": f"TIMESTAMP {literal(_sql_time(window.start))}",
        "to": f"TIMESTAMP {literal(_sql_time(window.end))}",
        "principals": literals(set(principals)),
    }


def bind(query: SavedQuery, table: TableInUse, given: Mapping[str, str]) -> Bound:
    """The statement.  Raises ``DeclarationError`` for a column that the table lacks, at its place."""
    lacking = list(_lacking(query, table))
    if lacking:
        raise DeclarationError(lacking)
    inner = view(table.shape, table.name, table.conditions, query.uses.names)
    pieces = [(one.start, one.end, given[one.name]) for one in query.source.parameters]
    pieces += [
        (use.start, use.end, f"({inner})" + ("" if use.named else f" AS {TABLE}"))
        for use in query.uses.tables
    ]
    return _spliced(query.source.sql, sorted(pieces))


def of_file(query: SavedQuery, bound: Bound, words: str) -> str:
    """What an engine says, as ``path:line:column: words`` where it names a line of the statement."""
    found = _PLACE.search(words)
    if found is None:
        return f"{query.path}: {words}"
    line, column = bound.place(int(found[1]), int(found[2]))
    return f"{query.path}:{line}:{column}: {words[: found.start()]}{words[found.end() :]}"


def _lacking(query: SavedQuery, table: TableInUse) -> Iterable[Problem]:
    for use in query.uses.columns:
        name, _, member = use.name.partition(".")
        needs = COLUMNS[name].needs.get(table.shape)
        has_column = needs is not None and (table.columns is None or needs in table.columns)
        has_member = name != IDENTITY or table.members is None or member in table.members
        if not (has_column and has_member):
            yield query.source.problem(use.offset, f"a column that {table.words} has", use.name)


def _spliced(text: str, pieces: Sequence[tuple[int, int, str]]) -> Bound:
    parts: list[str] = []
    shifts: list[tuple[int, int, int]] = []
    place = 0
    for start, end, new in pieces:
        parts += [text[place:start], new]
        place = end
        line = text.count("\n", 0, start) + 1
        shifts.append((line, start - text.rfind("\n", 0, start), len(new) - (end - start)))
    whole = "".join((*parts, text[place:]))
    return Bound(_TRAILING.sub(lambda found: found[1] or "", whole), tuple(shifts))


def _sql_time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
