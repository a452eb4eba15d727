"""Runs one after the other, and at the same time, over log files: what is kept is what one run would see."""

from __future__ import annotations

import gzip
import json
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

FIRST = date(2026, 8, 1)
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
SOURCE = TrailFilesSource("bucket", "logs")
DECLARATION = Declaration({"bucket": SOURCE}, roster(ONE).principals)


class Account:
    """A folder into which a trail delivers, and what runs read of it."""

    def __init__(self, folder):
        self.logs = folder / "logs"
        self.read = []

    def deliver(self, day, calls=1, late=0):
        """The records of a day; those that come ``late`` lie in a later file."""
        records = [
            record(ONE, day, resources=[{"ARN": f"arn:aws:s3:::b/{day:%j}-{n}"}]) for n in range(calls)
        ]
        records = [{**each, "eventID": f"{day}-{n}"} for n, each in enumerate(records)]
        path = self.logs / key_of(ONE, "eu-west-1", day + timedelta(days=late))
        path = path.with_name(path.name.replace("abcdefghij", f"late{late}"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(json.dumps({"Records": records}).encode()))
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


def test_a_run_reads_no_more_than_is_new(account, shelf):
    for number in range(60):
        account.deliver(FIRST + timedelta(days=number))
    account.run(at(FIRST + timedelta(days=58)), shelf())
    account.read.clear()
    account.run(at(FIRST + timedelta(days=59)), shelf())
    assert (
        len(set(account.read)) == 5
    )  # two days of overlap, the new day, and a day of slack before and after


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
