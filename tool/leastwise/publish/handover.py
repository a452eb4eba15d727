"""What the job that may read AWS hands to the job that may write to GitHub, and what that one records.

Two jobs, because a token that writes and credentials that read logs should never meet in one process.  What
crosses between them is one JSON file, and the reader trusts it with nothing: `accepted` holds every proposal
against the reader's own checkout, so that whoever took over the first job can change no file but policies of
enrolled principals, and can widen no policy under the name of a tightening.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from leastwise.errors import HandoverError, PolicySyntaxError
from leastwise.iam.document import parse
from leastwise.iam.includes import Included, includes
from leastwise.model.proposal import ProposalKind
from leastwise.publish import handover_wire as wire
from leastwise.publish.handed import read_file, shown, unfit, write_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from leastwise.iam.statement import PolicyDocument
    from leastwise.model.declared import Declaration, Principal
    from leastwise.model.policies import Policies
    from leastwise.model.proposal import Proposal, PublishOutcome, PullRequestText
    from leastwise.model.report import PrincipalReport

HANDOVER_FILE = "handover.json"
RECORD_FILE = "record.json"
ANEW = "leastwise propose --publish handover"


@dataclass(frozen=True, slots=True)
class Handover:
    """Proposals with their texts, and a report of every principal that was looked at.

    ``complete``: those were all that are enrolled, so what others left behind is to be taken back.
    """

    made: datetime
    complete: bool
    reports: tuple[PrincipalReport, ...]
    proposals: tuple[tuple[Proposal, PullRequestText], ...]

    def of(self, principal: str) -> Mapping[ProposalKind, tuple[Proposal, PullRequestText]]:
        """The proposals of one principal."""
        return {
            proposal.kind: (proposal, text)
            for proposal, text in self.proposals
            if proposal.principal == principal
        }


@dataclass(frozen=True, slots=True)
class Record:
    """What publishing did."""

    reports: tuple[PrincipalReport, ...]
    outcomes: tuple[PublishOutcome, ...]
    news: tuple[str, ...] = ()
    """Principals of whom something else is live than the run before found."""


def write_handover(folder: Path, handover: Handover) -> Path:
    """Write ``handover.json``.  Raises `HandoverError` where that is not possible."""
    content = wire.HandoverFile(
        format=wire.HANDOVER,
        version=wire.VERSION,
        made=handover.made,
        complete=handover.complete,
        reports=tuple(wire.Report.of(report) for report in handover.reports),
        proposals=tuple(wire.Proposed.of(proposal, text) for proposal, text in handover.proposals),
    )
    return write_file(folder / HANDOVER_FILE, content)


def read_handover(folder: Path) -> Handover:
    """Read ``handover.json``.  Raises `HandoverError` for anything that `write_handover` cannot have written.

    The form alone is checked; see `accepted`.
    """
    path = folder / HANDOVER_FILE
    content = read_file(path, wire.HandoverFile, (wire.HANDOVER, wire.VERSION), ANEW)
    proposals = tuple(proposed.value() for proposed in content.proposals)
    for proposed, (proposal, _) in zip(content.proposals, proposals, strict=True):
        if proposal.fingerprint != proposed.fingerprint:
            raise unfit(path, f"the fingerprint of {proposal.principal} is not that of its files", ANEW)
    keys = [(proposal.principal, proposal.kind) for proposal, _ in proposals]
    if len(set(keys)) < len(keys):
        raise unfit(path, "two proposals of one kind for one principal", ANEW)
    reports = tuple(report.value() for report in content.reports)
    return Handover(content.made, content.complete, reports, proposals)


def write_record(folder: Path, record: Record) -> Path:
    """Write ``record.json``.  Raises `HandoverError` where that is not possible."""
    content = wire.RecordFile(
        format=wire.RECORD,
        version=wire.VERSION,
        reports=tuple(wire.Report.of(report) for report in record.reports),
        outcomes=tuple(wire.Outcome.of(outcome) for outcome in record.outcomes),
        news=record.news,
    )
    return write_file(folder / RECORD_FILE, content)


def read_record(folder: Path) -> Record:
    """Read ``record.json``.  Raises `HandoverError` for anything that `write_record` cannot have written."""
    content = read_file(folder / RECORD_FILE, wire.RecordFile, (wire.RECORD, wire.VERSION), ANEW)
    return Record(
        tuple(report.value() for report in content.reports),
        tuple(outcome.value() for outcome in content.outcomes),
        content.news,
    )


def accepted(handover: Handover, declaration: Declaration, policies: Policies) -> Handover:
    """The same, once every proposal is what it says, for the checkout at hand.

    Raises `HandoverError` for a principal that is not enrolled, a file that is not its own, a text that is no
    policy, and a tightening that is not proved here to allow nothing new.
    """
    for report in handover.reports:
        _enrolled(declaration, report.principal)
    for proposal, _ in handover.proposals:
        principal = _enrolled(declaration, proposal.principal)
        after = {change.path: _document(principal, change.path, change.after) for change in proposal.files}
        if proposal.kind is ProposalKind.TIGHTEN and _is_current(proposal, policies):
            _prove(principal, policies, after)
    return handover


def _enrolled(declaration: Declaration, key: str) -> Principal:
    principal = declaration.principal(key)
    if principal is None:
        raise HandoverError(
            f"the handover speaks of {shown(key)}, which principals.yaml of this checkout does not enrol: "
            "make both jobs check out the same commit"
        )
    return principal


def _document(principal: Principal, path: str, text: str | None) -> PolicyDocument | None:
    """The policy that a file is to hold; ``None``: the file goes."""
    below = PurePosixPath(path)
    is_own = below.as_posix() == path and path.startswith(f"{principal.folder}/")
    if not is_own or ".." in below.parts or not path.endswith(".json"):
        raise HandoverError(
            f"the handover changes {shown(path)}, which is no policy of {principal.key}; "
            "nothing was published"
        )
    try:
        return None if text is None else parse(text, path)
    except PolicySyntaxError as error:
        raise HandoverError(f"the handover holds a text that is no policy: {shown(str(error))}") from error


def _is_current(proposal: Proposal, policies: Policies) -> bool:
    """Whether the files are still what was compared; where they are not, the publisher says so."""
    return all(_text(policies, change.path) == change.before for change in proposal.files)


def _text(policies: Policies, path: str) -> str | None:
    file = policies.files.get(path)
    return file.text if file else None


def _prove(principal: Principal, policies: Policies, after: Mapping[str, PolicyDocument | None]) -> None:
    """Prove again that the new policies allow nothing that the committed ones do not."""
    elsewhere = [file.document for file in policies.elsewhere(principal)]
    own = {file.path: file.document for file in policies.own(principal)}
    kept = {path: document for path, document in {**own, **after}.items() if document is not None}
    answer = includes([*own.values(), *elsewhere], [*kept.values(), *elsewhere])
    if not isinstance(answer, Included):
        raise HandoverError(
            f"the tightening of {principal.key} is not proved to allow nothing new: nothing was published"
        )
