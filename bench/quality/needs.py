"""What simulated principals truly need, and when.  Knows nothing of how leastwise derives a policy.

A need is a schedule, some actions, and a way to name resources on a day.  What the principal calls on a day
is decided by the seed, the principal, the need and the day alone: learning and testing see one world.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING

from leastwise.model.request import AuthorizationRequest, ResourceForm

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED = 20_261_123
EPOCH = date(2025, 6, 2)
"""The day on which everything that counts on began to count: a Monday."""
ACCOUNT = "111122223333"
REGION = "eu-west-1"

When = Callable[[date, Random], bool]
Names = Callable[[date, Random], list[str]]


@dataclass(frozen=True)
class Need:
    """Something that must be possible: on which days, which actions, and on which resources.

    ``names`` gives the resources of one day; none for actions that work on no resource.  ``calls`` is how
    often a day each action is called on each of them.
    """

    title: str
    actions: tuple[str, ...]
    when: When
    names: Names | None = None
    calls: int = 10
    context: tuple[tuple[str, str], ...] = ()

    def requests(self, day: date, random: Random) -> Iterator[AuthorizationRequest]:
        """What must be allowed on that day."""
        if not self.when(day, random):
            return
        form = ResourceForm.LITERAL if self.names else ResourceForm.NONE
        for resource in dict.fromkeys(self.names(day, random) if self.names else ["*"]):
            for action in self.actions:
                yield AuthorizationRequest(action, resource, form, self.context)


@dataclass(frozen=True)
class Person:
    """A simulated principal: its needs, and the services its committed policy allows in full."""

    name: str
    needs: tuple[Need, ...]
    services: tuple[str, ...]

    def calls(self, day: date) -> Iterator[tuple[Need, AuthorizationRequest]]:
        """What it calls on that day, and what for."""
        for need in self.needs:
            random = Random(f"{SEED} {self.name} {need.title} {day}")
            for request in need.requests(day, random):
                yield need, request


def every_day(_day: date, _random: Random) -> bool:
    return True


def on_workdays(day: date, _random: Random) -> bool:
    return day.weekday() < 5


def weekly(weekday: int) -> When:
    return lambda day, _: day.weekday() == weekday


def monthly(number: int) -> When:
    return lambda day, _: day.day == number


def quarterly(day: date, _random: Random) -> bool:
    return day.month % 3 == 1 and day.day == 5


def yearly(month: int, number: int) -> When:
    """On one day of the year."""
    return lambda day, _: (day.month, day.day) == (month, number)


def since(first: date) -> When:
    """On workdays, but not before that day."""
    return lambda day, _: day >= first and day.weekday() < 5


def now_and_then(chance: float) -> When:
    """On that share of days, at random."""
    return lambda _, random: random.random() < chance


def in_bursts(day: date, _random: Random) -> bool:
    """On three days in a row of about every sixth week."""
    year, week, weekday = day.isocalendar()
    return Random(f"{SEED} burst {year} {week}").random() < 1 / 6 and 2 <= weekday <= 4


def fixed(*names: str) -> Names:
    """The same names for ever."""
    return lambda _, __: list(names)


def dated(pattern: str, parts: int = 3) -> Names:
    """Names with the day in them: ``{day:%Y/%m/%d}``; ``{part}`` counts, ``{hex}`` is random."""
    return lambda day, random: [
        pattern.format(day=day, part=part, hex=f"{random.getrandbits(64):016x}") for part in range(parts)
    ]


def counted(pattern: str, every: int, shown: int) -> Names:
    """``{number}`` names up to a number that grows by one every so many days; some of them are used a day."""

    def names(day: date, random: Random) -> list[str]:
        newest = (day - EPOCH).days // every
        chosen = [newest, *(random.randint(0, newest) for _ in range(shown - 1))]
        return [pattern.format(number=number, hex=f"{random.getrandbits(64):016x}") for number in chosen]

    return names


def latest(pattern: str, every: int) -> Names:
    """``{number}`` is a version that replaces the one before every so many days."""
    return lambda day, _: [pattern.format(number=(day - EPOCH).days // every)]


def days_from(first: date, count: int) -> list[date]:
    """So many days, the first of them given."""
    return [first + timedelta(days=number) for number in range(count)]
