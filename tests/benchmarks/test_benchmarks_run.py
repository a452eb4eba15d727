"""Benchmarks are no tests, but they must not rot: each runs here on the least that says something."""

from __future__ import annotations

from datetime import date

import pytest
from bench import engines, inclusion, quality, replay
from bench.quality.cast import cast
from bench.quality.needs import days_from
from bench.records import Set

pytestmark = pytest.mark.whole

SMALL = Set(400, days=2)


@pytest.mark.parametrize("make", inclusion.FULL_SIZE.values(), ids=inclusion.FULL_SIZE)
def test_a_full_size_pair_is_decided(make):
    (pair,) = inclusion.pairs(make, 1)
    assert sum(len(statement.resources) for statement in pair.inner.statements) >= inclusion.PATTERNS
    assert inclusion.ask(pair).answer == ("Witness" if make is inclusion.unrelated else "Included")


def test_each_hard_question_ends_within_its_budget():
    for pair in inclusion.adversarial().values():
        asked = inclusion.ask(pair)
        assert asked.steps <= inclusion.DEFAULT_BUDGET
        assert (asked.answer == "Undecided") == (asked.steps == inclusion.DEFAULT_BUDGET)


@pytest.fixture(scope="module")
def engine():
    return engines.loaded(SMALL)


@pytest.mark.parametrize("kind", engines.KINDS)
def test_more_principals_are_no_more_queries(engine, kind):
    few, many = (engines.measure(kind, engine, engines.principals(n), SMALL) for n in (24, 2_000))
    assert few.queries == many.queries == 1
    assert 0 < few.rows < many.rows
    assert few.bytes > few.rows
    assert many.outside > 0


def test_no_call_is_lost_in_a_replay():
    measured = replay.measure(200)
    assert (measured.found.recorded, measured.found.lost) == (200, ())


@pytest.mark.parametrize("change", replay.HARDER.values(), ids=replay.HARDER)
def test_no_call_is_lost_where_records_say_less(change):
    found = replay.measure(100, change).found
    assert found.recorded + found.undecided == 100
    assert found.undecided
    assert not found.lost


@pytest.fixture(scope="module")
def results():
    """Two principals, one of them watched long enough to be tightened."""
    return quality.run(quality.Plan(2, (date(2026, 3, 18),), (7, 90), (1,), processes=1))


def test_every_contestant_is_tested_after_every_time_of_watching(results):
    assert len(results) == 2 * 2 * len(quality.CONTESTANTS)
    lines = "\n".join(quality.table(results))
    assert all(lines.count(contestant) == 2 for contestant in quality.CONTESTANTS)


def test_what_is_committed_breaks_nobody_and_reduces_nothing(results):
    (found,) = {
        (result.reduction, result.kept[1].u_recall)
        for result in results
        if result.contestant == "committed policy"
    }
    assert found == (0, 1)


def test_seven_days_tighten_nothing_and_ninety_days_do(results):
    tightened = [result for result in results if result.contestant == "leastwise tighten"]
    assert {bool(result.withheld) for result in tightened if result.days == 7} == {True}
    assert {result.reduction for result in tightened if result.days == 7} == {0}
    assert all(result.reduction > 0.5 for result in tightened if result.days == 90)


def test_the_simulated_world_is_the_same_at_every_look():
    one, other = (next(iter(cast(1))) for _ in range(2))
    for day in days_from(date(2026, 3, 1), 3):
        assert [call for _, call in one.calls(day)] == [call for _, call in other.calls(day)]
