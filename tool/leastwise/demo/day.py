"""What a day is for a member of the cast, and what the trail gets to see of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

    from leastwise.demo.records import Call, Caller

OFFICE_HOURS = (0, 0, 0, 0, 0, 0, 1, 4, 9, 10, 10, 8, 5, 8, 10, 9, 7, 4, 2, 1, 1, 0, 0, 0)
SHOPPING_HOURS = (3, 2, 1, 1, 1, 2, 4, 6, 8, 9, 9, 10, 11, 10, 9, 9, 9, 10, 12, 12, 11, 9, 7, 5)
EVERY_HOUR = (1,) * 24
WEEKEND = 5


@dataclass(frozen=True, slots=True)
class Moment:
    """One call, by one caller, at one time."""

    when: datetime
    caller: Caller
    call: Call


@dataclass(frozen=True, slots=True)
class Day:
    """One UTC day of the demo, as a member of the cast lives it."""

    date: date
    number: int
    """Days since the demo's first."""
    rng: Random
    records: float
    """About how many records the member should leave on such a day."""

    def at(self, hour: int, minute: int = 0, seconds: float = 0) -> datetime:
        """A time of this day."""
        return datetime(self.date.year, self.date.month, self.date.day, hour, minute, tzinfo=UTC) + timedelta(
            seconds=int(seconds)
        )

    def sometime(self, rhythm: tuple[int, ...]) -> datetime:
        """A time drawn by how busy each hour is."""
        return self.at(self.rng.choices(range(24), rhythm)[0], 0, self.rng.random() * 3600)

    def times(self, size: int) -> range:
        """How many sittings of ``size`` records fit the day: on average exactly as many as they should."""
        return range(int(self.records / size + self.rng.random()))

    @property
    def is_working_day(self) -> bool:
        """Monday to Friday."""
        return self.date.weekday() < WEEKEND


@dataclass(frozen=True, slots=True)
class Member:
    """One of the cast: the share of all records it leaves, and what its day is like."""

    share: float
    day: Callable[[Day], Iterator[Moment]]
