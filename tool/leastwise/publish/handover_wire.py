"""The members of a handover and of a record, as strictly typed structs: nothing unknown, nothing else.

Annotations are evaluated when the classes are made, because msgspec reads them.
"""

from datetime import date, datetime
from typing import Annotated

from msgspec import Meta, Struct

from leastwise.model.finding import StatementRef
from leastwise.model.proposal import (
    ChangeKind,
    FileChange,
    GrantChange,
    OutcomeKind,
    Proof,
    Proposal,
    ProposalKind,
    PublishOutcome,
    PullRequestText,
    WithheldReason,
)
from leastwise.model.report import LiveReport, PrincipalReport, Refusal, SourceReport

HANDOVER = "leastwise-handover"
RECORD = "leastwise-record"
VERSION = 2

Count = Annotated[int, Meta(ge=0)]
Line = Annotated[str, Meta(max_length=2_000, pattern=r"^[^\x00-\x1f\x7f]*\Z")]
"""One line: what becomes a title, a path or a table cell must not have a second one."""
Harmless = Annotated[str, Meta(max_length=300, pattern=r"^[A-Za-z0-9 ()_+=,.…\\/-]*\Z")]
"""What goes onto a page as it is: nothing in it means anything to Markdown."""
Body = Annotated[str, Meta(max_length=65_536)]
Moment = Annotated[datetime, Meta(tz=True)]


class File(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One policy file before and after; ``None``: it is not there."""

    path: Line
    before: str | None
    after: str | None


class Change(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One grant that changes, without its evidence: that is in the text already."""

    kind: ChangeKind
    action: Line
    path: Line
    index: int
    sid: str
    before: tuple[str, ...]
    after: tuple[str, ...]


class Proposed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One proposal with its text."""

    kind: ProposalKind
    principal: Line
    fingerprint: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
    files: Annotated[tuple[File, ...], Meta(min_length=1)]
    changes: tuple[Change, ...]
    owners: tuple[Line, ...]
    title: Line
    body: Body

    @classmethod
    def of(cls, proposal: Proposal, text: PullRequestText) -> "Proposed":
        """As it is handed over."""
        return cls(
            kind=proposal.kind,
            principal=proposal.principal,
            fingerprint=proposal.fingerprint,
            files=tuple(File(path=one.path, before=one.before, after=one.after) for one in proposal.files),
            changes=tuple(_change(change) for change in proposal.changes),
            owners=proposal.owners,
            title=text.title,
            body=text.body,
        )

    def value(self) -> tuple[Proposal, PullRequestText]:
        """What a publisher takes: a proposal without findings, coverage and certificate, and its text."""
        files = tuple(FileChange(one.path, one.before, one.after) for one in self.files)
        changes = tuple(
            GrantChange(
                one.kind, one.action, StatementRef(one.path, one.index, one.sid), one.before, one.after
            )
            for one in self.changes
        )
        proof = Proof((), 0, 0)
        proposal = Proposal(self.kind, self.principal, files, changes, (), (), proof, owners=self.owners)
        return proposal, PullRequestText(self.title, self.body)


class Source(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one source could show."""

    name: Line
    kind: Line
    first: date | None
    last: date | None
    missing: Count
    blind: Line
    unreadable: Count


class Withheld(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why there is no proposal of one kind."""

    kind: ProposalKind
    reason: WithheldReason
    detail: str


class Live(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How what is live differs from what is committed."""

    differs: tuple[str, ...]
    unread: str
    undone_by: Annotated[str, Meta(pattern=r"^[0-9a-f]{0,64}\Z")]


class Report(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One enrolled principal."""

    principal: Line
    name: Harmless
    opens: date | None
    closes: date | None
    last_call: date | None
    sources: tuple[Source, ...]
    withheld: tuple[Withheld, ...]
    kinds: tuple[ProposalKind, ...]
    live: Live | None

    @classmethod
    def of(cls, report: PrincipalReport) -> "Report":
        """As it is handed over."""
        return cls(
            principal=report.principal,
            name=report.name,
            opens=report.opens,
            closes=report.closes,
            last_call=report.last_call,
            sources=tuple(
                Source(
                    name=one.name,
                    kind=one.kind,
                    first=one.first,
                    last=one.last,
                    missing=one.missing,
                    blind=one.blind,
                    unreadable=one.unreadable,
                )
                for one in report.sources
            ),
            withheld=tuple(
                Withheld(kind=one.kind, reason=one.reason, detail=one.detail) for one in report.withheld
            ),
            kinds=report.kinds,
            live=Live(differs=report.live.differs, unread=report.live.unread, undone_by=report.live.undone_by)
            if report.live
            else None,
        )

    def value(self) -> PrincipalReport:
        """The report."""
        sources = tuple(
            SourceReport(one.name, one.kind, one.first, one.last, one.missing, one.blind, one.unreadable)
            for one in self.sources
        )
        withheld = tuple(Refusal(one.kind, one.reason, one.detail) for one in self.withheld)
        return PrincipalReport(
            self.principal,
            self.name,
            self.opens,
            self.closes,
            self.last_call,
            sources,
            withheld,
            self.kinds,
            LiveReport(self.live.differs, self.live.unread, self.live.undone_by) if self.live else None,
        )


class Outcome(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What became of one proposal."""

    outcome: OutcomeKind
    kind: ProposalKind
    principal: Line
    where: Line
    why: str

    @classmethod
    def of(cls, outcome: PublishOutcome) -> "Outcome":
        """As it is recorded."""
        return cls(
            outcome=outcome.kind,
            kind=outcome.proposal,
            principal=outcome.principal,
            where=outcome.where,
            why=outcome.why,
        )

    def value(self) -> PublishOutcome:
        """The outcome."""
        return PublishOutcome(self.outcome, self.kind, self.principal, self.where, self.why)


class HandoverFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that the publishing job is told."""

    format: str
    version: int
    made: Moment
    complete: bool
    reports: tuple[Report, ...]
    proposals: tuple[Proposed, ...]


class RecordFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What publishing did."""

    format: str
    version: int
    reports: tuple[Report, ...]
    outcomes: tuple[Outcome, ...]
    news: tuple[Line, ...]


def _change(change: GrantChange) -> Change:
    return Change(
        kind=change.kind,
        action=change.action,
        path=change.statement.path,
        index=change.statement.index,
        sid=change.statement.sid,
        before=change.before,
        after=change.after,
    )
