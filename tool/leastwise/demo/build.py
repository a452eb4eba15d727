"""Build the demo: logs of a quarter, and the repository that governs the account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from leastwise.demo.account import CAST, payments_api
from leastwise.demo.day import SHOPPING_HOURS, Day, Moment
from leastwise.demo.noise import NOISE
from leastwise.demo.repository import make_repository
from leastwise.demo.write import write_selectors, write_trail

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

DEMO_NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
"""When the demo takes place unless told otherwise: its output is the same on every day and machine."""

DAYS = 95

_SEED = 20_150_331


@dataclass(frozen=True, slots=True)
class DemoPlaces:
    """Where everything of the demo is."""

    root: Path
    """The clone that holds ``principals.yaml`` and ``policies/``."""
    remote: Path
    """The bare repository that proposals are pushed to."""
    logs: Path
    """The folder above ``AWSLogs``, with ``selectors.json`` in it."""
    records: int
    """How many records were written."""


def build_demo(folder: Path, now: datetime = DEMO_NOW, records: int = 120_000) -> DemoPlaces:
    """Build the demo account below ``folder``, which is made, and must be empty if it is there.

    The logs cover the ``DAYS`` days before ``now``.  At least ``records`` records are written; exactly as
    many unless so few are asked for that the rare events alone are more.  The same arguments give the same
    logs, byte for byte.
    """
    root, remote, logs = folder / "acme-iam", folder / "acme-iam.git", folder / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    rng = Random(_SEED)
    others = [moment for moment in _others(now, records, rng) if moment.when < now]
    steady = _payments(now, records - len(others), rng)
    written = write_trail(logs, [*others, *steady], rng)
    write_selectors(logs / "selectors.json")
    make_repository(root, remote, now)
    return DemoPlaces(root, remote, logs, written)


def _others(now: datetime, records: int, rng: Random) -> Iterator[Moment]:
    """Everybody's days but those of the payment service, which makes up the number."""
    for number, today in enumerate(_days(now)):
        for member in (*CAST, *NOISE):
            yield from member.day(Day(today, number, rng, member.share * records / DAYS))


def _payments(now: datetime, count: int, rng: Random) -> Iterator[Moment]:
    days = _days(now)
    made = 0
    while made < count:
        when = Day(rng.choice(days), 0, rng, 0).sometime(SHOPPING_HOURS)
        if when < now:
            made += 1
            yield payments_api(when, rng)


def _days(now: datetime) -> list[date]:
    """Every day of the window, the last of them (as far as it has come) today."""
    return [now.date() - timedelta(days=DAYS - number) for number in range(DAYS + 1)]
