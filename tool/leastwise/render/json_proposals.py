"""Proposals as JSON objects: what changes, on which evidence, and the proof."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from leastwise.evidence_file.writing import context_object
from leastwise.render.json_parts import Json, code, request, statement, usage

if TYPE_CHECKING:
    from leastwise.model.derivation import Omission
    from leastwise.model.proposal import (
        FileChange,
        GrantChange,
        Obligation,
        Proposal,
        PublishOutcome,
        SizeBudget,
        Withheld,
    )


def proposal(proposed: Proposal) -> Json:
    """One proposal with everything a reviewer could ask for, except the texts of the files."""
    proof = proposed.proof
    return {
        "kind": proposed.kind.value,
        "principal": proposed.principal,
        "fingerprint": proposed.fingerprint,
        "files": [_file(change) for change in proposed.files],
        "changes": [_change(change) for change in proposed.changes],
        "omissions": [_omission(omission) for omission in proposed.omissions],
        "proof": {
            "holds": proof.holds,
            "recorded": proof.recorded,
            "allowed": proof.allowed,
            "obligations": [obligation(each) for each in proof.obligations],
            "certificate": dict(proof.certificate),
        },
        "sizes": [_size(budget) for budget in proposed.sizes],
        "notes": list(proposed.notes),
        "owners": list(proposed.owners),
    }


def withheld(refusal: Withheld) -> Json:
    """Why there is no proposal of this kind."""
    return {
        "kind": refusal.kind.value,
        "principal": refusal.principal,
        "reason": code(refusal.reason),
        "detail": refusal.detail or None,
    }


def outcome(published: PublishOutcome) -> Json:
    """What became of one proposal."""
    return {
        "outcome": published.kind.value,
        "kind": published.proposal.value,
        "principal": published.principal,
        "where": published.where or None,
        "why": published.why or None,
    }


def obligation(found: Obligation) -> Json:
    """One thing that was to be shown; ``holds`` is ``null`` where it could not be decided."""
    return {"name": found.name, "holds": found.holds, "detail": found.detail or None}


def _file(change: FileChange) -> Json:
    return {"path": change.path, "before": _digest(change.before), "after": _digest(change.after)}


def _digest(text: str | None) -> str | None:
    return None if text is None else hashlib.sha256(text.encode()).hexdigest()


def _change(change: GrantChange) -> Json:
    return {
        "kind": change.kind.value,
        "action": change.action,
        "statement": statement(change.statement),
        "before": list(change.before),
        "after": list(change.after),
        "context": context_object(change.context),
        "usage": usage(change.observations),
        "risk": list(change.risk),
        "flags": [code(flag) for flag in change.flags],
        "narrower": list(change.narrower),
    }


def _omission(omission: Omission) -> Json:
    return {
        "request": request(omission.observation.key.request),
        "reason": code(omission.reason),
        "usage": usage([omission.observation]),
    }


def _size(budget: SizeBudget) -> Json:
    return {"path": budget.path, "used": budget.used, "quota": budget.quota, "rule": budget.rule}
