"""A fingerprint stands for everything that a plan does, and to what."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from leastwise.model.plan import Fact, Operation, Part, Plan, PolicyChange, Step
from leastwise.plan.fingerprint import fingerprint, is_genuine
from tests.builders import allow, policy

OLD, NEW = policy(allow("s3:*")), policy(allow("s3:GetObject"))
FACT = Fact("main.json", Part.TEXT, OLD)
STEP = Step(
    Operation.SET_DEFAULT, "iam:SetDefaultPolicyVersion", "main.json", "main", "arn:x", "v1", OLD, NEW
)
CHANGE = PolicyChange("main.json", "main", "arn:x", OLD, NEW, True, True, "v2")
PLAN = Plan("role", (FACT,), (STEP,), (CHANGE,), "")
OTHER = {
    "operation": Operation.ADD_VERSION,
    "part": Part.ATTACHMENT,
    "attached_before": False,
    "attached_after": False,
    "before": policy(allow("sqs:*")),
    "after": policy(allow("sqs:*")),
}


def of(plan):
    return fingerprint(plan.principal, plan.before, plan.steps, plan.changes)


def with_other(value, name):
    return replace(value, **{name: OTHER.get(name, "other")})


def changed():
    """The plan with one thing of it changed, for each thing."""
    yield replace(PLAN, principal="another")
    for name in ("path", "part", "value"):
        yield replace(PLAN, before=(with_other(FACT, name),))
    for field in fields(Step):
        if field.name != "is_bridge":  # follows from the texts
            yield replace(PLAN, steps=(with_other(STEP, field.name),))
    for field in fields(PolicyChange):
        yield replace(PLAN, changes=(with_other(CHANGE, field.name),))


@pytest.mark.parametrize("other", list(changed()))
def test_whatever_is_another_makes_another_fingerprint(other):
    assert of(other) != of(PLAN)
    assert not is_genuine(replace(other, fingerprint=of(PLAN)))


def test_the_order_of_steps_counts_and_formatting_does_not():
    other = replace(STEP, name="other")
    assert of(replace(PLAN, steps=(STEP, other))) != of(replace(PLAN, steps=(other, STEP)))
    spread = replace(STEP, after=NEW.replace(" ", "\n  "))
    assert of(replace(PLAN, steps=(spread,))) == of(PLAN)
    assert is_genuine(replace(PLAN, fingerprint=of(PLAN)))
