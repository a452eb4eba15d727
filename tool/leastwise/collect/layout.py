"""What the path of a log file says, and how files are dealt out to processes.

CloudTrail writes
``AWSLogs/[o-…/]<account>/CloudTrail/<region>/<yyyy>/<mm>/<dd>/<account>_CloudTrail_<region>_<yyyymmddThhmmZ>_<random>.json.gz``
(https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html, read
2026-11-23).  People copy such files into flat folders, so the file's name is read as well as its folders.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from leastwise.model.window import Window

SUFFIXES = (".json.gz", ".json")
DELIVERY_SLACK = timedelta(days=1)
"""A record may lie in the folder of the day before or after its own."""

_FOLDERS = re.compile(r"(?:^|/)(?P<account>[0-9]{12})/CloudTrail/(?P<region>[a-z0-9-]+)/")
_NAME = re.compile(
    r"(?:^|/)(?P<account>[0-9]{12})_CloudTrail_(?P<region>[a-z0-9-]+)_(?P<day>[0-9]{8})T[^/]*$"
)
_DAY = re.compile(r"/(?P<year>[0-9]{4})/(?P<month>[0-9]{2})/(?P<day>[0-9]{2})/")
_OTHER_SERVICE = re.compile(r"(?:^|/)AWSLogs/(?:o-[a-z0-9]+/)?[0-9]{12}/(?!CloudTrail/)[^/]+/")
"""AWS Config, load balancers and others write below the same prefix; digests and insights are no events."""
_NO_EVENTS = re.compile(r"CloudTrail-(?:Digest|Insight)")


@dataclass(frozen=True, slots=True)
class LogFile:
    """A stored file: its path below the source, ``/`` between the parts, and its size in bytes as stored.

    ``lost`` says why it, or everything below it if it is a folder, cannot be read; mostly nothing is.
    """

    path: str
    size: int
    lost: str = ""

    @property
    def day(self) -> date | None:
        """The UTC day of delivery, by the folders, else by the name; ``None`` where neither says it."""
        folders = _DAY.search(f"/{self.path}")
        if folders:
            return _day(*folders.groups())
        name = _NAME.search(self.path)
        return _day(name["day"][:4], name["day"][4:6], name["day"][6:]) if name else None

    @property
    def trail_place(self) -> tuple[str, str]:
        """(account, region), empty where the path does not say them."""
        found = _FOLDERS.search(self.path) or _NAME.search(self.path)
        return (found["account"], found["region"]) if found else ("", "")


@dataclass(frozen=True, slots=True)
class Batch:
    """What one process reads at a time: files of one account and region, sorted by day.

    ``before`` are the files of the day before the first one; another batch counts them, and this one only
    notes their event IDs so as to count nothing twice.
    """

    files: tuple[LogFile, ...]
    before: tuple[LogFile, ...] = ()

    @property
    def size(self) -> int:
        """Bytes as stored, without ``before``."""
        return sum(file.size for file in self.files)


def is_log(path: str) -> bool:
    """Whether a path can be a file of CloudTrail events: no digest, no insight, no other service's log."""
    return path.endswith(SUFFIXES) and not _NO_EVENTS.search(path) and not _OTHER_SERVICE.search(path)


def in_window(file: LogFile, window: Window) -> bool:
    """Whether the file can hold records of the window; true where its path tells no day."""
    day = file.day
    first, last = delivery_days(window)
    return day is None or first <= day <= last


def delivery_days(window: Window) -> tuple[date, date]:
    """The first and the last day on which a record of the window may have been delivered."""
    return window.start.date() - DELIVERY_SLACK, window.end.date() + DELIVERY_SLACK


def batches(files: Iterable[LogFile], parts: int) -> list[Batch]:
    """Deal files out into batches of which none is much larger than one of ``parts`` equal parts.

    Files of one account and region stay together or are cut between two days.  Files whose paths say no day
    stay together, for a duplicate may be in any of them.
    """
    ordered = sorted(files, key=_order)
    largest = 1 + sum(file.size for file in ordered) // parts
    dealt: list[Batch] = []
    for _, group in groupby(ordered, key=lambda file: (file.trail_place, file.day is None)):
        dealt.extend(_cut([list(day) for _, day in groupby(group, key=lambda file: file.day)], largest))
    return sorted(dealt, key=lambda batch: -batch.size)


def _cut(days: Sequence[list[LogFile]], largest: int) -> Iterator[Batch]:
    """Cut the files of one account and region, day by day, into batches of up to ``largest`` bytes."""
    held: list[LogFile] = []
    before: tuple[LogFile, ...] = ()
    previous: list[LogFile] = []
    size = 0
    for day in days:
        if held and size >= largest:
            yield Batch(tuple(held), before)
            held, size = [], 0
            before = tuple(previous) if _are_neighbours(previous, day) else ()
        held += day
        size += sum(file.size for file in day)
        previous = day
    if held:
        yield Batch(tuple(held), before)


def _are_neighbours(one: list[LogFile], other: list[LogFile]) -> bool:
    first, second = one[0].day, other[0].day
    return first is not None and second is not None and second - first == timedelta(days=1)


def _order(file: LogFile) -> tuple[tuple[str, str], bool, date, str]:
    day = file.day
    return file.trail_place, day is None, day or date.min, file.path


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
