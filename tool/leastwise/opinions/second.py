"""Ask AWS about a proposal: its errors and warnings become notes, its disagreement withholds the proposal.

ValidatePolicy is free.  CheckNoNewAccess and CheckAccessNotGranted cost money for each call, so they are
asked only as far as the declaration allows it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from leastwise.errors import AwsError
from leastwise.iam.document import parse, render
from leastwise.iam.statement import PolicyDocument
from leastwise.model.proposal import ProposalKind, Withheld, WithheldReason
from leastwise.render.escape import prose

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from leastwise.aws.access_analyzer import CheckResult, PolicyChecks
    from leastwise.model.declared import SecondOpinion
    from leastwise.model.proposal import FileChange, Proposal

SHOWN = frozenset({"ERROR", "SECURITY_WARNING"})
DETAIL = 600
"""Characters of AWS's own words in a note."""
ACTIONS_AT_ONCE = 100
"""Actions of one CheckAccessNotGranted (botocore 1.44.5, ``AccessActionsList``)."""


class Purse:
    """How many of the checks that cost money this run may still make, and how many it made."""

    def __init__(self, most: int) -> None:
        """``most`` is the cap of the run."""
        self._most = most
        self.spent = 0
        self.refused = 0
        """Calls that were not made, for the cap was reached; none where there is nothing to spend at all."""

    def pay(self) -> bool:
        """Whether one more call may be made; it then counts."""
        if self.spent >= self._most:
            self.refused += bool(self._most)
            return False
        self.spent += 1
        return True

    def __str__(self) -> str:
        """For people."""
        return f"AWS bills {self.spent} of at most {self._most} checks of this run (second_opinion)"


@dataclass(frozen=True, slots=True)
class Opinions:
    """AWS's checks, as far as the declaration allows them; ``purse`` is shared by all proposals of a run."""

    checks: PolicyChecks
    allowed: SecondOpinion
    purse: Purse

    def on(self, proposal: Proposal, never: Sequence[str]) -> Proposal | Withheld:
        """The proposal with what AWS found in it, or withheld where AWS contradicts its proof.

        ``never`` are the action patterns that the declaration forbids to add.  A check that cannot be asked
        is a note: it proves nothing, neither way.
        """
        notes: list[str] = []
        refused = self.purse.refused
        try:
            if self.allowed.validate:
                notes += self._validated(proposal)
            for claim, result in self._checked(proposal, never):
                if not result.passes:
                    return _contradicted(proposal, claim, result)
                notes.append(f"AWS agrees: {claim}.")
        except AwsError as error:
            notes.append(f"AWS's own checks could not be asked: {prose(str(error), DETAIL)}.")
        if self.purse.refused > refused:
            notes.append(
                "AWS was not asked whether it agrees: as many checks as the declaration allows for a run "
                "were made (`second_opinion: {custom_checks: …}`)."
            )
        return replace(proposal, notes=(*proposal.notes, *notes))

    def _validated(self, proposal: Proposal) -> Iterator[str]:
        for change in proposal.files:
            for found in self.checks.validate(change.after) if change.after else ():
                if found.kind in SHOWN:
                    place = f"{change.path}:{found.line}" if found.line else change.path
                    yield f"AWS says {found.kind} {found.code} at {place}: {prose(found.details, DETAIL)}"

    def _checked(self, proposal: Proposal, never: Sequence[str]) -> Iterator[tuple[str, CheckResult]]:
        """The claims that AWS was asked about."""
        after = _united([change.after for change in proposal.files])
        if after is None:
            return
        before = _united([change.before for change in proposal.files])
        if proposal.kind is ProposalKind.TIGHTEN and before and self.purse.pay():
            yield "nothing new is allowed (CheckNoNewAccess)", self.checks.no_new_access(before, after)
        added = _united(_added(proposal.files)) if proposal.kind is not ProposalKind.TIGHTEN else None
        for first in range(0, len(never), ACTIONS_AT_ONCE):
            if added and self.purse.pay():
                some = never[first : first + ACTIONS_AT_ONCE]
                claim = "nothing that the declaration forbids is granted (CheckAccessNotGranted)"
                yield claim, self.checks.not_granted(added, some)


def _added(files: Sequence[FileChange]) -> list[str | None]:
    """The policies with the statements that are new: what stood there before is the team's own choice."""
    return [_new_statements(change) for change in files]


def _new_statements(change: FileChange) -> str | None:
    if change.after is None or change.before is None:
        return change.after
    before, after = parse(change.before), parse(change.after)
    new = tuple(statement for statement in after.statements if statement not in before.statements)
    return render(replace(after, statements=new)) if new else None


def _united(texts: Sequence[str | None]) -> str | None:
    """All policies as one, for AWS compares two; ``None`` where there is none, or their versions differ."""
    documents = [parse(text) for text in texts if text]
    if len({document.version for document in documents}) != 1:
        return None
    statements = tuple(
        replace(statement, sid=None) for document in documents for statement in document.statements
    )
    return render(PolicyDocument(statements, documents[0].version))


def _contradicted(proposal: Proposal, claim: str, result: CheckResult) -> Withheld:
    reasons = "; ".join(filter(None, result.reasons)) or "it gives no reason"
    return Withheld(
        proposal.kind,
        proposal.principal,
        WithheldReason.SECOND_OPINION,
        f"we proved that {claim.partition(' (')[0]}, and AWS says otherwise: {reasons}",
        proposal.findings,
        proposal.coverage,
        proposal.denied,
    )
