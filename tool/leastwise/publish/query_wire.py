"""The members of ``results.json`` and ``issues.json``, as strictly typed structs with nothing unknown.

Annotations are evaluated when the classes are made, because msgspec reads them.
"""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from leastwise.errors import Problem
from leastwise.publish.handover_wire import Count, Line, Moment
from leastwise.publish.query_issues import IssueOutcome, IssueOutcomeKind
from leastwise.saved.header import Severity
from leastwise.saved.results import SHOWN, Asked, Found, Report, Result, Standing

REPORT = "leastwise-queries"
RECORD = "leastwise-query-issues"
VERSION = 1

Text = Annotated[str, Meta(max_length=100_000)]
Owner = Annotated[str, Meta(max_length=200, pattern=r"^[A-Za-z0-9@._/+-]+\Z")]
Cells = Annotated[tuple[Text, ...], Meta(max_length=1_000)]


class Mistake(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One mistake in a file."""

    path: Line
    line: Count
    column: Count
    expected: Text
    found: Text


class QueryResult(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One query: what its file says, and the first of its rows."""

    name: Line
    path: Line
    title: Line
    why: Text
    empty: Text
    severity: Severity | None
    owners: tuple[Owner, ...]
    standing: Standing
    reason: Text
    problems: tuple[Mistake, ...]
    start: Moment | None
    end: Moment | None
    columns: Cells
    count: Count
    rows: Annotated[tuple[Cells, ...], Meta(max_length=SHOWN)]
    digest: Annotated[str, Meta(pattern=r"^([0-9a-f]{16})?\Z")]

    @classmethod
    def of(cls, result: Result) -> "QueryResult":
        """As it is handed over."""
        asked, found = result.asked, result.found
        return cls(
            name=asked.name,
            path=asked.path,
            title=asked.title,
            why=asked.why,
            empty=asked.empty,
            severity=asked.severity,
            owners=asked.owners,
            standing=result.standing,
            reason=result.reason,
            problems=tuple(
                Mistake(
                    path=one.path, line=one.line, column=one.column, expected=one.expected, found=one.found
                )
                for one in result.problems
            ),
            start=result.start,
            end=result.end,
            columns=found.columns,
            count=found.count,
            rows=found.rows,
            digest=found.digest,
        )

    def value(self) -> Result:
        """The result."""
        asked = Asked(self.name, self.path, self.title, self.why, self.empty, self.severity, self.owners)
        problems = tuple(
            Problem(one.path, one.line, one.column, one.expected, one.found) for one in self.problems
        )
        found = Found(self.columns, self.count, self.rows, self.digest)
        return Result(asked, self.standing, found, self.reason, problems, self.start, self.end)


class ReportFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that the publishing job is told."""

    format: str
    version: int
    made: Moment
    source: Line
    known: tuple[Line, ...] | None
    scanned: Count
    notes: tuple[Text, ...]
    results: tuple[QueryResult, ...]

    @classmethod
    def of(cls, report: Report) -> "ReportFile":
        """As it is handed over."""
        return cls(
            format=REPORT,
            version=VERSION,
            made=report.made,
            source=report.source,
            known=report.known,
            scanned=report.scanned,
            notes=report.notes,
            results=tuple(QueryResult.of(result) for result in report.results),
        )

    def value(self) -> Report:
        """The report."""
        results = tuple(result.value() for result in self.results)
        return Report(self.source, self.made, results, self.notes, self.scanned, self.known)


class IssueRecord(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What became of one query's issue."""

    name: Line
    kind: IssueOutcomeKind
    where: Line
    why: Text


class RecordFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What publishing did."""

    format: str
    version: int
    issues: tuple[IssueRecord, ...]

    @classmethod
    def of(cls, outcomes: Sequence[IssueOutcome]) -> "RecordFile":
        """As it is recorded."""
        issues = (IssueRecord(name=one.name, kind=one.kind, where=one.where, why=one.why) for one in outcomes)
        return cls(format=RECORD, version=VERSION, issues=tuple(issues))

    def value(self) -> tuple[IssueOutcome, ...]:
        """The outcomes."""
        return tuple(IssueOutcome(one.name, one.kind, one.where, one.why) for one in self.issues)
