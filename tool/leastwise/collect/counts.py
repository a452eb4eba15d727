"""What the coverage says, while it is counted; and which events were counted already."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from leastwise.model.evidence import UNREADABLE_KEPT, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date


class Seen:
    """Event IDs of the delivery day being read and of the day before: copies arrive close together.

    Files come sorted by delivery day, so that memory stays flat however long the window is.
    """

    def __init__(self) -> None:
        """Nothing read yet."""
        self._day: date | None = None
        self._today: set[str] = set()
        self._before: set[str] = set()

    def turn_to(self, day: date | None) -> None:
        """The files of ``day`` follow; ``None`` where their paths tell no day: then nothing is forgotten."""
        if day is None or day == self._day:
            return
        follows = self._day is not None and (day - self._day).days == 1
        self._before = self._today if follows else set()
        self._today = set()
        self._day = day

    def is_new(self, event_id: str) -> bool:
        """Whether the ID was not seen; from now on it was.  A record without an ID is always new."""
        if event_id in self._today or event_id in self._before:
            return False
        if event_id:
            self._today.add(event_id)
        return True


@dataclass
class Counts:
    """The counted part of a coverage, under construction."""

    places: set[tuple[str, str, str]] = field(default_factory=set)
    """(account, UTC day, region) with at least one record of anybody."""
    tampering: set[str] = field(default_factory=set)
    unreadable: list[Unreadable] = field(default_factory=list)
    unreadable_count: int = 0
    excluded: Counter[str] = field(default_factory=Counter)
    unmapped: Counter[str] = field(default_factory=Counter)
    disagreements: Counter[str] = field(default_factory=Counter)
    records: int = 0
    duplicates: int = 0

    def cannot_read(self, path: str, reasons: Iterable[str]) -> None:
        """Name what was lost of a file: everything is counted, the first by path and reason are kept."""
        found = [Unreadable(path, reason) for reason in reasons]
        self.unreadable_count += len(found)
        self._keep(found)

    def add(self, other: Counts) -> None:
        """Add what was counted of other files."""
        self.places |= other.places
        self.tampering |= other.tampering
        self._keep(other.unreadable)
        self.unreadable_count += other.unreadable_count
        self.excluded.update(other.excluded)
        self.unmapped.update(other.unmapped)
        self.disagreements.update(other.disagreements)
        self.records += other.records
        self.duplicates += other.duplicates

    def _keep(self, found: list[Unreadable]) -> None:
        self.unreadable = sorted({*self.unreadable, *found})[:UNREADABLE_KEPT]
