"""Where what is live is not what is committed: for the dashboard, and for telling what changed since.

The dashboard's own text remembers what it said of whom, as a comment that nobody sees: a database for one
line each would be one too many.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING

from leastwise.render.escape import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from leastwise.model.report import LiveReport, PrincipalReport

POLICIES = 10
"""Policies of one principal that a line names."""
_REMEMBERED = re.compile(r"^<!-- leastwise:live (\{[0-9a-f\":, ]*\}) -->$", re.MULTILINE)
_UNREAD = "0"
"""The mark of whom nothing is known: the reasons differ from run to run."""


def section(reports: Iterable[PrincipalReport]) -> Iterator[str]:
    """The lines of everybody of whom something differs, or could not be read; nothing where nobody does."""
    lines = [f"- {report.name}: {words(report.live)}" for report in reports if report.live and _mark(report)]
    if lines:
        yield from ["", "### Declared is not what is live", "", *lines]


def words(live: LiveReport) -> str:
    """What differs, in one line."""
    if live.unread:
        return f"what is live could not be read: {plain(live.unread, 300)}"
    shown = [plain(one, 300) for one in live.differs[:POLICIES]]
    if len(live.differs) > POLICIES:
        shown.append(f"{len(live.differs) - POLICIES} more policies")
    undone = f"; `leastwise apply {live.undone_by}` undoes it" if live.undone_by else ""
    return "; ".join(shown) + undone


def memory(reports: Iterable[PrincipalReport]) -> Iterator[str]:
    """The comment that lets the next run tell what is new; none where nothing differs."""
    marks = {_key(report): mark for report in reports if (mark := _mark(report))}
    if marks:
        yield f"<!-- leastwise:live {json.dumps(marks)} -->"


def news(before: str, reports: Sequence[PrincipalReport]) -> tuple[str, ...]:
    """The keys of principals of whom something else differs than the dashboard's text ``before`` said.

    Nothing is said of anybody who was not looked at, or not successfully.
    """
    old = _remembered(before)
    return tuple(
        report.principal
        for report in reports
        if report.live
        and not report.live.unread
        and old.get(_key(report), "") not in (_mark(report), _UNREAD)
    )


def _remembered(text: str) -> Mapping[str, str]:
    found = _REMEMBERED.search(text)
    try:
        told = json.loads(found[1]) if found else {}
    except ValueError:  # somebody edited it
        return {}
    return {str(key): str(mark) for key, mark in told.items()}


def _key(report: PrincipalReport) -> str:
    return hashlib.sha256(report.principal.encode()).hexdigest()[:16]


def _mark(report: PrincipalReport) -> str:
    """What stands for everything that differs; empty where nothing does."""
    if report.live is None or not (report.live.differs or report.live.unread):
        return ""
    if report.live.unread:
        return _UNREAD
    return hashlib.sha256("\n".join(report.live.differs).encode()).hexdigest()[:16]
