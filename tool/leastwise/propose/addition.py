"""Granting what was denied and is needed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from leastwise.grants import literal_pattern
from leastwise.holdings import Holdings
from leastwise.iam.compose import Grant, compose, free_sid
from leastwise.iam.document import parse
from leastwise.iam.edit import append
from leastwise.iam.statement import PolicyDocument
from leastwise.model.finding import StatementRef
from leastwise.model.policies import PolicyKind
from leastwise.model.proposal import (
    ChangeKind,
    FileChange,
    GrantChange,
    Proposal,
    ProposalKind,
    Withheld,
    WithheldReason,
)
from leastwise.propose.certificate import proof_of
from leastwise.propose.proof import prove_addition
from leastwise.propose.verified import verified
from leastwise.quota import budgets
from leastwise.reference.risk import risks_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leastwise.case import Case
    from leastwise.model.finding import Denied
    from leastwise.model.policies import PolicyFile

VERB = "Needed"
"""Stands in the Sid of an added statement."""


def propose_addition(case: Case, denied: tuple[Denied, ...]) -> Proposal | Withheld:
    """One more statement for every kind of missing grant, on the literal resources that were refused."""
    missing = tuple(found for found in denied if found.why_not is None)
    target = _target(case)
    if not missing or target is None:
        detail = "no denied call shows a missing grant" if not missing else "no policy is committed yet"
        return _withheld(case, WithheldReason.NOTHING_TO_CHANGE, detail, denied)
    added = PolicyDocument(compose(_grants(missing)))
    after = _appended(target, added)
    own = tuple(after if file is target else file for file in case.own)
    files = (FileChange(target.path, target.text, after.text),)
    old = Holdings.of(file.document for file in (*case.own, *case.elsewhere))
    new = Holdings.of(file.document for file in (*own, *case.elsewhere))
    observed = [observation for found in missing for observation in found.observations]
    proof = proof_of(
        case, ProposalKind.ADD, files, prove_addition(old, new, added, case.evidence.observations, observed)
    )
    proposal = Proposal(
        kind=ProposalKind.ADD,
        principal=case.principal.key,
        files=files,
        changes=tuple(_changes(missing, after, len(target.document.statements))),
        findings=(),
        coverage=case.coverage,
        proof=proof,
        denied=denied,
        sizes=tuple(budgets(own)),
        owners=case.principal.owners,
    )
    return verified(proposal)


def _target(case: Case) -> PolicyFile | None:
    """The file that takes the grants: the first managed one, else the first."""
    managed = [file for file in case.own if file.kind is PolicyKind.MANAGED]
    return next(iter(managed or case.own), None)


def _grants(missing: tuple[Denied, ...]) -> Iterator[Grant]:
    for found in missing:
        yield Grant(found.request.action, (literal_pattern(found.request),), found.request.context, VERB)


def _appended(target: PolicyFile, added: PolicyDocument) -> PolicyFile:
    """The file with the added statements at its end, under Sids that are still free."""
    text = target.text
    taken = {statement.sid for statement in target.document.statements if statement.sid}
    for statement in added.statements:
        sid = free_sid(statement.sid or VERB, taken)
        taken.add(sid)
        text = append(text, replace(statement, sid=sid))
    return replace(target, text=text, document=parse(text, target.path))


def _changes(missing: tuple[Denied, ...], after: PolicyFile, first: int) -> Iterator[GrantChange]:
    for found, grant in zip(missing, _grants(missing), strict=True):
        index, statement = next(
            (index, statement)
            for index, statement in enumerate(after.document.statements)
            if index >= first and grant.action in statement.actions and grant.resources == statement.resources
        )
        yield GrantChange(
            kind=ChangeKind.ADDED,
            action=grant.action,
            statement=StatementRef(after.path, index, statement.sid or ""),
            after=grant.resources,
            context=grant.context,
            observations=found.observations,
            risk=risks_of(grant.action),
        )


def _withheld(case: Case, reason: WithheldReason, detail: str, denied: tuple[Denied, ...]) -> Withheld:
    return Withheld(ProposalKind.ADD, case.principal.key, reason, detail, (), case.coverage, denied)
