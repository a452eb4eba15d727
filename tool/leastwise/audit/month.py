"""Calendar months in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

MONTHS_BEFORE = 11
"""An audit looks at a month and so many before it: a year in all."""
_NAMES = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, order=True, slots=True)
class Month:
    """A calendar month; ``number`` counts from 1."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Month:
        """The month that a day lies in."""
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> Month:
        """``2026-10``.  Raises ``ValueError`` for anything else."""
        if len(text) != len("2026-10"):
            raise ValueError(f"{text!r} is no month")
        return cls.of(date.fromisoformat(f"{text}-01"))

    def earlier(self, months: int) -> Month:
        """The month that lies so many months before."""
        years, index = divmod(self.year * 12 + self.number - 1 - months, 12)
        return Month(years, index + 1)

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    @property
    def after(self) -> date:
        """The first day after it."""
        return self.earlier(-1).first

    @property
    def days(self) -> Days:
        """All its days."""
        return Days(self.first, self.after)

    @property
    def year_up_to(self) -> Days:
        """The year that ends with it."""
        return Days(self.earlier(MONTHS_BEFORE).first, self.after)

    @property
    def title(self) -> str:
        """``October 2026``."""
        return f"{_NAMES[self.number - 1]} {self.year}"

    def __str__(self) -> str:
        """``2026-10``."""
        return f"{self.year:04}-{self.number:02}"


@dataclass(frozen=True, slots=True)
class Days:
    """UTC days from ``first`` up to, not including, ``after``."""

    first: date
    after: date

    def __contains__(self, day: date) -> bool:
        """Whether the day is one of them."""
        return self.first <= day < self.after

    def __len__(self) -> int:
        """How many they are."""
        return max(0, (self.after - self.first).days)

    @property
    def last(self) -> date:
        """The last one."""
        return self.after - timedelta(days=1)

    def each(self) -> tuple[date, ...]:
        """Every one, in order."""
        return tuple(self.first + timedelta(days=number) for number in range(len(self)))
