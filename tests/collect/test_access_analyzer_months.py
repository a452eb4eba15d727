"""Simulated months: a run every hour, jobs of random length, runs killed at random points."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import timedelta
from functools import cache
from itertools import pairwise

import pytest

from leastwise.aws.access_analyzer import PolicyGeneration
from leastwise.aws.caller import Caller
from leastwise.collect.analyzer import desk
from tests.collect.analyzer_world import ACCOUNT, SOURCE, World, actions_of, role
from tests.fakes.access_analyzer import Direct

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def results_are_read_once(monkeypatch):
    """Thousands of results say the same: reading one is what other tests are about."""
    monkeypatch.setattr(desk, "told_by", cache(desk.told_by))
    monkeypatch.setattr(desk, "days_between", cache(desk.days_between))


class Killed(BaseException):
    """The machine of a run was taken away."""


def simulate(
    world: World, runs: int, seed: int, kills: float = 0.2, every: timedelta = HOUR
) -> dict[str, list]:
    """ARN -> the moments at which a run had its actions; runs are killed after a random call."""
    chance = random.Random(seed)  # noqa: S311  a simulation
    seen = defaultdict(list)
    for _ in range(runs):
        start = world.clock.moment()
        world.client.calls = chance.randint(0, 12) if chance.random() < kills else None
        try:
            evidence = world.run()
        except Killed:
            evidence = None
        for principal in world.principals if evidence else ():
            if actions_of(evidence, principal):
                seen[principal.arn].append(start)
        world.clock.sleep((start + every - world.clock.moment()).total_seconds())
    return seen


class Fragile(Direct):
    """A client that dies after so many calls: what AWS did by then is done.

    ``meanwhile`` happens once, after the next list was read and before anything is done with it.
    """

    calls: int | None = None
    meanwhile = None

    def call(self, operation, parameters):
        answer = super().call(operation, parameters)
        if self.meanwhile and operation == "ListPolicyGenerations":
            happens, self.meanwhile = self.meanwhile, None
            happens()
        if self.calls is not None:
            self.calls -= 1
            if self.calls < 0:
                raise Killed
        return answer


def enrolled(number: int) -> tuple:
    return tuple(role(f"r{each:03}") for each in range(number))


def prepared(number: int, seed: int, longest: float, page: int = 100) -> World:
    world = World(enrolled(number), page=page)
    lengths = random.Random(seed)  # noqa: S311  a simulation
    world.fake.uses = {principal.arn: ("s3:CreateBucket",) for principal in world.principals}
    world.client = Fragile(world.fake.operations())
    world.apis[ACCOUNT] = PolicyGeneration(
        Caller("accessanalyzer", "", lambda: world.client, world.clock, {})
    )
    world.fake.takes = lambda: timedelta(hours=lengths.uniform(0.05, longest))
    return world


def check_the_rules(world: World) -> None:
    per_day = Counter((job.principal, job.started.date()) for job in world.fake.jobs)
    assert max(per_day.values()) == 1, "nobody is served twice on one day"
    assert world.fake.most_at_once == 1
    days = Counter(job.started.date() for job in world.fake.jobs)
    assert max(days.values()) <= world.fake.a_day


def test_everybody_is_served_though_runs_are_killed():
    world = prepared(63, seed=1, longest=1.5)
    seen = simulate(world, 24 * 9, seed=1)
    check_the_rules(world)
    turns = Counter(job.principal for job in world.fake.jobs)
    assert set(turns) == {principal.arn for principal in world.principals}
    assert max(turns.values()) - min(turns.values()) <= 1, "turns go round"
    assert set(seen) == set(turns), "no result is lost"
    gaps = max(_longest_gap(world, arn) for arn in turns)
    assert gaps < 2.2 * 63 * HOUR


@pytest.mark.parametrize("longest", [0.01, 0.5], ids=["ended by then", "under way"])
def test_two_runs_at_the_same_time_start_no_generation_twice(longest):
    """The second begins and ends while the first holds a list that is no longer true."""
    world = prepared(5, 9, longest=longest)
    between = timedelta(minutes=5).total_seconds()

    def second_run():
        world.clock.sleep(between)
        world.run()
        world.clock.sleep(between)

    for _ in range(24 * 2):
        world.client.meanwhile = second_run
        world.run()
        world.clock.sleep(HOUR.total_seconds() - 2 * between)
    check_the_rules(world)
    assert len(world.fake.jobs) == 5 * 3, "three dates, and everybody once on each"


def test_few_principals_are_served_once_a_day():
    world = prepared(4, 7, longest=0.9)
    simulate(world, 24 * 5, 7)
    check_the_rules(world)
    assert (
        set(Counter(job.principal for job in world.fake.jobs).values()) == {5} or len(world.fake.jobs) >= 18
    )


def test_more_principals_than_seven_days_can_serve_still_go_round():
    """The list of seven days then has forgotten the first before the last was served."""
    world = prepared(60, 3, longest=2.9)
    simulate(world, 8 * 18, 3, kills=0.1, every=3 * HOUR)
    check_the_rules(world)
    turns = Counter(job.principal for job in world.fake.jobs)
    assert set(turns) == {principal.arn for principal in world.principals}
    assert max(turns.values()) - min(turns.values()) <= 1


def test_a_small_quota_is_never_passed():
    world = prepared(20, 5, longest=0.5)
    world.source = replace(SOURCE, region="eu-south-1")
    world.fake.a_day = 5
    simulate(world, 24 * 8, 5)
    check_the_rules(world)
    assert len(Counter(job.principal for job in world.fake.jobs)) == 20


def test_principals_that_come_and_go_do_not_stop_the_others():
    world = prepared(30, 11, longest=0.9)
    everybody = world.principals
    world.fake.gone = frozenset(principal.arn for principal in everybody[::5])
    world.fake.fails = lambda arn: ("SERVICE_ERROR", "no") if arn.endswith("7") else None
    world.principals = everybody[:20]
    simulate(world, 24 * 2, 11)
    world.principals = everybody[5:]
    seen = simulate(world, 24 * 3, 12)
    check_the_rules(world)
    living = {each.arn for each in everybody[5:]} - world.fake.gone
    assert {arn for arn in living if not arn.endswith("7")} <= set(seen)


def _longest_gap(world: World, arn: str) -> timedelta:
    starts = [job.started for job in world.fake.jobs if job.principal == arn]
    return max((later - earlier for earlier, later in pairwise(starts)), default=timedelta())
