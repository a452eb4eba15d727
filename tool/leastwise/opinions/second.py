"""Ask AWS about a proposal: its errors and warnings become notes, its disagreement withholds the proposal.

ValidatePolicy is free.  CheckNoNewAccess and CheckAccessNotGranted cost money for each call, so they are
asked only as far as the declaration allows it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from leastwise.errors import AwsError
from leastwise.iam.document import parse, render
from leastwise.iam.statement import PolicyDocument
from leastwise.model.proposal import ProposalKind, Withheld, WithheldReason
from leastwise.render.escape import prose

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from leastwise.aws.access_analyzer import CheckResult, PolicyChecks, PolicyFinding
    from leastwise.iam.statement import Statement
    from leastwise.model.declared import SecondOpinion
    from leastwise.model.proposal import FileChange, Proposal

SHOWN = frozenset({"ERROR", "SECURITY_WARNING"})
DETAIL = 600
"""Characters of AWS's own words in a note."""
ACTIONS_AT_ONCE = 100
"""Actions of one CheckAccessNotGranted (botocore 1.44.5, ``AccessActionsList``)."""
GRANTING = frozenset({ProposalKind.INITIAL, ProposalKind.ADD, ProposalKind.RESTORE})
"""Kinds that prove that nothing forbidden is granted; what was adopted, somebody granted by hand."""
SPENT = (
    "AWS was not asked whether it agrees: as many checks as the declaration allows for a run were made "
    "(`second_opinion: {custom_checks: …}`)."
)
TWO_VERSIONS = "AWS was not asked whether it agrees: the policies differ in `Version`."


class Purse:
    """How many of the checks that cost money this run may still make, and how many it made."""

    def __init__(self, most: int) -> None:
        """``most`` is the cap of the run."""
        self._most = most
        self.spent = 0

    def pay(self) -> bool:
        """Whether one more call may be made; it then counts."""
        if self.spent >= self._most:
            return False
        self.spent += 1
        return True

    def __str__(self) -> str:
        """For people."""
        return f"AWS bills {self.spent} of at most {self._most} checks of this run (second_opinion)"


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that a proposal says of itself, and how AWS is asked about it."""

    words: str
    ask: Callable[[], CheckResult]


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
        notes = list(self._validated(proposal)) if self.allowed.validate else []
        for claim in self._claims(proposal, never) if self.allowed.custom_checks else ():
            if not self.purse.pay():
                notes.append(SPENT)
                break
            try:
                result = claim.ask()
            except AwsError as error:
                notes.append(_unasked(error))
                continue
            if not result.passes:
                return _contradicted(proposal, claim.words, result)
            notes.append(f"AWS agrees: {claim.words}.")
        if self.allowed.custom_checks and _differ_in_version(proposal):
            notes.append(TWO_VERSIONS)
        return replace(proposal, notes=tuple(dict.fromkeys((*proposal.notes, *notes))))

    def _validated(self, proposal: Proposal) -> Iterator[str]:
        """What is wrong in each file, or why AWS could not be asked."""
        for change in proposal.files:
            try:
                findings = list(self.checks.validate(change.after)) if change.after else []
            except AwsError as error:
                yield _unasked(error)
                return
            yield from (_found(change.path, found) for found in findings if found.kind in SHOWN)

    def _claims(self, proposal: Proposal, never: Sequence[str]) -> Iterator[Claim]:
        """What AWS can be asked about; each claim costs money once."""
        if proposal.kind is ProposalKind.TIGHTEN:
            before, after = _both(proposal)
            if before and after:
                words = "nothing new is allowed (CheckNoNewAccess)"
                yield Claim(words, lambda: self.checks.no_new_access(before, after))
        elif proposal.kind in GRANTING:
            added = _united(list(map(_gained_in, proposal.files)))
            words = "nothing that the declaration forbids is granted (CheckAccessNotGranted)"
            for first in range(0, len(never), ACTIONS_AT_ONCE):
                if added:
                    some = never[first : first + ACTIONS_AT_ONCE]
                    yield Claim(words, partial(self.checks.not_granted, added, some))


def _found(path: str, found: PolicyFinding) -> str:
    place = f"{path}:{found.line}" if found.line else path
    return f"AWS says {found.kind} {found.code} at {place}: {prose(found.details, DETAIL)}"


def _unasked(error: AwsError) -> str:
    return f"AWS's own checks could not be asked: {prose(str(error), DETAIL)}."


def _both(proposal: Proposal) -> tuple[str | None, str | None]:
    """All that the changed files said and say; nothing where AWS cannot compare them."""
    if _differ_in_version(proposal):
        return None, None
    before = _united([change.before for change in proposal.files])
    after = _united([change.after for change in proposal.files])
    return before, after


def _differ_in_version(proposal: Proposal) -> bool:
    """Whether AWS would be asked about policies that it takes only one by one."""
    texts: list[str | None] = []
    if proposal.kind is ProposalKind.TIGHTEN:
        texts = [text for change in proposal.files for text in (change.before, change.after)]
    elif proposal.kind in GRANTING:
        texts = list(map(_gained_in, proposal.files))
    return len({parse(text).version for text in texts if text}) > 1


def _gained_in(change: FileChange) -> str | None:
    """A policy of what the file grants beyond what stood there before, which is the team's own choice."""
    if change.after is None or change.before is None:
        return change.after
    before, after = parse(change.before), parse(change.after)
    old = (*before.statements, *([None] * len(after.statements)))
    changed = [_gained(was, now) for was, now in zip(old, after.statements, strict=False) if was != now]
    gained = tuple(each for each in changed if _is_whole(each))
    return render(replace(after, statements=gained)) if gained else None


def _gained(before: Statement | None, after: Statement) -> Statement:
    """What a statement grants more than the one in its place did: more actions, or on more resources."""
    if before is None or replace(after, actions=before.actions, resources=before.resources) != before:
        return after
    if {*before.resources} == {*after.resources}:
        return replace(after, actions=tuple(name for name in after.actions if name not in before.actions))
    if {*before.actions} == {*after.actions}:
        more = tuple(name for name in after.resources if name not in before.resources)
        return replace(after, resources=more)
    return after


def _is_whole(statement: Statement) -> bool:
    return bool(
        (statement.actions or statement.not_actions) and (statement.resources or statement.not_resources)
    )


def _united(texts: Sequence[str | None]) -> str | None:
    """All policies as one, for AWS takes one; ``None`` where there is none, or their versions differ."""
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
