"""How good are the policies?  Principals whose true needs are known, watched for a while, then tested.

Each is watched for N days, a policy is made of what was seen, and the M days that follow are asked of it.
Everything comes from one seed; the table says what this run found.
"""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from multiprocessing import get_context
from typing import TYPE_CHECKING

from bench.quality.cast import cast
from bench.quality.needs import days_from
from bench.quality.policies import CONTESTANTS, lesson
from bench.quality.score import Burden, Kept, burden, kept, reach, universe
from leastwise.holdings import Holdings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from bench.quality.needs import Person
    from bench.quality.score import Universe


@dataclass(frozen=True)
class Plan:
    """So many principals, watched ``learn`` days up to each of ``todays`` and tested for ``tests`` days."""

    people: int = 20
    todays: tuple[date, ...] = (date(2026, 3, 18), date(2026, 9, 29))
    learn: tuple[int, ...] = (7, 30, 60, 90)
    tests: tuple[int, ...] = (1, 7, 30)
    processes: int = 2


@dataclass(frozen=True)
class Result:
    """One contestant's policy of one principal, learnt in ``days`` days, and how it did."""

    contestant: str
    days: int
    person: str
    kept: dict[int, Kept]
    """By the length of the test in days."""
    reduction: float
    risk_reduction: float
    burden: Burden
    withheld: str


def main(plan: Plan | None = None) -> None:
    """Run everything and print the tables."""
    plan = plan or Plan()
    print(f"{plan.people} principals, watched up to each of {', '.join(map(str, plan.todays))}")
    results = run(plan)
    lines = [*table(results), *withheld(results)]
    for contestant in ("leastwise initial", "leastwise tighten"):
        lines += broken(results, contestant, plan.learn)
    print(*lines, sep="\n")


def run(plan: Plan) -> list[Result]:
    """Every contestant on every principal, at every date and after every time of watching."""
    names = {person.name: _names(person, plan) for person in cast(plan.people)}
    with get_context("spawn").Pool(plan.processes) as pool:
        work = [(plan, number, names) for number in range(plan.people)]
        found = pool.starmap(_of_person, work, chunksize=1)
    return [result for results in found for result in results]


def _of_person(plan: Plan, number: int, names: Mapping[str, Collection[str]]) -> list[Result]:
    """All results of one principal; a process makes the cast itself, for functions do not travel."""
    person = list(cast(plan.people))[number]
    others = (name for other, found in names.items() if other != person.name for name in found)
    asked = universe(person, names[person.name], others)
    return [
        result
        for today in plan.todays
        for days in plan.learn
        for result in _contest(person, today, days, plan.tests, asked)
    ]


def _names(person: Person, plan: Plan) -> frozenset[str]:
    """Every resource that the principal uses while it is watched."""
    days = (
        day for today in plan.todays for day in days_from(today - timedelta(max(plan.learn)), max(plan.learn))
    )
    used = (request.resource for day in days for _, request in person.calls(day))
    return frozenset(name for name in used if name != "*")


def _contest(
    person: Person, today: date, days: int, tests: Sequence[int], asked: Universe
) -> Iterable[Result]:
    learnt = lesson(person, today, days)
    whole = (0, 0)
    for contestant, make in CONTESTANTS.items():
        learned = make(learnt)
        policy = Holdings.of(learned.after)
        reached = reach(policy, asked)
        whole = max(whole, reached)
        yield Result(
            contestant=contestant,
            days=days,
            person=person.name,
            kept={test: kept(policy, person, today, test) for test in tests},
            reduction=1 - reached[0] / whole[0],
            risk_reduction=1 - reached[1] / whole[1],
            burden=burden(learned),
            withheld=learned.withheld,
        )


def table(results: Sequence[Result]) -> Iterable[str]:
    """One line for each contestant and time of watching: means over principals and dates."""
    tests = sorted(results[0].kept)
    yield ""
    yield (
        f"{'':26}{'learnt':>7} "
        + "".join(f"|{f'next {test} d: uRecall':>20} cRecall broken " for test in tests)
        + "| less  by risk |lines stmts  chars |withheld"
    )
    groups: dict[tuple[str, int], list[Result]] = defaultdict(list)
    for result in results:
        groups[result.contestant, result.days].append(result)
    for (contestant, days), some in groups.items():
        yield f"{contestant:26}{days:>5} d " + "".join(_tested(some, test) for test in tests) + _sized(some)


def _tested(results: Sequence[Result], test: int) -> str:
    found = [result.kept[test] for result in results]
    recalls = _mean(each.u_recall for each in found), _mean(each.c_recall for each in found)
    share = _mean(bool(each.refused) for each in found)
    return f"|{recalls[0]:>20.4f} {recalls[1]:>7.4f} {share:>6.0%} "


def _sized(results: Sequence[Result]) -> str:
    less, by_risk = _mean(each.reduction for each in results), _mean(each.risk_reduction for each in results)
    lines, statements, characters = (
        _mean(getattr(each.burden, name) for each in results)
        for name in ("lines", "statements", "characters")
    )
    share = _mean(bool(each.withheld) for each in results)
    return (
        f"|{less:>6.1%} {by_risk:>7.1%} |{lines:>5.0f} {statements:>5.1f} {characters:>6.0f} |{share:>7.0%}"
    )


def broken(results: Iterable[Result], contestant: str, learn: Sequence[int]) -> Iterable[str]:
    """Which needs a contestant did not meet in its longest test, how often, with an example."""
    counts: Counter[tuple[int, str]] = Counter()
    examples: dict[str, str] = {}
    for result in results:
        if result.contestant == contestant:
            for title, example in result.kept[max(result.kept)].refused.items():
                counts[result.days, title] += 1
                examples[title] = example
    yield ""
    yield f"{contestant}: needs that were refused in the longest test{'' if examples else ': none'}"
    for title, example in sorted(examples.items()):
        shown = ", ".join(f"{counts[days, title]} after {days} d" for days in learn if counts[days, title])
        yield f"  {title}: {shown}; such as {example}"


def withheld(results: Iterable[Result]) -> Iterable[str]:
    """Why nothing was proposed."""
    counts = Counter(
        (result.contestant, result.days, result.withheld.partition(" (")[0]) for result in results
    )
    yield ""
    for (contestant, days, reason), count in sorted(counts.items()):
        if reason:
            yield f"{contestant} after {days} d: {count} withheld, {reason}"


def _mean(values: Iterable[float]) -> float:
    return statistics.fmean(values)
