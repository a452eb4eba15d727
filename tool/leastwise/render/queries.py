"""Saved queries for people: lines of text, a run's page, annotations, a digest, how their tests went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.model.report import Digest, DigestItem
from leastwise.render.annotations import annotation, annotations_of_problems
from leastwise.render.escape import plain, printable, prose
from leastwise.render.query_issue import markdown_table
from leastwise.render.words import counted
from leastwise.saved.header import Severity
from leastwise.saved.query import Broken
from leastwise.saved.results import Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from leastwise.saved.cases import Difference
    from leastwise.saved.query import SavedQuery
    from leastwise.saved.results import Found, Report, Result

ROWS_OF_TEXT = 10
"""Rows of one query that a terminal shows."""
CELL_OF_TEXT = 80
ANNOTATED = 3
"""Rows that an annotation shows; GitHub shows ten annotations of each level for a step."""
SUMMARY_TABLE = 20_000
_LEVELS = {
    Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "notice",
}  # fmt: skip
_BILLED = 10**9


def report_lines(report: Report, folder: str) -> Iterator[str]:
    """What a run found; ``folder`` is where all rows are, empty where they were not kept."""
    width = max((len(result.asked.name) for result in report.results), default=0)
    for result in report.results:
        yield from _result_lines(result, width)
    yield ""
    yield _sentence(report)
    for note in report.notes:
        yield printable(note, 1_000)
    if folder and report.of(Standing.FOUND):
        yield f"All rows, as CSV and JSON: {folder}"


def list_lines(queries: Iterable[SavedQuery | Broken]) -> Iterator[str]:
    """One line for each query: when it runs, how much it matters, and what it is called."""
    for query in queries:
        if isinstance(query, Broken):
            yield from (printable(str(problem), 1_000) for problem in query.problems)
        else:
            header = query.header
            when, severity = str(header.schedule), header.severity.value
            yield f"{query.name:24}  {when:18}  {severity:8}  {printable(header.title, 120)}"


def difference_lines(path: str, different: Sequence[Difference]) -> Iterator[str]:
    """A case whose answer is not what it says, row by row, as a diff: ``-`` is missing, ``+`` too much."""
    yield f"{path}: {counted(len(different), 'row')} differ"
    for one in different:
        cells = "  ".join(f"{name}={printable(text, 120) or 'NULL'}" for name, text in one.row.items())
        yield f"  {'-' if one.is_missing else '+'} {cells}"


def run_page(report: Report) -> str:
    """The Markdown of a run's page."""
    lines = ["## Saved queries", "", prose(_sentence(report), 2_000), ""]
    lines += ["| Query | | |", "|---|---|---|"]
    for result in report.results:
        lines.append(
            f"| `{plain(result.asked.name)}` | {_standing_words(result)} | {plain(_remark(result), 400)} |"
        )
    for result in report.of(Standing.FOUND):
        title = prose(result.asked.title, 200)
        lines += ["", f"### {title}", "", *markdown_table(result.found, SUMMARY_TABLE)]
    lines += ["", *(f"- {prose(note, 1_000)}" for note in report.notes)]
    return "\n".join(lines) + "\n"


def annotation_lines(report: Report) -> Iterator[str]:
    """One annotation for each query with rows, at its file; and each mistake at its line."""
    for result in report.results:
        asked = result.asked
        if result.standing is Standing.FOUND:
            level = _LEVELS[asked.severity] if asked.severity else "warning"
            rows = [
                plain(", ".join(cell for cell in row if cell), 300) for row in result.found.rows[:ANNOTATED]
            ]
            more = [f"and {result.found.count - len(rows):,} more"] if result.found.count > len(rows) else []
            title = f"{plain(asked.title, 120)}: {counted(result.found.count, 'row')}"
            yield annotation(level, "\n".join([*rows, *more]), file=asked.path, line="1", title=title)
        elif result.standing is Standing.WRONG:
            yield from annotations_of_problems(result.problems)
        elif result.standing in (Standing.FAILED, Standing.UNSURE):
            level = "error" if result.standing is Standing.FAILED else "warning"
            title = f"{plain(asked.name)}: {result.standing.value}"
            yield annotation(level, plain(result.reason, 1_000), file=asked.path, line="1", title=title)


def query_digest(
    report: Report, changed: Sequence[tuple[str, str, str]], repository: str, address: str
) -> Digest | None:
    """What people are told: (query, what became of its issue, the issue's address), and what did not run."""
    titles = {result.asked.name: result for result in report.results}
    items = []
    for name, what, where in changed:
        result = titles.get(name)
        count = f", {counted(result.found.count, 'row')}" if result and result.found.count else ""
        title = plain(result.asked.title, 120) if result else plain(name)
        items.append(DigestItem(f"{title}: issue {what}{count}", where))
    items += [
        DigestItem(f"{plain(result.asked.name)}: {plain(_remark(result), 300)}", "")
        for result in report.of(Standing.FAILED, Standing.WRONG, Standing.UNSURE)
    ]
    if not items:
        return None
    return Digest(
        f"leastwise queries in {plain(repository)}: {plain(_counts(report))}", tuple(items), address
    )


def _result_lines(result: Result, width: int) -> Iterator[str]:
    name = result.asked.name
    severity = f"{result.asked.severity.value:8}" if result.asked.severity else f"{'':8}"
    if result.standing is Standing.WRONG:
        yield f"{name:{width}}  {result.standing.value}"
        yield from (f"    {printable(str(problem), 1_000)}" for problem in result.problems)
        return
    yield f"{name:{width}}  {_standing_words(result):10}  {severity}  {printable(_remark(result), 1_000)}"
    if result.found.count:
        yield from (f"    {line}" for line in _text_table(result.found))


def _text_table(found: Found) -> Iterator[str]:
    shown = [[printable(cell, CELL_OF_TEXT) for cell in row] for row in found.rows[:ROWS_OF_TEXT]]
    heads = [printable(name, CELL_OF_TEXT) for name in found.columns]
    widths = [max(len(row[index]) for row in (heads, *shown)) for index in range(len(heads))]
    for row in (heads, *shown):
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    if found.count > len(shown):
        yield f"... and {found.count - len(shown):,} more"


def _standing_words(result: Result) -> str:
    return counted(result.found.count, "row") if result.found.count else result.standing.value


def _remark(result: Result) -> str:
    if result.standing is Standing.FOUND:
        return result.asked.title
    if result.standing is Standing.CLEAN:
        return result.asked.empty
    if result.standing is Standing.WRONG:
        return "; ".join(map(str, result.problems))
    return result.reason


def _sentence(report: Report) -> str:
    scanned = f", {report.scanned / _BILLED:.3f} GB scanned" if report.scanned else ""
    spans = [(result.start, result.end) for result in report.results if result.start and result.end]
    start = min((start for start, _ in spans), default=None)
    when = f", {start:%Y-%m-%d} to {max(end for _, end in spans):%Y-%m-%d %H:%M} UTC" if start else ""
    return f"Source {report.source}{when}{scanned}: {_counts(report)}."


def _counts(report: Report) -> str:
    if not report.results:
        return "no query was due"
    words = {
        Standing.FOUND: "with rows", Standing.CLEAN: "clean",
        Standing.UNSURE: "empty but not known to be clean", Standing.SKIPPED: "skipped",
        Standing.FAILED: "failed", Standing.WRONG: "with mistakes",
    }  # fmt: skip
    counts = [(len(report.of(standing)), text) for standing, text in words.items()]
    first = "1 query" if len(report.results) == 1 else f"{len(report.results):,} queries"
    return f"{first}: " + ", ".join(f"{count} {text}" for count, text in counts if count)
