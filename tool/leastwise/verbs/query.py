"""``leastwise query``: run, test, list, publish, notify."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from leastwise.asking import Inquiry, Privacy, Span, chosen_queries, principals_of, refused_to_show_people
from leastwise.aws.messages import Messages
from leastwise.aws.sessions import Aws
from leastwise.collect.answers.connect import answers_for
from leastwise.collect.answers.embedded import Embedded
from leastwise.collect.connections import Connections
from leastwise.collect.progress import listener
from leastwise.collect.sql.queries import GIGABYTE
from leastwise.errors import AwsError, DeclarationError, LeastwiseError, SourceError, UsageError
from leastwise.model.declared import AccessAnalyzerSource, People
from leastwise.notify.tell import tell
from leastwise.publish.actions import ActionsRun
from leastwise.publish.query_files import (
    Folder,
    read_record,
    read_report,
    write_record,
    write_report,
)
from leastwise.publish.query_issues import IssueOutcomeKind, QueryIssues
from leastwise.queries_folder import case_files, read_queries
from leastwise.render import queries as render
from leastwise.render.annotations import annotation, annotations_of_problems
from leastwise.render.query_json import report_object
from leastwise.saved.cases import differences, read_case
from leastwise.saved.query import Broken
from leastwise.saved.results import Report, Standing
from leastwise.verbs.hub import annotate, refuse_to_publish
from leastwise.verbs.people import shows_people
from leastwise.workspace import read_working_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from leastwise.collect.answers.interface import Answers
    from leastwise.model.declared import Declaration, Source
    from leastwise.publish.query_issues import IssueOutcome
    from leastwise.saved.cases import Case
    from leastwise.saved.query import SavedQuery
    from leastwise.verbs.hub_options import HubOptions

    Show = Callable[[str], None]

DEFAULT_FOLDER = Path("leastwise-out/queries")
NO_QUERIES = "there is no queries/*.sql: docs/queries.md says how to write one"
FOUND, WRONG, NOT_COLLECTED, REFUSED = 1, 3, 4, 5
_TOLD = (
    IssueOutcomeKind.OPENED, IssueOutcomeKind.REOPENED, IssueOutcomeKind.UPDATED, IssueOutcomeKind.CLOSED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asking:
    """What a run asks: which queries (empty: all; ``due``: those of today), of which source and time."""

    root: Path
    now: datetime
    names: tuple[str, ...] = ()
    due: bool = False
    source: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    out: Path | None = None
    """Where rows go; ``None``: below the root."""
    people: bool | None = None
    """What the command line says of showing people."""
    most_gigabytes: float | None = None


def run(asking: Asking, form: str, hub: HubOptions | None, show: Show) -> int:
    """Run the queries, keep every row, print what was found; with ``hub`` keep the issues up to date."""
    everything = read_queries(asking.root)
    declaration = read_working_tree(asking.root).declaration
    refuse_to_publish(declaration)
    chosen = chosen_queries(everything, asking.names)
    if declaration.people is People.HIDDEN:
        chosen = tuple(map(refused_to_show_people, chosen))
    if asking.due:
        chosen = tuple(
            query
            for query in chosen
            if isinstance(query, Broken) or query.header.schedule.is_due(asking.now.date())
        )
    folder = asking.out or asking.root / DEFAULT_FOLDER
    known = None if asking.names else tuple(query.name for query in everything)
    report = _asked(asking, declaration, chosen, folder, known)
    write_report(folder, report)
    _print(report, form, str(folder), show)
    code = exit_code(report)
    if hub is None:
        return code
    outcomes = _published(report, declaration, hub)
    _print_outcomes(outcomes, show)
    return REFUSED if _failed(outcomes) else code


def publish(folder: Path, root: Path, hub: HubOptions, show: Show) -> int:
    """Bring to GitHub what another job found, and write down what came of it."""
    actions = ActionsRun.of(os.environ)
    try:
        declaration = read_working_tree(root).declaration
        outcomes = _published(read_report(folder), declaration, hub)
    except LeastwiseError as error:
        annotate(actions, error, show)
        raise
    write_record(folder, outcomes)
    _print_outcomes(outcomes, show)
    return REFUSED if _failed(outcomes) else 0


def notify(folder: Path, root: Path, repository: str, warn: Callable[[str], None]) -> int:
    """Tell people which issues changed and which queries did not run; how many channels were reached."""
    declaration = read_working_tree(root).declaration
    try:
        report, outcomes = read_report(folder), read_record(folder)
    except LeastwiseError as error:
        warn(str(error))
        return 0
    changed = [(one.name, one.kind.value, one.where) for one in outcomes if one.kind in _TOLD]
    digest = render.query_digest(report, changed, repository, ActionsRun.of(os.environ).address)
    return tell(declaration.notify, digest, os.environ, Messages(Aws(declaration.account_roles)), warn)


def show_list(root: Path, show: Show) -> int:
    """One line for each query; 3 where a file has mistakes."""
    queries = read_queries(root)
    for line in render.list_lines(queries) if queries else [NO_QUERIES]:
        show(line)
    return WRONG if any(isinstance(query, Broken) for query in queries) else 0


def test(root: Path, names: Sequence[str], form: str, show: Show) -> int:
    """Run each query on its own cases; 1 where an answer differs, 3 where a file has mistakes."""
    chosen = chosen_queries(read_queries(root), names)
    worst, passed, untested = 0, 0, []
    for query in chosen:
        cases = case_files(root, query.name)
        if isinstance(query, Broken):
            worst = max(worst, _show_problems(DeclarationError(query.problems), form, show))
            continue
        if not cases:
            untested.append(query.name)
        for path, text in cases:
            code = _test_case(query, path, text, form, show)
            passed += not code
            worst = max(worst, code)
    for name in untested:
        show(f"queries/{name}.sql has no test: put a case into queries/{name}.test/ (docs/queries.md)")
    show(f"{passed:,} cases passed, {len(untested):,} of {len(chosen):,} queries without a test")
    if not chosen:
        show(NO_QUERIES)
    return worst


def exit_code(report: Report) -> int:
    """3 where a file has mistakes, 4 where a query did not run, 1 where there are rows."""
    if report.of(Standing.WRONG):
        return WRONG
    if report.of(Standing.FAILED):
        return NOT_COLLECTED
    return FOUND if report.of(Standing.FOUND) else 0


def _asked(
    asking: Asking,
    declaration: Declaration,
    chosen: Sequence[SavedQuery | Broken],
    folder: Path,
    known: tuple[str, ...] | None,
) -> Report:
    source = _source(declaration, asking.source)
    rows = Folder(folder)
    for query in chosen:
        rows.forget(query.name)
    principals, without = principals_of(declaration)
    span = Span(asking.end or asking.now, asking.start)
    readable = [query for query in chosen if not isinstance(query, Broken)]
    most = int(asking.most_gigabytes * GIGABYTE) if asking.most_gigabytes is not None else None
    aws = Aws(declaration.account_roles)

    def connect() -> Answers:
        connections = Connections(asking.root, aws, asking.now, most_bytes=most)
        progress = listener(Console(stderr=True))
        return answers_for(source, connections, [(query, span.of(query)) for query in readable], progress)

    answers = _Once(connect)
    shows = shows_people(declaration, asking.people, os.environ)
    privacy = Privacy(shows, declaration.redact, hides=asking.people is False)
    inquiry = Inquiry(answers, principals, privacy, rows)
    results = tuple(inquiry.results(chosen, span))
    uses_principals = any("principals" in query.parameters for query in readable)
    notes = tuple(
        f"{key} has no ARN of its own: {{{{principals}}}} leaves it out" for key in without if uses_principals
    )
    return Report(source.name, asking.now, results, notes, answers.scanned, known)


class _Once:
    """Connects to an engine when it is first asked for; what fails then fails the same way ever after."""

    def __init__(self, connect: Callable[[], Answers]) -> None:
        self._connect = connect
        self._answers: Answers | None = None
        self._error: SourceError | AwsError | None = None

    def __call__(self) -> Answers:
        """The engine."""
        if self._error is not None:
            raise self._error
        if self._answers is None:
            try:
                self._answers = self._connect()
            except (SourceError, AwsError) as error:
                self._error = error
                raise
        return self._answers

    @property
    def scanned(self) -> int:
        """Bytes that were scanned; 0 where no engine was asked."""
        return 0 if self._answers is None else self._answers.scanned


def _source(declaration: Declaration, name: str | None) -> Source:
    """The source to ask: the one that is named, or the only one that can be asked."""
    able = {
        source.name: source
        for source in declaration.sources.values()
        if not isinstance(source, AccessAnalyzerSource)
    }
    if name is None and len(able) == 1:
        return next(iter(able.values()))
    if name is None or name not in able:
        told = f"{name} is none" if name else "say which source to ask with --source"
        raise UsageError(f"{told}; principals.yaml has {', '.join(able) or 'none'} with records to query")
    return able[name]


def _print(report: Report, form: str, folder: str, show: Show) -> None:
    if form == "json":
        show(json.dumps(report_object(report), indent=2))
        return
    for line in render.annotation_lines(report) if form == "github" else ():
        show(line)
    for line in render.report_lines(report, folder):
        show(line)
    ActionsRun.of(os.environ).summarize(render.run_page(report))


def _published(report: Report, declaration: Declaration, hub: HubOptions) -> tuple[IssueOutcome, ...]:
    address = ActionsRun.of(os.environ).address
    issues = QueryIssues.connect(hub.forge(os.environ), address, public=declaration.public)
    return tuple(issues.ensure(report))


def _print_outcomes(outcomes: Sequence[IssueOutcome], show: Show) -> None:
    for one in outcomes:
        place, why = (f" {one.where}" if one.where else ""), (f" ({one.why})" if one.why else "")
        show(f"{one.name}: issue {one.kind.value}{place}{why}")


def _failed(outcomes: Sequence[IssueOutcome]) -> bool:
    return any(one.kind is IssueOutcomeKind.FAILED for one in outcomes)


def _test_case(query: SavedQuery, path: str, text: bytes, form: str, show: Show) -> int:
    """0, or 1 where the answer differs, 3 where the case or the query is wrong."""
    try:
        case = read_case(path, text)
        different = differences(case, *_answer(query, case))
    except DeclarationError as wrong:
        return _show_problems(wrong, form, show)
    except SourceError as error:
        show(str(error))
        return WRONG
    if different:
        lines = list(render.difference_lines(path, different))
        for line in [annotation("error", "\n".join(lines), file=path)] if form == "github" else lines:
            show(line)
    return FOUND if different else 0


def _answer(query: SavedQuery, case: Case) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    engine = Embedded(query.uses.names)
    engine.load(case.records)
    answer = engine.answer(query, case.window, case.principals)
    return answer.columns, list(answer.rows)


def _show_problems(wrong: DeclarationError, form: str, show: Show) -> int:
    lines = annotations_of_problems(wrong.problems) if form == "github" else map(str, wrong.problems)
    for line in lines:
        show(line)
    return WRONG
