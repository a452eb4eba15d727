"""What a run remembers: where the next one begins, what coverage may claim, and what damage costs."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from leastwise.collect.coverage import PROVEN_REGIONS
from leastwise.collect.fold import added
from leastwise.errors import NewerEvidenceError
from leastwise.model.declared import Principal, PrincipalKind, TrailFilesSource
from leastwise.model.evidence import Coverage, Evidence, Selectors, Unreadable
from leastwise.model.files_read import Collected, FilesRead
from leastwise.model.window import Window
from leastwise.store.files import INDEX, pack, unpack
from leastwise.store.memory import Done, Joins, Memory, Task, files_before, recalled, remember, window_of
from tests.builders import saw

ACCOUNT = "111122223333"
ALL = Selectors(management_read=True, management_write=True)
SOURCE = TrailFilesSource("logs", "logs/")
BEGAN = datetime(2013, 11, 13, tzinfo=UTC)
NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)


def who(name="app", account=ACCOUNT, **more):
    arn = f"arn:aws:iam::{account}:role/{name}"
    return Principal(PrincipalKind.ROLE, name, 1, arn=arn, accounts=(account,), sources=("logs",), **more)


APP, NEWCOMER = who(), who("newcomer")


def task(*principals, now=NOW, reader="1.0", source=SOURCE):
    return Task(source, principals or (APP,), reader, Window(BEGAN, now))


def seen(now=NOW, days=100, selectors=ALL, calls=(), **more):
    """What a run at ``now`` reads where the engine still holds so many days."""
    delivered = frozenset((ACCOUNT, (now - timedelta(days=back)).date()) for back in range(days))
    coverage = Coverage("logs", "trail-files", BEGAN, now, selectors, all_regions=True, delivered=delivered)
    observed = {
        found.key: found.tally
        for principal, on in calls
        for found in [saw("s3:GetObject", "arn:aws:s3:::b/k", [on], source="logs", principal=principal.key)]
    }
    return Evidence(observed, {"logs": replace(coverage, **more)})


def run(memory, fresh, asked=None):
    asked = asked or task()
    read = fresh if isinstance(fresh, Collected) else Collected(fresh)
    return remember(memory, [Done(asked, window_of(memory, asked), read)], Joins(Evidence.merge, added))


def later(days):
    return NOW + timedelta(days=days)


def evidence_of(memory, principal=APP):
    return recalled(memory, [principal], ["logs"]).of(principal.key)


def logging_since(memory, principal=APP):
    return evidence_of(memory, principal).coverage["logs"].logging_since


def test_the_first_run_reads_everything_and_the_next_what_is_new_with_an_overlap():
    assert window_of(Memory(), task()) == Window(BEGAN, NOW)
    memory = run(Memory(), seen())
    assert window_of(memory, task(now=later(1))) == Window(datetime(2026, 11, 21, tzinfo=UTC), later(1))


def test_somebody_new_is_looked_for_from_the_beginning():
    memory = run(Memory(), seen())
    assert window_of(memory, task(APP, NEWCOMER, now=later(1))).start == BEGAN


def test_a_job_of_last_quarter_is_remembered_when_the_engine_has_forgotten_it():
    memory = run(Memory(), seen(calls=[(APP, date(2026, 9, 1))]))
    for days in (50, 100, 150, 200):
        memory = run(memory, seen(later(days), days=60), task(now=later(days)))
    (found,) = evidence_of(memory).observations
    assert found.tally.days == {date(2026, 9, 1): 10}
    assert logging_since(memory) < NOW - timedelta(days=90)


def test_who_was_enrolled_later_was_not_looked_for_before():
    """The kept coverage goes back further than the engine does: for a newcomer that is not looked at."""
    memory = run(Memory(), seen(days=90))
    memory = run(memory, seen(later(80), days=90), task(APP, NEWCOMER, now=later(80)))
    assert logging_since(memory, NEWCOMER).date() == (later(80) - timedelta(days=89)).date()
    assert logging_since(memory, APP).date() == (NOW - timedelta(days=89)).date()


def test_days_that_no_run_read_are_a_gap_for_who_was_left_out():
    """``--principal`` reads for some: the coverage of the source grows, and not for the others."""
    memory = run(Memory(), seen(), task(APP, NEWCOMER))
    for days in (60, 120, 180, 240):
        memory = run(memory, seen(later(days), days=62), task(APP, now=later(days)))
    memory = run(memory, seen(later(250), days=62), task(APP, NEWCOMER, now=later(250)))
    assert logging_since(memory, NEWCOMER).date() == (later(250) - timedelta(days=61)).date()
    assert logging_since(memory, APP) < NOW


@pytest.mark.parametrize(
    "changed",
    [
        who(account="222233334444"),
        who(session_names=("alice",)),
        who(source_identities=("alice",)),
        who(members=("arn:aws:iam::111122223333:role/x",)),
    ],
)
def test_what_was_read_for_another_declaration_is_forgotten(changed):
    changed = replace(changed, arn=APP.arn)
    memory = run(Memory(), seen(calls=[(APP, date(2026, 11, 1))]))
    assert window_of(memory, task(changed)).start == BEGAN
    memory = run(memory, seen(later(1)), task(changed, now=later(1)))
    assert evidence_of(memory, changed).observations == ()


def test_another_place_under_the_same_name_is_another_source():
    memory = run(Memory(), seen(calls=[(APP, date(2026, 11, 1))]))
    moved = task(source=replace(SOURCE, path="elsewhere/"))
    assert window_of(memory, moved).start == BEGAN
    assert evidence_of(run(memory, seen(), moved)).observations == ()


def test_selectors_and_regions_may_be_told_later():
    memory = run(Memory(), seen(selectors=None, all_regions=None))
    assert window_of(memory, task(source=replace(SOURCE, selectors="s.json", all_regions=True))).start > BEGAN
    coverage = run(memory, seen(later(1)), task(now=later(1))).evidence.coverage["logs"]
    assert (coverage.selectors, coverage.all_regions, coverage.logging_since) == (ALL, True, None)


def test_settings_that_changed_without_a_record_hold_from_now_on():
    memory = run(Memory(), seen(selectors=Selectors(management_read=False, management_write=True)))
    coverage = run(memory, seen(later(1)), task(now=later(1))).evidence.coverage["logs"]
    assert (coverage.selectors, coverage.logging_since) == (ALL, later(1))


def test_settings_that_changed_with_a_record_hold_from_then_on():
    memory = run(Memory(), seen(selectors=Selectors(management_read=False, management_write=True)))
    changed = NOW + timedelta(hours=3)
    coverage = run(memory, seen(later(9), logging_since=changed), task(now=later(9))).evidence.coverage[
        "logs"
    ]
    assert coverage.logging_since == changed


def broken(now, days=100):
    return seen(now, days, unreadable=(Unreadable("x.json.gz", "damaged"),), unreadable_count=1)


def test_what_could_not_be_read_is_tried_again_and_forgotten_when_it_can():
    memory = run(run(Memory(), seen()), broken(later(1), 4), task(now=later(1)))
    assert window_of(memory, task(now=later(2))).start == datetime(2026, 11, 21, tzinfo=UTC)
    memory = run(memory, broken(later(2), 4), task(now=later(2)))
    assert window_of(memory, task(now=later(3))).start == datetime(2026, 11, 21, tzinfo=UTC)
    memory = run(memory, seen(later(3), 5), task(now=later(3)))
    assert memory.evidence.coverage["logs"].unreadable_count == 0
    assert window_of(memory, task(now=later(4))).start == datetime(2026, 11, 24, tzinfo=UTC)
    assert logging_since(memory).date() == (NOW - timedelta(days=99)).date()


def test_what_can_never_be_read_is_given_up_and_nothing_before_it_counts():
    memory = run(Memory(), broken(NOW))
    window = window_of(memory, task(now=later(100)))
    assert window.start.date() == (later(100) - timedelta(days=92)).date()
    memory = run(memory, seen(later(100), 93), task(now=later(100)))
    assert memory.evidence.coverage["logs"].unreadable_count == 0
    assert logging_since(memory) >= window.start


def read(*principals):
    """The files of a run, counted for these principals."""
    files = {date(2026, 11, 22): frozenset({b"12345678", b"abcdefgh"}), date(2026, 11, 23): frozenset()}
    keys = frozenset(principal.key for principal in principals)
    return FilesRead(date(2026, 11, 19), keys, files, {date(2026, 11, 22): frozenset({b"ABCDEFGH"})})


def test_files_that_were_counted_need_not_be_read_again():
    memory = run(Memory(), Collected(seen(), read(APP)))
    assert files_before(memory, task(now=later(1))) == read(APP)
    assert files_before(run(memory, seen(later(1)), task(now=later(1))), task(now=later(2))) is None


@pytest.mark.parametrize(
    "asked",
    [
        task(APP, NEWCOMER),
        task(NEWCOMER),
        task(reader="2.0"),
        task(replace(APP, session_names=("alice",))),
        task(source=replace(SOURCE, path="elsewhere/")),
    ],
)
def test_files_counted_otherwise_or_for_others_are_read_again(asked):
    assert files_before(run(Memory(), Collected(seen(), read(APP))), asked) is None


def test_calls_of_new_files_add_up_and_looking_goes_on():
    """A quiet account has no record on the day of the last run: its files are there, so it was looked at."""
    day = date(2026, 11, 22)
    memory = run(Memory(), Collected(seen(calls=[(APP, day)], records=7, excluded={"root": 1}), read(APP)))
    fresh = seen(later(3), days=1, calls=[(APP, day)], records=5, excluded={"root": 2})
    memory = run(memory, Collected(fresh, read(APP), adds=True), task(now=later(3)))
    (found,) = evidence_of(memory).observations
    assert found.tally.days == {day: 20}
    counted = memory.evidence.coverage["logs"]
    assert (counted.records, counted.excluded) == (12, {"root": 3})
    assert logging_since(memory).date() == (NOW - timedelta(days=99)).date()


def test_a_proof_of_all_regions_holds_though_a_small_reading_does_not_show_it():
    proof = frozenset({f"{PROVEN_REGIONS}, because its home is eu-west-1"})
    memory = run(Memory(), seen(limits=proof))
    coverage = run(memory, seen(later(1), all_regions=None), task(now=later(1))).evidence.coverage["logs"]
    assert (coverage.all_regions, coverage.logging_since) == (True, None)
    memory = run(Memory(), seen())
    coverage = run(memory, seen(later(1), all_regions=None), task(now=later(1))).evidence.coverage["logs"]
    assert (coverage.all_regions, coverage.logging_since) == (None, later(1))


def a_memory():
    fresh = seen(calls=[(APP, date(2026, 11, 1)), (NEWCOMER, date(2026, 11, 2))])
    return run(Memory(), Collected(fresh, read(APP, NEWCOMER)), task(APP, NEWCOMER))


@pytest.mark.parametrize("damage", ["", "{", '{"since": "2026-11-19"}', None])
def test_damaged_names_of_files_cost_reading_days_again(damage):
    files = pack(a_memory())
    name = next(name for name in files if name.startswith("files/"))
    files = {**files, name: damage} if damage is not None else {k: v for k, v in files.items() if k != name}
    memory, (complaint,) = unpack(files, "here")
    assert f"{name} is damaged or missing: days are read again" in complaint
    assert memory == replace(a_memory(), files={})


def test_a_memory_reads_back():
    assert unpack(pack(a_memory()), "here") == (a_memory(), ())
    assert pack(unpack(pack(a_memory()), "here")[0]) == pack(a_memory())


@pytest.mark.parametrize("damage", ["", "{", '{"format": "leastwise-evidence", "version": 1}', None])
def test_a_damaged_principal_costs_that_principal(damage):
    files = pack(a_memory())
    name = next(name for name in files if "newcomer" in name)
    files = {**files, name: damage} if damage is not None else {k: v for k, v in files.items() if k != name}
    memory, (complaint,) = unpack(files, "here")
    assert name in complaint
    assert "read anew" in complaint
    assert {key for _, key in memory.readings} == {APP.key}
    assert window_of(memory, task(APP, NEWCOMER, now=later(1))).start == BEGAN
    assert len(evidence_of(memory, APP).observations) == 1
    assert memory.set_aside == ({} if damage is None else {name: damage})
    assert unpack(pack(memory), "here")[0].set_aside == memory.set_aside


def test_a_damaged_coverage_costs_what_was_read_from_that_source():
    files = pack(a_memory())
    name = next(name for name in files if name.startswith("sources/"))
    memory, (complaint,) = unpack({**files, name: "x"}, "here")
    assert name in complaint
    assert memory.readings == {}


@pytest.mark.parametrize(
    "damage", ["", "[]", "{}", '{"format": "leastwise-state", "version": 1}', "[" * 100_000]
)
def test_a_damaged_index_sets_everything_aside(damage):
    files = {**pack(a_memory()), INDEX: damage}
    memory, (complaint,) = unpack(files, "here")
    assert memory.readings == {}
    assert "index is damaged" in complaint
    assert memory.set_aside == files


def test_what_a_newer_leastwise_wrote_is_left_alone():
    files = pack(a_memory())
    index = json.dumps({**json.loads(files[INDEX]), "version": 99})
    with pytest.raises(NewerEvidenceError, match="update leastwise"):
        unpack({**files, INDEX: index}, "here")
