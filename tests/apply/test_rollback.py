"""``leastwise rollback``: shown first, done by its fingerprint, and git is left to people."""

from __future__ import annotations

import json

import pytest

from leastwise.apply.journal import Journal
from leastwise.errors import PlanError
from leastwise.store.generations import Generations
from leastwise.store.objects import FolderObjects
from tests.apply.faults import Killed, faulty
from tests.apply.test_interrupted import SetWorld
from tests.builders import allow, policy
from tests.fakes.iam_account import aws_managed
from tests.plan.world import ARN, FOLDER
from tests.scratch_git import git

READ = allow("s3:GetObject", "arn:aws:s3:::b/*")
WRITE = allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::b/*")
QUEUE = allow("sqs:SendMessage")
POWER = allow(["s3:*", "sqs:*"])


@pytest.fixture
def state(world):
    return ["--state", str(world.root / "state")]


def apply(world, state):
    world.run("apply", world.plan()["fingerprint"], *state, exit_code=0)


def tighten_by_pull_request(world, state):
    world.live("main", WRITE)
    world.commit("main", READ)
    git(world.root, "init", "-q")
    git(world.root, "add", "policies", "principals.yaml")
    git(world.root, "commit", "-qm", "Tighten (#41)")
    apply(world, state)


def way_back(world, *options):
    (found,) = json.loads(world.run("rollback", ARN, "--format", "json", *options))["principals"]
    return found


def test_the_version_before_comes_back_and_is_shown_first(world, state):
    arn = world.live("main", WRITE)
    world.commit("main", READ)
    apply(world, state)
    shown = world.run("rollback", ARN, *state, exit_code=1)
    assert "becomes allowed: for example s3:PutObject on arn:aws:s3:::b/" in shown
    assert "nothing is no longer allowed: proved" in shown
    assert f"1. iam:SetDefaultPolicyVersion {arn} v1 ({FOLDER}/main.json)" in shown
    assert world.holds() == {"main": [READ]}
    done = world.run("rollback", ARN, way_back(world, *state)["fingerprint"], *state, exit_code=0)
    assert "1 of 1 call done" in done
    assert "git says something else now" in done
    assert world.holds() == {"main": [WRITE]}
    assert world.versions(arn) == ["v1", "v2"]


def test_the_pull_request_to_revert_is_named(world, state):
    tighten_by_pull_request(world, state)
    fingerprint = way_back(world, *state)["fingerprint"]
    assert "revert pull request #41" in world.run("rollback", ARN, fingerprint, *state)


def test_without_its_fingerprint_or_with_another_nothing_is_done(world, state):
    world.live("main", WRITE)
    world.commit("main", READ)
    apply(world, state)
    with pytest.raises(PlanError, match="is not the way back"):
        world.run("rollback", ARN, "0" * 64, *state)
    assert world.holds() == {"main": [READ]}


def test_everything_that_one_apply_did_is_taken_back(world, state):
    world.attach(aws_managed("PowerUserAccess", POWER))
    world.inline("old", QUEUE)
    world.commit("main", READ)
    world.commit("inline/extra", READ)
    before = world.holds()
    apply(world, state)
    found = way_back(world, *state)
    assert (found["gains"]["any"], found["losses"]["any"]) == (True, False)
    world.run("rollback", ARN, found["fingerprint"], *state, exit_code=0)
    assert world.holds() == before


def test_a_policy_that_was_deleted_is_made_anew_where_it_was(world, state):
    arn = world.live("by-hand", QUEUE)
    world.live("main", READ)
    world.commit("main", READ)
    apply(world, state)
    assert set(world.holds()) == {"main"}
    world.run("rollback", ARN, way_back(world, *state)["fingerprint"], *state, exit_code=0)
    assert world.holds() == {"main": [READ], "by-hand": [QUEUE]}
    assert world.versions(arn) == ["v1"]


def test_any_version_that_is_there_can_be_named(world):
    arn = world.live("main", WRITE)
    world.version(arn, QUEUE)
    world.version(arn, READ)
    world.commit("main", READ)
    found = way_back(world, "--to", "v1")
    assert [step["version"] for step in found["steps"]] == ["v1"]
    world.run("rollback", ARN, found["fingerprint"], "--to", "v1", exit_code=0)
    assert world.holds() == {"main": [WRITE]}


def test_without_a_journal_the_only_policy_goes_to_the_version_before(world):
    arn = world.live("main", WRITE)
    world.version(arn, READ)
    world.commit("main", READ)
    assert [step["version"] for step in way_back(world)["steps"]] == ["v1"]


@pytest.mark.parametrize("option", [[], ["--to", "v1"]])
def test_of_several_policies_one_is_to_be_named(world, option):
    for name in ("a", "b"):
        world.version(world.live(name, WRITE), READ)
        world.commit(name, READ)
    with pytest.raises(PlanError, match=r"--to NAME=VERSION.*a has v1, v2; b has v1, v2"):
        world.run("rollback", ARN, *option)
    assert [step["name"] for step in way_back(world, "--to", "b=v1")["steps"]] == ["b"]


@pytest.mark.parametrize("option", [["--to", "v9"], ["--to", "other=v1"], []])
def test_what_is_not_there_is_named_with_what_is(world, option):
    world.live("main", READ)
    world.commit("main", READ)
    with pytest.raises(PlanError, match="main has v1"):
        world.run("rollback", ARN, *option)


def test_who_only_proposes_is_shown_the_way_and_not_led_it(world):
    world.version(world.live("main", WRITE), READ)
    world.commit("main", READ)
    world.declare(ownership="propose-only")
    found = way_back(world)
    assert (found["differs"], found["fingerprint"]) == (True, None)


def test_a_rollback_that_was_killed_goes_on(world, state):
    world.attach(aws_managed("PowerUserAccess", POWER))
    world.commit("main", READ)
    before = world.holds()
    apply(world, state)
    fingerprint = way_back(world, *state)["fingerprint"]
    with faulty(after={0: Killed()}), pytest.raises(Killed):
        world.run("rollback", ARN, fingerprint, *state)
    world.run("rollback", ARN, fingerprint, *state, exit_code=0)
    assert world.holds() == before


def test_an_apply_that_stopped_on_the_way_is_taken_back(world, state):
    world.attach(aws_managed("PowerUserAccess", POWER))
    world.commit("main", READ)
    before = world.holds()
    with faulty(after={1: Killed()}), pytest.raises(Killed):
        world.run("apply", world.plan()["fingerprint"], *state)
    world.run("rollback", ARN, way_back(world, *state)["fingerprint"], *state, exit_code=0)
    assert world.holds() == before


def test_a_permission_set_gets_its_inline_policy_back_everywhere(world, state, monkeypatch):
    engineer = SetWorld(world, monkeypatch)
    engineer.held.inline = policy(WRITE)
    engineer.center.settle()
    engineer.held.references = [("logging", "/team/")]
    engineer.center.settle()
    engineer.commit("main", READ)
    name = "permission-set/DataEngineer"
    with faulty():
        apply(world, state)
        assert engineer.held.references == []
        (found,) = json.loads(world.run("rollback", name, "--format", "json", *state))["principals"]
        world.run("rollback", name, found["fingerprint"], *state, exit_code=0)
    assert json.loads(engineer.held.inline) == json.loads(policy(WRITE))
    assert engineer.held.references == [("logging", "/team/")]
    assert all(
        json.loads(held[0]) == json.loads(policy(WRITE)) for held in engineer.held.provisioned.values()
    )


def test_what_is_taken_back_is_said_first(world, state):
    tighten_by_pull_request(world, state)
    first, *_ = world.run("rollback", ARN, *state, exit_code=1).splitlines()
    assert first.startswith("back to what was live before: ")
    assert "apply of commit" in first
    assert "(#41): done" in first
    assert world.run("rollback", ARN, "--to", "v1", *state).startswith("back to v1\n")
    assert world.run("rollback", ARN).startswith("back to the version before the default")


def test_what_was_rolled_back_is_not_brought_back_without_a_word(world, state):
    """The plan has the fingerprint that it had before, for it does the same to the same."""
    world.live("main", WRITE)
    world.commit("main", READ)
    first = world.plan()["fingerprint"]
    apply(world, state)
    assert not any("rollback" in note for note in world.plan(*state)["notes"])
    world.run("rollback", ARN, way_back(world, *state)["fingerprint"], *state, exit_code=0)
    told = world.plan(*state)
    assert told["fingerprint"] == first
    (note,) = told["notes"]
    assert "was brought back by a rollback on 20" in note
    assert "revert in git what was rolled back" in note
    assert note in world.run("plan", "--format", "markdown", *state).replace("\\", "")
    assert "was brought back by a rollback" in world.run("apply", first, *state, exit_code=0)
    assert world.holds() == {"main": [READ]}
    assert world.plan(*state)["notes"] == []


def test_a_version_of_a_policy_that_was_made_anew_is_not_taken_for_the_one_before(world, state):
    """AWS counts from v1 again: what stands under the old number may be anything."""
    world.live("main", WRITE)
    world.commit("main", READ)
    apply(world, state)
    arn = remade(world, QUEUE, READ)
    (step,) = way_back(world, *state)["steps"]
    assert step["call"] == "iam:CreatePolicyVersion"
    world.run("rollback", ARN, way_back(world, *state)["fingerprint"], *state, exit_code=0)
    assert world.holds() == {"main": [WRITE]}
    assert world.versions(arn) == ["v1", "v2", "v3"]


def test_a_policy_that_is_made_anew_before_the_step_ends_the_way_back(world, state):
    world.live("main", WRITE)
    world.commit("main", READ)
    apply(world, state)
    fingerprint = way_back(world, *state)["fingerprint"]
    with faulty(at={0: Killed()}), pytest.raises(Killed):
        world.run("rollback", ARN, fingerprint, *state)
    remade(world, QUEUE, READ)
    with pytest.raises(PlanError):
        world.run("rollback", ARN, fingerprint, *state)
    assert world.holds() == {"main": [READ]}
    assert "says something else than the plan" in journal_of(world).steps[0].why


def remade(world, *texts):
    """Somebody deletes the policy and makes one of the same name, version after version."""
    (row,) = world.iam.list_attached_role_policies(RoleName="payments-api")["AttachedPolicies"]
    world.iam.detach_role_policy(RoleName="payments-api", PolicyArn=row["PolicyArn"])
    world.iam.delete_policy(PolicyArn=row["PolicyArn"])
    arn = world.live("main", texts[0])
    for text in texts[1:]:
        world.version(arn, text)
    return arn


def journal_of(world):
    shelf = Generations(FolderObjects(world.root / "state" / "applied"), "state")
    return Journal(shelf, pytest.fail).of(ARN)[-1]
