"""Could it have been seen?  The bounds of the window, of activity and of accounts, to the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from leastwise.model.evidence import Observation, Selectors
from leastwise.model.finding import Unseen
from leastwise.visibility import Blind, View, seen_since, views_of, why_unseen
from tests.builders import (
    ACCOUNT,
    EVERYTHING_LOGGED,
    MANAGEMENT_ONLY,
    NOW,
    SOURCE,
    day,
    evidence,
    last,
    principal,
    saw,
    sees_everything,
)

OTHER = "444455556666"
BUSY = saw("s3:GetObject", "arn:aws:s3:::b/k", 60)


def blind(coverage, *observations: Observation, who=None):
    """Why nothing of the principal could be called unused; ``None``: it could."""
    subject = who or principal()
    found = evidence(*(observations or (BUSY,)), coverage=coverage)
    (view,) = views_of(subject, found, NOW)
    return view.blind.reason if view.blind else None


@pytest.mark.parametrize(("days", "expected"), [(90, None), (89, Unseen.WINDOW_TOO_SHORT), (0, Unseen.GAPS)])
def test_the_window_is_ninety_days(days, expected):
    assert blind(sees_everything(days)) is expected


def test_what_is_left_out_was_not_looked_at():
    whole = evidence(BUSY, coverage=sees_everything(120))
    for first, expected in ((day(91), None), (day(60), Unseen.WINDOW_TOO_SHORT)):
        (view,) = views_of(principal(), whole.since(first), NOW)
        assert (view.blind.reason if view.blind else None) is expected


def test_every_account_must_have_delivered_every_day():
    who = principal(accounts=(ACCOUNT, OTHER))
    both = frozenset((account, each) for account in who.accounts for each in last(100))
    assert blind(sees_everything(delivered=both), who=who) is None
    assert blind(sees_everything(delivered=both - {(OTHER, day(50))}), who=who) is Unseen.GAPS
    assert blind(sees_everything(), who=who) is Unseen.GAPS


def test_only_days_inside_the_unbroken_run_show_activity():
    early = saw("s3:GetObject", "arn:aws:s3:::b/k", [day(back) for back in range(101, 118)])
    seen = sees_everything(delivered=frozenset((ACCOUNT, each) for each in last(100)))
    assert blind(seen, early) is Unseen.TOO_LITTLE_ACTIVITY


def test_only_what_this_source_recorded_shows_activity_in_it():
    elsewhere = saw("s3:GetObject", "arn:aws:s3:::b/k", 60, source="other")
    assert blind(sees_everything(), elsewhere) is Unseen.TOO_LITTLE_ACTIVITY


def test_a_source_that_never_delivered_saw_nothing():
    assert blind(sees_everything(delivered=frozenset())) is Unseen.GAPS
    assert seen_since(sees_everything(delivered=frozenset()), (ACCOUNT,), NOW) == NOW.date()


def test_today_need_not_have_delivered_and_yesterday_must_have():
    seen = sees_everything()
    assert seen_since(seen, (ACCOUNT,), NOW) == day(120)
    assert seen_since(seen, (ACCOUNT,), NOW + timedelta(days=1)) == day(-1)


def view(selectors=EVERYTHING_LOGGED, blinded=None, **rest):
    return View(sees_everything(selectors=selectors), blinded, **rest)


GAP = Blind(Unseen.GAPS, "a gap")


def test_one_source_that_would_have_shown_it_is_enough():
    assert why_unseen("s3:GetObject", ["*"], [view(MANAGEMENT_ONLY), view()]) is None
    assert why_unseen("s3:GetObject", ["*"], [view(blinded=GAP), view()]) is None


def test_the_first_source_says_why():
    assert why_unseen("s3:GetObject", ["*"], [view(blinded=GAP), view(MANAGEMENT_ONLY)]) == GAP


def test_without_a_source_nothing_was_seen():
    assert why_unseen("s3:GetObject", ["*"], []).reason is Unseen.NO_SELECTORS


@pytest.mark.parametrize(
    ("action", "selectors", "expected"),
    [
        ("s3:CreateBucket", MANAGEMENT_ONLY, None),
        ("s3:GetObject", MANAGEMENT_ONLY, Unseen.NOT_LOGGED),
        ("s3:GetObject", EVERYTHING_LOGGED, None),
        ("s3:CreateBucket", replace(MANAGEMENT_ONLY, management_write=False), Unseen.NOT_LOGGED),
        ("s3:CreateBucket", replace(MANAGEMENT_ONLY, management_read=False), None),
        ("s3:CreateBucket", Selectors(management_read=False, management_write=False), Unseen.NOT_LOGGED),
        ("iam:PassRole", EVERYTHING_LOGGED, Unseen.NEVER_LOGGED),
    ],
)
def test_an_action_is_seen_where_its_kind_is_logged(action, selectors, expected):
    found = why_unseen(action, ["*"], [view(selectors)])
    assert (found and found.reason) is expected


def test_an_unmapped_call_makes_its_own_service_unseen_and_no_other():
    seen = views_of(
        principal(), evidence(BUSY, coverage=sees_everything(unmapped={"sqs.amazonaws.com:New": 1})), NOW
    )
    assert why_unseen("sqs:SendMessage", ["*"], seen) == Blind(Unseen.UNMAPPED, "sqs.amazonaws.com:New")
    assert why_unseen("s3:GetObject", ["*"], seen) is None


def test_sources_the_principal_does_not_name_are_not_its_views():
    assert views_of(principal(sources=("elsewhere",)), evidence(BUSY), NOW) == ()
    assert [each.coverage.source for each in views_of(principal(), evidence(BUSY), NOW)] == [SOURCE]
