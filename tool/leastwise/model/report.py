"""What a run has to say of every enrolled principal, and what changed: for the dashboard and for digests.

Small values without evidence in them: they cross from the job that may read AWS to the one that may write
to GitHub.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from leastwise.model.proposal import ProposalKind, WithheldReason


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What one source could show of a principal.

    ``first`` and ``last`` are the first and last UTC day with a record from the principal's accounts,
    ``missing`` counts the days between them without any.  ``blind`` says why nothing counts as unused; empty:
    something may.
    """

    name: str
    kind: str
    first: date | None
    last: date | None
    missing: int
    blind: str
    unreadable: int
    """Files and records that could not be read."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no proposal of one kind."""

    kind: ProposalKind
    reason: WithheldReason
    detail: str


@dataclass(frozen=True, slots=True)
class LiveReport:
    """How what is live differs from what is committed: a line for each policy that does.

    ``unread`` says why what is live could not be read; ``undone_by`` is the fingerprint of the plan that
    would undo the difference, where the declaration wants it undone.
    """

    differs: tuple[str, ...] = ()
    unread: str = ""
    undone_by: str = ""


@dataclass(frozen=True, slots=True)
class PrincipalReport:
    """One enrolled principal: its trial (UTC days, ``closes`` is the first after it) and its evidence."""

    principal: str
    name: str
    """For people: ``role payments-api (111122223333)``; already harmless."""
    opens: date | None
    closes: date | None
    last_call: date | None
    sources: tuple[SourceReport, ...]
    withheld: tuple[Refusal, ...]
    kinds: tuple[ProposalKind, ...]
    """The kinds of proposal that were looked into: those of them that are not proposed are taken back."""
    live: LiveReport | None = None
    """``None``: nobody looked."""


@dataclass(frozen=True, slots=True)
class DigestItem:
    """One thing that changed, as harmless text, and where it can be seen (empty: nowhere)."""

    text: str
    address: str


@dataclass(frozen=True, slots=True)
class Digest:
    """What one run changed.  ``address`` is the run's own page; empty where there is none."""

    subject: str
    items: tuple[DigestItem, ...]
    address: str
