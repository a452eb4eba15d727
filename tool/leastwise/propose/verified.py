"""The last gate of every proposal: it fits its quota and its proof holds, or it is withheld."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.model.proposal import Withheld, WithheldReason

if TYPE_CHECKING:
    from leastwise.model.proposal import Proposal


def verified(proposal: Proposal) -> Proposal | Withheld:
    """The proposal itself, or the reason why it must not be made."""
    over = next((budget for budget in proposal.sizes if budget.used > budget.quota), None)
    if over:
        detail = f"{over.path} would have {over.used:,} of {over.quota:,} {over.rule}"
        return _withheld(proposal, WithheldReason.TOO_LARGE, detail)
    failed = next((found for found in proposal.proof.obligations if found.holds is not True), None)
    if failed:
        detail = f"{failed.name}: {failed.detail or ('no' if failed.holds is False else 'undecided')}"
        return _withheld(proposal, WithheldReason.PROOF_FAILED, detail)
    return proposal


def _withheld(proposal: Proposal, reason: WithheldReason, detail: str) -> Withheld:
    return Withheld(
        proposal.kind,
        proposal.principal,
        reason,
        detail,
        proposal.findings,
        proposal.coverage,
        proposal.denied,
    )
