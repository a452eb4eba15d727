"""One issue for each saved query: opened when there are rows, kept up to date, closed when there are none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from leastwise.errors import PublishError
from leastwise.publish.github_run import checked_repository, need_issues
from leastwise.publish.labels import QUERY
from leastwise.render.query_issue import State, clean_body, found_body, gone_body, issue_title, mark
from leastwise.saved.results import Standing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leastwise.publish.forge import Forge, Issue
    from leastwise.saved.results import Report, Result

ACKNOWLEDGED = "people closed its issue, and no row is new since"


class IssueOutcomeKind(Enum):
    """What became of a query's issue."""

    OPENED = "opened"
    REOPENED = "reopened"
    UPDATED = "updated"
    CLOSED = "closed"
    UNCHANGED = "unchanged"
    LEFT_ALONE = "left alone"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class IssueOutcome:
    """``where`` is the issue's address, empty where there is none; ``why`` says why it was left or failed."""

    name: str
    kind: IssueOutcomeKind
    where: str = ""
    why: str = ""


class QueryIssues:
    """The issues with the label ``leastwise:query``, each known by the mark in its first line."""

    def __init__(self, forge: Forge, run: str) -> None:
        """``run`` is the address of this run, for links; `QueryIssues.connect` checks the repository."""
        self._forge = forge
        self._run = run
        self._known: dict[str, list[Issue]] | None = None

    @classmethod
    def connect(cls, forge: Forge, run: str, *, public: bool) -> QueryIssues:
        """Raises `PublishError` for a public repository without ``public`` (`Declaration.public`), and for
        one without issues."""
        repository = checked_repository(forge, public=public)
        need_issues(repository, "each query's rows are one")
        return cls(forge, run)

    def ensure(self, report: Report) -> Iterator[IssueOutcome]:
        """Have every query's issue as its result is; the issue of a query that is gone is closed."""
        for result in report.results:
            try:
                yield self._ensure(result)
            except PublishError as error:
                yield IssueOutcome(result.asked.name, IssueOutcomeKind.FAILED, why=str(error))
        if report.known is not None:
            yield from self._close_others(frozenset(report.known))

    def _ensure(self, result: Result) -> IssueOutcome:
        name = result.asked.name
        issues = self._issues().get(name, [])
        first = issues[0] if issues else None
        for copy in issues[1:]:
            if copy.is_open:
                self._forge.edit_issue(copy.number, is_open=False)
        if result.standing is Standing.FOUND:
            return self._found(result, first)
        if result.standing is not Standing.CLEAN:
            where = "" if first is None else first.url
            why = result.reason or "its file has mistakes"
            return IssueOutcome(name, IssueOutcomeKind.LEFT_ALONE, where, why)
        if first is None or not first.is_open:
            return IssueOutcome(name, IssueOutcomeKind.UNCHANGED)
        self._forge.edit_issue(first.number, body=clean_body(result), is_open=False)
        return IssueOutcome(name, IssueOutcomeKind.CLOSED, first.url)

    def _found(self, result: Result, issue: Issue | None) -> IssueOutcome:
        asked = result.asked
        if issue is None:
            made = self._forge.open_issue(issue_title(asked), found_body(result, self._run), [QUERY])
            return IssueOutcome(asked.name, IssueOutcomeKind.OPENED, made.url)
        now, before = State.of(asked, result.found), State.read(issue.body)
        if issue.is_open:
            if before == now:
                return IssueOutcome(asked.name, IssueOutcomeKind.UNCHANGED, issue.url)
            self._forge.edit_issue(issue.number, body=found_body(result, self._run))
            return IssueOutcome(asked.name, IssueOutcomeKind.UPDATED, issue.url)
        if before is not None and not now.has_news_since(before):
            return IssueOutcome(asked.name, IssueOutcomeKind.LEFT_ALONE, issue.url, ACKNOWLEDGED)
        self._forge.edit_issue(issue.number, body=found_body(result, self._run), is_open=True)
        return IssueOutcome(asked.name, IssueOutcomeKind.REOPENED, issue.url)

    def _close_others(self, known: frozenset[str]) -> Iterator[IssueOutcome]:
        for name, issues in sorted(self._issues().items()):
            for issue in issues:
                if name not in known and issue.is_open:
                    self._forge.edit_issue(issue.number, body=gone_body(name), is_open=False)
                    yield IssueOutcome(name, IssueOutcomeKind.CLOSED, issue.url, "the query is gone")

    def _issues(self) -> dict[str, list[Issue]]:
        """Query -> its issues, the oldest first; read once."""
        if self._known is None:
            self._known = {}
            start, end = mark("\0").split("\0")
            for issue in sorted(self._forge.issues(QUERY), key=lambda issue: issue.number):
                first = issue.body.partition("\n")[0].rstrip()
                if first.startswith(start) and first.endswith(end):
                    self._known.setdefault(first[len(start) : -len(end)], []).append(issue)
        return self._known
