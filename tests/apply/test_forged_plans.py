"""Plans that somebody made up, with a fingerprint that fits: in the file of ``--plan``, or in the journal."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from leastwise.apply.journal import Journal
from leastwise.errors import PlanError
from leastwise.model.journal import AppliedRecord, Kind
from leastwise.model.plan import ATTACHED, Operation, PolicyChange, Step
from leastwise.plan.file import plan_text, read_plans
from leastwise.plan.fingerprint import fingerprint
from leastwise.store.generations import Generations
from leastwise.store.objects import FolderObjects
from tests.apply.test_interrupted import SetWorld
from tests.builders import allow, policy
from tests.plan.world import ARN, FOLDER
from tests.scratch_git import git

READ = allow("s3:GetObject", "arn:aws:s3:::b/*")
WRITE = allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::b/*")
EVIL = policy(allow("*"))
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
FOREIGN = "arn:aws:iam::123456789012:policy/foreign"


def true_plan(world):
    """The plan that leastwise makes of a tightening."""
    world.live("main", WRITE)
    world.commit("main", READ)
    file = world.root / "plan.json"
    world.run("plan", "--out", str(file))
    return read_plans(file.read_text(), "plan.json").plans[0]


def forged(plan, **changed):
    """With a fingerprint of its own."""
    new = replace(plan, **changed)
    return replace(new, fingerprint=fingerprint(new.principal, new.before, new.steps, new.changes))


def other_text(plan):
    (step,), (change,) = plan.steps, plan.changes
    return forged(plan, steps=(replace(step, after=EVIL),), changes=(replace(change, after=EVIL),))


def other_text_on_the_way(plan):
    (step,) = plan.steps
    evil = replace(step, after=EVIL, is_bridge=True)
    return forged(plan, steps=(evil, replace(step, before=EVIL)))


def other_text_than_it_says(plan):
    (step,) = plan.steps
    return forged(plan, steps=(replace(step, after=EVIL),))


def other_policy(plan):
    (step,), (change,) = plan.steps, plan.changes
    return forged(plan, steps=(replace(step, arn=FOREIGN),), changes=(replace(change, arn=FOREIGN),))


def other_policy_of_a_new_name(plan):
    path = f"{FOLDER}/foreign.json"
    step = Step(
        Operation.ADD_VERSION, "iam:CreatePolicyVersion", path, "foreign", FOREIGN, before=None, after=EVIL
    )
    change = PolicyChange(path, "foreign", FOREIGN, None, EVIL, False, False)
    return forged(plan, steps=(*plan.steps, step), changes=(*plan.changes, change))


def other_account(plan):
    (step,), (change,) = plan.steps, plan.changes
    arn = step.arn.replace("123456789012", "999999999999")
    return forged(plan, steps=(replace(step, arn=arn),), changes=(replace(change, arn=arn),))


def administrator(plan):
    path, name = "aws/AdministratorAccess.json", "AdministratorAccess"
    step = Step(
        Operation.ATTACH, "iam:AttachRolePolicy", path, name, ADMINISTRATOR, before=None, after=ATTACHED
    )
    change = PolicyChange(path, name, ADMINISTRATOR, None, None, False, True)
    return forged(plan, steps=(*plan.steps, step), changes=(*plan.changes, change))


def administrator_for_a_moment(plan):
    path, name = "aws/AdministratorAccess.json", "AdministratorAccess"
    come = Step(
        Operation.ATTACH, "iam:AttachRolePolicy", path, name, ADMINISTRATOR, before=None, after=ATTACHED
    )
    go = replace(come, operation=Operation.DETACH, before=ATTACHED, after=None)
    return forged(plan, steps=(come, *plan.steps, go))


def extra_inline(plan):
    path = f"{FOLDER}/inline/extra.json"
    step = Step(Operation.PUT_INLINE, "iam:PutRolePolicy", path, "extra", before=None, after=EVIL)
    change = PolicyChange(path, "extra", "", None, EVIL, False, True)
    return forged(plan, steps=(*plan.steps, step), changes=(*plan.changes, change))


def another_version_to_be_deleted(plan):
    (step,) = plan.steps
    gone = replace(
        step, operation=Operation.DELETE_VERSION, arn=FOREIGN, version="v1", before=None, after=None
    )
    return forged(plan, steps=(gone, step))


FORGERIES = [
    other_text,
    other_text_on_the_way,
    other_text_than_it_says,
    other_policy,
    other_policy_of_a_new_name,
    other_account,
    administrator,
    administrator_for_a_moment,
    extra_inline,
    another_version_to_be_deleted,
]


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_a_plan_that_was_made_up_is_not_carried_out(world, forge):
    """Neither from a file nor from the journal, which lies on a branch that others may push to."""
    world.iam.create_policy(PolicyName="foreign", PolicyDocument=policy(READ))
    plan = forge(true_plan(world))
    file, state = world.root / "forged.json", world.root / "state"
    file.write_text(plan_text([plan], ""))
    shelf = Generations(FolderObjects(state / "applied"), "state")
    began = datetime(2026, 11, 23, tzinfo=UTC)
    Journal(shelf, pytest.fail).write(AppliedRecord(Kind.APPLY, plan, "", 0, "somebody", began))
    for place in (["--plan", str(file)], ["--state", str(state)]):
        with pytest.raises(PlanError, match="nothing was written"):
            world.run("apply", plan.fingerprint, *place)
    assert world.holds() == {"main": [WRITE]}
    told = world.iam.list_policy_versions(PolicyArn=FOREIGN)["Versions"]
    assert [each["VersionId"] for each in told] == ["v1"]


def test_what_stays_as_it_is_says_nothing_else_for_a_moment(world):
    """A plan that says that the policy was something else before, and so may be again on the way."""
    arn = world.live("same", READ)
    world.commit("same", READ)
    plan, path, there = true_plan(world), f"{FOLDER}/same.json", policy(READ)
    wider = Step(Operation.ADD_VERSION, "iam:CreatePolicyVersion", path, "same", arn, "", there, EVIL)
    back = replace(wider, before=EVIL, after=there)
    change = PolicyChange(path, "same", arn, EVIL, there, True, True, "v1")
    made_up = forged(plan, steps=(wider, *plan.steps, back), changes=(*plan.changes, change))
    file = world.root / "plan.json"
    file.write_text(plan_text([made_up], ""))
    with pytest.raises(PlanError, match="before the first step it is not what the plan says"):
        world.run("apply", made_up.fingerprint, "--plan", str(file))
    assert world.versions(arn) == ["v1"]


def test_another_permission_set_is_not_provisioned(world, monkeypatch):
    engineer = SetWorld(world, monkeypatch)
    engineer.commit("main", READ)
    file = world.root / "plan.json"
    world.run("plan", "--out", str(file))
    (plan,) = read_plans(file.read_text(), "plan.json").plans
    provision = replace(plan.steps[-1], arn=plan.steps[-1].arn[:-1] + "f")
    made_up = forged(plan, steps=(*plan.steps[:-1], provision))
    file.write_text(plan_text([made_up], ""))
    with pytest.raises(PlanError, match="is not the principal's to change"):
        world.run("apply", made_up.fingerprint, "--plan", str(file))
    assert not engineer.held.inline


def test_the_plan_of_another_commit_is_not_applied_and_not_written_down_as_of_this_one(world):
    world.live("main", WRITE)
    world.commit("main", READ)
    git(world.root, "init", "-q")
    git(world.root, "add", "policies", "principals.yaml")
    git(world.root, "commit", "-qm", "Tighten")
    file = world.root / "plan.json"
    world.run("plan", "--out", str(file))
    world.commit("main", WRITE)
    git(world.root, "commit", "-qam", "Revert")
    found = json.loads(file.read_text())["plans"][0]["fingerprint"]
    with pytest.raises(PlanError, match=r"is the plan of commit [0-9a-f]{12}, and here is commit"):
        world.run("apply", "--plan", str(file), found)
    assert world.holds() == {"main": [WRITE]}


def test_what_one_verb_began_the_other_does_not_go_on_with(world):
    """A plan's fingerprint does not say which verb shows it."""
    state = ["--state", str(world.root / "state")]
    world.live("main", WRITE)
    world.commit("main", READ)
    forward = world.plan()["fingerprint"]
    world.run("apply", forward, *state, exit_code=0)
    (shown,) = json.loads(world.run("rollback", ARN, "--format", "json", *state))["principals"]
    with pytest.raises(PlanError, match="is no plan"):
        world.run("apply", shown["fingerprint"], *state)
    world.run("rollback", ARN, shown["fingerprint"], *state, exit_code=0)
    with pytest.raises(PlanError, match="is no plan"):
        world.run("apply", shown["fingerprint"], *state)
    with pytest.raises(PlanError, match="is not the way back"):
        world.run("rollback", ARN, forward, *state)
    assert world.holds() == {"main": [WRITE]}
