"""What every publisher does.  A dry run is another publisher, not an ``if``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from leastwise.model.proposal import Proposal, ProposalKind, PublishOutcome, PullRequestText


class Publisher(Protocol):
    """Brings the world to where exactly the current proposals are published."""

    def ensure(self, proposal: Proposal, text: PullRequestText) -> PublishOutcome:
        """Have ``proposal`` published: calling it again with the same proposal writes nothing.

        Refusals (a person works on the branch, the committed policy moved on) are outcomes, not exceptions;
        PublishError and RepositoryError mean that publishing itself is broken.
        """
        ...

    def withdraw(self, principal: str, kind: ProposalKind) -> PublishOutcome | None:
        """Take back what an earlier run published and this one no longer proposes; ``None``: nothing was."""
        ...
