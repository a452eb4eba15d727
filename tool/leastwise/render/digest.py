"""What one run changed, in a few lines: for chat, mail and the head of a run's page."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from leastwise.model.proposal import OutcomeKind
from leastwise.model.report import Digest, DigestItem
from leastwise.render.escape import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from leastwise.model.proposal import PublishOutcome
    from leastwise.model.report import PrincipalReport

_NEWS = (OutcomeKind.OPENED, OutcomeKind.UPDATED, OutcomeKind.WITHDRAWN, OutcomeKind.FAILED)


def digest(
    reports: Iterable[PrincipalReport], outcomes: Iterable[PublishOutcome], repository: str, address: str
) -> Digest | None:
    """What changed; ``None``: nothing did, and nobody is to be told.

    ``repository`` names where the proposals are, ``address`` is the run's page.
    """
    found = tuple(outcomes)
    items = tuple(changes(reports, found))
    if not items:
        return None
    counts = Counter(outcome.kind for outcome in found)
    figures = ", ".join(f"{counts[kind]} {kind.value}" for kind in _NEWS if counts[kind])
    return Digest(f"leastwise: {figures} in {plain(repository)}", items, address)


def changes(reports: Iterable[PrincipalReport], outcomes: Iterable[PublishOutcome]) -> Iterator[DigestItem]:
    """One line for every proposal that was opened, updated or withdrawn, or that failed."""
    names = {report.principal: report.name for report in reports}
    for outcome in outcomes:
        if outcome.kind in _NEWS:
            who = names.get(outcome.principal) or plain(outcome.principal, 300)
            why = f" ({plain(outcome.why, 300)})" if outcome.why else ""
            yield DigestItem(f"{outcome.kind.value}: {outcome.proposal.value} of {who}{why}", outcome.where)
