"""The estimators: worked examples from the literature, and laws."""

from __future__ import annotations

from datetime import date, timedelta

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
    rarest,
    sample_coverage,
    saturation,
    uncorrected,
)

FIRST = date(2026, 8, 1)
NAMES = [f"s3:Action{number}" for number in range(12)]
USES = st.lists(st.frozensets(st.sampled_from(NAMES)), max_size=40)


def on_days(uses) -> dict[date, frozenset[str]]:
    return {FIRST + timedelta(days=number): frozenset(used) for number, used in enumerate(uses)}


def test_barro_colorado_island():
    # 225 tree species in 50 plots, 21 in one plot only and 19 in two: specpool(BCI) of R's package vegan
    # prints 236.3732 and 6.54361.
    unseen, variance = uncorrected(50, 21, 19)
    assert 225 + unseen == pytest.approx(236.3732, abs=5e-5)
    assert variance**0.5 == pytest.approx(6.54361, abs=5e-6)
    unseen, _ = chao2(50, 21, 19)
    assert unseen == pytest.approx(0.98 * 21 * 20 / (2 * 20))
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


def test_one_stray_use_leaves_it_open_how_many_more_there_are():
    uses = [{"s3:GetObject"}] * 20 + [{"s3:PutObject", "s3:ListBucket"}, {"s3:ListBucket"}]
    unseen = saturation(on_days(uses)).unseen
    assert isinstance(unseen, Unseen)
    assert unseen.count == 0
    assert unseen.high > 3


def test_nothing_seen_tells_nothing():
    assert saturation({}).unseen is Silence.NOTHING
    assert saturation(on_days([set()] * 30)).unseen is Silence.NOTHING


def test_days_without_a_use_do_not_count():
    uses = [{"s3:GetObject"}, set()] * 20
    assert saturation(on_days(uses)).days == 20


def test_a_steady_service_has_nothing_unseen():
    unseen = saturation(on_days([{"s3:GetObject", "s3:PutObject"}] * 60)).unseen
    assert isinstance(unseen, Unseen)
    assert unseen.count == 0
    assert unseen.high < 0.01


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
