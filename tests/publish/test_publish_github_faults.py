"""Whatever goes wrong at whichever request: never two pull requests, never a half-written branch."""

import itertools
from dataclasses import dataclass
from functools import partial

import pytest

from leastwise.publish.labels import TAKE_OVER
from leastwise.publish.rate_limits import UNREACHABLE, Reply
from tests.publish.github_world import (
    AFTER,
    BRANCH,
    FAILED,
    FILE,
    LESS_YET,
    OPENED,
    TEXT,
    UNCHANGED,
    Faulty,
    Interrupted,
    Killed,
    days,
    tighten,
    world,
)

OWNED = tighten(owners=("@alice",))
CHANGED = tighten(LESS_YET, owners=("@alice",))


@dataclass(frozen=True)
class Scenario:
    """How the world was before, what is proposed now (``None``: nothing any more), and what must be then."""

    name: str
    before: object
    proposal: object
    pulls: int = 1
    text: str = AFTER


def nothing(_):
    pass


def opened(here):
    here.ensure(OWNED)


def edited_by_a_person(here):
    here.ensure(OWNED)
    here.fake.push(BRANCH, {f"policies/{FILE}": '{"Statement": ["mine"]}\n'})


def let_in(here):
    edited_by_a_person(here)
    here.pull.labels.add(TAKE_OVER)


def withdrawn(here):
    here.ensure(OWNED)
    here.withdraw()


def withdrawn_and_branch_left(here):
    here.ensure(OWNED)
    branch = here.fake.store.branch(BRANCH)
    here.withdraw()
    here.fake.store.set_branch(BRANCH, branch)


SCENARIOS = (
    Scenario("open", nothing, OWNED),
    Scenario("change", opened, CHANGED, text=LESS_YET),
    Scenario("reopen", withdrawn, OWNED),
    Scenario("reopen changed", withdrawn, CHANGED, text=LESS_YET),
    Scenario("reopen with branch", withdrawn_and_branch_left, OWNED),
)


def act(here, proposal, transport=None):
    return (
        here.withdraw(transport=transport) if proposal is None else here.ensure(proposal, transport=transport)
    )


def check(here, scenario):
    """What must hold however often it was interrupted, once a run came through."""
    assert len(here.fake.open_pulls) == 1
    assert len(here.fake.pulls) == scenario.pulls
    assert here.proposed() == scenario.text
    assert here.pull.labels == {"leastwise"}
    assert here.pull.reviewers == {"alice"}
    assert here.rejected() == frozenset()
    assert here.fake.merge_state(here.pull) == "clean"
    said = here.fake.said_on(1)
    assert len(said) == len(set(said))
    here.fake.forget()
    assert act(here, scenario.proposal).kind is UNCHANGED
    assert here.fake.writes == []


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_killed_after_any_request_and_run_again(tmp_path, scenario):
    for number in itertools.count(1):
        with world(tmp_path / str(number), direct=True) as here:
            scenario.before(here)
            try:
                act(here, scenario.proposal, Interrupted(here.transport, number, _kill))
            except Killed:
                act(here, scenario.proposal)
                check(here, scenario)
                continue
            check(here, scenario)
            here.fake.store.fsck()
            break
    assert number > 5


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_another_whole_run_between_any_two_requests(tmp_path, scenario):
    for number in itertools.count(1):
        with world(tmp_path / str(number), direct=True) as here:
            scenario.before(here)
            other = []
            event = partial(_run_the_other, here, scenario.proposal, other)
            act(here, scenario.proposal, Interrupted(here.transport, number, event))
            assert len(here.fake.open_pulls) == 1
            act(here, scenario.proposal)
            check(here, scenario)
            if not other:
                break
    assert number > 5


def test_killed_while_withdrawing(tmp_path):
    for number in itertools.count(1):
        with world(tmp_path / str(number), direct=True) as here:
            opened(here)
            try:
                here.withdraw(transport=Interrupted(here.transport, number, _kill))
            except Killed:
                here.withdraw()
            else:
                break
            assert here.fake.open_pulls == []
            assert here.fake.store.branch(BRANCH) is None
            assert len(here.fake.said_on(1)) == 1
            assert here.rejected() == frozenset()
            here.fake.forget()
            assert here.withdraw() is None
            assert here.fake.writes == []


def test_a_push_while_withdrawing_is_not_deleted(tmp_path):
    for number in itertools.count(1):
        with world(tmp_path / str(number), direct=True) as here:
            opened(here)
            pushed = []
            event = partial(_push_if_there, here, pushed)
            here.withdraw(transport=Interrupted(here.transport, number, event))
            assert not pushed or here.fake.store.branch(BRANCH) == pushed[0]
            if number > 12:
                break


def test_a_killed_take_over_loses_no_commit(tmp_path):
    for number in itertools.count(1):
        with world(tmp_path / str(number), direct=True) as here:
            let_in(here)
            theirs = here.fake.store.branch(BRANCH)
            try:
                here.ensure(OWNED, transport=Interrupted(here.transport, number, _kill))
            except Killed:
                here.ensure(OWNED)
            else:
                break
            assert theirs in here.fake.store.ancestors(here.fake.store.branch(BRANCH))
            assert len(here.fake.open_pulls) == 1


def test_a_push_by_a_person_at_any_moment_survives(tmp_path):
    for number in itertools.count(1):
        with world(tmp_path / str(number), direct=True) as here:
            opened(here)
            pushed = []
            event = partial(_push, here, pushed)
            here.ensure(CHANGED, transport=Interrupted(here.transport, number, event))
            for theirs in pushed:
                assert theirs in here.fake.store.ancestors(here.fake.store.branch(BRANCH))
                assert here.proposed() == '{"Statement": ["mine"]}\n'
            if not pushed:
                break


WORDS = (
    '{"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}'
)
FAILURES = {
    "502": Reply(502, {}, '{"message": "Server Error"}'),
    "503": Reply(503, {}, "<html>Unicorn!</html>"),
    "504": Reply(504, {}, ""),
    "dropped": Reply(UNREACHABLE, {}, ""),
}
LIMITS = {
    "429": Reply(429, {"retry-after": "17"}, "{}"),
    "403 retry-after": Reply(403, {"retry-after": "17"}, WORDS),
    "403 secondary": Reply(403, {}, WORDS),
    "403 primary": Reply(403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1790000060"}, "{}"),
}
CASES = [(name, reply, done) for name, reply in FAILURES.items() for done in (False, True)]
CASES += [(name, reply, False) for name, reply in LIMITS.items()]


@pytest.mark.parametrize(
    ("name", "reply", "carried_out"), CASES, ids=[f"{name} {done}" for name, _, done in CASES]
)
def test_a_fault_at_any_request_of_a_first_run(tmp_path, name, reply, carried_out):
    for number in range(1, 14):
        with world(tmp_path / str(number), direct=True) as here:
            faulty = Faulty(here.transport, number, reply, carried_out=carried_out)
            assert here.ensure(OWNED, transport=faulty).kind is OPENED
            check(here, SCENARIOS[0])
            if name == "403 secondary" and number < 12:
                assert max(here.clock.slept) >= 60
            if "17" in reply.headers.values() and number < 12:
                assert max(here.clock.slept) >= 17


def test_a_fault_never_makes_a_second_comment(tmp_path):
    for number in range(1, 12):
        with world(tmp_path / str(number), direct=True) as here:
            edited_by_a_person(here)
            faulty = Faulty(here.transport, number, FAILURES["502"], carried_out=True)
            here.ensure(CHANGED, transport=faulty)
            assert len(here.fake.said_on(1)) == 1


def test_a_limit_beyond_patience_ends_the_run_without_further_requests(tmp_path):
    with world(tmp_path, direct=True) as here:
        later = str(int(here.clock.time) + 3_000)
        reply = Reply(403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": later}, "{}")
        publisher = here.publisher(transport=Faulty(here.transport, 6, reply, carried_out=False))
        here.fake.forget()
        outcome = publisher.ensure(OWNED, TEXT)
        assert outcome.kind is FAILED
        assert "3001 seconds" in outcome.why
        made = len(here.fake.calls)
        assert publisher.ensure(OWNED, TEXT).kind is FAILED
        assert len(here.fake.calls) == made
        assert here.ensure(OWNED, now=days(1)).kind is OPENED


def _kill():
    raise Killed


def _run_the_other(here, proposal, seen):
    seen.append(act(here, proposal))


def _push(here, seen):
    seen.append(here.fake.push(BRANCH, {f"policies/{FILE}": '{"Statement": ["mine"]}\n'}))


def _push_if_there(here, seen):
    # Between the last look and the deletion GitHub has no compare-and-swap: that gap is one request wide.
    is_looked_at = here.fake.calls[-1].path.endswith("payments-api") and here.fake.calls[-1].method == "GET"
    if here.fake.store.branch(BRANCH) and not is_looked_at:
        _push(here, seen)
