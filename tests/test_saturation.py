"""The estimators: worked examples from the literature, and laws."""

from __future__ import annotations

import math
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.saturation import (
    LEAST_DAYS,
    Silence,
    Unseen,
    chao2,
    first_uses,
    growth,
    most_again,
    rarest,
    sample_coverage,
    saturation,
)

FIRST = date(2026, 8, 1)
NAMES = [f"s3:Action{number}" for number in range(12)]
USES = st.lists(st.frozensets(st.sampled_from(NAMES)), max_size=40)


def on_days(uses) -> dict[date, frozenset[str]]:
    return {FIRST + timedelta(days=number): frozenset(used) for number, used in enumerate(uses)}


def test_barro_colorado_island():
    # 225 tree species in 50 plots, 21 in one plot only and 19 in two (BCI of R's package vegan).
    unseen, _ = chao2(50, 21, 19)
    assert 225 + unseen == pytest.approx(235.29)


@pytest.mark.parametrize(
    ("seen", "once", "twice", "estimated", "error"),
    [
        (93, 31, 18, 117.473684, 11.583785),
        (84, 31, 13, 117.214286, 15.918953),
        (90, 37, 12, 141.230769, 23.001405),
        (94, 27, 19, 111.550000, 8.919663),
        (101, 36, 17, 136.000000, 15.467344),
    ],
)
def test_with_very_many_days_it_is_what_vegan_prints(seen, once, twice, estimated, error):
    # S.chao1 and se.chao1 of vegan's estimateR(BCI[1:5, ]): the bias-corrected form without (T - 1) / T.
    unseen, variance = chao2(10**9, once, twice)
    assert seen + unseen == pytest.approx(estimated, rel=1e-7)
    assert variance**0.5 == pytest.approx(error, rel=1e-3)


def test_sample_coverage_by_hand():
    # Chao and Jost: 1 - Q1/U · (T-1)Q1 / ((T-1)Q1 + 2 Q2)
    assert sample_coverage(200, 20, 6, 4) == pytest.approx(1 - 6 / 200 * (19 * 6) / (19 * 6 + 8))
    assert sample_coverage(200, 20, 6, 0) == pytest.approx(1 - 6 / 200 * (19 * 5) / (19 * 5 + 2))
    assert sample_coverage(200, 20, 0, 4) == 1
    assert sample_coverage(0, 20, 0, 0) == 0


def test_few_days_tell_nothing():
    found = saturation(on_days([{"s3:GetObject"}] * (LEAST_DAYS - 1)))
    assert found.unseen is Silence.FEW_DAYS
    assert found.familiar is None
    assert isinstance(saturation(on_days([{"s3:GetObject"}] * LEAST_DAYS)).unseen, Unseen)


def test_without_a_pair_it_cannot_tell():
    uses = [{"s3:GetObject"}] * 20 + [{"s3:PutObject"}]
    assert saturation(on_days(uses)).unseen is Silence.NO_PAIRS


def test_one_stray_use_is_no_sign_of_others_but_more_new_ones_may_come():
    uses = [{"s3:GetObject"}] * 20 + [{"s3:PutObject", "s3:ListBucket"}, {"s3:ListBucket"}]
    found = saturation(on_days(uses))
    assert found.unseen == Unseen(0, 0, 0)
    assert found.again == 5


def test_nothing_seen_tells_nothing():
    assert saturation({}).unseen is Silence.NOTHING
    assert saturation(on_days([set()] * 30)).unseen is Silence.NOTHING


def test_days_without_a_use_do_not_count():
    uses = [{"s3:GetObject"}, set()] * 20
    assert saturation(on_days(uses)).days == 20


def test_a_steady_service_shows_no_sign_of_more_and_is_not_said_to_have_none():
    found = saturation(on_days([{"s3:GetObject", "s3:PutObject"}] * 60))
    assert found.unseen == Unseen(0, 0, 0)
    assert found.again == 3


@given(st.integers(min_value=0, max_value=150))
def test_the_upper_limit_is_that_of_a_poisson_mean(once):
    def chance(mean):
        """Of so few or fewer."""
        return sum(
            math.exp(number * math.log(mean) - mean - math.lgamma(number + 1)) for number in range(once + 1)
        )

    assert chance(most_again(once)) < 0.051
    assert chance(most_again(once) - 1.1) > 0.05


RARE = {
    "alike": lambda _, size: [0.03] * size,
    "mostly rare": lambda random, size: [0.003 ** random.random() for _ in range(size)],
    "daily and rare": lambda random, size: [
        random.uniform(0.5, 1) if random.random() < 0.5 else random.uniform(0.01, 0.1) for _ in range(size)
    ],
    "very rare": lambda random, size: [random.betavariate(0.3, 1.5) for _ in range(size)],
}
"""However often things are used, as chances on a day: nobody knows which of these a principal is like."""


@pytest.mark.parametrize("model", RARE)
@pytest.mark.parametrize(("size", "days"), [(10, 42), (40, 14), (40, 42)])
def test_simulated_principals_keep_what_is_said_of_them(model, size, days):
    random = Random(f"{model} {size} {days}")  # noqa: S311  the same on every day
    runs, low, again, share = 0, 0, 0, 0.0
    for _ in range(150):
        chances = RARE[model](random, size)
        uses = [{str(n) for n, p in enumerate(chances) if random.random() < p} for _ in range(2 * days)]
        found, seen = saturation(on_days(uses[:days])), set().union(*uses[:days])
        unseen = [p for n, p in enumerate(chances) if str(n) not in seen]
        if found.again is None or found.familiar is None:
            continue
        runs += 1
        low += not isinstance(found.unseen, Unseen) or found.unseen.low <= len(unseen) + 0.5
        again += len(set().union(*uses) - seen) <= found.again
        share += found.familiar - (1 - sum(unseen) / sum(chances))
    assert low >= 0.95 * runs
    assert again >= 0.95 * runs
    assert abs(share / runs) < 0.06


@given(st.integers(min_value=LEAST_DAYS, max_value=2_000))
def test_by_the_rule_of_three_one_in_twenty_is_missed(days):
    assert (1 - 1 / rarest(days)) ** days < 0.06
    assert (1 - 1 / (rarest(days) + 2)) ** days > 0.04


@given(USES)
def test_never_fewer_than_were_observed(uses):
    found = saturation(on_days(uses))
    assert found.observed == len(frozenset().union(*uses))
    if isinstance(found.unseen, Unseen):
        assert 0 <= found.unseen.low <= found.unseen.count <= found.unseen.high
    if found.familiar is not None:
        assert 0 <= found.familiar <= 1


@given(USES, st.randoms())
def test_the_order_of_days_does_not_matter(uses, random):
    shuffled = list(uses)
    random.shuffle(shuffled)
    assert saturation(on_days(uses)) == saturation(on_days(shuffled))


@given(USES)
def test_names_do_not_matter(uses):
    renamed = [{used.upper() for used in day} for day in uses]
    assert saturation(on_days(uses)) == saturation(on_days(renamed))


@given(USES)
def test_the_curve_never_falls_and_ends_at_what_was_observed(uses):
    days = on_days(uses)
    heights = [height for _, height in growth(days)]
    assert heights == sorted(heights)
    assert (heights[-1] if heights else 0) == saturation(days).observed


@given(USES)
def test_first_uses_add_up_to_the_curve(uses):
    days = on_days(uses)
    first = first_uses(days)
    for day, height in growth(days):
        assert height == sum(when <= day for when in first.values())
