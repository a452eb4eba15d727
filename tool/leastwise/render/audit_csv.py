"""An audit as CSV (RFC 4180): one row for each action that a principal used or was denied in the year.

A spreadsheet takes a cell that begins with ``=`` for a formula, wherever it came from; such cells get a
quote before them.
"""

from __future__ import annotations

import csv
import io
import sys
from typing import TYPE_CHECKING

from leastwise.render.escape import is_formula, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leastwise.audit.values import Audit, Count, DeniedAction, PrincipalAudit, Use

HEAD = (
    "month", "principal", "kind", "session", "enrolled", "service", "action", "outcome", "denied_by",
    "change", "why_it_cannot_be_told", "sensitive", "calls", "failed", "days", "first", "last",
    "calls_in_year", "days_in_year", "first_in_year", "last_in_year", "resources", "more_resources",
    "inferred", "uncounted",
)  # fmt: skip


def text(audit: Audit) -> str:
    """The whole file, ASCII: what else was in a name is written as a JSON escape."""
    file = io.StringIO(newline="")
    # Quoted throughout: where semicolons part cells, one within a name must not begin another.
    writer = csv.writer(file, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow(HEAD)
    for principal in audit.principals:
        for row in _rows(principal):
            cells = {"month": str(audit.month), **_who(principal), **row}
            writer.writerow([safe(str(cells.get(name, ""))) for name in HEAD])
    return file.getvalue()


def safe(cell: str) -> str:
    """A cell that no spreadsheet computes."""
    harmless = printable(cell, sys.maxsize)
    return f"'{harmless}" if is_formula(cell) else harmless


def _who(principal: PrincipalAudit) -> dict[str, object]:
    subject = principal.subject
    return {
        "principal": subject.key,
        "kind": subject.kind.value,
        "session": subject.session,
        "enrolled": _yes(subject.enrolled),
    }


def _rows(principal: PrincipalAudit) -> Iterator[dict[str, object]]:
    """Somebody without a record has a row that says so: a name that is not there was not looked for."""
    yield from (_used(use) for use in principal.uses)
    yield from (_denied(found) for found in principal.denied)
    if not principal.uses and not principal.denied:
        yield {"outcome": "no record", "why_it_cannot_be_told": principal.unsure_month}


def _used(use: Use) -> dict[str, object]:
    return {
        **_action(use.action, use.month, use.year),
        "outcome": "used",
        "change": use.change.value,
        "why_it_cannot_be_told": use.why,
        "sensitive": use.sensitive,
        "failed": use.failed,
        "resources": " ".join(use.resources),
        "more_resources": use.more,
        "inferred": _yes(use.inferred),
        "uncounted": _yes(use.uncounted),
    }


def _denied(found: DeniedAction) -> dict[str, object]:
    return {
        **_action(found.action, found.month, found.year),
        "outcome": "denied",
        "denied_by": found.reason.value,
        "sensitive": found.sensitive,
        "resources": " ".join(found.resources),
        "more_resources": found.more,
    }


def _action(action: str, month: Count, year: Count) -> dict[str, object]:
    return {
        "service": action.partition(":")[0],
        "action": action,
        "calls": month.calls,
        "days": month.days,
        "first": month.first or "",
        "last": month.last or "",
        "calls_in_year": year.calls,
        "days_in_year": year.days,
        "first_in_year": year.first or "",
        "last_in_year": year.last or "",
    }


def _yes(flag: bool) -> str:  # noqa: FBT001  a cell of a table
    return "yes" if flag else "no"
