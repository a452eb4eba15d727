"""One line of evidence while it grows: calls per day, first and last, a few samples."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from leastwise.model.evidence import HOURS_KEPT, SAMPLES_KEPT, SESSIONS_KEPT, Tally

NO_TEXT: frozenset[str] = frozenset()


class Sighting(NamedTuple):
    """What one call adds to its cells; empty text where there is nothing to add."""

    time: str
    region: str
    event_id: str
    session: str
    """A short hash of the session's name."""
    denied: bool


class Cell:
    """A tally under construction.

    Cells of different processes never count the same call, so days *add up* here; in ``Tally.merge`` they
    do not.  ``into`` is the cell that has swallowed this one when many were rolled up into one.
    """

    __slots__ = ("days", "first", "hours", "into", "last", "regions", "samples", "sessions")

    def __init__(self) -> None:
        """Nothing seen yet."""
        self.days: dict[str, int] = {}
        self.first = "~"
        self.last = ""
        self.samples: tuple[str, ...] = ()
        self.regions = NO_TEXT
        self.sessions: tuple[str, ...] = ()
        self.hours = NO_TEXT
        self.into: Cell | None = None

    def standing_in(self) -> Cell:
        """The cell that counts for this one now: itself, or what it was rolled up into."""
        cell = self
        while cell.into is not None:
            cell = cell.into
        return cell

    def add(self, seen: Sighting) -> None:
        """Count one call."""
        time = seen.time
        day = time[:10]
        self.days[day] = self.days.get(day, 0) + 1
        if time < self.first:  # noqa: PLR1730  min() costs three times as much, once per record
            self.first = time
        if time > self.last:  # noqa: PLR1730  as above
            self.last = time
        if seen.event_id and _belongs(seen.event_id, self.samples, SAMPLES_KEPT):
            self.samples = _least((*self.samples, seen.event_id), SAMPLES_KEPT)
        if seen.region not in self.regions:
            self.regions |= {seen.region}
        if seen.session and _belongs(seen.session, self.sessions, SESSIONS_KEPT):
            self.sessions = _least((*self.sessions, seen.session), SESSIONS_KEPT)
        if seen.denied and time[:13] not in self.hours:
            self.hours = frozenset(_least((*self.hours, time[:13]), HOURS_KEPT))

    def absorb(self, other: Cell) -> None:
        """Add what ``other`` counted, and stand in for it from now on."""
        if other is self:
            return
        for day, count in other.days.items():
            self.days[day] = self.days.get(day, 0) + count
        self.first = min(self.first, other.first)
        self.last = max(self.last, other.last)
        self.samples = _least(self.samples + other.samples, SAMPLES_KEPT)
        self.regions |= other.regions
        self.sessions = _least(self.sessions + other.sessions, SESSIONS_KEPT)
        self.hours = frozenset(_least((*self.hours, *other.hours), HOURS_KEPT))
        other.into = self

    def tally(self) -> Tally:
        """The finished value."""
        return Tally(
            days={date.fromisoformat(day): count for day, count in sorted(self.days.items())},
            first=self.first,
            last=self.last,
            samples=self.samples,
            regions=self.regions,
            sessions=frozenset(self.sessions),
            hours=self.hours,
        )

    def __reduce__(self) -> tuple[object, ...]:
        """Travels between processes without ``into``: only cells that stand for themselves are sent."""
        return _revive, (
            self.days,
            self.first,
            self.last,
            self.samples,
            self.regions,
            self.sessions,
            self.hours,
        )


def _revive(
    days: dict[str, int],
    first: str,
    last: str,
    samples: tuple[str, ...],
    regions: frozenset[str],
    sessions: tuple[str, ...],
    hours: frozenset[str],
) -> Cell:
    cell = Cell()
    cell.days, cell.first, cell.last, cell.samples = days, first, last, samples
    cell.regions, cell.sessions, cell.hours = regions, sessions, hours
    return cell


def _belongs(value: str, least: tuple[str, ...], kept: int) -> bool:
    """Whether the value is one more of the least ones, which are sorted."""
    return (len(least) < kept or value < least[-1]) and value not in least


def _least(values: tuple[str, ...], kept: int) -> tuple[str, ...]:
    return tuple(sorted(set(values))[:kept])
