"""Which of the listed log files no run has counted yet.

CloudTrail never changes a log file, and names it for the minute of its delivery, so a record that comes late
comes in a new file.  Whoever remembers the files of the last days therefore reads each once, and what is in
the new ones adds up with what is kept.  That holds only where nothing is in doubt: every path tells its day,
every file was read in full, none is gone or has another size.  Else a run reads whole days again.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING

from leastwise.collect.layout import delivery_days
from leastwise.model.files_read import DIGEST_BYTES, FilesRead

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from leastwise.collect.aggregate import Aggregator
    from leastwise.collect.layout import LogFile
    from leastwise.model.window import Window

DAYS_KEPT = timedelta(days=4)
"""More than a run looks back for what is delivered late, with a day of slack."""
EVENTS_KEPT = timedelta(days=2)
"""A copy of an event comes on the same day of delivery or on the next."""
MOST_FILES = 250_000
"""A store does not grow beyond that for files (eight bytes each): then whole days are read again."""


def new_files(files: Sequence[LogFile], before: FilesRead, window: Window) -> list[LogFile] | None:
    """The files that were not counted yet; ``None`` where that cannot be told for certain."""
    first, _ = delivery_days(window)
    if first < before.since or any(file.day is None for file in files):
        return None
    counted = {digest for day, digests in before.files.items() if day >= first for digest in digests}
    listed = {digest_of(file): file for file in files}
    if not counted or not counted <= listed.keys():
        return None
    return [file for digest, file in listed.items() if digest not in counted]


def files_read(
    files: Iterable[LogFile],
    total: Aggregator,
    before: FilesRead | None,
    principals: frozenset[str],
    end: datetime,
) -> FilesRead | None:
    """What the next run may rely on; ``None`` where some file was not counted in full.

    ``before`` holds the events of what was not read this time.
    """
    by_day: dict[date | None, set[bytes]] = defaultdict(set)
    since = end.date() - DAYS_KEPT
    for file in files:
        if file.day is None or file.day >= since:
            by_day[file.day].add(digest_of(file))
    undated = None in by_day
    dated = {day: frozenset(found) for day, found in by_day.items() if day is not None}
    counts, events = total.counts, total.recent.events
    too_many = events is None or sum(map(len, dated.values())) > MOST_FILES
    if undated or not dated or too_many or counts.unreadable_count or counts.later:
        return None
    known = _joined(before.events if before else {}, events or {})
    remembered = {day: found for day, found in known.items() if day >= end.date() - EVENTS_KEPT}
    return FilesRead(since, principals, dated, remembered)


def digest_of(file: LogFile) -> bytes:
    """Tells a file apart from every other, and from one of the same name and another size."""
    return blake2b(f"{file.path}\0{file.size}".encode("utf-8", "replace"), digest_size=DIGEST_BYTES).digest()


def _joined(
    one: Mapping[date, frozenset[bytes]], other: Mapping[date, set[bytes]]
) -> Mapping[date, frozenset[bytes]]:
    return {day: one.get(day, frozenset()) | other.get(day, set()) for day in {*one, *other}}
