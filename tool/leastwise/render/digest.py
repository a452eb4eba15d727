"""What one run changed, in a few lines: for chat, mail and the head of a run's page."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from leastwise.model.proposal import OutcomeKind
from leastwise.model.report import Digest, DigestItem
from leastwise.render import standing
from leastwise.render.escape import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from leastwise.model.proposal import PublishOutcome
    from leastwise.model.report import PrincipalReport

_NEWS = (OutcomeKind.OPENED, OutcomeKind.UPDATED, OutcomeKind.WITHDRAWN, OutcomeKind.FAILED)


def digest(
    reports: Sequence[PrincipalReport],
    outcomes: Iterable[PublishOutcome],
    repository: str,
    address: str,
    news: Sequence[str] = (),
) -> Digest | None:
    """What changed; ``None``: nothing did, and nobody is to be told.

    ``repository`` names where the proposals are, ``address`` is the run's page, ``news`` the principals of
    whom something else is live than the run before found.
    """
    found = tuple(outcomes)
    items = tuple(changes(reports, found, news))
    if not items:
        return None
    counts = Counter(outcome.kind for outcome in found)
    told = [f"{counts[kind]} {kind.value}" for kind in _NEWS if counts[kind]]
    figures = ", ".join([*told, f"{len(news)} changed by hand"] if news else told)
    return Digest(f"leastwise: {figures} in {plain(repository)}", items, address)


def changes(
    reports: Sequence[PrincipalReport], outcomes: Iterable[PublishOutcome], news: Sequence[str] = ()
) -> Iterator[DigestItem]:
    """One line for every proposal that was opened, updated or withdrawn, or that failed.

    And one for each principal in ``news``: how what is live differs from what is committed, or no longer.
    """
    names = {report.principal: report.name for report in reports}
    for outcome in outcomes:
        if outcome.kind in _NEWS:
            who = names.get(outcome.principal) or plain(outcome.principal, 300)
            why = f" ({plain(outcome.why, 300)})" if outcome.why else ""
            yield DigestItem(f"{outcome.kind.value}: {outcome.proposal.value} of {who}{why}", outcome.where)
    for report in reports:
        if report.live and report.principal in news:
            differs = standing.words(report.live) or "what is declared is what is live again"
            yield DigestItem(f"live: {report.name}: {differs}", "")
