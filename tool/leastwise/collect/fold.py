"""Join what earlier runs kept with what this one read, and stay bounded however many runs there were.

Days that may have been counted before are ``folded`` in: the larger count holds.  Calls that nobody has
counted yet are ``added``.

A run rolls names up where it sees too many of them; sixteen new names a day are never too many for one run
and are for a hundred.  So names of both are laid into one trie, which alone decides what is rolled up; each
side is counted in that shape, where names add up; then the same day takes the larger count, as always.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from leastwise.collect.cell import Cell
from leastwise.collect.ledger import Ledger, entry_of, observations, subject_of
from leastwise.model.evidence import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from leastwise.collect.ledger import Subject
    from leastwise.model.evidence import ObservationKey, Tally

    _Subject = tuple[str, Subject]
    """A source, and what is the same in all observations that share a trie."""


def folded(kept: Evidence, fresh: Evidence) -> Evidence:
    """``kept.merge(fresh)`` with names rolled up where both together have too many.

    Each of them alone must be in shape: what one reading gave, or what this function did.  Folding the same
    reading in again changes nothing.
    """
    new = {_subject(key) for key in fresh.tallies.keys() - kept.tallies.keys()}
    kept_crowded = _about(new, kept)
    if not kept_crowded.tallies:
        return kept.merge(fresh)
    fresh_crowded = _about(new, fresh)
    shapes = _shapes((*kept_crowded.tallies, *fresh_crowded.tallies))
    together = _in_shape(kept_crowded, shapes).merge(_in_shape(fresh_crowded, shapes))
    return _without(kept, kept_crowded).merge(_without(fresh, fresh_crowded)).merge(together)


def added(kept: Evidence, fresh: Evidence) -> Evidence:
    """The observations kept, and calls that are not yet among them: the counts of a day add up."""
    new = {_subject(key) for key in fresh.tallies.keys() - kept.tallies.keys()}
    kept_crowded, fresh_crowded = _about(new, kept), _about(new, fresh)
    ledgers: dict[str, Ledger] = defaultdict(Ledger)
    for part in (kept_crowded, fresh_crowded):
        for key, tally in part.tallies.items():
            ledgers[key.source].plant(entry_of(key, _cell(tally)))
    tallies = dict(_without(kept, kept_crowded).tallies)
    for key, tally in _without(fresh, fresh_crowded).tallies.items():
        tallies[key] = tallies[key].plus(tally)
    for source, ledger in ledgers.items():
        tallies |= observations(source, ledger)
    return Evidence(tallies)


def _subject(key: ObservationKey) -> _Subject:
    return key.source, subject_of(key)


def _about(subjects: set[_Subject], evidence: Evidence) -> Evidence:
    """The part about subjects that got new names: only there can be too many."""
    return Evidence({key: tally for key, tally in evidence.tallies.items() if _subject(key) in subjects})


def _without(evidence: Evidence, part: Evidence) -> Evidence:
    """All of it but a part of its observations.  Copied before it is cut: no key is hashed again."""
    tallies = dict(evidence.tallies)
    for key in part.tallies:
        del tallies[key]
    return Evidence(tallies, evidence.coverage, evidence.looked_since)


def _shapes(keys: Iterable[ObservationKey]) -> Mapping[str, Ledger]:
    """Source -> a ledger that counts nothing, and has rolled up what is too much."""
    shapes: dict[str, Ledger] = defaultdict(Ledger)
    for key in keys:
        shapes[key.source].plant(entry_of(key, Cell()))
    return shapes


def _in_shape(evidence: Evidence, shapes: Mapping[str, Ledger]) -> Evidence:
    ledgers = {source: _empty_copy(shape) for source, shape in shapes.items()}
    for key, tally in evidence.tallies.items():
        ledgers[key.source].plant(entry_of(key, _cell(tally)))
    tallies = {
        key: tally
        for source, ledger in ledgers.items()
        for key, tally in observations(source, ledger).items()
        if tally.days
    }
    return Evidence(tallies, evidence.coverage, evidence.looked_since)


def _empty_copy(shape: Ledger) -> Ledger:
    """A ledger with nothing in it but what is rolled up already."""
    copy = Ledger()
    for subject in shape.merged:
        copy.plant_merged(subject)
    for entry in shape.entries():
        if entry.line.rolled:
            copy.plant(entry._replace(line=entry.line._replace(cell=Cell())))
    return copy


def _cell(tally: Tally) -> Cell:
    cell = Cell()
    cell.days = {day.isoformat(): count for day, count in tally.days.items()}
    cell.first, cell.last, cell.samples = tally.first, tally.last, tally.samples
    cell.regions, cell.hours = tally.regions, tally.hours
    cell.sessions = tuple(sorted(tally.sessions))
    return cell
