"""Has the watching gone on long enough?  Distinct permissions over days, and how many are still unseen.

The estimators are those of ecology, where the question is how many species a survey missed: days are the
sampling units, permissions the species, and only *on how many days* each was used counts, not how often.
What was used on one day only, and on two, tells how much was not used on any.

How many are unseen has a lower bound only: of what is used very rarely no days tell.  How many new ones the
same time again may show has an upper one, whatever the rest is like.

Sources: Chao2 in its bias-corrected form with its variance and log-normal interval: A. Chao, Biometrics 43
(1987) 783; R. K. Colwell, EstimateS 9 User's Guide, appendix B, equations 6, 10 and 13.  Sample coverage
(Good-Turing, for incidence): A. Chao and L. Jost, Ecology 93 (2012) 2533.
What the same time again may show: I. J. Good and G. H. Toulmin, Biometrika 43 (1956) 45, and the upper limit
of a Poisson mean: E. B. Wilson and M. M. Hilferty, PNAS 17 (1931) 684.
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
    "These figures take the days as alike and independent of each other, so what happens on a cycle longer "
    "than the days watched, such as a monthly job that is not yet due, cannot be seen by them."
)
"""What every estimate of this module rests on, for people."""
LEAST_DAYS = 10
"""Days at work below which nothing is estimated."""
_Z95, _Z90 = 1.959963985, 1.644853627
"""Of the normal distribution: what lies within 95 % of it on both sides, and below 95 % of it."""


class Silence(Enum):
    """Why it cannot be told how many permissions are still unseen."""

    NOTHING = "no use with a date was recorded"
    FEW_DAYS = f"it was at work on fewer than {LEAST_DAYS} days"
    NO_PAIRS = "no permission was used on exactly two days, and the estimate rests on those"


@dataclass(frozen=True, slots=True)
class Unseen:
    """How many were not seen yet, at least; ``low`` and ``high`` are the 95 % interval of that lower bound.

    There may be more than ``high``.  Where ``count`` is 0 both are 0: nothing points to any.
    """

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
    again: int | None = None
    """As many new ones at most are to be expected (95 %) in as many days more like these; ``None`` where the
    days are too few to tell."""


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
        again=most_again(once) if known and frequency else None,
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


def most_again(once: int) -> int:
    """How many new ones as many days more may show at most, if so many were used on one day only (95 %).

    Good and Toulmin: each permission that is used on a day with chance p comes new in the next T days with
    (1 - p)^T (1 - (1 - p)^T), which is never more than its chance T p (1 - p)^(T - 1) to be seen once in the
    first.  So what was seen once bounds what is to come, however rarely the rest is used.
    """
    count = once + 1
    upper = count * (1 - 1 / (9 * count) + _Z90 / (3 * math.sqrt(count))) ** 3
    return math.ceil(upper)


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
    if once < 2:
        return Unseen(0.0, 0.0, 0.0)
    count, variance = chao2(days, once, twice)
    return Unseen(count, *_interval(count, variance))


def _interval(count: float, variance: float) -> tuple[float, float]:
    """The log-normal 95 % interval (EstimateS, appendix B, equation 13)."""
    spread = math.exp(_Z95 * math.sqrt(math.log1p(variance / count**2)))
    return count / spread, count * spread
