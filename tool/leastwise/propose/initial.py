"""A first policy from the trial."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.holdings import Holdings
from leastwise.iam.document import parse, render
from leastwise.iam.size import MANAGED_POLICIES, MANAGED_POLICY_CHARACTERS
from leastwise.model.declared import PrincipalKind
from leastwise.model.derivation import Flag, LeftOut
from leastwise.model.finding import StatementRef
from leastwise.model.policies import PolicyFile, PolicyKind
from leastwise.model.proposal import (
    ChangeKind,
    FileChange,
    GrantChange,
    Proposal,
    ProposalKind,
    Withheld,
    WithheldReason,
)
from leastwise.propose.actions_only import UNTOLD
from leastwise.propose.certificate import proof_of
from leastwise.propose.proof import prove_initial
from leastwise.propose.split import packed
from leastwise.propose.verified import verified
from leastwise.quota import budgets
from leastwise.reference.risk import risks_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leastwise.case import Case
    from leastwise.iam.statement import PolicyDocument
    from leastwise.model.derivation import Derivation, DerivedGrant
    from leastwise.model.finding import Denied

ENOUGH_DAYS = 14
"""Days with a call below which a reviewer is warned that the window is short."""


def propose_initial(
    case: Case, derivation: Derivation, document: PolicyDocument, denied: tuple[Denied, ...]
) -> Proposal | Withheld:
    """The derived policy as new files of a principal that has none; withheld while its trial is open.

    ``document`` is the policy made of the derivation's grants.
    """
    refusal = _refusal(case, derivation)
    if refusal:
        reason, detail = refusal
        return Withheld(
            ProposalKind.INITIAL, case.principal.key, reason, detail, coverage=case.coverage, denied=denied
        )
    files = _files(case, document)
    if len(files) > MANAGED_POLICIES:
        detail = f"{len(files)} managed policies, of {MANAGED_POLICIES} that may be attached"
        return Withheld(
            ProposalKind.INITIAL, case.principal.key, WithheldReason.TOO_LARGE, detail, coverage=case.coverage
        )
    return verified(_proposal(case, derivation, files, denied))


def _refusal(case: Case, derivation: Derivation) -> tuple[WithheldReason, str] | None:
    trial = case.principal.trial
    if trial and trial.is_open(case.now.date()):
        left = (trial.closes - case.now.date()).days
        return WithheldReason.TRIAL_OPEN, f"until {trial.closes}, {left} days from now"
    if trial and case.now.date() < trial.opens:
        return WithheldReason.TRIAL_OPEN, f"it opens on {trial.opens}"
    if derivation.grants:
        return None
    if derivation.omissions:
        reasons = {omission.reason for omission in derivation.omissions}
        words = "; ".join(sorted(reason.value for reason in reasons))
        sensitive = reasons == {LeftOut.SENSITIVE_UNNAMED}
        reason = WithheldReason.SENSITIVE if sensitive else WithheldReason.OUTSIDE_BOUND
        return reason, f"no recorded use can be granted: {words}"
    return WithheldReason.NO_EVIDENCE, case.standing or "no authorized call was recorded"


def _files(case: Case, document: PolicyDocument) -> tuple[PolicyFile, ...]:
    """One file, or several where one managed policy is too small."""
    principal = case.principal
    kind = PolicyKind.INLINE if principal.kind is PrincipalKind.PERMISSION_SET else PolicyKind.MANAGED
    parts = [document] if kind is PolicyKind.INLINE else packed(document, MANAGED_POLICY_CHARACTERS)
    names = [principal.name, *(f"{principal.name}-{number}" for number in range(2, len(parts) + 1))]
    texts = {f"{principal.folder}/{name}.json": render(part) for name, part in zip(names, parts, strict=True)}
    return tuple(
        PolicyFile(path, text, parse(text, path), kind, principal.folder) for path, text in texts.items()
    )


def _proposal(
    case: Case, derivation: Derivation, files: tuple[PolicyFile, ...], denied: tuple[Denied, ...]
) -> Proposal:
    new = Holdings.of(file.document for file in files)
    bound = Holdings.of([case.bound.document]) if case.bound else None
    observed = [seen for grant in derivation.grants for seen in grant.observations]
    changes = tuple(FileChange(file.path, None, file.text) for file in files)
    return Proposal(
        kind=ProposalKind.INITIAL,
        principal=case.principal.key,
        files=changes,
        changes=tuple(_changes(derivation, files)),
        findings=(),
        coverage=case.coverage,
        proof=proof_of(case, ProposalKind.INITIAL, changes, prove_initial(bound, new, observed)),
        denied=denied,
        omissions=derivation.omissions,
        sizes=tuple(budgets(files)),
        notes=tuple(_notes(case, derivation, files)),
        owners=case.principal.owners,
    )


def _changes(derivation: Derivation, files: tuple[PolicyFile, ...]) -> Iterator[GrantChange]:
    for grant in derivation.grants:
        yield GrantChange(
            kind=ChangeKind.ADDED,
            action=grant.action,
            statement=_statement_of(grant, files),
            after=grant.resources,
            context=grant.context,
            observations=grant.observations,
            risk=risks_of(grant.action),
            flags=grant.flags,
            narrower=grant.narrower,
        )


def _statement_of(grant: DerivedGrant, files: tuple[PolicyFile, ...]) -> StatementRef:
    """The first statement that holds it: one too long for a policy was parted by its resources."""
    return next(
        StatementRef(file.path, index, statement.sid or "")
        for file in files
        for index, statement in enumerate(file.document.statements)
        if grant.action in statement.actions and set(statement.resources) & set(grant.resources)
    )


def _notes(case: Case, derivation: Derivation, files: tuple[PolicyFile, ...]) -> Iterator[str]:
    if not derivation.bounded:
        yield (
            "No upper bound: the declaration does not say what the principal holds during its trial "
            "(`trial.policy`), so nothing is proved to be inside of it, and no resource ladder was climbed."
        )
    yield from _part_of_the_trial(case)
    yield from _attempted(derivation)
    yield from _short_window(derivation)
    if case.elsewhere:
        names = ", ".join(file.path for file in case.elsewhere)
        yield f"It stays attached to {names}; what those grant is granted here once more where it was used."
    if len(files) > 1:
        yield f"One managed policy holds 6,144 characters; the grants are split over {len(files)} files."


def _part_of_the_trial(case: Case) -> Iterator[str]:
    """Evidence may be asked for from a later day on (``--since``)."""
    trial, began = case.principal.trial, [seen.start.date() for seen in case.coverage]
    if trial and began and min(began) > trial.opens:
        yield (
            f"The trial opened on {trial.opens}, and evidence was read from {min(began)} on: what was done "
            "before is not in this policy."
        )


def _attempted(derivation: Derivation) -> Iterator[str]:
    """Access Analyzer includes what was refused, and nobody should grant that by mistake."""
    attempted = [grant for grant in derivation.grants if Flag.ATTEMPTED in grant.flags]
    if attempted:
        share = f"for {len(attempted)} of {len(derivation.grants)} grants"
        yield f"Evidence {share}: Access Analyzer alone. {UNTOLD}: look at each of them before you merge."


def _short_window(derivation: Derivation) -> Iterator[str]:
    """A few days show a part of what a principal does, and nobody should take it for the whole."""
    observed = [seen for grant in derivation.grants for seen in grant.observations]
    tallies = [seen.tally for seen in observed if not seen.is_attempt]
    days = {day for tally in tallies for day in tally.days}
    if tallies and len(days) < ENOUGH_DAYS:
        first, last = min(tally.first for tally in tallies), max(tally.last for tally in tallies)
        yield (
            f"Short window: days with a recorded call: {len(days)} ({first} to {last}). What the principal "
            "does less often is not in this policy."
        )
