"""What is older than ``logging_since`` proves nothing, and what was changed before it counts no longer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from leastwise.model.evidence import Evidence
from leastwise.model.finding import Unseen
from leastwise.visibility import seen_since, views_of
from tests.builders import ACCOUNT, NOW, ROLE, SOURCE, evidence, principal, saw, sees_everything

BUSY = saw("s3:GetObject", "arn:aws:s3:::b/k", 60)


def blind_reason(seen: Evidence) -> Unseen | None:
    (view,) = views_of(principal(), seen, NOW)
    return view.blind.reason if view.blind else None


def blind_with(**changed) -> Unseen | None:
    return blind_reason(evidence(BUSY, coverage=sees_everything(**changed)))


def test_days_before_logging_began_do_not_count_although_records_came() -> None:
    assert blind_with() is None
    assert blind_with(logging_since=NOW - timedelta(days=100)) is None
    assert blind_with(logging_since=NOW - timedelta(days=30)) is Unseen.WINDOW_TOO_SHORT


def test_the_first_whole_day_counts() -> None:
    midnight = datetime(2026, 11, 1, tzinfo=UTC)
    whole = sees_everything(logging_since=midnight)
    part = sees_everything(logging_since=midnight + timedelta(seconds=1))
    assert seen_since(whole, [ACCOUNT], NOW) == date(2026, 11, 1)
    assert seen_since(part, [ACCOUNT], NOW) == date(2026, 11, 2)


def test_a_change_counts_only_after_logging_began_in_its_present_form() -> None:
    stopped = frozenset({f"{NOW - timedelta(days=110):%Y-%m-%dT%H:%M:%SZ} StopLogging e1"})
    assert blind_with(tampering=stopped) is Unseen.TAMPERING
    assert blind_with(tampering=stopped, logging_since=NOW - timedelta(days=111)) is Unseen.TAMPERING
    assert blind_with(tampering=stopped, logging_since=NOW - timedelta(days=109)) is None


def test_somebody_enrolled_later_was_not_looked_for_before() -> None:
    seen = evidence(BUSY, coverage=sees_everything())
    late = replace(seen, looked_since={(SOURCE, ROLE): NOW - timedelta(days=20)})
    assert blind_reason(seen.of(ROLE)) is None
    assert blind_reason(late.of(ROLE)) is Unseen.WINDOW_TOO_SHORT
    assert late.of("somebody else").coverage[SOURCE].logging_since is None


moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001  hypothesis adds the zone
bounds = st.dictionaries(st.tuples(st.sampled_from("ab"), st.sampled_from("pq")), moments, max_size=3)


@given(bounds, bounds, bounds)
def test_bounds_merge_as_a_lattice(one, other, third) -> None:
    a, b, c = (Evidence(looked_since=each) for each in (one, other, third))
    assert a.merge(b) == b.merge(a)
    assert a.merge(b).merge(c) == a.merge(b.merge(c))
    assert a.merge(a) == a


@given(st.none() | moments, st.none() | moments)
def test_the_later_beginning_holds(one, other) -> None:
    a, b = (sees_everything(logging_since=each) for each in (one, other))
    assert a.merge(b).logging_since == b.merge(a).logging_since
    assert a.merge(b).logging_since == max(filter(None, (one, other)), default=None)
