"""The time that is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta


@dataclass(frozen=True, order=True, slots=True)
class Window:
    """``start`` inclusive, ``end`` exclusive; both aware datetimes in UTC."""

    start: datetime
    end: datetime

    @classmethod
    def of_days(cls, first: date, after: date) -> Window:
        """The UTC days from ``first`` up to, not including, ``after``."""
        return cls(begin_of(first), begin_of(after))

    @property
    def days(self) -> tuple[date, ...]:
        """Every UTC day that the window touches, in order."""
        if self.end <= self.start:
            return ()
        last = (self.end - timedelta(microseconds=1)).date()
        first = self.start.date()
        return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))


def begin_of(day: date) -> datetime:
    """The first moment of a UTC day."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def midnight(moment: datetime) -> datetime:
    """The beginning of a moment's UTC day."""
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
