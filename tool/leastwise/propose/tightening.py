"""Taking away what was not used."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from leastwise.holdings import Holdings
from leastwise.iam.document import parse
from leastwise.iam.size import (
    MANAGED_POLICIES,
    MAX_DOCUMENT_CHARACTERS,
)
from leastwise.model.finding import StatementRef, Unseen, Verdict
from leastwise.model.policies import PolicyFile, PolicyKind
from leastwise.model.proposal import Proposal, ProposalKind, Withheld, WithheldReason
from leastwise.propose.actions_only import actions_only
from leastwise.propose.certificate import proof_of
from leastwise.propose.parts import Layout, tighten
from leastwise.propose.proof import prove_tightening
from leastwise.propose.verified import verified
from leastwise.quota import budgets
from leastwise.reference.actions import reference_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from leastwise.case import Case
    from leastwise.model.finding import Denied, Finding
    from leastwise.model.proposal import FileChange, Proof
    from leastwise.propose.parts import Tightening


BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


def propose_tightening(
    case: Case,
    findings: tuple[Finding, ...],
    denied: tuple[Denied, ...],
    again: Callable[[Case], tuple[Finding, ...]],
) -> Proposal | Withheld:
    """The committed files without what was not used, with the proof; or why they stay as they are.

    ``findings`` hold those of the comparison and the calls that the policies do not explain; ``again``
    compares the same evidence with other policies, for the proof that nothing more would be proposed.
    """
    tightening = _fitting(case, findings)
    if not tightening.files:
        return _withheld(case, *_nothing(case, findings), findings, denied)
    too_large = _too_large(case, tightening)
    if too_large:
        return _withheld(case, WithheldReason.TOO_LARGE, too_large, findings, denied)
    own = tuple(_after(case.own, tightening.files))
    proposal = Proposal(
        kind=ProposalKind.TIGHTEN,
        principal=case.principal.key,
        files=tightening.files,
        changes=tightening.changes,
        findings=findings,
        coverage=case.coverage,
        proof=_proof(case, own, tightening, again),
        denied=denied,
        sizes=tuple(budgets(own)),
        notes=tuple(_notes(case, tightening)),
        owners=case.principal.owners,
    )
    return verified(proposal)


def _fitting(case: Case, findings: tuple[Finding, ...]) -> Tightening:
    """The tightening; where a policy would not hold it, the unseen grants are written another way."""
    whole = tighten(case.own, findings)
    over = {budget.path for budget in budgets(_after(case.own, whole.files)) if budget.used > budget.quota}
    layout = {
        file.path: Layout.APART if file.kind is PolicyKind.MANAGED else Layout.SHORTENED
        for file in case.own
        if any(file.path.startswith(path) for path in over)
    }
    return tighten(case.own, findings, layout) if layout else whole


def _too_large(case: Case, tightening: Tightening) -> str:
    """Why AWS would not take the files, in words; empty if it may.  Quotas of one policy come later."""
    longest = max((len(change.after or "") for change in tightening.files), default=0)
    if longest > MAX_DOCUMENT_CHARACTERS:
        return f"one policy would have {longest:,} characters"
    added = sum(change.before is None for change in tightening.files)
    managed = added + sum(file.kind is PolicyKind.MANAGED for file in case.own) + len(case.elsewhere)
    if added and managed > MANAGED_POLICIES:
        return f"{managed} managed policies would be attached, of {MANAGED_POLICIES} that may be"
    return ""


def _proof(
    case: Case,
    own: tuple[PolicyFile, ...],
    tightening: Tightening,
    again: Callable[[Case], tuple[Finding, ...]],
) -> Proof:
    old = Holdings.of(file.document for file in (*case.own, *case.elsewhere))
    new = Holdings.of(file.document for file in (*own, *case.elsewhere))

    def finds_more() -> bool:
        changed = replace(case, own=own, unchanged_since=dict(_ages(case, own)))
        return bool(tighten(own, again(changed)).files)

    proved = prove_tightening(old, new, tightening, case.evidence.observations, finds_more)
    return proof_of(case, ProposalKind.TIGHTEN, tightening.files, proved)


def _ages(case: Case, own: Iterable[PolicyFile]) -> Iterator[tuple[StatementRef, datetime | None]]:
    """The ages by which the result is judged once more: an edited statement is no younger than it was.

    Were it young, nothing of it could ever count as unused, and the second look would see nothing.
    """
    written = {
        (file.path, statement): case.unchanged_since.get(StatementRef(file.path, index, statement.sid or ""))
        for file in case.own
        for index, statement in enumerate(file.document.statements)
    }
    for file in own:
        for index, statement in enumerate(file.document.statements):
            age = written.get((file.path, statement), BEFORE_ALL)
            yield StatementRef(file.path, index, statement.sid or ""), age


def _after(policies: Iterable[PolicyFile], changes: Sequence[FileChange]) -> Iterator[PolicyFile]:
    """The policies with the changes made: a file that goes is left out, a new one comes last."""
    changed = {change.path: change.after for change in changes}
    added = {change.path: change for change in changes if change.before is None}
    for policy in policies:
        text = changed.get(policy.path, policy.text)
        if text is not None:
            yield replace(policy, text=text, document=parse(text, policy.path))
    for path, change in added.items():
        text = change.after or ""
        folder = path.rpartition("/")[0]
        yield PolicyFile(path, text, parse(text, path), PolicyKind.MANAGED, folder)


def _nothing(case: Case, findings: tuple[Finding, ...]) -> tuple[WithheldReason, str]:
    """Why there is nothing to take away: all is used, or what is not used could not have been seen."""
    if not case.own:
        return WithheldReason.NOTHING_TO_CHANGE, "no policy is committed yet"
    if not case.evidence.tallies:
        return WithheldReason.NO_EVIDENCE, case.standing or "no call was recorded"
    unknown = [finding for finding in findings if finding.verdict is Verdict.UNKNOWN and finding.atom]
    if not unknown:
        return WithheldReason.NOTHING_TO_CHANGE, "every grant that could be seen is used"
    counted = Counter(finding.reason for finding in unknown)
    reason, count = min(counted.items(), key=lambda item: (-item[1], item[0].value if item[0] else ""))
    detail = next(finding.detail for finding in unknown if finding.reason is reason)
    words = f"{count} of {len(unknown)} grants not seen in use: {reason.value if reason else ''}"
    kind = {
        Unseen.TRIAL_OPEN: WithheldReason.TRIAL_OPEN,
        Unseen.CALIBRATION: WithheldReason.CALIBRATION,
        Unseen.UNMAPPED: WithheldReason.UNMAPPED,
    }.get(reason or Unseen.OPAQUE, WithheldReason.NO_COVERAGE)
    return kind, f"{words} ({detail})" if detail else words


def _withheld(
    case: Case,
    reason: WithheldReason,
    detail: str,
    findings: tuple[Finding, ...],
    denied: tuple[Denied, ...],
) -> Withheld:
    return Withheld(ProposalKind.TIGHTEN, case.principal.key, reason, detail, findings, case.coverage, denied)


def _notes(case: Case, tightening: Tightening) -> Iterator[str]:
    yield from (actions_only(case.principal.key, seen) for seen in case.by_actions_only)
    elsewhere = Holdings.of(file.document for file in case.elsewhere)
    removed = {change.action for change in tightening.changes if not change.after}
    still = sorted(action for action in removed if elsewhere.grants_somewhere(action))
    if still:
        names = ", ".join(file.path for file in case.elsewhere)
        shown = ", ".join(still[:5]) + (f" and {len(still) - 5} more" if len(still) > 5 else "")
        yield f"Granted elsewhere all the same ({names}): {shown}."
    new = [change.path for change in tightening.files if change.before is None]
    if new:
        yield (
            "One managed policy holds 6,144 characters: what stays only because nobody could have seen it in "
            f"use is in {', '.join(new)}. Attach it too, or leave it out if you know that it is not needed."
        )
    if tightening.shortened:
        yield (
            f"To fit its quota, what could not be seen is written with wildcards in {tightening.shortened}. "
            f"They name exactly these actions as of {reference_version()}; one that AWS adds may join them."
        )
    if any(change.after is None for change in tightening.files):
        yield "A file that grants nothing any more is deleted: detach its policy where you deploy it."
