"""Results of saved queries for tests."""

from datetime import UTC, datetime

from leastwise.saved.header import Severity
from leastwise.saved.results import Asked, Report, Result, Standing, Tally

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
ASKED = Asked(
    "root-use", "queries/root-use.sql", "The root user was used", "Nobody needs it.", "nobody used it",
    Severity.CRITICAL, ("@acme/security",),
)  # fmt: skip


def found(*rows, columns=("eventtime", "who"), asked=ASKED):
    tally = Tally()
    for _ in tally.counting(rows):
        pass
    standing = Standing.FOUND if rows else Standing.CLEAN
    return Result(asked, standing, tally.found(columns), start=NOW.replace(day=16), end=NOW)


def report(*results, known=("root-use",), **more):
    return Report("logs", NOW, results, known=known, **more)
