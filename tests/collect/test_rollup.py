"""Names counted in bounded memory: exactly, and the same in any order and any split."""

from __future__ import annotations

import random
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.collect.cell import Cell, Sighting
from leastwise.collect.ledger import CONTEXTS, Ledger, Subject, observations
from leastwise.collect.rollup import NAMES, WIDTH, Trie, place, written
from leastwise.iam.glob import matches, parse
from leastwise.model.event import Outcome
from leastwise.model.request import AuthorizationRequest, Certainty, ResourceForm

SUBJECT = Subject("p", "s3:GetObject", Certainty.CERTAIN, Outcome.SUCCEEDED, None, "", False, "")


def _seen(number: int = 0) -> Sighting:
    day = number % 28 + 1
    return Sighting(
        f"2026-11-{day:02d}T00:00:00Z", f"r-{number % 3}", f"{number:08x}", f"{number % 11:08x}", False
    )


def _trie(names: list[str]) -> Trie:
    trie = Trie()
    for number, name in enumerate(names):
        trie.cell(place(name).parts).add(_seen(number))
    return trie


def _summary(trie: Trie, prefix: str = "arn:aws:s3:::") -> dict[str, int]:
    return {written(prefix, line): sum(line.cell.days.values()) for line in trie.lines()}


@pytest.mark.parametrize(
    ("name", "prefix", "parts"),
    [
        ("arn:aws:s3:::b", "arn:aws:s3:::", ("b",)),
        ("arn:aws:s3:::b/", "arn:aws:s3:::", ("b/", "")),
        ("arn:aws:s3:::b/x/y", "arn:aws:s3:::", ("b/", "x/", "y")),
        ("arn:aws:s3:::b/1/2/3/4/5/6", "arn:aws:s3:::", ("b/", "1/", "2/", "3/", "4/5/6")),
        ("arn:aws:s3:r:a:accesspoint/ap/object/k", "arn:aws:s3:r:a:accesspoint/", ("ap/", "object/", "k")),
        ("arn:aws:dynamodb:r:a:table/T/index/I", "arn:aws:dynamodb:r:a:table/", ("T/", "index/", "I")),
        ("arn:aws:sqs:r:a:queue", "arn:aws:sqs:r:a:", ("queue",)),
        ("arn:aws:lambda:r:a:function:f:7", "arn:aws:lambda:r:a:function:", ("f:", "7")),
        ("arn:aws:iam::a:role/team/x", "arn:aws:iam::a:role/", ("team/x",)),
        ("arn:aws:secretsmanager:r:a:secret:app/db-x", "arn:aws:secretsmanager:r:a:secret:", ("app/db-x",)),
        ("arn:aws:ssm:r:a:parameter/app/db", "arn:aws:ssm:r:a:parameter/", ("app/db",)),
        ("arn:aws:logs:r:a:log-group:/l/f:log-stream:s/1", "arn:aws:logs:r:a:log-group:",
         ("/l/f:", "log-stream:s/", "1")),
        ("arn:aws:execute-api:r:a:api/v1/GET/p", "arn:aws:execute-api:r:a:", ("api/", "v1/", "GET/", "p")),
        ("arn:aws:apigateway:r::/restapis/x/stages", "arn:aws:apigateway:r::/restapis/", ("x/", "stages")),
        ("arn:aws:ec2:r:a:instance/i-1", "arn:aws:ec2:r:a:instance/", ("i-1",)),
        ("no arn/at all", "", ("no arn/at all",)),
        ("arn:aws:s3", "", ("arn:aws:s3",)),
        ("", "", ("",)),
    ],
)  # fmt: skip
def test_places(name, prefix, parts):
    assert place(name) == (prefix, parts)


HOSTILE = st.text(st.sampled_from("ab/:*?${}\n\u202e"), max_size=12)


@given(st.sampled_from(["s3::", "iam::1", "logs:r:1", "x:r:1", ""]), HOSTILE)
def test_a_place_joined_is_the_name_again_and_names_never_clash(service, rest):
    name = f"arn:aws:{service}:{rest}"
    found = place(name)
    assert found.prefix + "".join(found.parts) == name
    assert 1 <= len(found.parts) <= 5


KEYS = st.lists(
    st.lists(st.sampled_from([*map(str, range(20)), "*", "${x}", ""]), min_size=1, max_size=6).map(
        lambda parts: "arn:aws:s3:::" + "/".join(["b", *parts])
    ),
    max_size=60,
)
WIDE = st.integers(0, 40).map(lambda n: [f"arn:aws:s3:::b/{number}/x" for number in range(n)])
NAMED = st.tuples(KEYS, WIDE).map(lambda both: both[0] + both[1])


@given(NAMED, st.randoms(use_true_random=False))
def test_the_order_of_reading_changes_nothing(names, chance):
    shuffled = names.copy()
    chance.shuffle(shuffled)
    assert _summary(_trie(names)) == _summary(_trie(shuffled))


@given(NAMED, st.integers(0, 100), st.booleans())
def test_the_split_of_the_work_changes_nothing(names, cut, swapped):
    first, second = _trie(names[:cut]), _trie(names[cut:])
    if swapped:
        first, second = second, first
    for line in list(second.lines()):
        first.plant(line)
    assert _summary(first) == _summary(_trie(names))


@given(NAMED)
def test_every_name_is_covered_by_its_line_and_every_call_counted(names):
    trie = _trie(names)
    summary = _summary(trie)
    assert sum(summary.values()) == len(names)
    globs = [parse(written("arn:aws:s3:::", line)) for line in trie.lines() if line.rolled]
    for name in names:
        assert name in summary or sum(matches(glob, name) for glob in globs) == 1


def test_sixteen_children_stay_apart_and_one_more_becomes_a_glob():
    names = [f"arn:aws:s3:::b/logs/{number}" for number in range(WIDTH)]
    assert set(_summary(_trie(names))) == set(names)
    assert _summary(_trie([*names, "arn:aws:s3:::b/logs/*"])) == {"arn:aws:s3:::b/logs/*": WIDTH + 1}


def test_the_glob_escapes_what_names_hold():
    names = [f"arn:aws:s3:::b/$x*?/{number}" for number in range(WIDTH + 1)]
    assert _summary(_trie(names)) == {"arn:aws:s3:::b/${$}x${*}${?}/*": WIDTH + 1}


def test_names_are_not_rolled_up_before_there_are_far_too_many():
    tables = [f"arn:aws:dynamodb:r:a:table/t{number}" for number in range(NAMES + 1)]
    prefix = "arn:aws:dynamodb:r:a:table/"
    assert len(_summary(_trie(tables[:-1]), prefix)) == NAMES
    assert _summary(_trie(tables), prefix) == {f"{prefix}*": NAMES + 1}


def test_a_cell_taken_before_a_roll_up_still_leads_to_the_count():
    trie = Trie()
    first = trie.cell(place("arn:aws:s3:::b/x/0").parts)
    first.add(_seen())
    for number in range(1, WIDTH + 1):
        trie.cell(place(f"arn:aws:s3:::b/x/{number}").parts).add(_seen(number))
    first.standing_in().add(_seen(99))
    assert _summary(trie) == {"arn:aws:s3:::b/x/*": WIDTH + 2}


def test_memory_does_not_grow_with_the_number_of_keys():
    chance = random.Random(1)  # noqa: S311  the same keys every time
    trie = Trie()
    tracemalloc.start()
    for _ in range(20_000):
        key = f"{chance.randrange(400)}/{chance.randrange(100)}/{chance.getrandbits(64):x}"
        trie.cell(place(f"arn:aws:s3:::b/{key}").parts).add(_seen(chance.randrange(100)))
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 100_000
    assert _summary(trie) == {"arn:aws:s3:::b/*": 20_000}


def test_crafted_keys_reach_no_more_than_the_bound():
    chance = random.Random(1)  # noqa: S311  the same keys every time
    keys = ["/".join(str(chance.randrange(WIDTH)) for _ in range(4)) for _ in range(30_000)]
    assert len(_summary(_trie([f"arn:aws:s3:::b/{key}" for key in keys]))) <= WIDTH**4
    deeper = [f"arn:aws:s3:::b/{key}/{number}" for number, key in enumerate(keys[:5_000])]
    assert len(_summary(_trie(deeper))) <= WIDTH**4


def _request(number: int, contexts: int) -> AuthorizationRequest:
    return AuthorizationRequest("s3:GetObject", "arn:aws:s3:::b/k", context=(("k", str(number % contexts)),))


@pytest.mark.parametrize(("contexts", "lines"), [(CONTEXTS, CONTEXTS), (CONTEXTS + 1, 1)])
@pytest.mark.parametrize("cut", [0, 1, 40, 500])
def test_contexts_are_bounded_too_however_the_work_is_split(contexts, lines, cut):
    one, other = Ledger(), Ledger()
    for number in range(500):
        ledger = one if number < cut else other
        ledger.cell(SUBJECT, _request(number, contexts)).add(_seen(number))
    for subject in other.merged:
        one.plant_merged(subject)
    for entry in list(other.entries()):
        one.plant(entry)
    found = observations("s", one)
    assert len(found) == lines
    assert sum(tally.count for tally in found.values()) == 500
    assert all(bool(key.request.context) == (lines > 1) for key in found)


def test_a_glob_that_an_event_asked_for_and_one_that_was_rolled_up_add_up():
    ledger = Ledger()
    for number in range(WIDTH + 1):
        ledger.cell(SUBJECT, AuthorizationRequest("s3:GetObject", f"arn:aws:s3:::b/x/{number}")).add(
            _seen(number)
        )
    glob = AuthorizationRequest("s3:GetObject", "arn:aws:s3:::b/x/*", ResourceForm.ROLLED_UP)
    ledger.cell(SUBJECT, glob).add(_seen(50))
    ((key, tally),) = observations("s", ledger).items()
    assert (key.request, tally.count) == (glob, WIDTH + 2)


@given(st.lists(st.integers(0, 200), max_size=40), st.randoms(use_true_random=False))
def test_a_cell_absorbs_what_it_would_have_counted(numbers, chance):
    whole, one, other = Cell(), Cell(), Cell()
    for number in numbers:
        whole.add(_seen(number))
        chance.choice([one, other]).add(_seen(number))
    one.absorb(other)
    assert one.tally() == whole.tally()
    assert other.standing_in() is one
