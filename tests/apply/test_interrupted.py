"""``apply`` dies after each write and is run again: it ends as declared, and nothing kept is ever missing."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest

from leastwise.aws.sessions import Aws
from leastwise.errors import PlanError
from leastwise.iam.document import parse
from leastwise.iam.evaluate import Decision, evaluate_both
from leastwise.iam.request import Request
from tests.apply.faults import Killed, faulty, refused
from tests.builders import allow, policy
from tests.fakes.aws_wire import Wire
from tests.fakes.iam_account import aws_managed
from tests.fakes.identity_center import FakeIdentityCenter

pytestmark = pytest.mark.whole

GET, PUT = allow("s3:GetObject", "arn:aws:s3:::b/*"), allow("s3:PutObject", "arn:aws:s3:::b/*")
SEND, READ_QUEUE = allow("sqs:SendMessage"), allow("sqs:ReceiveMessage")
POWER = allow(["s3:*", "sqs:*"])
NO_QUEUE = {"Effect": "Deny", "Action": "sqs:SendMessage", "Resource": "*"}
ASKED = [
    Request(action, resource, {}, closed=True)
    for action in ("s3:GetObject", "s3:PutObject", "sqs:SendMessage", "sqs:ReceiveMessage")
    for resource in ("arn:aws:s3:::b/x", "arn:aws:sqs:eu-west-1:123456789012:q")
]


def tighten(world):
    world.live("main", GET, PUT)
    world.commit("main", GET)


def initial_in_place_of_the_trial(world):
    world.attach(aws_managed("PowerUserAccess", POWER))
    world.commit("main", GET)
    world.commit("inline/extra", SEND, NO_QUEUE)


def inline_becomes_managed(world):
    world.inline("old", GET, SEND)
    world.commit("main", GET)


def managed_becomes_inline(world):
    arn = world.live("old", GET, SEND)
    world.version(arn, GET, READ_QUEUE)
    world.commit("inline/new", GET, READ_QUEUE)


def over_a_bridge(world):
    world.live("a", GET)
    world.live("b", SEND)
    world.live("c", READ_QUEUE, PUT)
    world.commit("a", SEND)
    world.commit("b", READ_QUEUE)
    world.commit("c", GET)


def five_versions(world):
    arn = world.live("main", GET)
    for number in range(4):
        world.version(arn, GET, allow("s3:PutObject", f"arn:aws:s3:::{number}"))
    world.live("other", SEND)
    world.commit("main", GET, SEND)
    world.commit("other", PUT)


def a_deny_comes_and_a_policy_is_shared(world):
    world.live("logging", READ_QUEUE, attach=())
    world.live("main", GET, SEND, READ_QUEUE)
    world.commit("shared/logging", READ_QUEUE)
    world.commit("main", GET, SEND)
    world.commit("guard", NO_QUEUE)
    world.declare(attached=["shared/logging.json"])


STORIES = [
    tighten,
    initial_in_place_of_the_trial,
    inline_becomes_managed,
    managed_becomes_inline,
    over_a_bridge,
    five_versions,
    a_deny_comes_and_a_policy_is_shared,
]


def allowed(held):
    """Which of the requests policies allow; ``held``: name -> statements."""
    documents = [parse(policy(*statements)) for statements in held.values()]
    return {
        number
        for number, request in enumerate(ASKED)
        if evaluate_both(documents, request).decision is Decision.ALLOW
    }


def committed(world):
    files = (world.root / "policies").rglob("*.json")
    return {file.stem: json.loads(file.read_text())["Statement"] for file in files}


def until_done(apply, moment, most=30):
    """Run it again and again, killed after the first write of each run; what was held at each moment."""
    moments = []
    for _ in range(most):
        with faulty(after={0: Killed()}, watch=lambda: moments.append(moment())) as faults, suppress(Killed):
            apply()
        if not faults.seen:
            return moments
    raise AssertionError("it does not come to its end")


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_it_ends_as_declared_and_nothing_kept_is_ever_missing(world, story):
    story(world)
    before, after = world.holds(), committed(world)
    kept = allowed(before) & allowed(after)
    plan = world.plan()
    again = ["apply", plan["fingerprint"], "--state", str(world.root / "state")]
    moments = until_done(lambda: world.run(*again), lambda: allowed(world.holds()))
    assert len(moments) == len(plan["steps"])
    assert all(kept <= moment for moment in moments)
    assert world.holds() == after


@pytest.mark.parametrize(
    "story", [initial_in_place_of_the_trial, over_a_bridge], ids=lambda story: story.__name__
)
def test_without_a_journal_new_plans_end_as_declared_too(world, story):
    story(world)
    before, after = world.holds(), committed(world)
    kept = allowed(before) & allowed(after)

    def plan_and_apply():
        fingerprint = world.plan()["fingerprint"]
        if fingerprint:
            world.run("apply", fingerprint)

    moments = until_done(plan_and_apply, lambda: allowed(world.holds()))
    assert all(kept <= moment for moment in moments)
    assert world.holds() == after


def test_uninterrupted_it_makes_the_calls_of_the_plan_and_no_other(world):
    over_a_bridge(world)
    calls = world.calls()
    with faulty() as faults:
        world.run("apply", world.plan()["fingerprint"], exit_code=0)
    assert faults.seen == calls
    assert world.holds() == committed(world)


class SetWorld:
    """A permission set beside the files that declare it."""

    def __init__(self, world, monkeypatch):
        self.world, self.center = world, FakeIdentityCenter("DataEngineer")
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(world.root / "page.md"))
        session = Wire({"sso-admin": self.center.operations()}).session("eu-west-1")
        for module in ("plan", "writing"):
            monkeypatch.setattr(f"leastwise.verbs.{module}.Aws", lambda roles: Aws(roles, session=session))
        self.held = self.center.named("DataEngineer")
        entry = {"permission_set": "DataEngineer", "accounts": self.held.accounts, "ownership": "apply"}
        declared = {"version": 1, "principals": [entry]}
        (world.root / "principals.yaml").write_text(json.dumps(declared))

    def commit(self, name, *statements):
        file = self.world.root / "policies" / "permission-set" / "DataEngineer" / f"{name}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(policy(*statements))

    def everywhere(self):
        """What the role of each account allows."""
        return [allowed(self.statements(*held)) for held in self.held.provisioned.values()]

    def statements(self, inline, managed, _references):
        found = {"inline": json.loads(inline)["Statement"]} if inline else {}
        return {**found, **{arn: [POWER] for arn in managed}}


@pytest.fixture
def engineer(world, monkeypatch):
    return SetWorld(world, monkeypatch)


def test_a_permission_set_ends_as_declared_in_every_account(engineer, world):
    engineer.held.managed = [aws_managed("PowerUserAccess", POWER)]
    engineer.center.settle()
    engineer.commit("main", GET)
    engineer.commit("queues", SEND)
    kept = allowed({"after": [GET, SEND]})
    again = ["apply", world.plan()["fingerprint"], "--state", str(world.root / "state")]
    moments = until_done(lambda: world.run(*again), engineer.everywhere)
    assert all(kept <= account for moment in moments for account in moment)
    assert engineer.everywhere() == [kept, kept]
    assert engineer.held.managed == []


def test_a_provisioning_that_fails_is_told_with_its_reason_and_made_good_later(engineer, world):
    engineer.commit("main", GET)
    engineer.center.ends = ["the policy logging is missing in account 444455556666"]
    again = ["apply", world.plan()["fingerprint"], "--state", str(world.root / "state")]
    with faulty(), pytest.raises(PlanError) as caught:
        world.run(*again)
    assert "give the same fingerprint again" in str(caught.value)
    assert engineer.everywhere() == [set(), set()]
    with faulty():
        output = world.run(*again, exit_code=0)
    assert "2 of 2 calls done, 1 of them before this run" in output
    assert engineer.everywhere() == [allowed({"after": [GET]})] * 2


def test_a_provisioning_that_hangs_is_given_up_after_a_while(engineer, world):
    engineer.commit("main", GET)
    engineer.center.ends = [None]
    fingerprint = world.plan()["fingerprint"]
    with faulty(), pytest.raises(PlanError):
        world.run("apply", fingerprint, "--state", str(world.root / "state"))
    assert "still in progress after 900 seconds" in (world.root / "page.md").read_text()


def test_what_was_just_written_is_provisioned_though_nobody_is_said_to_be_behind_yet(engineer, world):
    engineer.commit("main", GET)
    engineer.center.is_slow = True
    fingerprint = world.plan()["fingerprint"]
    with faulty():
        output = world.run("apply", fingerprint, exit_code=0)
    assert "2 of 2 calls done\n" in output
    assert engineer.everywhere() == [allowed({"after": [GET]})] * 2


def test_another_provisioning_is_waited_for(engineer, world):
    engineer.commit("main", GET)
    fingerprint = world.plan()["fingerprint"]
    with faulty(at={1: refused("ConflictException"), 2: refused("ConflictException")}) as faults:
        world.run("apply", fingerprint, exit_code=0)
    assert faults.seen.count("ProvisionPermissionSet") == 3
    assert engineer.everywhere() == [allowed({"after": [GET]})] * 2
