"""Evidence kept over many runs stays bounded, and reading a day again changes nothing."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from leastwise.collect.cell import Cell
from leastwise.collect.fold import added, folded
from leastwise.collect.ledger import Ledger, entry_of, observations
from leastwise.collect.rollup import WIDTH, Line, place, place_of_glob, written
from leastwise.model.event import Outcome
from leastwise.model.evidence import Evidence, ObservationKey
from leastwise.model.request import AuthorizationRequest, ResourceForm

FIRST = date(2026, 11, 1)


def reading(calls, source="logs") -> Evidence:
    """(resource, day of the window) -> count, as one run counts them."""
    days: dict[str, dict[date, int]] = {}
    for (resource, number), count in calls.items():
        days.setdefault(resource, {})[FIRST + timedelta(days=number)] = count
    ledger = Ledger()
    for resource, counted in days.items():
        request = AuthorizationRequest("s3:GetObject", resource)
        key = ObservationKey(source, "role", request, Outcome.SUCCEEDED)
        cell = Cell()
        cell.days = {day.isoformat(): count for day, count in counted.items()}
        cell.first, cell.last = f"{min(counted)}T09:00:00Z", f"{max(counted)}T09:00:00Z"
        ledger.plant(entry_of(key, cell))
    return Evidence(observations(source, ledger))


def total(evidence):
    return sum(tally.count for tally in evidence.tallies.values())


def test_names_of_many_runs_become_one_pattern_with_exact_counts():
    kept = Evidence()
    for run in range(100):
        new = {(f"arn:aws:s3:::b/in/{run}-{n}", run): 2 for n in range(3)}
        again = {(f"arn:aws:s3:::b/in/{run - 1}-{n}", run - 1): 2 for n in range(3)} if run else {}
        kept = folded(kept, reading(new | again))
    (key,) = kept.tallies
    assert (key.request.resource, key.request.form) == ("arn:aws:s3:::b/in/*", ResourceForm.ROLLED_UP)
    assert total(kept) == 100 * 3 * 2
    assert kept.tallies[key].days[FIRST] == 6


def test_few_names_stay_names():
    kept = folded(reading({("arn:aws:s3:::b/x", 0): 1}), reading({("arn:aws:s3:::b/y", 1): 1}))
    assert {key.request.resource for key in kept.tallies} == {"arn:aws:s3:::b/x", "arn:aws:s3:::b/y"}


def test_sources_are_kept_apart():
    kept = folded(reading({("arn:aws:s3:::b/x", 0): 1}), reading({("arn:aws:s3:::b/x", 0): 1}, "lake"))
    assert len(kept.tallies) == 2


names = st.builds(
    "arn:aws:s3:::{}/{}".format, st.sampled_from(["a", "b"]), st.text("xyz*?$/", min_size=1, max_size=6)
)
readings = st.dictionaries(st.tuples(names, st.integers(0, 4)), st.integers(1, 9), max_size=60).map(reading)


@given(readings, readings)
def test_folding_a_reading_in_again_changes_nothing(one, other):
    kept = folded(one, other)
    assert folded(kept, other) == kept
    assert folded(kept, one) == kept
    assert folded(kept, kept) == kept


@given(readings, readings)
def test_which_came_first_does_not_matter(one, other):
    assert folded(one, other) == folded(other, one)


@given(readings, readings)
def test_no_folder_holds_more_names_than_it_may(one, other):
    children: dict[str, set[str]] = {}
    for key in folded(one, other).tallies:
        parts = place(key.request.resource).parts
        for depth in range(1, len(parts)):
            children.setdefault("".join(parts[:depth]), set()).add(parts[depth])
    assert all(len(found) <= WIDTH + 1 for found in children.values())  # and one pattern


@given(
    st.lists(
        st.sampled_from(["arn:aws:s3:::", "arn:aws:dynamodb:r:a:table/", "x", "b/", "k*/", "${$}", ":"])
    ).map("".join)
)
def test_a_pattern_leads_back_to_its_place(name):
    found = place(name)
    above = tuple(part for part in found.parts[:-1] if part)
    pattern = written(found.prefix, Line(above, rolled=True, cell=Cell()))
    back = place_of_glob(pattern)
    assert back is None or written(back.prefix, Line(back.parts, rolled=True, cell=Cell())) == pattern


def test_a_pattern_that_no_roll_up_makes_has_no_place():
    assert place_of_glob("arn:aws:s3:::*/x") is None
    assert place_of_glob("arn:aws:s3:::b/in/*").parts == ("b/", "in/")
    assert place_of_glob("arn:aws:s3:::*").parts == ()
    assert place_of_glob("arn:aws:dynamodb:r:a:table/*").parts == ()
    assert place_of_glob("arn:aws:s3:::b/par*") is None


@given(readings, readings)
def test_what_nobody_counted_yet_adds_up(one, other):
    both = added(one, other)
    assert total(both) == total(one) + total(other)
    assert both == added(other, one)
    assert both.tallies.keys() == folded(one, other).tallies.keys()


@given(readings)
def test_nothing_new_adds_nothing(one):
    assert added(one, Evidence()) == one == added(Evidence(), one)
