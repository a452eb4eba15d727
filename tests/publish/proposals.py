"""Proposals to publish: only what publishing looks at."""

from __future__ import annotations

from leastwise.model.finding import StatementRef
from leastwise.model.proposal import (
    ChangeKind,
    FileChange,
    GrantChange,
    Proof,
    Proposal,
    ProposalKind,
    PullRequestText,
)
from tests.scratch_git import PAYMENTS, POLICY

PRINCIPAL = "arn:aws:iam::111122223333:role/payments-api"
AFTER = POLICY.replace("[]", '[{"Sid": "New"}]')
TEXT = PullRequestText("Tighten payments-api: 1 grant removed", "It was not used.\n\n- `s3:GetObject`")


def proposal(
    before: str | None = POLICY,
    after: str | None = AFTER,
    kind: ProposalKind = ProposalKind.TIGHTEN,
    principal: str = PRINCIPAL,
    path: str = PAYMENTS,
) -> Proposal:
    change = GrantChange(ChangeKind.REMOVED, "s3:GetObject", StatementRef(path, 0), ("*",))
    return Proposal(kind, principal, (FileChange(path, before, after),), (change,), (), (), Proof((), 0, 0))
