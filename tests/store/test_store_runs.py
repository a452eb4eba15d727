"""Runs one after the other, and at the same time, over log files: what is kept is what one run would see."""

from __future__ import annotations

import gzip
import json
import random
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from leastwise.collect.fold import folded
from leastwise.collect.interface import Silent
from leastwise.collect.store import LocalFolder
from leastwise.collect.trail_files import TrailFiles
from leastwise.errors import SourceError
from leastwise.model.declared import Declaration, TrailFilesSource
from leastwise.model.window import Window
from leastwise.pipeline import Kept, observe, observe_and_keep
from leastwise.store.generations import Generations
from leastwise.store.objects import FolderObjects
from tests.collect.fakes import interpret
from tests.collect.s3_world import ONE, key_of, record, roster
from tests.store.shelves import Doomed, Killed

FIRST = date(2026, 8, 1)
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
SOURCE = TrailFilesSource("bucket", "logs")
DECLARATION = Declaration({"bucket": SOURCE}, roster(ONE).principals)


class Account:
    """A folder into which a trail delivers, and what runs read of it."""

    def __init__(self, folder):
        self.logs = folder / "logs"
        self.read = []
        self.days = []
        self.paths = []

    def deliver(self, day, calls=1, late=0, part=0):
        """The records of a day; those that come ``late`` lie in a later file."""
        records = [
            record(ONE, day, resources=[{"ARN": f"arn:aws:s3:::b/{day:%j}-{n}"}]) for n in range(calls)
        ]
        records = [{**each, "eventID": f"{day}-{n}"} for n, each in enumerate(records)]
        path = self.logs / key_of(ONE, "eu-west-1", day + timedelta(days=late))
        path = path.with_name(path.name.replace("abcdefghij", f"late{late}part{part}"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(json.dumps({"Records": records}).encode()))
        self.days.append(day)
        self.paths.append(path)
        return path

    def connect(self, source):
        account = self

        class Counting(LocalFolder):
            def read(self, file):
                account.read.append(file.day)
                return LocalFolder.read(self, file)

        return TrailFiles(source, Counting(self.logs), processes=1, interpret=interpret)

    def run(self, now, shelf, declaration=DECLARATION, said=None):
        kept = Kept(shelf, (said if said is not None else []).append)
        return observe_and_keep(
            declaration, declaration.principals, self.connect, Window(BEGAN, now), Silent(), kept
        )

    def run_without_state(self, now):
        return observe(DECLARATION, DECLARATION.principals, self.connect, Window(BEGAN, now), Silent())


@pytest.fixture
def account(tmp_path):
    return Account(tmp_path)


@pytest.fixture
def shelf(tmp_path):
    return lambda: Generations(FolderObjects(tmp_path / "state"), "state")


def at(day, hour=6):
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def days_of(evidence):
    counted = {}
    for tally in evidence.tallies.values():
        for day, count in tally.days.items():
            counted[day] = counted.get(day, 0) + count
    return counted


def test_many_runs_see_what_one_would(account, shelf):
    for number in range(60):
        day = FIRST + timedelta(days=number)
        account.deliver(day, calls=number % 3)
        if number % 4 == 0:
            kept = account.run(at(day + timedelta(days=1)), shelf())
    kept = account.run(at(day + timedelta(days=2)), shelf())
    once = account.run_without_state(at(day + timedelta(days=2)))
    assert days_of(kept) == days_of(once)
    assert kept.tallies == folded(once, once).tallies
    assert kept.coverage["bucket"].delivered == once.coverage["bucket"].delivered


def delivered(account, days):
    for number in range(days):
        account.deliver(FIRST + timedelta(days=number))


def nth(number, hour=23):
    """That late on the day of that number."""
    return at(FIRST + timedelta(days=number), hour)


def test_a_run_reads_each_file_once(account, shelf):
    delivered(account, 58)
    account.run(nth(57), shelf())
    account.read.clear()
    for number in (58, 59):
        account.deliver(FIRST + timedelta(days=number))
        account.run(nth(number), shelf())
    account.run(nth(59), shelf())
    assert account.read == [FIRST + timedelta(days=58), FIRST + timedelta(days=59)]


DOUBTS = {
    "a path that tells no day": lambda account: (account.logs / "copied.json").write_text('{"Records": []}'),
    "a file that is gone": lambda account: account.paths[-2].unlink(),
    "a file of another size": lambda account: account.deliver(account.days[-2], calls=3),
    "a file that was damaged": lambda account: account.paths[-2].write_bytes(b"x"),
}


@pytest.mark.parametrize("doubt", DOUBTS)
def test_a_run_in_doubt_reads_whole_days_again(account, shelf, doubt):
    delivered(account, 59)
    account.run(nth(58), shelf())
    DOUBTS[doubt](account)
    account.deliver(FIRST + timedelta(days=59))
    account.read.clear()
    kept = account.run(nth(59), shelf())
    # two days of overlap, the new day, and a day of slack
    assert {FIRST + timedelta(days=number) for number in (56, 58, 59)} <= set(account.read)
    assert max(days_of(kept).values()) <= 3


def test_a_file_with_records_from_after_the_run_is_read_again(account, shelf):
    """``--now`` in the past, or a clock that is slow: what its end cut off is counted by the next run."""
    delivered(account, 3)
    account.run(nth(2, hour=6), shelf())
    kept = account.run(nth(2, hour=23), shelf())
    assert days_of(kept) == days_of(account.run_without_state(nth(2, hour=23)))
    assert days_of(kept)[FIRST + timedelta(days=2)] == 1


def test_an_event_delivered_twice_counts_once_though_two_runs_read_it(account, shelf):
    delivered(account, 3)
    account.run(nth(2), shelf())
    account.deliver(FIRST + timedelta(days=2), late=1)
    account.read.clear()
    kept = account.run(nth(3), shelf())
    assert account.read == [FIRST + timedelta(days=3)]
    assert days_of(kept)[FIRST + timedelta(days=2)] == 1
    assert kept.coverage["bucket"].duplicates == 1


def test_too_many_events_to_remember_are_days_to_read_again(account, shelf, monkeypatch):
    monkeypatch.setattr("leastwise.collect.counts.MOST_EVENTS", 1)
    delivered(account, 3)
    account.deliver(FIRST + timedelta(days=2), calls=2)
    account.run(nth(2), shelf())
    account.read.clear()
    account.run(nth(2), shelf())
    assert account.read


def test_somebody_new_has_every_file_read(account, shelf):
    delivered(account, 9)
    account.run(nth(8), shelf())
    account.read.clear()
    both = replace(DECLARATION, principals=roster(ONE, "222233334444").principals)
    kept = account.run(nth(8), shelf(), both)
    assert len(set(account.read)) == 9
    assert kept.tallies == account.run(nth(8), shelf()).tallies


def test_who_is_beaten_reads_again_only_what_the_other_run_did_not(account, shelf, tmp_path):
    """Both read the same new file; counts of a day would add up twice."""
    delivered(account, 3)
    account.run(nth(2), shelf())
    account.deliver(FIRST + timedelta(days=3), calls=4)
    others = []

    class Slow(Generations):
        def swap(self, files, before):
            if not others:
                others.append(account.run(nth(3), shelf()))
            return Generations.swap(self, files, before)

    kept = account.run(nth(3), Slow(FolderObjects(tmp_path / "state"), "state"))
    assert days_of(kept) == days_of(account.run_without_state(nth(3)))


@pytest.mark.parametrize("seed", range(4))
def test_runs_at_any_time_see_what_one_would(account, shelf, tmp_path, seed):
    """Several files a day, some of the day before, events in more than one; some runs are killed."""
    order = random.Random(seed)  # noqa: S311  the same every time
    for number in range(30):
        for part in range(order.randrange(4)):
            late = min(number, order.randrange(2))
            day = FIRST + timedelta(days=number - late)
            account.deliver(day, calls=order.randrange(1, 6), late=late, part=part)
            if order.random() < 0.2:
                with suppress(Killed):
                    doomed = Doomed(FolderObjects(tmp_path / "state"), order.randrange(6))
                    account.run(nth(number), Generations(doomed, "state"))
            if order.random() < 0.5:
                account.run(nth(number), shelf())
    kept = account.run(nth(30), shelf())
    once = account.run_without_state(nth(30))
    assert kept.tallies == folded(once, once).tallies
    assert len(account.read) < 6 * len(account.paths)


def test_what_is_delivered_a_day_late_is_counted_once(account, shelf):
    day = FIRST + timedelta(days=10)
    account.deliver(FIRST)
    account.deliver(day, calls=2)
    account.run(at(day, hour=23), shelf())
    account.deliver(day, calls=5, late=1)
    kept = account.run(at(day + timedelta(days=1), hour=23), shelf())
    assert days_of(kept)[day] == 5


def test_what_the_engine_forgets_is_remembered(account, shelf):
    path = account.deliver(FIRST)
    account.run(at(FIRST + timedelta(days=1)), shelf())
    path.unlink()
    account.deliver(FIRST + timedelta(days=90))
    kept = account.run(at(FIRST + timedelta(days=91)), shelf())
    assert set(days_of(kept)) == {FIRST, FIRST + timedelta(days=90)}


def test_a_corrupt_store_is_set_aside_rebuilt_and_said(account, shelf, tmp_path):
    account.deliver(FIRST)
    whole = account.run(at(FIRST + timedelta(days=1)), shelf())
    for file in (tmp_path / "state").iterdir():
        file.write_bytes(b"\0" * 10)
    said = []
    again = account.run(at(FIRST + timedelta(days=1)), shelf(), said=said)
    assert again == whole
    assert "damaged" in said[0]
    assert [file.name for file in (tmp_path / "state").iterdir() if file.name.startswith("damaged-")]
    said.clear()
    assert account.run(at(FIRST + timedelta(days=1)), shelf(), said=said) == whole
    assert said == []


def test_of_two_runs_at_once_both_end_up_in_the_store(account, shelf, tmp_path):
    """The first reads; before it writes, a second runs from beginning to end for another principal."""
    account.deliver(FIRST)
    other = replace(DECLARATION, principals=roster("222233334444").principals)
    second_ran = []

    class Slow(Generations):
        def swap(self, files, before):
            if not second_ran:
                second_ran.append(account.run(at(FIRST + timedelta(days=1)), shelf(), other))
            return Generations.swap(self, files, before)

    account.run(at(FIRST + timedelta(days=1)), Slow(FolderObjects(tmp_path / "state"), "state"))
    index = json.loads(shelf().load().files["index.json"])
    assert sorted(index["principals"]) == sorted(p.key for p in (*DECLARATION.principals, *other.principals))


def test_who_always_is_too_slow_gives_up_with_advice(account, tmp_path):
    account.deliver(FIRST)

    class Beaten(Generations):
        def swap(self, *_):
            return False

    with pytest.raises(SourceError, match="run again when they are done"):
        account.run(at(FIRST), Beaten(FolderObjects(tmp_path / "state"), "state"))
