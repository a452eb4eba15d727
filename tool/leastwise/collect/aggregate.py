"""Records -> counts.  One ``Aggregator`` per process; what several counted adds up exactly."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from leastwise.collect.cell import Sighting
from leastwise.collect.counts import Counts
from leastwise.collect.decode import NOBODY, session_name
from leastwise.collect.ledger import Ledger
from leastwise.collect.meaning import Meanings
from leastwise.collect.salvage import BadRecord
from leastwise.collect.standing import CLOUDTRAIL, Standing, is_tampering
from leastwise.model.event import Locator

if TYPE_CHECKING:
    from leastwise.collect.counts import Seen
    from leastwise.collect.decode import Decoded, Record
    from leastwise.collect.interface import Interpreter
    from leastwise.collect.ledger import Entry, Subject
    from leastwise.collect.roster import Roster
    from leastwise.model.window import Window

_TIME = "%Y-%m-%dT%H:%M:%SZ"
_TIME_LENGTH = len("2026-11-23T14:00:00Z")


@dataclass(frozen=True, slots=True)
class Portion:
    """What one process counted; portions of different files add up, in any order."""

    entries: tuple[Entry, ...]
    merged: frozenset[Subject]
    counts: Counts


class Aggregator:
    """Counts the records of the enrolled principals in one window."""

    def __init__(self, roster: Roster, window: Window, interpret: Interpreter) -> None:
        """``interpret`` must not look at an event's ID, time or session."""
        self.counts = Counts()
        self.ledger = Ledger()
        self._standing = Standing(roster)
        self._meanings = Meanings(interpret, self.ledger)
        self._start = _text(window.start)
        self._end = _text(window.end)
        self._days: set[str] = set()

    def add(self, decoded: Decoded, path: str, seen: Seen) -> None:
        """Count the records of one file; ``seen`` knows what the files around it delivered."""
        counts, standing, places = self.counts, self._standing.of, self.counts.places
        counts.cannot_read(path, decoded.bad)
        for index, record in decoded:
            time = record.event_time
            day = time[:10]
            if len(time) != _TIME_LENGTH or day not in self._days:
                time = self._checked_time(record, path, index)
                day = time[:10]
            if not self._start <= time < self._end:
                continue
            counts.records += 1
            places.add((record.recipient_account_id or _own_account(record), day, record.aws_region))
            if record.event_source == CLOUDTRAIL and is_tampering(record):
                counts.tampering.add(f"{time} {record.event_name} {record.event_id or ''}".rstrip())
            keys = standing(record)
            if isinstance(keys, str):
                counts.excluded[keys] += 1
            elif seen.is_new(record.event_id or ""):
                self._count(record, keys, Locator(path, index))
            else:
                counts.duplicates += 1

    def warm_up(self, decoded: Decoded, seen: Seen) -> None:
        """Only note which events of enrolled principals a file holds: another process counts them."""
        for _, record in decoded:
            if not isinstance(self._standing.of(record), str):
                seen.is_new(record.event_id or "")

    def portion(self) -> Portion:
        """Everything counted so far, fit to travel between processes."""
        return Portion(tuple(self.ledger.entries()), self.ledger.merged, self.counts)

    def merge(self, portion: Portion) -> None:
        """Add what was counted of other files."""
        for subject in portion.merged:
            self.ledger.plant_merged(subject)
        for entry in portion.entries:
            self.ledger.plant(entry)
        self.counts.add(portion.counts)

    def _count(self, record: Record, keys: tuple[str, ...], locator: Locator) -> None:
        try:
            meaning = self._meanings.of(record, keys, locator)
        except BadRecord as bad:
            self.counts.cannot_read(locator.path, [f"record {locator.index}: {bad}"])
            return
        session = _short_hash(session_name(record.user_identity or NOBODY))
        event_id = record.event_id or ""
        sighting = Sighting(record.event_time, record.aws_region, event_id, session, meaning.denied)
        for cell in meaning.cells:
            cell.standing_in().add(sighting)
        if meaning.unmapped:
            self.counts.unmapped[meaning.unmapped] += 1
        if meaning.disagreement:
            self.counts.disagreements[meaning.disagreement] += 1

    def _checked_time(self, record: Record, path: str, index: int) -> str:
        """``eventTime`` as CloudTrail writes it; empty, and counted, where it is no time.

        CloudTrail's own form is trusted once a day's first record has shown that the day exists.
        """
        try:
            moment = datetime.fromisoformat(record.event_time)
        except (ValueError, OverflowError):
            self.counts.cannot_read(path, [f"record {index}: eventTime is no time"])
            return ""
        record.event_time = _text(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
        self._days.add(record.event_time[:10])
        return record.event_time


def _own_account(record: Record) -> str:
    """The caller's account: records before version 1.02 do not say to whom they were delivered."""
    return (record.user_identity or NOBODY).account_id or ""


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(_TIME)


@lru_cache(maxsize=4_096)
def _short_hash(name: str) -> str:
    """Tells sessions apart without naming people; empty for no session.  SHA-256, for engines know it too."""
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:8] if name else ""
