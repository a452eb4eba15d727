"""Calendar months: laws of their arithmetic, across the ends of years and in leap years."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.audit.month import MONTHS_BEFORE, Days, Month

months = st.builds(Month, st.integers(2013, 2100), st.integers(1, 12))


@given(months)
def test_a_month_is_read_back_from_its_text(month):
    assert Month.parse(str(month)) == month


@given(months, st.integers(-200, 200))
def test_going_back_and_forth_ends_where_it_began(month, steps):
    assert month.earlier(steps).earlier(-steps) == month


@given(months, st.integers(0, 60), st.integers(0, 60))
def test_steps_add_up(month, some, more):
    assert month.earlier(some).earlier(more) == month.earlier(some + more)


@given(months)
def test_months_follow_one_another_without_a_gap(month):
    assert month.earlier(1).after == month.first
    assert month.earlier(1) < month
    assert all(Month.of(day) == month for day in month.days.each())


@given(months)
def test_a_year_is_twelve_months_that_end_with_this_one(month):
    year = month.year_up_to
    assert sum(len(month.earlier(back).days) for back in range(MONTHS_BEFORE + 1)) == len(year)
    assert year.after == month.after
    leap = any(day.month == 2 and day.day == 29 for day in year.each())
    assert len(year) == 365 + leap


@given(st.dates(date(2013, 1, 1), date(2100, 1, 1)), st.integers(0, 800), st.dates())
def test_days_hold_exactly_their_days(first, length, day):
    days = Days(first, first + timedelta(days=length))
    assert len(days.each()) == len(days) == length
    assert (day in days) is (day in days.each())


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [
        ("2024-02", date(2024, 2, 1), date(2024, 3, 1)),
        ("2026-12", date(2026, 12, 1), date(2027, 1, 1)),
        ("2100-02", date(2100, 2, 1), date(2100, 3, 1)),
    ],
)
def test_the_ends_of_a_month(text, first, after):
    assert (Month.parse(text).first, Month.parse(text).after) == (first, after)


def test_the_year_up_to_january_begins_in_february():
    assert Month(2025, 1).year_up_to == Days(date(2024, 2, 1), date(2025, 2, 1))
    assert len(Month(2025, 1).year_up_to) == 366


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-13", "2026-00", "26-10", "2026-1", "2026-10-01", "202610\n"]
)
def test_what_is_no_month_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011  the words are the caller's
        Month.parse(text)


def test_a_month_has_a_title_for_people():
    assert Month(2026, 10).title == "October 2026"
