"""What a plan is known by: the same wherever and whenever it is made, if it does the same to the same."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

from leastwise.model.plan import Part, canonical

if TYPE_CHECKING:
    from collections.abc import Iterable

    from leastwise.model.plan import Fact, Plan, PolicyChange, Step


def fingerprint(
    principal: str, before: Iterable[Fact], steps: Iterable[Step], changes: Iterable[PolicyChange]
) -> str:
    """SHA-256 of what is live, of every step, and of each policy before and after."""
    said = {
        "principal": principal,
        "live": [[fact.path, fact.part.value, fact.value] for fact in before],
        "steps": [_said(step) for step in steps],
        "changes": [_changed(change) for change in changes],
    }
    return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def is_genuine(plan: Plan) -> bool:
    """Whether the fingerprint is that of the plan: a plan from a file may have been edited."""
    try:
        return fingerprint(plan.principal, plan.before, plan.steps, plan.changes) == plan.fingerprint
    except ValueError:  # a text that is no JSON
        return False


def _said(step: Step) -> list[str | None]:
    is_text = step.aspect.part is Part.TEXT
    values = [_canonical(text) if is_text else text for text in (step.before, step.after)]
    return [step.operation.value, step.call, step.path, step.name, step.arn, step.version, *values]


def _changed(change: PolicyChange) -> list[object]:
    texts = _canonical(change.before), _canonical(change.after)
    held = change.attached_before, change.attached_after
    return [change.path, change.name, change.arn, change.version_before, *texts, *held]


def _canonical(text: str | None) -> str | None:
    return None if text is None else canonical(text)
