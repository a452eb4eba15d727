"""The sessions behind a principal: counted always, named only where people may be shown."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.model.evidence import SESSIONS_KEPT
from leastwise.render.site.granted import Use, use_of

if TYPE_CHECKING:
    from leastwise.case import Case
    from leastwise.model.evidence import Evidence, Observation

SESSIONS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Session:
    """One session's name and what was done in it."""

    name: str
    use: Use | None
    actions: int


@dataclass(frozen=True, slots=True)
class Sessions:
    """How many sessions there were (``at_least``: not all were counted), and who, where it may be told.

    ``named`` is ``None`` where people are not shown; ``untold`` are the sources that tell no sessions apart.
    """

    count: int
    at_least: bool
    named: tuple[Session, ...] | None = None
    cut: int = 0
    untold: tuple[str, ...] = ()


def sessions_of(case: Case, told_apart: Evidence | None) -> Sessions:
    """``told_apart`` is evidence by session, as ``observe --show-people`` collects it."""
    tallies = [seen.tally for seen in case.evidence.observations]
    hashes = {each for tally in tallies for each in tally.sessions}
    full = any(len(tally.sessions) >= SESSIONS_KEPT for tally in tallies)
    if told_apart is None:
        return Sessions(len(hashes), full)
    named = _named(case.principal.key, told_apart)
    cut = max(0, len(named) - SESSIONS_SHOWN)
    untold = tuple(view.coverage.source for view in case.views if view.coverage.tells_actions_only)
    return Sessions(len(named), at_least=False, named=named[:SESSIONS_SHOWN], cut=cut, untold=untold)


def _named(key: str, told_apart: Evidence) -> tuple[Session, ...]:
    grouped: dict[str, list[Observation]] = defaultdict(list)
    for seen in told_apart.observations:
        owner, told, name = seen.key.principal.partition(" ")
        if told and owner == key:
            grouped[name.removeprefix("session ")].append(seen)
    found = [
        Session(name, use_of(seen), len({each.key.request.action for each in seen}))
        for name, seen in grouped.items()
    ]
    return tuple(sorted(found, key=lambda each: (-(each.use.calls if each.use else 0), each.name)))
