"""What an apply changed for one principal, and which grants were asked for afterwards and denied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.model.evidence import DenialReason
from leastwise.model.request import Certainty

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from leastwise.iam.statement import Statement
    from leastwise.model.finding import Denied, StatementRef
    from leastwise.model.policies import PolicyFile


@dataclass(frozen=True, order=True, slots=True)
class Applied:
    """One apply: when it was done (UTC), of which commit, and by which pull request that commit came.

    ``pull`` is 0 where no pull request is known.
    """

    when: datetime
    commit: str
    pull: int = 0

    @property
    def name(self) -> str:
        """``#41``, or ``commit 1a2b3c4d`` where no pull request is known."""
        return f"#{self.pull}" if self.pull else self._of_commit

    @property
    def words(self) -> str:
        """The same without GitHub's sign for a reference: ``pull request 41``."""
        return f"pull request {self.pull}" if self.pull else self._of_commit

    @property
    def _of_commit(self) -> str:
        return f"commit {self.commit[:8]}"


@dataclass(frozen=True, slots=True)
class PastApply:
    """An apply, and the policies that it changed: path -> what was live before and after, if anything."""

    applied: Applied
    before: Mapping[str, PolicyFile | None]
    after: Mapping[str, PolicyFile | None]


@dataclass(frozen=True, slots=True)
class LostGrant:
    """One action that an Allow statement granted before an apply, and that was denied after it.

    ``held`` is what the apply changed, as it was before, with the principal's own policies.  ``path`` names
    the file that the grant comes back to: its own, unless that was a policy of others.  ``patterns`` are the
    resources that the action needs back, all of them granted before.  ``calls`` hold what came after the
    apply and nothing else.
    """

    applied: Applied
    held: tuple[PolicyFile, ...]
    path: str
    reference: StatementRef
    statement: Statement
    action: str
    patterns: tuple[str, ...]
    calls: tuple[Denied, ...]

    @property
    def is_certain(self) -> bool:
        """Whether AWS itself named the identity policy as the reason, for the very call that was recorded."""
        return any(
            seen.key.denial is DenialReason.NO_IDENTITY_POLICY
            and seen.key.request.certainty is Certainty.CERTAIN
            for call in self.calls
            for seen in call.observations
        )


@dataclass(frozen=True, slots=True)
class Losses:
    """What a principal lost by what was applied lately: grants to restore, and calls that are only shown."""

    grants: tuple[LostGrant, ...] = ()
    others: tuple[Denied, ...] = ()
