"""What the coverage says, while it is counted; and which events were counted already."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING

from leastwise.model.evidence import UNREADABLE_KEPT, Unreadable
from leastwise.model.files_read import DIGEST_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

MOST_EVENTS = 250_000
"""Event IDs that are remembered for the next run, eight bytes each."""


class Recent:
    """Events of the last days, by digest: what the run before noted, and what this one does for the next."""

    def __init__(self, since: date | None = None, known: frozenset[bytes] = frozenset()) -> None:
        """``since`` is the first day of delivery that is noted; ``None``: none is."""
        self._since = since
        self._known = known
        self.events: dict[date, set[bytes]] | None = defaultdict(set)
        """Day of delivery -> digests; ``None`` where there were too many to note."""

    def note(self, place: tuple[str, str], day: date | None, event_id: str) -> bool:
        """Whether the run before did not note the event, which was delivered for (account, region)."""
        if self._since is None or (not self._known and (day is None or day < self._since)):
            return True
        text = "\0".join((*place, event_id)).encode("utf-8", "replace")
        digest = blake2b(text, digest_size=DIGEST_BYTES).digest()
        if self.events is not None and day is not None and day >= self._since:
            self.events[day].add(digest)
            if len(self.events[day]) > MOST_EVENTS:
                self.events = None
        return digest not in self._known

    def add(self, events: Mapping[date, set[bytes]] | None) -> None:
        """Note what another process did, and nothing any more where that is too much."""
        if self.events is None or events is None:
            self.events = None
            return
        for day, digests in events.items():
            self.events[day] |= digests
        if sum(map(len, self.events.values())) > MOST_EVENTS:
            self.events = None


class Seen:
    """Event IDs of the delivery day being read and of the day before: copies arrive close together.

    Files come sorted by delivery day, so that memory stays flat however long the window is.
    """

    def __init__(self, place: tuple[str, str] = ("", ""), recent: Recent | None = None) -> None:
        """Nothing read yet of what was delivered for (account, region)."""
        self._place = place
        self._recent = recent or Recent()
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
        if not event_id:
            return True
        self._today.add(event_id)
        return self._recent.note(self._place, self._day, event_id)


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
    later: int = 0
    """Records from after the window, which its end cut off."""

    def cannot_read(self, path: str, reasons: Iterable[str], records: int = 1) -> None:
        """Name what was lost of a file: everything is counted, the first by path and reason are kept.

        ``records`` is how many were lost for each reason.
        """
        found = [Unreadable(path, reason) for reason in reasons]
        self.unreadable_count += records * len(found)
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
        self.later += other.later

    def _keep(self, found: list[Unreadable]) -> None:
        self.unreadable = sorted({*self.unreadable, *found})[:UNREADABLE_KEPT]
