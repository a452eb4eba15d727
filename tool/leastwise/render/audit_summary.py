"""The head of an audit as Markdown, for the page of a run of GitHub Actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.render.audit_tables import overview
from leastwise.render.audit_words import coverage, lead, scope
from leastwise.render.escape import code, prose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leastwise.audit.values import Audit
    from leastwise.render.audit_tables import Table

ROWS = 40
SENTENCE = 700


def summary(audit: Audit) -> str:
    """What was looked at, and one row for each principal; the rest is in the run's artifact."""
    return "\n".join(_lines(audit)) + "\n"


def _lines(audit: Audit) -> Iterator[str]:
    yield from (f"## leastwise audit, {audit.month.title}", "", prose(lead(audit), SENTENCE), "")
    yield from (f"- {prose(sentence, SENTENCE)}" for sentence in (scope(audit), *audit.notes))
    for source in audit.sources:
        yield f"- Source {code(source.coverage.source)} ({source.coverage.kind})"
        yield from (f"  - {prose(sentence, SENTENCE)}" for sentence in coverage(audit, source))
    yield ""
    yield from _table(overview(audit, ROWS))
    yield from ("", "The mail, the CSV and the JSON are in the artifact of this run.")


def _table(table: Table) -> Iterator[str]:
    yield f"| {' | '.join(table.head)} |"
    yield f"|---|{'---:|' * table.numbers}"
    for row in table.rows:
        yield f"| {' | '.join(prose(cell, SENTENCE) for cell in row)} |"
    if table.more:
        yield from ("", prose(table.more))
