"""Everything that is known of one principal, gathered before it is judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

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

    @property
    def coverage(self) -> tuple[Coverage, ...]:
        """What the principal's sources could see, in the order of the declaration."""
        return tuple(view.coverage for view in self.views)
