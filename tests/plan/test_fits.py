"""What a kept plan must be: about its principal's policies, and from what is live to what is committed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from leastwise.iam.document import parse
from leastwise.model.plan import ATTACHED, Operation, PolicyChange, Step
from leastwise.plan.fits import FOREIGN, misfits, uncommitted
from leastwise.plan.planned import of_sides
from tests.builders import FOLDER, allow, policy
from tests.plan.held import ARN, aws, both_sides, inline, managed

READ, WRITE = allow("s3:GetObject"), allow(["s3:GetObject", "s3:PutObject"])
QUEUE = allow("sqs:SendMessage")
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
SHARED = "shared/logging.json"


def changed(was, *statements):
    text = policy(*statements)
    return replace(was, text=text, document=parse(text))


MAIN = managed("main", WRITE)
TIGHTENED = both_sides([MAIN], [changed(MAIN, READ)])
PLAN = of_sides(TIGHTENED, writable=True).plan


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([MAIN], [changed(MAIN, READ)]),
        ([managed("a", READ), managed("b", QUEUE)], [managed("a", QUEUE), managed("b", READ)]),
        ([aws("PowerUserAccess", WRITE), inline("old", QUEUE)], [inline("new", QUEUE), managed("x", READ)]),
        ([managed("x", READ), inline("a", WRITE)], [inline("a", READ)]),
        ([], [aws("ReadOnly", READ)]),
        ([replace(managed("x", READ), attached=False, attachments=0)], [managed("x", QUEUE)]),
    ],
)
def test_what_leastwise_plans_fits_and_ends_in_what_is_committed(before, after):
    both = both_sides(before, after)
    plan = of_sides(both, writable=True).plan
    assert misfits(plan, both) == ()
    assert uncommitted(plan, both) == ()


def both_with(**changes):
    """The same two sides, with the policy that is live changed meanwhile."""
    return both_sides([replace(MAIN, **changes)], [changed(MAIN, READ)])


@pytest.mark.parametrize(
    "changes",
    [
        {"arn": ARN + "team/main"},
        {"attachments": 2},
        {"attachments": 1, "attached": False},
        {"boundaries": 1},
    ],
)
def test_a_policy_that_is_another_or_somebody_elses_too_by_now_is_not_written(changes):
    assert misfits(PLAN, both_with(**changes)) == (f"{FOLDER}/main.json: {MAIN.arn} {FOREIGN}",)


def attaching(path, name, arn, operation=Operation.ATTACH):
    step = Step(operation, "iam:AttachRolePolicy", path, name, arn, before=None, after=ATTACHED)
    return replace(PLAN, steps=(step,), changes=(PolicyChange(path, name, arn, None, None, False, True),))


@pytest.mark.parametrize(
    ("path", "name", "arn"),
    [
        ("aws/PowerUserAccess.json", "AdministratorAccess", ADMINISTRATOR),
        (SHARED, "logging", ADMINISTRATOR),
        (SHARED, "logging", "arn:aws:iam::999999999999:policy/logging"),
        (SHARED, "logging", ARN + "other"),
    ],
)
def test_what_is_attached_is_what_its_path_says(path, name, arn):
    assert misfits(attaching(path, name, arn), TIGHTENED) == (f"{path}: {arn} {FOREIGN}",)
    assert misfits(attaching(SHARED, "logging", ARN + "team/logging"), TIGHTENED) == ()


def test_steps_come_to_what_is_said_of_each_policy():
    (step,), (change,) = PLAN.steps, PLAN.changes
    says_nothing = replace(PLAN, steps=(replace(step, after=step.before),))
    detaches = replace(PLAN, changes=(replace(change, attached_after=False),))
    for plan in (says_nothing, detaches, replace(PLAN, steps=())):
        assert misfits(plan, TIGHTENED) == (f"{FOLDER}/main.json: its steps do not come to what it says",)


def test_a_plan_begins_where_it_says():
    (change,) = PLAN.changes
    begins = f"{FOLDER}/main.json: before the first step it is not what the plan says"
    for other in (replace(change, before=policy(QUEUE)), replace(change, attached_before=False)):
        assert misfits(replace(PLAN, changes=(other,)), TIGHTENED) == (begins,)


def test_what_is_committed_by_now_is_another():
    assert uncommitted(PLAN, both_sides([MAIN], [changed(MAIN, QUEUE)])) == (f"{FOLDER}/main.json",)
    assert uncommitted(PLAN, both_sides([MAIN], [])) == (f"{FOLDER}/main.json",)
    gone = of_sides(both_sides([MAIN], []), writable=True).plan
    assert uncommitted(gone, TIGHTENED) == (f"{FOLDER}/main.json",)
