"""Merging evidence is a join: the order, the grouping and the repetition of readings change nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from leastwise.model.event import Outcome
from leastwise.model.evidence import Coverage, Evidence, ObservationKey, Selectors, Tally
from leastwise.model.request import AuthorizationRequest
from tests.model.strategies import coverages, evidences, keys, tallies

NOTHING = Evidence()
KEY = ObservationKey("trail", "p", AuthorizationRequest("s3:GetObject", "r"), Outcome.SUCCEEDED)
FIRST, SECOND = date(2026, 11, 1), date(2026, 11, 2)


@given(evidences, evidences)
def test_merge_is_commutative(one, other):
    assert one.merge(other) == other.merge(one)
    assert one.merge(other).observations == other.merge(one).observations


@given(evidences, evidences, evidences)
def test_merge_is_associative(one, two, three):
    assert one.merge(two).merge(three) == one.merge(two.merge(three))


@given(evidences)
def test_merge_is_idempotent_and_nothing_adds_nothing(one):
    assert one.merge(one) == one
    assert one.merge(NOTHING) == one == NOTHING.merge(one)


@given(tallies, tallies, tallies)
def test_tallies_join(one, two, three):
    assert one.merge(two) == two.merge(one)
    assert one.merge(two).merge(three) == one.merge(two.merge(three))
    assert one.merge(one) == one


@given(coverages("trail"), coverages("trail"), coverages("trail"))
def test_coverages_join(one, two, three):
    assert one.merge(two) == two.merge(one)
    assert one.merge(two).merge(three) == one.merge(two.merge(three))
    assert one.merge(one) == one


@given(coverages("trail"), coverages("trail"))
def test_a_merged_coverage_claims_no_more_than_either(one, other):
    both = one.merge(other)
    assert both.all_regions is not True or (one.all_regions and other.all_regions)
    assert both.logged_regions <= one.logged_regions
    assert both.tampering >= one.tampering
    assert both.unreadable_count >= one.unreadable_count
    assert both.limits >= one.limits
    if both.selectors:
        assert one.selectors
        assert both.selectors.data <= one.selectors.data
        assert both.selectors.excluded_sources >= one.selectors.excluded_sources
        assert one.selectors.management_read or not both.selectors.management_read


def _evidence(key: ObservationKey, tally: Tally) -> Evidence:
    return Evidence({key: tally})


def test_the_same_day_takes_the_maximum_and_days_add_up():
    one, other = Tally({FIRST: 3, SECOND: 1}, "", ""), Tally({SECOND: 5}, "", "")
    merged = _evidence(KEY, one).merge(_evidence(KEY, other))
    assert merged.tallies[KEY].days == {FIRST: 3, SECOND: 5}
    assert merged.tallies[KEY].count == 8


@given(keys, keys, tallies, tallies)
def test_what_differs_in_its_key_never_adds_up(one, other, first, second):
    merged = _evidence(one, first).merge(_evidence(other, second))
    assert len(merged.tallies) == len({one, other})


def test_selectors_that_one_reading_did_not_know_are_not_known():
    told = Coverage(
        "trail",
        "trail-files",
        datetime(2026, 11, 1, tzinfo=UTC),
        datetime(2026, 11, 2, tzinfo=UTC),
        selectors=Selectors(management_read=True, management_write=True),
    )
    untold = Coverage("trail", "trail-files", told.start, told.end)
    assert told.merge(untold).selectors is None


@given(evidences, st.sampled_from(("a", "b")))
def test_the_part_of_a_principal_is_its_own_and_nothing_is_lost(evidence, principal):
    part = evidence.of(principal)
    assert {key.principal for key in part.tallies} <= {principal}
    assert {key for key in evidence.tallies if key.principal == principal} == set(part.tallies)
