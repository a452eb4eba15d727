"""What is proposed, with its proof; what is withheld, with its reason; and what became of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leastwise.model.applied import Applied
    from leastwise.model.derivation import Flag, Omission
    from leastwise.model.evidence import Coverage, Observation
    from leastwise.model.finding import Denied, Finding, StatementRef


class ProposalKind(Enum):
    """The kinds of pull request."""

    INITIAL = "initial"
    TIGHTEN = "tighten"
    ADD = "add"
    RESTORE = "restore"
    """Gives back what an apply took away and was then asked for."""
    ADOPT = "adopt"
    """Takes over what somebody changed in AWS by hand."""


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file below ``policies/`` before and after; ``None``: the file is not there."""

    path: str
    before: str | None
    after: str | None


class ChangeKind(Enum):
    """What happens to a grant."""

    REMOVED = "removed"
    NARROWED = "narrowed"
    ADDED = "added"
    RESTORED = "restored"
    ADOPTED = "adopted"
    """Live by hand, and not in the files."""
    DROPPED = "dropped"
    """In the files, and taken away by hand."""


@dataclass(frozen=True, slots=True)
class GrantChange:
    """One grant removed, narrowed, added, restored, adopted or dropped, and the evidence for it.

    ``before`` and ``after`` are the resource patterns of the action in the statement: empty before for an
    added, restored or adopted grant, empty after for a removed or dropped one.  ``observations`` are those
    that speak for the change: the uses that a narrowed or added grant is for, the denied calls that a
    restored one is for; none for the others.
    """

    kind: ChangeKind
    action: str
    statement: StatementRef
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    context: tuple[tuple[str, str], ...] = ()
    observations: tuple[Observation, ...] = ()
    risk: tuple[str, ...] = ()
    """Why the action deserves a second look: its access level if above Read, and what is known of it."""
    flags: tuple[Flag, ...] = ()
    """What a reviewer must know about a derived grant."""
    narrower: tuple[str, ...] = ()
    """See ``DerivedGrant``."""

    @property
    def grant(self) -> str:
        """A stable text by which a rejected grant is known again: it names no evidence."""
        return grant_text(self.kind, self.action, self.before or self.after)


def grant_text(kind: ChangeKind, action: str, resources: tuple[str, ...]) -> str:
    """``removed s3:DeleteObject on arn:aws:s3:::b/*``: the resources are those before, or added ones."""
    return f"{kind.value} {action} on {' '.join(resources)}"


@dataclass(frozen=True, slots=True)
class Obligation:
    """One thing a proof has to show: whether it holds (``None``: undecided), and why, in words."""

    name: str
    holds: bool | None
    detail: str


@dataclass(frozen=True, slots=True)
class Proof:
    """Every obligation of a proposal, and the certificate that can be checked again.

    ``recorded`` counts the recorded calls that the old policy allowed; ``allowed`` those that the new one
    still does.
    """

    obligations: tuple[Obligation, ...]
    recorded: int
    allowed: int
    certificate: Mapping[str, object] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether every obligation holds; one that could not be decided does not."""
        return all(obligation.holds is True for obligation in self.obligations)


@dataclass(frozen=True, slots=True)
class SizeBudget:
    """Characters used of the quota that applies to one policy file (white space is not counted by IAM)."""

    path: str
    used: int
    quota: int
    rule: str
    """The quota's name, such as ``inline policies of a role``."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change to one principal's policies, ready to be published."""

    kind: ProposalKind
    principal: str
    files: tuple[FileChange, ...]
    changes: tuple[GrantChange, ...]
    findings: tuple[Finding, ...]
    coverage: tuple[Coverage, ...]
    proof: Proof
    denied: tuple[Denied, ...] = ()
    omissions: tuple[Omission, ...] = ()
    """Recorded uses that an initial policy leaves out on purpose."""
    sizes: tuple[SizeBudget, ...] = ()
    notes: tuple[str, ...] = ()
    """What a reviewer must know beside the changes, one sentence each."""
    owners: tuple[str, ...] = ()
    undoes: tuple[Applied, ...] = ()
    """For `RESTORE`: the applies that took the grants away, in order."""

    @property
    def fingerprint(self) -> str:
        """Hex SHA-256 of the policy change alone: more evidence for the same change keeps it."""
        digest = hashlib.sha256()
        for change in self.files:
            for part in (change.path, change.before, change.after):
                text = "" if part is None else part
                digest.update(f"{part is None}{len(text.encode())}:{text}".encode())
        return digest.hexdigest()


class WithheldReason(Enum):
    """Why there is no proposal."""

    TRIAL_OPEN = "trial still open"
    NO_EVIDENCE = "no evidence"
    NO_COVERAGE = "nothing can be shown to be unused"
    NOTHING_TO_CHANGE = "nothing to change"
    PROOF_FAILED = "proof failed"
    CALIBRATION = "recorded calls contradict the committed policy"
    SENSITIVE = "sensitive permissions need a person"
    TOO_LARGE = "does not fit the size quota"
    OUTSIDE_BOUND = "outside the policy held during the trial"
    SECOND_OPINION = "AWS's own check disagrees with our proof: a defect of leastwise, please report it"
    UNMAPPED = "recorded calls could not be tied to a permission"
    REPORT_ONLY = "the declaration asks for a report only"
    WAITING = "merged, and not live yet"
    UNREADABLE = "what is live could not be read"


@dataclass(frozen=True, slots=True)
class Withheld:
    """No proposal of this kind for this principal, and why; a value that reaches the report."""

    kind: ProposalKind
    principal: str
    reason: WithheldReason
    detail: str
    findings: tuple[Finding, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    denied: tuple[Denied, ...] = ()


class OutcomeKind(Enum):
    """What publishing did."""

    OPENED = "opened"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    WITHHELD = "withheld"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    """It was published before, and is no longer proposed."""


@dataclass(frozen=True, slots=True)
class PullRequestText:
    """What a person reads first: one plain line, and the Markdown below it."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class PublishOutcome:
    """What became of one proposal: where it can be seen, or why it was not published."""

    kind: OutcomeKind
    proposal: ProposalKind
    principal: str
    where: str = ""
    """A branch, a file or a pull request's address."""
    why: str = ""
