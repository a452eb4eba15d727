"""Two journals brought together: every run once, in order, and the record that tells how it ended."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from leastwise.apply.journal_files import KEPT, name_of, pack, united, unpack
from leastwise.model.journal import Ending
from tests.builders import NOW, ROLE
from tests.verbs.watched_repository import a_record

NAME = name_of(ROLE)
DONE = [replace(a_record(NOW + timedelta(hours=hour)), pull=hour) for hour in range(6)]
BEGUN = [replace(record, ending=Ending.BEGUN, ended=None, steps=()) for record in DONE]
journals = st.lists(st.sampled_from([*DONE, *BEGUN]), max_size=6).map(
    lambda records: (
        {NAME: pack(sorted({each.began: each for each in records}.values(), key=began))} if records else {}
    )
)


def began(record):
    return record.began


def records(files):
    return unpack(files[NAME]) if NAME in files else ()


@given(journals, journals)
def test_nothing_is_lost_and_nothing_told_twice(one, other):
    both = records(united(one, other))
    told = {record.began for record in (*records(one), *records(other))}
    assert [record.began for record in both] == sorted(told)
    ended = {each.began for each in (*records(one), *records(other)) if each.ending is Ending.DONE}
    assert {each.began for each in both if each.ending is Ending.DONE} == ended


@given(journals, journals)
def test_again_it_is_the_same(one, other):
    both = united(one, other)
    assert united(both, other) == united(both, one) == united(both, both) == both


def test_of_too_many_the_oldest_go():
    many = [a_record(NOW + timedelta(hours=hour)) for hour in range(KEPT + 3)]
    both = records(united({NAME: pack(many[:10])}, {NAME: pack(many[10:])}))
    assert list(both) == many[-KEPT:]


def test_what_is_damaged_stays_as_it_is_and_other_files_are_not_copied():
    mine = {NAME: "{", "index.json": "{}"}
    assert united(mine, {NAME: pack(DONE), "set-aside/x": "y"}) == mine
