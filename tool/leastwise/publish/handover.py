"""What the job that may read AWS hands to the job that may write to GitHub, and what that one records.

Two jobs, because a token that writes and credentials that read logs should never meet in one process.  What
crosses between them is one JSON file, and the reader trusts it with nothing: `accepted` holds every proposal
against the reader's own checkout, so that whoever took over the first job can change no file but policies of
enrolled principals, and can widen no policy under the name of a tightening.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, TypeVar

import msgspec

from leastwise.errors import HandoverError, PolicySyntaxError
from leastwise.iam.document import parse
from leastwise.iam.includes import Included, includes
from leastwise.model.proposal import ProposalKind
from leastwise.publish import handover_wire as wire

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
LARGEST = 256 * 1024 * 1024
"""Bytes of a file that is read: 500 principals need about 20 MB."""
SHOWN = 300
"""Characters of a complaint that are shown: it may quote what the file says."""

_File = TypeVar("_File", wire.HandoverFile, wire.RecordFile)


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
    return _write(folder / HANDOVER_FILE, content)


def read_handover(folder: Path) -> Handover:
    """Read ``handover.json``.  Raises `HandoverError` for anything that `write_handover` cannot have written.

    The form alone is checked; see `accepted`.
    """
    path = folder / HANDOVER_FILE
    content = _read(path, wire.HandoverFile, wire.HANDOVER)
    proposals = tuple(proposed.value() for proposed in content.proposals)
    for proposed, (proposal, _) in zip(content.proposals, proposals, strict=True):
        if proposal.fingerprint != proposed.fingerprint:
            raise _unfit(path, f"the fingerprint of {proposal.principal} is not that of its files")
    keys = [(proposal.principal, proposal.kind) for proposal, _ in proposals]
    if len(set(keys)) < len(keys):
        raise _unfit(path, "two proposals of one kind for one principal")
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
    return _write(folder / RECORD_FILE, content)


def read_record(folder: Path) -> Record:
    """Read ``record.json``.  Raises `HandoverError` for anything that `write_record` cannot have written."""
    content = _read(folder / RECORD_FILE, wire.RecordFile, wire.RECORD)
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
            f"the handover speaks of {_shown(key)}, which principals.yaml of this checkout does not enrol: "
            "make both jobs check out the same commit"
        )
    return principal


def _document(principal: Principal, path: str, text: str | None) -> PolicyDocument | None:
    """The policy that a file is to hold; ``None``: the file goes."""
    below = PurePosixPath(path)
    is_own = below.as_posix() == path and path.startswith(f"{principal.folder}/")
    if not is_own or ".." in below.parts or not path.endswith(".json"):
        raise HandoverError(
            f"the handover changes {_shown(path)}, which is no policy of {principal.key}; "
            "nothing was published"
        )
    try:
        return None if text is None else parse(text, path)
    except PolicySyntaxError as error:
        raise HandoverError(f"the handover holds a text that is no policy: {_shown(str(error))}") from error


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


def _write(path: Path, content: msgspec.Struct) -> Path:
    text = json.dumps(msgspec.to_builtins(content), indent=1) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "ascii")
    except OSError as error:
        raise HandoverError(f"{path} could not be written: {error.strerror}; see --out") from error
    return path


def _read(path: Path, kind: type[_File], form: str) -> _File:
    try:
        if path.stat().st_size > LARGEST:
            raise _unfit(path, f"it is larger than {LARGEST:,} bytes")
        content = msgspec.json.decode(path.read_bytes(), type=kind)
    except OSError as error:
        raise HandoverError(f"{path} could not be read: {error.strerror}") from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _unfit(path, str(error)) from error
    if (content.format, content.version) != (form, wire.VERSION):
        raise _unfit(path, f"expected {form} {wire.VERSION}, found {content.format} {content.version}")
    return content


def _unfit(path: Path, complaint: str) -> HandoverError:
    return HandoverError(
        f"{path}: this is not what leastwise of this version wrote, or it was damaged: {_shown(complaint)}; "
        "run `leastwise propose --publish handover` anew"
    )


def _shown(text: str) -> str:
    """As ASCII without control characters, and cut."""
    shown = json.dumps(text)[1:-1]
    return shown if len(shown) <= SHOWN else shown[:SHOWN] + "..."
