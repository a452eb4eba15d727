"""Taking over what somebody changed in AWS by hand: the files as they are live, and what that means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.drift.differences import Difference, meaning
from leastwise.grants import grants_of
from leastwise.holdings import Holdings
from leastwise.iam.document import parse
from leastwise.model.policies import PolicyFile
from leastwise.model.proposal import (
    ChangeKind,
    FileChange,
    GrantChange,
    Obligation,
    Proposal,
    ProposalKind,
    Withheld,
    WithheldReason,
)
from leastwise.propose.certificate import proof_of
from leastwise.propose.proof import Proved
from leastwise.propose.replay import replay
from leastwise.propose.verified import verified
from leastwise.quota import budgets
from leastwise.review import review

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from leastwise.case import Case
    from leastwise.drift.differences import Drift, Standing
    from leastwise.model.evidence import Evidence, Observation
    from leastwise.model.finding import StatementRef
    from leastwise.model.live import LivePolicy, LiveState
    from leastwise.review import GrantDelta

_IAM = (
    *("PutRolePolicy", "DeleteRolePolicy", "AttachRolePolicy", "DetachRolePolicy"),
    *("PutUserPolicy", "DeleteUserPolicy", "AttachUserPolicy", "DetachUserPolicy"),
    *("CreatePolicyVersion", "SetDefaultPolicyVersion", "DeletePolicyVersion"),
)
_IDENTITY_CENTER = (
    *("PutInlinePolicyToPermissionSet", "DeleteInlinePolicyFromPermissionSet"),
    *("AttachManagedPolicyToPermissionSet", "DetachManagedPolicyFromPermissionSet"),
)
WRITES = frozenset({f"iam:{name}" for name in _IAM} | {f"sso:{name}" for name in _IDENTITY_CENTER})
"""The calls that change what a principal holds."""


def propose_adoption(case: Case, standing: Standing, notes: tuple[str, ...] = ()) -> Proposal | Withheld:
    """The files as they are live; or why they stay.  ``notes`` tell what is recorded of the change."""
    if standing.live is None:
        return _withheld(case, WithheldReason.UNREADABLE, standing.unread)
    held = {policy.path: policy for policy in standing.live.policies}
    by_hand = {
        found.path: held[found.path]
        for found in standing.drifts
        if found.path not in standing.waiting and _is_ours(case, held.get(found.path), found)
    }
    if by_hand:
        return _proposal(case, by_hand, notes)
    waits = standing.waiting & {found.path for found in standing.drifts}
    if waits:
        return _withheld(case, WithheldReason.WAITING, ", ".join(sorted(waits)))
    return _withheld(case, WithheldReason.NOTHING_TO_CHANGE, _why_nothing(standing))


def _why_nothing(standing: Standing) -> str:
    """What differs, and is in no one file of its own: a shared policy, or one made of several files."""
    meant = [found.path for found in standing.drifts if found.difference is not Difference.SAME_MEANING]
    if meant:
        return f"changed by hand, and in no one file of its own: {', '.join(meant)}"
    return "no policy was changed by hand"


def recorded_writes(live: LiveState, evidence: Evidence) -> tuple[Observation, ...]:
    """Recorded calls that changed what the principal holds; of enrolled principals: others are not read."""
    names = {live.principal, live.arn, *(policy.arn for policy in live.policies)} - {""}
    return tuple(
        seen
        for seen in evidence.observations
        if seen.is_authorized and seen.key.request.action in WRITES and seen.key.request.resource in names
    )


def _is_ours(case: Case, held: LivePolicy | None, found: Drift) -> bool:
    """Whether the difference has a meaning, and lies in one file of the principal's own."""
    if held is None or not held.is_read or found.difference is Difference.SAME_MEANING:
        return False
    is_new = found.difference is Difference.NOT_COMMITTED and found.path.startswith(
        f"{case.principal.folder}/"
    )
    return is_new or found.path in {file.path for file in case.own}


def _proposal(case: Case, held: Mapping[str, LivePolicy], notes: tuple[str, ...]) -> Proposal | Withheld:
    before = {file.path: file for file in case.own}
    own = tuple((before | {path: _file(case, policy) for path, policy in held.items()}).values())
    files = tuple(
        FileChange(path, before[path].text if path in before else None, policy.text)
        for path, policy in sorted(held.items())
    )
    old, new = (Holdings.of(file.document for file in (*some, *case.elsewhere)) for some in (case.own, own))
    replayed = replay(old, new, case.evidence.observations)
    true = [parse(change.after or "") == held[change.path].document for change in files]
    obligation = Obligation(
        "the files say what is live", all(true), f"{sum(true)} of {len(true)}: {', '.join(sorted(held))}"
    )
    meant = meaning(old.documents, new.documents).value
    proposal = Proposal(
        kind=ProposalKind.ADOPT,
        principal=case.principal.key,
        files=files,
        changes=tuple(_changes(case.own, own)),
        findings=(),
        coverage=case.coverage,
        proof=proof_of(case, ProposalKind.ADOPT, files, Proved((obligation,), replayed)),
        sizes=tuple(budgets(own)),
        notes=(f"Taken together with all that it holds: {meant}.", *notes),
        owners=case.principal.owners,
    )
    return verified(proposal)


def _file(case: Case, held: LivePolicy) -> PolicyFile:
    return PolicyFile(held.path, held.text, held.document, held.kind, case.principal.folder)


def _changes(before: Sequence[PolicyFile], after: Sequence[PolicyFile]) -> Iterator[GrantChange]:
    for found in review(before, after):
        yield from (_change(ChangeKind.ADOPTED, delta, after) for delta in found.added)
        yield from (_change(ChangeKind.DROPPED, delta, before) for delta in found.removed)


def _change(kind: ChangeKind, delta: GrantDelta, files: Iterable[PolicyFile]) -> GrantChange:
    before, after = ((), delta.resources) if kind is ChangeKind.ADOPTED else (delta.resources, ())
    return GrantChange(kind, delta.action, _place(delta, files), before, after, risk=delta.risks)


def _place(delta: GrantDelta, files: Iterable[PolicyFile]) -> StatementRef:
    """The first statement with the grant in it."""
    return next(
        granted.ref
        for granted in grants_of(files)
        if delta.action in granted.actions and {*delta.resources} & {*granted.statement.resources}
    )


def _withheld(case: Case, reason: WithheldReason, detail: str) -> Withheld:
    return Withheld(ProposalKind.ADOPT, case.principal.key, reason, detail, (), case.coverage)
