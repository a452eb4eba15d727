"""Has the watching gone on long enough?  Distinct permissions over days, and how many are still unseen.

The estimators are those of ecology, where the question is how many species a survey missed: days are the
sampling units, permissions the species, and only *on how many days* each was used counts, not how often.
What was used on one day only, and on two, tells how much was not used on any.

Sources: Chao2 in its bias-corrected form with its variance and log-normal interval: A. Chao, Biometrics 43
(1987) 783; R. K. Colwell, EstimateS 9 User's Guide, appendix B, equations 6, 10 and 13.  Sample coverage
(Good-Turing, for incidence): A. Chao and L. Jost, Ecology 93 (2012) 2533.
The rule of three: J. A. Hanley and A. Lippman-Hand, JAMA 249 (1983) 1743.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Set
    from datetime import date

ASSUMES = (
    "The estimate takes the days as alike and independent of each other, so what happens on a cycle longer "
    "than the days watched, such as a monthly job that is not yet due, cannot be seen by it; and it is a "
    "lower bound: there may be more."
)
"""What every estimate of this module rests on, for people."""
LEAST_DAYS = 10
"""Days at work below which nothing is estimated."""
_Z95 = 1.959963985


class Silence(Enum):
    """Why it cannot be told how many permissions are still unseen."""

    NOTHING = "no use with a date was recorded"
    FEW_DAYS = f"it was at work on fewer than {LEAST_DAYS} days"
    NO_PAIRS = "no permission was used on exactly two days, and the estimate rests on those"


@dataclass(frozen=True, slots=True)
class Unseen:
    """How many were not seen yet: the estimate, and the interval that holds it in 95 of 100 cases."""

    count: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Saturation:
    """What the days watched tell of those that were not.

    ``once`` and ``twice`` count what was used on exactly one and two of the ``days`` at work.  ``familiar``
    is the estimated share of uses, on another such day, that are of something seen before (0 to 1).
    """

    observed: int
    days: int
    once: int
    twice: int
    familiar: float | None
    unseen: Unseen | Silence


def saturation(uses: Mapping[date, Set[str]]) -> Saturation:
    """``uses`` maps each day at work to what was used on it; days on which nothing was used do not count."""
    frequency = Counter(used for day in uses.values() for used in day)
    days = sum(bool(day) for day in uses.values())
    shares = Counter(frequency.values())
    once, twice = shares[1], shares[2]
    known = days >= LEAST_DAYS
    return Saturation(
        observed=len(frequency),
        days=days,
        once=once,
        twice=twice,
        familiar=sample_coverage(frequency.total(), days, once, twice) if known else None,
        unseen=_unseen(frequency, days, once, twice),
    )


def growth(uses: Mapping[date, Set[str]]) -> tuple[tuple[date, int], ...]:
    """Every day at work, in order, with how many distinct things had been used up to its end."""
    seen: set[str] = set()
    curve = []
    for day in sorted(uses):
        seen |= uses[day]
        curve.append((day, len(seen)))
    return tuple(curve)


def first_uses(uses: Mapping[date, Iterable[str]]) -> dict[str, date]:
    """What was used -> the first day on which it was."""
    first: dict[str, date] = {}
    for day in sorted(uses):
        for used in uses[day]:
            first.setdefault(used, day)
    return first


def rarest(days: int) -> int:
    """What is used on one day in so many would all the same be missed on all of ``days`` 5 times in 100.

    The rule of three, for days that are alike and independent; 0 where they tell nothing.
    """
    return days // 3


def chao2(days: int, once: int, twice: int) -> tuple[float, float]:
    """How many are unseen at least, and the estimate's variance; ``days`` is at least 1."""
    share = (days - 1) / days
    pairs = twice + 1
    unseen = share * once * (once - 1) / (2 * pairs)
    variance = (
        unseen
        + share**2 * once * (2 * once - 1) ** 2 / (4 * pairs**2)
        + share**2 * once**2 * twice * (once - 1) ** 2 / (4 * pairs**4)
    )
    return unseen, variance


def uncorrected(days: int, once: int, twice: int) -> tuple[float, float]:
    """``chao2`` without the correction for bias, and its variance; ``once`` and ``twice`` are not 0."""
    share, ratio = (days - 1) / days, once / twice
    variance = twice * (share / 2 * ratio**2 + share**2 * ratio**3 + share**2 / 4 * ratio**4)
    return share * once**2 / (2 * twice), variance


def sample_coverage(incidences: int, days: int, once: int, twice: int) -> float:
    """The share of uses on another day that are of something seen already; 0 where there were none.

    ``incidences`` counts pairs of a day and something used on it.
    """
    if not incidences:
        return 0.0
    if twice:
        weight = (days - 1) * once / ((days - 1) * once + 2 * twice)
    else:
        weight = (days - 1) * (once - 1) / ((days - 1) * (once - 1) + 2) if once else 0.0
    return 1 - once / incidences * weight


def _unseen(frequency: Counter[str], days: int, once: int, twice: int) -> Unseen | Silence:
    if not frequency:
        return Silence.NOTHING
    if days < LEAST_DAYS:
        return Silence.FEW_DAYS
    if once and not twice:
        return Silence.NO_PAIRS
    if once == 0:
        return Unseen(0.0, 0.0, _most_where_none(len(frequency), frequency.total()))
    if once == 1:
        # The correction makes it 0 without a spread, which would claim too much: one stray use was seen.
        return Unseen(0.0, 0.0, _interval(*uncorrected(days, once, twice))[1])
    count, variance = chao2(days, once, twice)
    return Unseen(count, *_interval(count, variance))


def _interval(count: float, variance: float) -> tuple[float, float]:
    """The log-normal 95 % interval (EstimateS, appendix B, equation 13)."""
    spread = math.exp(_Z95 * math.sqrt(math.log1p(variance / count**2)))
    return count / spread, count * spread


def _most_where_none(observed: int, incidences: int) -> float:
    """The upper end where the estimate is that none is unseen (EstimateS, appendix B, equation 14)."""
    missed = math.exp(-incidences / observed)
    upper = observed / (1 - missed) + _Z95 * math.sqrt(observed * missed) / (1 - missed)
    return upper - observed
