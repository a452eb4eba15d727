"""What ``leastwise doctor`` found, as one table for a terminal or as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.render.escape import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from leastwise.model.check import Check

HEAD = ("SOURCE", "WHAT", "OK", "FOUND")


def check_lines(checks: Sequence[Check]) -> Iterator[str]:
    """One row for each check; what would mend it stands below it, whole, to be copied."""
    rows = [_cells(check) for check in checks]
    widths = [max(len(row[column]) for row in (HEAD, *rows)) for column in range(3)]
    yield _row(HEAD, widths)
    for check, row in zip(checks, rows, strict=True):
        yield _row(row, widths)
        if check.mend:
            yield f"{'':{widths[0]}}  -> {printable(check.mend, 10_000)}"


def check_objects(checks: Sequence[Check]) -> list[dict[str, str]]:
    """The same as a JSON list."""
    return [
        {
            "source": check.source,
            "what": check.what,
            "ok": check.health.value,
            "found": check.found,
            "mend": check.mend,
        }
        for check in checks
    ]


def _cells(check: Check) -> tuple[str, str, str, str]:
    return (
        printable(check.source, 64),
        printable(check.what, 80),
        check.health.value,
        printable(check.found, 400),
    )


def _row(cells: tuple[str, ...], widths: list[int]) -> str:
    first = "  ".join(f"{cell:{width}}" for cell, width in zip(cells, widths, strict=False))
    return f"{first}  {cells[3]}"
