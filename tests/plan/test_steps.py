"""Moves -> calls: which versions go, and which a way back still needs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from leastwise.iam.document import parse
from leastwise.model.plan import Operation
from leastwise.plan.planned import of_sides
from tests.builders import allow, policy
from tests.plan.held import both_sides, managed

READ, QUEUE = allow("s3:GetObject", "*"), allow("sqs:SendMessage", "*")
FIVE = ("v2", "v3", "v4", "v5", "v6")


def swapped(default, returns_to=""):
    """Two policies change places, each full of versions; ``returns_to``: a rollback, to that version."""
    one, other = (
        replace(managed(name, what, versions=FIVE), version=default)
        for name, what in (("a", READ), ("b", QUEUE))
    )
    after = [
        replace(was, text=policy(what), document=parse(policy(what)), version=returns_to)
        for was, what in ((one, QUEUE), (other, READ))
    ]
    return of_sides(both_sides([one, other], after), writable=True).plan


def deleted(plan):
    return [step.version for step in plan.steps if step.operation is Operation.DELETE_VERSION]


@pytest.mark.parametrize("default", FIVE)
def test_what_was_the_default_before_the_plan_is_still_there_after_a_bridge(default):
    """A bridge makes two new versions of one policy: neither of them is what a rollback returns to."""
    plan = swapped(default)
    assert len(deleted(plan)) == 3
    assert default not in deleted(plan)


@pytest.mark.parametrize(("default", "back"), [(a, b) for a in FIVE for b in FIVE if a != b])
def test_a_version_that_a_later_step_returns_to_is_not_deleted_for_a_bridge(default, back):
    plan = swapped(default, back)
    returned = [step.version for step in plan.steps if step.operation is Operation.SET_DEFAULT]
    assert returned == [back, back]
    assert back not in deleted(plan)
    assert default not in deleted(plan)
