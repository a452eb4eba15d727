"""Schedules, people in cells, cases, tallies."""

import json
from datetime import date, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.errors import DeclarationError
from leastwise.saved.cases import differences, read_case
from leastwise.saved.people import without_people
from leastwise.saved.results import SHOWN, Tally
from leastwise.saved.schedule import Rhythm, Schedule, parse_schedule
from tests.saved.queries import record


@pytest.mark.parametrize(
    ("text", "schedule"),
    [
        ("daily", Schedule(Rhythm.DAILY)),
        ("Weekly", Schedule(Rhythm.WEEKLY, 0)),
        ("weekly  on Friday", Schedule(Rhythm.WEEKLY, 4)),
        ("monthly", Schedule(Rhythm.MONTHLY, 1)),
        ("monthly on 28", Schedule(Rhythm.MONTHLY, 28)),
    ],
)
def test_schedules(text, schedule):
    assert parse_schedule(text) == schedule
    assert parse_schedule(str(schedule)) == schedule


@pytest.mark.parametrize(
    "text", ["", "hourly", "weekly on day", "monthly on 29", "monthly on 0", "0 4 * * *", "dailyx"]
)
def test_no_schedules(text):
    assert parse_schedule(text) is None


@given(
    st.sampled_from(["daily", "weekly on sunday", "weekly on monday", "monthly on 1", "monthly on 28"]),
    st.dates(date(2020, 1, 1), date(2035, 1, 1)),
)
def test_a_run_looks_back_over_more_than_one_pause(text, day):
    """Of any span of days that a run looks back over, two are due: one that is lost leaves no hole."""
    schedule = parse_schedule(text)
    days = [day - timedelta(days=number) for number in range(schedule.rhythm.value)]
    assert sum(schedule.is_due(one) for one in days) >= 2


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("arn:aws:sts::1:assumed-role/Admin/alice@acme", "arn:aws:sts::1:assumed-role/Admin/(session)"),
        ("AROAEXAMPLE0000000001:alice", "AROAEXAMPLE0000000001:(session)"),
        ("198.51.100.7", "(address)"),
        ("2001:db8::7", "(address)"),
        ("from 198.51.100.7, twice", "from (address), twice"),
        ('{"roleSessionName":"al\\"ice","n":1}', '{"roleSessionName":"(session)","n":1}'),
        ('{"sourceIdentity": "alice"}', '{"sourceIdentity": "(session)"}'),
        ("arn:aws:sts::1:assumed-role/A/doe,john", "arn:aws:sts::1:assumed-role/A/(session)"),
        (
            "arn:aws:sts::1:assumed-role/A/b,arn:aws:iam::1:role/R, AROAEXAMPLE0000000001:doe,john,x",
            "arn:aws:sts::1:assumed-role/A/(session),arn:aws:iam::1:role/R, AROAEXAMPLE0000000001:(session)",
        ),
        (
            "arn:aws:sts::111122223333:federated-user/bob",
            "arn:aws:sts::111122223333:federated-user/(session)",
        ),
        ("111122223333:bob", "111122223333:(session)"),
        ('{"subject": "alice@acme.example", "n": 1}', '{"subject": "(session)", "n": 1}'),
        (json.dumps(['{"roleSessionName": "alice"}']), '["{\\"roleSessionName\\": \\"(session)\\"}"]'),
        (
            json.dumps([json.dumps({"a": json.dumps({"sourceIdentity": 'al"ice\\\\'}), "b": "kept"})]),
            json.dumps([json.dumps({"a": json.dumps({"sourceIdentity": "(session)"}), "b": "kept"})]),
        ),
        ('{"sourceIdentity": "alice, cut by CloudTr', '{"sourceIdentity": "(session)"'),
        ("198.51.100.7:443", "(address):443"),
        ("from:198.51.100.7", "from:(address)"),
        ('["arn:aws:sts::1:assumed-role/A/b", "x"]', '["arn:aws:sts::1:assumed-role/A/(session)", "x"]'),
    ],
)
def test_people_are_replaced(text, shown):
    assert without_people(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "", "arn:aws:iam::111122223333:role/Admin", "arn:aws:iam::111122223333:user/alice",
        "2026-11-20 09:00:00.000",
        "111122223333", "111122223333:role/Admin", "account 111122223333: denied", "12:30:00",
        "arn:aws:s3:::bucket/a", "AROAEXAMPLE0000000001", "1.11", "999.1.1.1", "cafe::role",
        "arn:aws:kms:eu-west-1:111122223333:key/0d6c1f3e-5b1a-4f0e-9c55-0a2b7d9e4c11", "a:b:c:d",
    ],
)  # fmt: skip
def test_what_names_nobody_stays(text):
    assert without_people(text) == text


def case(records, rows, **more):
    return read_case("c.json", json.dumps({"records": records, "rows": rows, **more}).encode())


def test_a_case_spans_its_records():
    found = case(
        [record(at="2026-11-20T09:00:00Z"), record(at="2026-11-19T09:00:00Z")],
        [{"A": None, "b": True, "c": 3}],
    )
    assert (found.window.end - found.window.start) == timedelta(days=1, seconds=1)
    assert found.rows == ({"a": "", "b": "true", "c": "3"},)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"{", "truncated"),
        (b"\xff", "utf-8|malformed"),
        (b'{"records": [], "rows": []}', "at least one record"),
        (b'{"records": [{"eventTime": "today"}], "rows": []}', "today"),
        (b'{"records": [{}], "rows": []}', "Invalid isoformat"),
        (b'{"records": [], "rows": [], "row": 1}', "row"),
        (b'{"records": []}', "rows"),
        (b"[" * 100_000, "recursion|Expected"),
    ],
)
def test_a_case_that_is_none(text, words):
    with pytest.raises(DeclarationError, match=rf"^c\.json:1:1: expected .*({words})"):
        read_case("c.json", text)


@pytest.mark.parametrize("order", list(permutations([("a", "1"), ("b", "2"), ("b", "2")])))
def test_rows_are_compared_in_any_order_and_as_often_as_they_come(order):
    wanted = case([record()], [{"name": "b"}, {"name": "b", "n": 2}, {"name": "a"}])
    assert differences(wanted, ("name", "n"), order) == []
    missing, extra = differences(wanted, ("name", "n"), [*order[:2], ("c", "3")])
    assert (missing.is_missing, extra.is_missing) == (True, False)
    assert extra.row == {"name": "c", "n": "3"}


def test_a_column_that_the_answer_lacks_is_a_mistake_of_the_case():
    with pytest.raises(DeclarationError, match="expected columns of the query: name, found nmae"):
        differences(case([record()], [{"nmae": "x"}]), ("name",), [])


@given(st.lists(st.tuples(st.text(max_size=3), st.text(max_size=3)), max_size=6), st.randoms())
def test_a_digest_tells_rows_and_not_their_order(rows, random):
    def digest(some):
        tally = Tally()
        list(tally.counting(some))
        return tally.found(("a", "b")).digest

    shuffled = random.sample(rows, len(rows))
    assert digest(rows) == digest(shuffled)
    assert digest([*rows, ("more", "rows")]) != digest(rows)


def test_only_the_first_rows_are_kept_and_all_are_counted():
    tally = Tally()
    passed = sum(1 for _ in tally.counting((str(number),) for number in range(100_000)))
    found = tally.found(("n",))
    assert (passed, found.count, len(found.rows), found.left_out) == (100_000, 100_000, SHOWN, 99_800)
