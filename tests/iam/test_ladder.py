"""When many names become one prefix."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.iam import arn, glob
from leastwise.iam.glob import escape
from leastwise.iam.ladder import LEVELS, climb, container_of

BUCKET = "arn:aws:s3:::b/"
DAYS = [date(2026, 11, number) for number in range(1, 6)]


def on(*days):
    return frozenset(DAYS[number] for number in days)


def climbed(*seen, accept=lambda _: True):
    """``seen`` as (key, days); the patterns without their bucket."""
    patterns = climb([(BUCKET + key, days) for key, days in seen], accept)
    return [pattern.removeprefix(BUCKET) for pattern in patterns]


def test_three_children_on_three_days_are_a_prefix():
    assert climbed(("in/a", on(0)), ("in/b", on(1)), ("in/c", on(2))) == ["in/*"]


def test_two_children_are_two_names():
    assert climbed(("in/a", on(0, 1, 2)), ("in/b", on(0, 1, 2))) == ["in/a", "in/b"]


def test_two_days_are_too_few():
    assert climbed(("in/a", on(0)), ("in/b", on(1)), ("in/c", on(1))) == ["in/a", "in/b", "in/c"]


def test_no_rung_is_climbed_that_nobody_accepts():
    seen = (("in/a", on(0)), ("in/b", on(1)), ("in/c", on(2)))
    assert climbed(*seen, accept=lambda _: False) == ["in/a", "in/b", "in/c"]


def test_the_highest_accepted_rung_is_taken():
    seen = [(f"{top}/{key}", on(0, 1, 2)) for top in "xyz" for key in "abc"]
    assert climbed(*seen) == ["*"]
    assert climbed(*seen, accept=lambda pattern: pattern != BUCKET + "*") == ["x/*", "y/*", "z/*"]


def test_a_prefix_never_ends_inside_a_name():
    names = ["app-prod", "app-prod-secrets", "app-x"]
    assert (
        climbed(*((name, on(0, 1, 2)) for name in names), accept=lambda rung: rung != BUCKET + "*") == names
    )


@pytest.mark.parametrize(
    "parts",
    [
        ("2026-11-01", "2026-11-02"),
        ("17", "18"),
        ("dt=2026-11-01", "dt=2026-11-02"),
        ("0a1b2c3d4e", "ffeeddccbb"),
    ],
)
def test_names_that_count_on_are_climbed_with_two_of_them(parts):
    one, other = parts
    seen = ((f"in/{one}/a", on(0)), (f"in/{one}/b", on(1)), (f"in/{other}/a", on(2)))
    assert climbed(*seen) == ["in/*"]


def test_one_name_seen_by_three_kinds_of_call_is_one_name():
    assert climbed(("in/17", on(0)), ("in/17", on(1)), ("in/17", on(2))) == ["in/17"]


def test_a_rolled_up_prefix_swallows_what_lies_below():
    assert climbed(("in/*", on(0)), ("in/a", on(0)), ("in/deep/b", on(0)), accept=lambda _: False) == ["in/*"]


def test_a_star_in_a_name_is_no_roll_up():
    assert climbed((f"in/{escape('*')}", on(0)), ("in/a", on(0))) == ["in/${*}", "in/a"]


def test_names_keep_their_odd_slashes():
    odd = ["/", "//", "a//b", "/a/", "a/" * (LEVELS + 5)]
    assert sorted(climbed(*((key, on(0)) for key in odd))) == sorted(odd)


@pytest.mark.parametrize(
    ("name", "container"),
    [
        ("arn:aws:s3:::b/x/y", "arn:aws:s3:::b/"),
        ("arn:aws:s3:::b", None),
        ("arn:aws:s3:eu-west-1:111122223333:accesspoint/p", None),
        ("arn:aws:dynamodb:eu-west-1:111122223333:table/T/index/I", None),
        ("arn:aws:iam::111122223333:role/path/name", None),
        ("arn:aws:secretsmanager:eu-west-1:111122223333:secret:a/b", None),
        ("arn:aws:logs:r:1:log-group:/x:log-stream:a/b", "arn:aws:logs:r:1:log-group:/x:log-stream:"),
        ("arn:aws:ssm:eu-west-1:1:parameter/app/db/host", "arn:aws:ssm:eu-west-1:1:parameter/app/"),
        ("arn:aws:ssm:eu-west-1:1:parameter/app", None),
        ("*", None),
    ],
)  # fmt: skip
def test_what_is_never_shortened(name, container):
    assert container_of(name) == container


keys = st.lists(
    st.sampled_from(["a", "b", "c", "d", "17", "18", "*", "?", "${x}", ""]), min_size=1, max_size=4
).map("/".join)
some_days = st.frozensets(st.sampled_from(DAYS), min_size=1)
seen_keys = st.lists(st.tuples(keys.map(lambda key: BUCKET + escape(key)), some_days), max_size=12)
accepts = st.sampled_from([lambda _: True, lambda _: False, lambda pattern: pattern.count("/") > 1])


def covered(name, patterns):
    return any(glob.covers(glob.parse(pattern), glob.parse(name)) for pattern in patterns)


@given(seen_keys, accepts)
def test_every_name_is_covered(seen, accept):
    patterns = climb(seen, accept)
    assert all(covered(name, patterns) for name, _ in seen)
    assert all(arn.parse(pattern) for pattern in patterns)


@given(seen_keys, seen_keys, accepts)
def test_more_names_and_days_never_lead_to_less(seen, more, accept):
    assert all(covered(pattern, climb(seen + more, accept)) for pattern in climb(seen, accept))


@given(seen_keys, accepts, st.randoms())
def test_order_and_repetition_change_nothing(seen, accept, random):
    shuffled = seen + seen[:3]
    random.shuffle(shuffled)
    assert climb(shuffled, accept) == climb(seen, accept)
