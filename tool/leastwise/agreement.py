"""Several sources for one principal: what only one of them saw, and where one contradicts another."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from leastwise.visibility import seen_since, why_unseen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from leastwise.case import Case
    from leastwise.model.evidence import Tally
    from leastwise.visibility import View


@dataclass(frozen=True, slots=True)
class OneSided:
    """Actions that one source saw and another did not.

    ``contradiction``: the other should have seen them too, for it looked at all such calls in all the time.
    """

    seen_by: str
    missed_by: str
    actions: tuple[str, ...]
    contradiction: bool


def one_sided(case: Case) -> tuple[OneSided, ...]:
    """Where the sources of a principal differ, contradictions first; nothing where there is one source."""
    seen: dict[str, dict[str, list[Tally]]] = defaultdict(lambda: defaultdict(list))
    for key, tally in case.evidence.tallies.items():
        seen[key.source][key.request.action].append(tally)
    found = [
        found
        for view in case.views
        for other in case.views
        if view is not other
        for found in _missed(case, view.coverage.source, other, seen)
    ]
    return tuple(sorted(found, key=lambda each: (not each.contradiction, each.seen_by, each.missed_by)))


def _missed(
    case: Case, by: str, other: View, seen: Mapping[str, Mapping[str, Sequence[Tally]]]
) -> Iterator[OneSided]:
    name = other.coverage.source
    missed = {action: tallies for action, tallies in seen[by].items() if action not in seen[name]}
    doubted = sorted(
        action for action, tallies in missed.items() if _should_have_seen(case, other, action, tallies)
    )
    for actions, contradiction in ((doubted, True), (_without(sorted(missed), doubted), False)):
        if actions:
            yield OneSided(by, name, tuple(actions), contradiction)


def _should_have_seen(case: Case, view: View, action: str, tallies: Iterable[Tally]) -> bool:
    """Whether a source looked at calls of that kind, and at a time when one was surely made."""
    return why_unseen(action, (), [view]) is None and any(_in_sight(case, view, tally) for tally in tallies)


def _in_sight(case: Case, view: View, tally: Tally) -> bool:
    coverage, who = view.coverage, case.principal
    if coverage.tells_actions_only:
        return not coverage.examined[who.key].days.isdisjoint(tally.days)
    since = seen_since(coverage, who.accounts, case.now)
    first = min(tally.days, default=date.fromisoformat(tally.first[:10]))
    return max(tally.days, default=first) >= since


def _without(actions: Iterable[str], others: Iterable[str]) -> list[str]:
    left_out = set(others)
    return [action for action in actions if action not in left_out]
