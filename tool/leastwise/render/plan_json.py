"""Plans as JSON: ``schemas/plan.schema.json``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.iam.includes import Included, Undecided, Witness

if TYPE_CHECKING:
    from collections.abc import Iterable

    from leastwise.model.plan import Step
    from leastwise.plan.deltas import PolicyDelta
    from leastwise.plan.planned import Planned
    from leastwise.render.json_parts import Json
    from leastwise.review import GrantDelta


def plans(found: Iterable[Planned], commit: str) -> Json:
    """All that ``leastwise plan`` found; ``commit`` is empty where no commit was read."""
    return {
        "format": "leastwise-plan",
        "version": 1,
        "commit": commit or None,
        "principals": [_planned(each) for each in found],
    }


def _planned(found: Planned) -> Json:
    plan = found.plan
    return {
        "principal": found.principal.key,
        "ownership": found.principal.ownership.value,
        "read": found.is_read,
        "differs": found.differs,
        "policies": [_delta(delta) for delta in found.deltas],
        "behind": list(found.behind),
        "gains": verdict(found.effect.gains),
        "losses": verdict(found.effect.losses),
        "added": [_grant(grant) for grant in found.effect.added],
        "removed": [_grant(grant) for grant in found.effect.removed],
        "opaque": list(found.effect.opaque),
        "notes": list(found.notes),
        "why_not": list(found.why_not),
        "steps": [step_object(step) for step in plan.steps] if plan else [],
        "fingerprint": plan.fingerprint if plan else None,
    }


def _delta(delta: PolicyDelta) -> Json:
    return {
        "path": delta.path,
        "what": delta.what.value,
        "effect": delta.effect or None,
        "version": delta.version or None,
        "changes": list(delta.changes),
    }


def verdict(result: Included | Witness | Undecided) -> Json:
    """Whether anything is allowed on one side only: ``null`` is never to be read as no."""
    match result:
        case Included():
            return {"any": False, "action": None, "resource": None, "undecided": None}
        case Witness() as witness:
            return {"any": True, "action": witness.action, "resource": witness.resource, "undecided": None}
        case Undecided() as undecided:
            return {"any": None, "action": None, "resource": None, "undecided": undecided.reason}


def _grant(grant: GrantDelta) -> Json:
    return {"action": grant.action, "resources": list(grant.resources), "risks": list(grant.risks)}


def step_object(step: Step) -> Json:
    """One call."""
    return {
        "call": step.call,
        "path": step.path,
        "name": step.name,
        "arn": step.arn or None,
        "version": step.version or None,
        "bridge": step.is_bridge,
    }
