"""Privilege escalation on the whole policy: which known combinations of actions it grants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.reference.risk import escalations

if TYPE_CHECKING:
    from leastwise.holdings import Holdings


def paths_of(holdings: Holdings) -> frozenset[str]:
    """The names of the escalations whose every action is allowed somewhere.

    Resources, conditions and Deny statements are left aside: this warns, it does not prove.
    """
    return frozenset(
        escalation.name
        for escalation in escalations()
        if all(holdings.grants_somewhere(action) for action in escalation.actions)
    )
