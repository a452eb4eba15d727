"""Everything that is known of one principal, gathered before it is judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from leastwise.model.applied import PastApply
    from leastwise.model.declared import Principal
    from leastwise.model.evidence import Coverage, Evidence
    from leastwise.model.finding import StatementRef
    from leastwise.model.policies import PolicyFile
    from leastwise.visibility import View


@dataclass(frozen=True, slots=True)
class Case:
    """One principal, what it holds, and what was seen of it.

    ``own`` are the policies that proposals may edit, ``elsewhere`` those it is attached to beside them, and
    ``bound`` what it holds during its trial.  ``evidence`` has this principal's observations only.
    ``unchanged_since`` tells when a statement's text last changed; one without a date counts as new.
    """

    principal: Principal
    own: tuple[PolicyFile, ...]
    elsewhere: tuple[PolicyFile, ...]
    bound: PolicyFile | None
    evidence: Evidence
    views: tuple[View, ...]
    unchanged_since: Mapping[StatementRef, datetime | None]
    now: datetime
    declined: frozenset[str] = frozenset()
    """Grant texts (``GrantChange.grant``) of proposals that people closed: never proposed again."""
    redact: tuple[str, ...] = ()
    """Patterns of resource names that the text of a proposal does not show."""
    applies: tuple[PastApply, ...] | None = None
    """What was applied lately, oldest first; ``None``: no journal of applies was read."""

    @property
    def coverage(self) -> tuple[Coverage, ...]:
        """What the principal's sources could see, in the order of the declaration."""
        return tuple(view.coverage for view in self.views)

    @property
    def standing(self) -> str:
        """Where sources that look at one principal at a time are with this one, in words; empty: all done."""
        told = (seen.examined.get(self.principal.key) for seen in self.coverage)
        return "; ".join(words for examined in told if examined for words in examined.words)

    @property
    def by_actions_only(self) -> tuple[Coverage, ...]:
        """The coverages that judge unused grants, where none of them tells more than actions; else none."""
        sighted = tuple(view.coverage for view in self.views if view.blind is None)
        return sighted if all(seen.tells_actions_only for seen in sighted) else ()
