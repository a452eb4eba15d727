"""Records -> counts.  One ``Aggregator`` per process; what several counted adds up exactly."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from leastwise.collect.cell import Sighting
from leastwise.collect.counts import Counts, Recent, Seen
from leastwise.collect.decode import NOBODY, Decoded, session_name
from leastwise.collect.ledger import Ledger
from leastwise.collect.meaning import Meanings
from leastwise.collect.salvage import BadRecord
from leastwise.collect.standing import CLOUDTRAIL, Standing, is_tampering
from leastwise.model.event import Locator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from leastwise.collect.decode import Record
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
    events: Mapping[date, set[bytes]] | None


class Aggregator:
    """Counts the records of the enrolled principals in one window."""

    def __init__(
        self, roster: Roster, window: Window, interpret: Interpreter, recent: Recent | None = None
    ) -> None:
        """``interpret`` must not look at an event's ID, time or session; ``recent`` is this one's own."""
        self.recent = recent or Recent()
        self.counts = Counts()
        self.ledger = Ledger()
        self._standing = Standing(roster)
        self._meanings = Meanings(interpret, self.ledger)
        self._start = _text(window.start)
        self._end = _text(window.end)
        self._days: set[str] = set()

    def add(self, decoded: Decoded, path: str, seen: Seen) -> None:
        """Count the records of one file; ``seen`` knows what the files around it delivered."""
        counts, standing = self.counts, self._standing.of
        counts.cannot_read(path, decoded.bad)
        inside = self._in_window(decoded, path)
        self._note(inside.records)
        excluded: Counter[str] = Counter()
        for index, record in inside:
            keys = standing(record)
            if isinstance(keys, str):
                excluded[keys] += 1
            elif seen.is_new(record.event_id or ""):
                self._count(record, keys, Locator(path, index))
            else:
                counts.duplicates += 1
        counts.excluded.update(excluded)

    def seen(self, place: tuple[str, str]) -> Seen:
        """What notes which events the files of one account and region delivered."""
        return Seen(place, self.recent)

    def warm_up(self, decoded: Decoded, seen: Seen) -> None:
        """Only note which events of enrolled principals a file holds: another process counts them."""
        for _, record in decoded:
            if not isinstance(self._standing.of(record), str):
                seen.is_new(record.event_id or "")

    def portion(self) -> Portion:
        """Everything counted so far, fit to travel between processes."""
        return Portion(tuple(self.ledger.entries()), self.ledger.merged, self.counts, self.recent.events)

    def merge(self, portion: Portion) -> None:
        """Add what was counted of other files."""
        for subject in portion.merged:
            self.ledger.plant_merged(subject)
        for entry in portion.entries:
            self.ledger.plant(entry)
        self.counts.add(portion.counts)
        self.recent.add(portion.events)

    def _in_window(self, decoded: Decoded, path: str) -> Decoded:
        """The records of the window.  Nearly all files lie in it as a whole, which is seen at a glance."""
        times = [record.event_time for record in decoded.records]
        if not times or (
            self._start <= min(times)
            and max(times) < self._end
            and {len(time) for time in times} == {_TIME_LENGTH}
            and {time[:10] for time in times} <= self._days
        ):
            return decoded
        inside: list[tuple[int, Record]] = []
        for index, record in decoded:
            time = self._checked_time(record, path, index)
            if self._start <= time < self._end:
                inside.append((index, record))
            elif time >= self._end:
                self.counts.later += 1
        return Decoded([record for _, record in inside], indices=[index for index, _ in inside])

    def _note(self, records: Sequence[Record]) -> None:
        """What every record tells, whoever made the call."""
        self.counts.records += len(records)
        self.counts.places |= {
            (record.recipient_account_id or _own_account(record), record.event_time[:10], record.aws_region)
            for record in records
        }
        self.counts.tampering |= {
            f"{record.event_time} {record.event_name} {record.event_id or ''}".rstrip()
            for record in records
            if record.event_source == CLOUDTRAIL and is_tampering(record)
        }

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
        time = record.event_time
        if len(time) == _TIME_LENGTH and time[:10] in self._days:
            return time
        try:
            moment = datetime.fromisoformat(time)
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
