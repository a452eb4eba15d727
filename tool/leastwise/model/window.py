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
        return cls(_midnight(first), _midnight(after))

    @property
    def days(self) -> tuple[date, ...]:
        """Every UTC day that the window touches, in order."""
        if self.end <= self.start:
            return ()
        last = (self.end - timedelta(microseconds=1)).date()
        first = self.start.date()
        return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
