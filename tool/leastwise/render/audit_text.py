"""An audit as plain text: the mail's first part, and the note that goes to an SNS topic."""

from __future__ import annotations

from itertools import zip_longest
from textwrap import wrap
from typing import TYPE_CHECKING

from leastwise.render.audit_tables import chapter, overview
from leastwise.render.audit_words import coverage, lead, scope, shown, subject_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leastwise.audit.values import Audit
    from leastwise.render.audit_tables import Table

WIDTH = 78
ROWS = 60
_CELL = 44


def lines(audit: Audit) -> Iterator[str]:
    """The whole text but for ``whole``."""
    yield from overview_lines(audit)
    for number, principal in enumerate(audit.principals):
        found = chapter(audit, principal, number)
        yield from ("", found.title, "-" * min(WIDTH, len(found.title)))
        for sentence in found.lines:
            yield from _wrapped(sentence)
        for table in found.tables:
            yield from _table(table)


def overview_lines(audit: Audit) -> Iterator[str]:
    """What was looked at, and one row for each principal."""
    yield from _head(audit)
    yield from _table(overview(audit, ROWS))


def _head(audit: Audit) -> Iterator[str]:
    """What was looked at, before anything that was found."""
    title = subject_line(audit).partition(":")[0]
    yield from (title, "=" * len(title), "")
    yield from _wrapped(lead(audit))
    yield from ("", "What was looked at", "")
    for sentence in (scope(audit), *audit.notes):
        yield from _wrapped(sentence)
    for source in audit.sources:
        yield from ("", f"{shown(source.coverage.source)} ({source.coverage.kind})")
        for sentence in coverage(audit, source):
            yield from _wrapped(sentence, "  - ")


def whole(address: str) -> str:
    """Where everything is; ``address`` is the page of the run that keeps it, if there is one."""
    where = f"with the run: {address}" if address else "beside this text"
    return f"Every row is in audit.csv and audit.json, {where}. docs/audit.md says what each column means."


def _table(table: Table) -> Iterator[str]:
    yield from ("", table.title)
    yield from _wrapped(table.note, "  ")
    yield ""
    rows = (table.head, *table.rows)
    widths = [min(_CELL, max(map(len, column))) for column in zip_longest(*rows, fillvalue="")]
    yield from _row(table.head, widths, table.numbers, may_break=False)
    for row in table.rows:
        yield from _row(row, widths, table.numbers, may_break=len(row) - 1 > table.numbers)
    if table.more:
        yield f"  {table.more}"


def _row(row: tuple[str, ...], widths: list[int], numbers: int, *, may_break: bool) -> Iterator[str]:
    """One line; words that do not fit at its end go on lines of their own."""
    cells = [
        f"{cell:>{width}}" if 1 <= index <= numbers else f"{cell:{width}}"
        for index, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    line = f"  {'  '.join(cells)}".rstrip()
    if not may_break or len(line) <= WIDTH:
        yield line
        return
    yield f"  {'  '.join(cells[:-1])}".rstrip()
    yield from _wrapped(row[-1], "      ")


def _wrapped(sentence: str, indent: str = "") -> list[str]:
    return wrap(
        sentence, WIDTH, initial_indent=indent, subsequent_indent=" " * len(indent),
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
