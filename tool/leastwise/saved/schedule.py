"""When a saved query runs: ``daily``, ``weekly on friday``, ``monthly on 15``.

A run takes place once a day; this decides which queries are its business.  All days are UTC.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LAST_DAY = 28
"""The last day of a month that every month has."""
EXPECTED = f"daily, weekly, weekly on friday, monthly, or monthly on a day from 1 to {LAST_DAY}"
_FORM = re.compile(
    rf"(?P<daily>daily)|weekly(?: on (?P<weekday>{'|'.join(WEEKDAYS)}))?"
    r"|monthly(?: on (?P<day>[0-9]{1,2}))?"
)


class Rhythm(Enum):
    """How often; the value is how many days a run looks back unless the query says otherwise.

    Twice the pause and more, so that a run that GitHub dropped leaves no hole.
    """

    DAILY = 7
    WEEKLY = 14
    MONTHLY = 62


@dataclass(frozen=True, slots=True)
class Schedule:
    """``day`` is 0 to 6 from Monday for a week, 1 to 28 for a month, 0 for every day."""

    rhythm: Rhythm
    day: int = 0

    def is_due(self, today: date) -> bool:
        """Whether the run of this UTC day executes the query."""
        if self.rhythm is Rhythm.WEEKLY:
            return today.weekday() == self.day
        return self.rhythm is Rhythm.DAILY or today.day == self.day

    def __str__(self) -> str:
        """As a header writes it in full."""
        if self.rhythm is Rhythm.WEEKLY:
            return f"weekly on {WEEKDAYS[self.day]}"
        return "daily" if self.rhythm is Rhythm.DAILY else f"monthly on {self.day}"


def parse_schedule(text: str) -> Schedule | None:
    """The schedule that a header's text means; ``None``: none."""
    found = _FORM.fullmatch(" ".join(text.lower().split()))
    if found is None:
        return None
    if found["daily"]:
        return Schedule(Rhythm.DAILY)
    if found[0].startswith("weekly"):
        return Schedule(Rhythm.WEEKLY, WEEKDAYS.index(found["weekday"] or WEEKDAYS[0]))
    day = int(found["day"] or 1)
    return Schedule(Rhythm.MONTHLY, day) if 1 <= day <= LAST_DAY else None
