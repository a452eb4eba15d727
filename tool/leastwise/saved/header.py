"""The header of a saved query: ``-- name: text`` lines before the first line of SQL.

::

    -- title: The root user was used
    -- why: Nobody needs the root user from day to day;
    --      each use of it is worth a question.
    -- severity: high
    -- schedule: daily
    -- empty: nobody used the root user

A line that begins with three spaces or more after ``--`` goes on with the one above; an empty ``--`` line
ends the header, and what follows is an ordinary comment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from leastwise.errors import Problem
from leastwise.saved.schedule import EXPECTED, Schedule, parse_schedule

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Severity(Enum):
    """How much a row matters; the order is from least to most."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


REQUIRED = ("title", "why", "severity", "schedule", "empty")
OPTIONAL = ("owners", "window", "people")
MOST_DAYS = 366
"""The longest window: Athena bills every day of it, each time the query runs."""
MOST_TITLE = 120
_LINE = re.compile(r"--(?: (?P<more> {2,})| ?(?P<name>[A-Za-z][A-Za-z -]*?) ?:)? *(?P<text>.*?)\s*")
_WINDOW = re.compile(r"([0-9]{1,3}) days?")
_OWNER = re.compile(r"@[A-Za-z0-9][A-Za-z0-9-]*(/[A-Za-z0-9._-]+)?|[^@\s,]+@[^@\s,]+\.[^@\s,]+")
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Header:
    """What a header says, defaults filled in.  ``empty`` says what it means that nothing was found."""

    title: str
    why: str
    severity: Severity
    schedule: Schedule
    empty: str
    owners: tuple[str, ...] = ()
    days: int = 0
    """How many days a run looks back."""
    shows_people: bool = False
    """Whether names of sessions and source addresses are shown."""
    people_line: int = 0
    """The line that says so, or does not; 0: there is none."""


@dataclass(frozen=True, slots=True)
class _Entry:
    text: str
    line: int
    column: int


def read_header(path: str, text: str) -> tuple[Header | None, list[Problem]]:
    """The header of a file's text, or every mistake in it."""
    entries, problems = _entries(path, text)
    reader = _Reader(path, entries, problems)
    for name in REQUIRED:
        if name not in entries:
            problems.append(Problem(path, 1, 1, f"a header line `-- {name}: ...`", "none"))
    severity = reader.value("severity", _severity, "low, medium, high or critical")
    schedule = reader.value("schedule", parse_schedule, EXPECTED)
    days = reader.value("window", _days, f"a number of days from 1 to {MOST_DAYS}, such as 7 days")
    people = reader.value("people", {"shown": True, "hidden": False}.get, "shown or hidden")
    title = reader.value("title", _title, f"a title of at most {MOST_TITLE} characters")
    why, empty = (reader.value(name, lambda text: text or None, "some words") for name in ("why", "empty"))
    owners = reader.value("owners", _owners, "@user, @org/team or e-mail addresses, with commas between them")
    if problems or not (severity and schedule and title and why and empty):
        return None, problems
    looks_back = days or schedule.rhythm.value
    line = entries["people"].line if "people" in entries else 0
    return Header(title, why, severity, schedule, empty, owners or (), looks_back, bool(people), line), []


@dataclass(frozen=True, slots=True)
class _Reader:
    path: str
    entries: Mapping[str, _Entry]
    problems: list[Problem]

    def value(self, name: str, read: Callable[[str], _Value | None], expected: str) -> _Value | None:
        """What ``read`` makes of an entry; ``None`` where there is none, or a mistake that is then noted."""
        entry = self.entries.get(name)
        if entry is None:
            return None
        found = read(entry.text)
        if found is None:
            shown = repr(entry.text) if entry.text else "nothing"
            self.problems.append(Problem(self.path, entry.line, entry.column, expected, shown))
        return found


def _entries(path: str, text: str) -> tuple[Mapping[str, _Entry], list[Problem]]:
    found: dict[str, _Entry] = {}
    problems: list[Problem] = []
    last = ""
    for number, line in enumerate(text.splitlines(), 1):
        parts = _LINE.fullmatch(line)
        if parts is None or line.rstrip() == "--":
            break
        name = (parts["name"] or "").lower()
        if last and parts["more"]:
            before = found[last]
            found[last] = _Entry(f"{before.text} {parts['text']}".strip(), before.line, before.column)
        elif name in found:
            problems.append(Problem(path, number, 4, f"`{name}` once", "it again"))
        elif name in REQUIRED or name in OPTIONAL:
            found[name] = _Entry(parts["text"], number, parts.start("text") + 1)
            last = name
        else:
            names = ", ".join((*REQUIRED, *OPTIONAL))
            problems.append(Problem(path, number, 4, f"`-- NAME: text`, with one of {names}", repr(line)))
    return MappingProxyType(found), problems


def _severity(text: str) -> Severity | None:
    return next((severity for severity in Severity if severity.value == text.lower()), None)


def _days(text: str) -> int | None:
    found = _WINDOW.fullmatch(text)
    days = int(found[1]) if found else 0
    return days if 1 <= days <= MOST_DAYS else None


def _title(text: str) -> str | None:
    return text if 0 < len(text) <= MOST_TITLE else None


def _owners(text: str) -> tuple[str, ...] | None:
    owners = tuple(owner.strip() for owner in text.split(","))
    return owners if all(map(_OWNER.fullmatch, owners)) else None
