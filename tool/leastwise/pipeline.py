"""The only place that knows the order: declare -> collect -> derive -> compare -> propose -> publish."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from leastwise import __version__
from leastwise.assess import assess
from leastwise.case import Case
from leastwise.collect.fold import added, folded
from leastwise.collect.roster import Roster
from leastwise.collect.trail_files import TrailFiles
from leastwise.errors import SourceError, UsageError
from leastwise.model.declared import AccessAnalyzerSource, tells_sessions
from leastwise.model.evidence import Evidence
from leastwise.model.files_read import Collected
from leastwise.model.proposal import OutcomeKind, Proposal, ProposalKind, PublishOutcome
from leastwise.model.window import Window
from leastwise.publish.handover import Handover
from leastwise.render.pull_request import pull_request_text
from leastwise.render.reports import report_of
from leastwise.store.keep import keep
from leastwise.store.memory import Joins, Task, recalled
from leastwise.visibility import views_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from leastwise.assess import Assessment
    from leastwise.collect.interface import Collector, Progress
    from leastwise.model.applied import PastApply
    from leastwise.model.declared import Declaration, Principal, Source
    from leastwise.model.files_read import FilesRead
    from leastwise.model.proposal import PullRequestText
    from leastwise.model.report import PrincipalReport
    from leastwise.publish.interface import Publisher
    from leastwise.store.interface import Shelf
    from leastwise.workspace import Workspace

CLOUDTRAIL_BEGAN = datetime(2013, 11, 13, tzinfo=UTC)
"""The day CloudTrail was announced: no record is older
(https://aws.amazon.com/blogs/aws/aws-cloudtrail-capture-aws-api-activity/)."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Where evidence is kept across runs; ``say`` hears of what was damaged there."""

    shelf: Shelf
    say: Callable[[str], None]


def observe(
    declaration: Declaration,
    principals: Sequence[Principal],
    connect: Callable[[Source], Collector],
    window: Window,
    progress: Progress,
) -> Evidence:
    """The merged evidence of every source that one of the principals names; each source is read once."""
    evidence = Evidence()
    for task in tasks(declaration, principals, window):
        evidence = evidence.merge(read(task, window, connect, progress))
    return evidence


def observe_and_keep(
    declaration: Declaration,
    principals: Sequence[Principal],
    connect: Callable[[Source], Collector],
    window: Window,
    progress: Progress,
    kept: Kept,
) -> Evidence:
    """The same from what is kept: no more is read than earlier runs have not read, and it is kept too."""
    asked = tasks(declaration, principals, window)

    def read_on(task: Task, new: Window, before: FilesRead | None) -> Collected:
        return read_new(task, new, before, connect, progress)

    memory = keep(kept.shelf, asked, read_on, Joins(folded, added), kept.say)
    return recalled(memory, principals, [task.source.name for task in asked])


def observe_sessions(
    declaration: Declaration,
    principals: Sequence[Principal],
    connect: Callable[[Source], Collector],
    window: Window,
    progress: Progress,
) -> Evidence:
    """What each *session* of the principals did: it names people, belongs to no principal, is never kept.

    Raises ``UsageError`` for a source that knows no sessions.
    """
    evidence = Evidence()
    for task in tasks(declaration, principals, window):
        collector = _teller_of_sessions(connect, task.source)
        evidence = evidence.merge(
            collector.collect(Roster(task.principals, by_session=True), window, progress)
        )
    return evidence


def observe_accounts(
    declaration: Declaration,
    accounts: Sequence[str],
    connect: Callable[[Source], Collector],
    window: Window,
    progress: Progress,
    *,
    by_session: bool = False,
) -> Evidence:
    """What every user, every role and root of whole accounts did, each under its own ARN; never kept.

    Every source of records is read.  Access Analyzer looks at those whom it is told of, so it is left out.
    """
    check_sources(declaration)
    roster = Roster((), by_session, frozenset(accounts))
    evidence = Evidence()
    for source in declaration.sources.values():
        if not isinstance(source, AccessAnalyzerSource):
            evidence = evidence.merge(connect(source).collect(roster, window, progress))
    return evidence


def _teller_of_sessions(connect: Callable[[Source], Collector], source: Source) -> Collector:
    if not tells_sessions(source):
        raise UsageError(
            f"source {source.name}: Access Analyzer does not tell sessions apart; name a source with log "
            "records (trail-files, athena or cloudtrail-lake)"
        )
    return connect(source)


def tasks(declaration: Declaration, principals: Sequence[Principal], window: Window) -> tuple[Task, ...]:
    """Each source that one of the principals names, with all who name it."""
    if principals:
        check_sources(declaration)
    names = dict.fromkeys(name for principal in principals for name in principal.sources)
    return tuple(
        Task(
            declaration.sources[name],
            tuple(principal for principal in principals if name in principal.sources),
            __version__,
            window,
        )
        for name in names
    )


def check_sources(declaration: Declaration) -> None:
    """Raises ``SourceError`` where there is nothing to read."""
    if not declaration.sources:
        raise SourceError(
            "principals.yaml names no source of evidence: add one below `sources:`, such as"
            " logs: {kind: trail-files, path: logs/}"
        )


def read(task: Task, window: Window, connect: Callable[[Source], Collector], progress: Progress) -> Evidence:
    """What one source shows of its principals in a window."""
    return connect(task.source).collect(Roster(task.principals), window, progress)


def read_new(
    task: Task,
    window: Window,
    before: FilesRead | None,
    connect: Callable[[Source], Collector],
    progress: Progress,
) -> Collected:
    """The same, without the files that an earlier run has counted, where a source has files."""
    collector, roster = connect(task.source), Roster(task.principals)
    if isinstance(collector, TrailFiles):
        return collector.collect_new(roster, window, before, progress)
    return Collected(collector.collect(roster, window, progress))


def window_up_to(now: datetime, since: datetime | None = None) -> Window:
    """Everything that was recorded up to ``now``, or from ``since`` on."""
    return Window(since or CLOUDTRAIL_BEGAN, now)


def case_of(
    workspace: Workspace,
    principal: Principal,
    evidence: Evidence,
    now: datetime,
    declined: frozenset[str] = frozenset(),
    applies: tuple[PastApply, ...] | None = None,
) -> Case:
    """All that is known of one principal."""
    own = workspace.policies.own(principal)
    seen = evidence.of(principal.key)
    return Case(
        principal=principal,
        own=own,
        elsewhere=workspace.policies.elsewhere(principal),
        bound=workspace.policies.bound(principal),
        evidence=seen,
        views=views_of(principal, seen, now),
        unchanged_since=workspace.unchanged_since(own),
        now=now,
        declined=declined,
        redact=workspace.declaration.redact,
        applies=applies,
    )


def assess_all(
    workspace: Workspace,
    principals: Iterable[Principal],
    evidence: Evidence,
    now: datetime,
    declined: Mapping[str, frozenset[str]],
    applies: Mapping[str, tuple[PastApply, ...]] | None = None,
) -> tuple[Assessment, ...]:
    """Every principal judged, in the order of the declaration.

    ``declined`` and ``applies`` are by principal's key: what people declined, and what was applied, of those
    of whom it is known.
    """
    return tuple(
        assess(
            case_of(
                workspace,
                principal,
                evidence,
                now,
                declined.get(principal.key, frozenset()),
                (applies or {}).get(principal.key),
            )
        )
        for principal in principals
    )


def publish(assessments: Iterable[Assessment], publisher: Publisher) -> tuple[PublishOutcome, ...]:
    """Have every proposal published, and take back what is no longer proposed."""
    return tuple(
        outcome
        for assessment in assessments
        for outcome in _published(report_of(assessment), _drafts(assessment), publisher)
    )


def hand_over(assessments: Sequence[Assessment], made: datetime, *, complete: bool) -> Handover:
    """All that publishing needs, without the evidence; ``complete``: these are all that are enrolled."""
    return Handover(
        made,
        complete,
        tuple(report_of(assessment) for assessment in assessments),
        tuple(draft for assessment in assessments for draft in _drafts(assessment).values()),
    )


def publish_handover(handover: Handover, publisher: Publisher) -> tuple[PublishOutcome, ...]:
    """``publish`` of what another process proposed."""
    return tuple(
        outcome
        for report in handover.reports
        for outcome in _published(report, handover.of(report.principal), publisher)
    )


def _drafts(assessment: Assessment) -> dict[ProposalKind, tuple[Proposal, PullRequestText]]:
    return {
        result.kind: (result, pull_request_text(result, assessment.case))
        for result in assessment.results
        if isinstance(result, Proposal)
    }


def _published(
    report: PrincipalReport,
    drafts: Mapping[ProposalKind, tuple[Proposal, PullRequestText]],
    publisher: Publisher,
) -> Iterator[PublishOutcome]:
    for kind in ProposalKind:
        if kind in drafts:
            yield publisher.ensure(*drafts[kind])
        elif kind in report.kinds:
            withdrawn = publisher.withdraw(report.principal, kind)
            yield from [withdrawn] if withdrawn else []
    for refusal in report.withheld:
        why = f"{refusal.reason.value}: {refusal.detail}"
        yield PublishOutcome(OutcomeKind.WITHHELD, refusal.kind, report.principal, why=why)
