"""Every fault at every call, whatever is written: what is kept stays, and the next runs come to the end."""

from __future__ import annotations

import pytest

from leastwise.aws.caller import ATTEMPTS
from leastwise.errors import PlanError
from tests.apply.faults import faulty, refused
from tests.apply.test_interrupted import GET, POWER, PUT, READ_QUEUE, SEND, SetWorld, allowed, committed
from tests.builders import policy
from tests.fakes.iam_account import aws_managed

pytestmark = pytest.mark.whole


class Managed:
    """Two that are full of versions swap over a bridge, one is new, and one goes."""

    def __init__(self, world):
        self.world = world
        for name, statement in (("a", GET), ("b", SEND)):
            arn = world.live(name, statement)
            for _ in range(3):
                world.version(arn, statement, READ_QUEUE)
            world.version(arn, statement)
        world.live("old", READ_QUEUE)
        world.commit("a", SEND)
        world.commit("b", GET)
        world.commit("new", READ_QUEUE, PUT)

    def places(self):
        return [allowed(self.world.holds())]

    def end(self):
        return [allowed(committed(self.world))]


class Inline(Managed):
    """Two inline policies that swap, one that comes and one that goes."""

    def __init__(self, world):
        self.world = world
        for name, statement in (("a", GET), ("b", SEND), ("old", READ_QUEUE)):
            world.inline(name, statement)
        world.commit("inline/a", SEND)
        world.commit("inline/b", GET)
        world.commit("inline/new", READ_QUEUE)


class PermissionSet:
    """An inline policy in place of AWS's own and of a reference; two accounts."""

    def __init__(self, world, monkeypatch):
        self.engineer = SetWorld(world, monkeypatch)
        held = self.engineer.held
        held.managed, held.inline = [aws_managed("PowerUserAccess", POWER)], policy(PUT)
        held.references = [("logging", "/team/")]
        self.engineer.center.settle()
        self.engineer.commit("main", GET)
        self.engineer.commit("queues", SEND)

    def places(self):
        return self.engineer.everywhere()

    def end(self):
        return [allowed({"after": [GET, SEND]})] * 2


FORMS = {"managed": Managed, "inline": Inline, "permission set": PermissionSet}
EACH_ONCE = range(0, 60, 2)
"""Numbers of calls: each call is at fault once, if it is made again after a fault."""


@pytest.fixture(params=FORMS)
def form(request, world, monkeypatch):
    make = FORMS[request.param]
    return make(world, monkeypatch) if make is PermissionSet else make(world)


@pytest.fixture
def tried(world, form):
    """Runs the same plan with faults until it is done; what is kept is there after every write."""
    before, end = form.places(), form.end()
    kept = [was & will for was, will in zip(before, end, strict=True)]
    plan = world.plan()
    again = ["apply", plan["fingerprint"], "--state", str(world.root / "state")]

    def check():
        assert all(need <= held for need, held in zip(kept, form.places(), strict=True))

    def run(most, faults):
        ended = 0
        for number in range(most):
            with faulty(**faults(number), watch=check) as seen:
                try:
                    world.run(*again)
                    ended += 1
                except PlanError:
                    assert not ended
            if not seen.seen:
                break
        assert form.places() == end
        assert not world.plan()["differs"]
        return len(plan["steps"])

    return run


def test_every_call_is_refused_once_and_each_run_goes_one_further(tried):
    """The first call of all, and then the second of each run, which is the next that was never made.

    That runs are killed after each call is told in ``test_interrupted``.
    """
    steps = tried(40, lambda run: {"at": {int(run > 0): refused()}})
    assert steps >= 4


@pytest.mark.parametrize("first", [0, 1])
def test_the_answer_of_every_call_is_lost_once(tried, first):
    lost = {number + first: refused("Unreachable") for number in EACH_ONCE}
    tried(2, lambda run: {"after": lost} if run == 0 else {})


def test_every_call_is_throttled_once(tried):
    tried(2, lambda run: {"at": dict.fromkeys(EACH_ONCE, refused("Throttling"))} if run == 0 else {})


def test_throttling_without_end_stops_half_way_and_the_next_run_ends_it(tried):
    without_end = dict.fromkeys(range(2, 2 + ATTEMPTS), refused("Throttling"))
    tried(3, lambda run: {"at": without_end} if run == 0 else {})
