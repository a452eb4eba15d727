"""Join what earlier runs kept with what this one read, and stay bounded however many runs there were.

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
    crowded = _crowded(kept, fresh)
    kept_in, kept_out = _parted(kept, crowded)
    fresh_in, fresh_out = _parted(fresh, crowded)
    shapes = _shapes((*kept_in.tallies, *fresh_in.tallies))
    together = _in_shape(kept_in, shapes).merge(_in_shape(fresh_in, shapes))
    return together.merge(kept_out).merge(fresh_out)


def _crowded(kept: Evidence, fresh: Evidence) -> set[_Subject]:
    """What got new names beside those that it had: only there can be too many."""
    new = {_subject(key) for key in fresh.tallies.keys() - kept.tallies.keys()}
    return new & {_subject(key) for key in kept.tallies}


def _subject(key: ObservationKey) -> _Subject:
    return key.source, subject_of(key)


def _parted(evidence: Evidence, subjects: set[_Subject]) -> tuple[Evidence, Evidence]:
    """The part about these subjects, and the rest with the coverage."""
    inside = {key: tally for key, tally in evidence.tallies.items() if _subject(key) in subjects}
    outside = {key: tally for key, tally in evidence.tallies.items() if key not in inside}
    return Evidence(inside), Evidence(outside, evidence.coverage, evidence.looked_since)


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
