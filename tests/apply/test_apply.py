"""``leastwise apply``: exactly what was planned, nothing else, and every fault named."""

from __future__ import annotations

import json

import pytest

from leastwise.apply.journal import Journal
from leastwise.apply.journal_files import ASIDE, name_of
from leastwise.aws.caller import ATTEMPTS
from leastwise.errors import PlanError
from leastwise.store.generations import Generations
from leastwise.store.objects import FolderObjects
from tests.apply.faults import Killed, faulty, refused
from tests.builders import allow
from tests.fakes.iam_account import aws_managed
from tests.plan.world import FOLDER, NAME
from tests.scratch_git import git

READ = allow("s3:GetObject", "arn:aws:s3:::b/*")
WRITE = allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::b/*")
GET_BOTH = allow("s3:GetObject", ["arn:aws:s3:::b/*", "arn:aws:s3:::c/*"])
QUEUE = allow("sqs:SendMessage", "*")


def tightening(world):
    arn = world.live("main", WRITE)
    world.commit("main", READ)
    return arn


def state(world):
    return ["--state", str(world.root / "state")]


def shelf(world):
    return Generations(FolderObjects(world.root / "state" / "applied"), "state")


def journal(world):
    """Every record that is kept, by reading it as the next run does."""
    return Journal(shelf(world), pytest.fail).of(f"arn:aws:iam::123456789012:role/{NAME}")


def test_nothing_is_applied_without_a_fingerprint(world):
    tightening(world)
    with pytest.raises(PlanError, match=f"without its fingerprint.*{world.plan()['fingerprint']}"):
        world.run("apply")
    assert world.holds() == {"main": [WRITE]}


def test_the_plan_that_was_reviewed_is_done(world):
    arn = tightening(world)
    output = world.run("apply", world.plan()["fingerprint"], exit_code=0)
    assert "1 of 1 call done" in output
    assert world.holds() == {"main": [READ]}
    assert world.versions(arn) == ["v1", "v2"]
    assert not world.plan()["differs"]


def test_an_unknown_fingerprint_is_refused_and_the_plan_of_now_is_shown(world):
    tightening(world)
    with pytest.raises(PlanError, match="0000 is no plan"):
        world.run("apply", "0000")
    assert world.holds() == {"main": [WRITE]}


def test_a_change_between_plan_and_apply_is_refused(world):
    arn = tightening(world)
    fingerprint = world.plan()["fingerprint"]
    world.version(arn, QUEUE)
    with pytest.raises(PlanError, match="is no plan"):
        world.run("apply", fingerprint)
    assert world.holds() == {"main": [QUEUE]}


@pytest.mark.parametrize("change", ["text", "attachment", "AWS managed", "inline"])
def test_a_change_between_plan_and_apply_is_refused_from_a_file_too(world, change):
    arn = tightening(world)
    file = str(world.root / "plan.json")
    world.run("plan", "--out", file)
    fingerprint = world.plan()["fingerprint"]
    if change == "text":
        world.version(arn, QUEUE)
    elif change == "attachment":
        world.live("by-hand", QUEUE)
    elif change == "AWS managed":
        world.attach(aws_managed("ReadOnly", QUEUE))
    else:
        world.inline("by-hand", QUEUE)
    before = world.holds()
    with pytest.raises(PlanError, match="changed since the plan"):
        world.run("apply", "--plan", file, fingerprint)
    assert world.holds() == before


def test_a_plan_file_that_was_edited_is_refused(world):
    tightening(world)
    file = world.root / "plan.json"
    world.run("plan", "--out", str(file))
    told = json.loads(file.read_text())
    fingerprint = told["plans"][0]["fingerprint"]
    told["plans"][0]["steps"][0]["after"] = json.dumps({"Version": "2012-10-17", "Statement": [QUEUE]})
    file.write_text(json.dumps(told))
    with pytest.raises(PlanError, match="not what its fingerprint says"):
        world.run("apply", "--plan", str(file), fingerprint)
    assert world.holds() == {"main": [WRITE]}


@pytest.mark.parametrize("text", ["", "[]", '{"plans": 1}', '{"commit": "", "plans": [], "version": 2}'])
def test_a_plan_file_that_is_none_is_named(world, text):
    tightening(world)
    (world.root / "plan.json").write_text(text)
    with pytest.raises(PlanError, match=r"plan\.json"):
        world.run("apply", "--plan", str(world.root / "plan.json"), "0")


def test_who_only_proposes_is_never_written(world):
    tightening(world)
    file = str(world.root / "plan.json")
    world.run("plan", "--out", file)
    fingerprint = world.plan()["fingerprint"]
    world.declare(ownership="propose-only")
    with pytest.raises(PlanError, match="not enrolled with `ownership: apply`"):
        world.run("apply", "--plan", file, fingerprint)
    assert world.holds() == {"main": [WRITE]}


def test_every_write_is_written_down(world, monkeypatch, tmp_path):
    page = tmp_path / "page.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    tightening(world)
    git(world.root, "init", "-q")
    git(world.root, "add", "-A")
    git(world.root, "commit", "-qm", "Tighten role payments-api (#41)")
    world.run("apply", world.plan()["fingerprint"], *state(world), exit_code=0)
    (record,) = journal(world)
    assert (record.pull, record.ending.value) == (41, "done")
    assert record.by == "arn:aws:sts::123456789012:user/moto"
    assert record.commit == git(world.root, "rev-parse", "HEAD").strip()
    assert dict(record.versions_after) == {f"{FOLDER}/main.json": "v2"}
    (change,) = record.plan.changes
    assert (json.loads(change.before)["Statement"], change.version_before) == ([WRITE], "v1")
    text = page.read_text()
    assert "pull request #41" in text
    assert "s3:PutObject" in text


def test_a_call_that_is_denied_stops_there_and_the_next_run_goes_on(world):
    world.attach(aws_managed("PowerUserAccess", allow(["s3:*", "sqs:*"])))
    world.commit("main", READ)
    fingerprint = world.plan()["fingerprint"]
    with faulty(at={1: refused()}), pytest.raises(PlanError, match="give the same fingerprint again"):
        world.run("apply", fingerprint, *state(world))
    assert set(world.holds()) == {"PowerUserAccess"}
    (record,) = journal(world)
    assert [step.outcome.value for step in record.steps] == ["done", "failed", "not tried"]
    assert "allow iam:AttachRolePolicy to the identity that leastwise runs as" in record.steps[1].why
    world.run("apply", fingerprint, *state(world), exit_code=0)
    assert set(world.holds()) == {"main"}
    assert [step.outcome.value for step in journal(world)[-1].steps] == ["already done", "done", "done"]


def test_without_a_journal_a_new_plan_goes_on(world):
    world.attach(aws_managed("PowerUserAccess", allow(["s3:*", "sqs:*"])))
    world.commit("main", READ)
    with faulty(at={1: refused()}), pytest.raises(PlanError):
        world.run("apply", world.plan()["fingerprint"])
    assert world.calls() == ["AttachRolePolicy", "DetachRolePolicy"]
    world.run("apply", world.plan()["fingerprint"], exit_code=0)
    assert set(world.holds()) == {"main"}


def test_throttling_is_waited_for(world):
    tightening(world)
    fingerprint = world.plan()["fingerprint"]
    with faulty(at=dict.fromkeys(range(3), refused("Throttling"))) as faults:
        world.run("apply", fingerprint, exit_code=0)
    assert faults.seen == ["CreatePolicyVersion"] * 4
    assert world.holds() == {"main": [READ]}


def test_throttling_without_end_is_a_stop(world):
    tightening(world)
    fingerprint = world.plan()["fingerprint"]
    with (
        faulty(at=dict.fromkeys(range(ATTEMPTS), refused("Throttling"))),
        pytest.raises(PlanError),
    ):
        world.run("apply", fingerprint)
    assert world.holds() == {"main": [WRITE]}


@pytest.mark.parametrize("number", range(3))
def test_a_lost_answer_is_asked_after_and_nothing_is_done_twice(world, number):
    world.attach(aws_managed("PowerUserAccess", allow(["s3:*", "sqs:*"])))
    world.commit("main", READ)
    fingerprint = world.plan()["fingerprint"]
    with faulty(after={number: refused("Unreachable")}):
        output = world.run("apply", fingerprint, exit_code=0)
    assert "3 of 3 calls done" in output
    assert set(world.holds()) == {"main"}


def test_a_policy_that_iam_does_not_know_everywhere_yet_is_waited_for(world):
    world.commit("main", READ)
    fingerprint = world.plan()["fingerprint"]
    with faulty(at={1: refused("NoSuchEntity"), 2: refused("NoSuchEntity")}) as faults:
        world.run("apply", fingerprint, exit_code=0)
    assert faults.seen == ["CreatePolicy", *["AttachRolePolicy"] * 3]


def test_somebody_who_interferes_on_the_way_stops_it(world):
    world.live("a", READ)
    arn = world.live("b", READ)
    world.commit("a", WRITE)
    world.commit("b", WRITE)
    fingerprint = world.plan()["fingerprint"]
    done = []

    def interfere():
        if not done:
            done.append(world.version(arn, QUEUE))

    with faulty(watch=interfere), pytest.raises(PlanError):
        world.run("apply", fingerprint, *state(world))
    assert world.holds() == {"a": [WRITE], "b": [QUEUE]}
    assert "somebody changed it since" in journal(world)[0].steps[1].why


def test_a_sixth_version_goes_in_and_the_last_good_one_stays(world):
    arn = world.live("main", WRITE)
    for number in range(4):
        world.version(arn, allow("s3:GetObject", f"arn:aws:s3:::{number}/*"))
    world.commit("main", READ)
    world.run("apply", world.plan()["fingerprint"], exit_code=0)
    assert world.versions(arn) == ["v2", "v3", "v4", "v5", "v6"]
    assert world.holds() == {"main": [READ]}


def test_a_version_limit_that_somebody_filled_meanwhile_is_said(world):
    tightening(world)
    fingerprint = world.plan()["fingerprint"]
    with faulty(at={0: refused("LimitExceeded")}), pytest.raises(PlanError):
        world.run("apply", fingerprint, *state(world))
    assert "make a new plan, which counts anew" in journal(world)[0].steps[0].why
    assert world.holds() == {"main": [WRITE]}


def test_a_run_that_was_killed_leaves_its_plan_to_the_next(world):
    world.attach(aws_managed("PowerUserAccess", allow(["s3:*", "sqs:*"])))
    world.commit("main", READ)
    fingerprint = world.plan()["fingerprint"]
    with faulty(at={2: Killed()}), pytest.raises(Killed):
        world.run("apply", fingerprint, *state(world))
    (record,) = journal(world)
    assert record.ending.value == "begun"
    output = world.run("apply", fingerprint, *state(world), exit_code=0)
    assert "3 of 3 calls done, 2 of them before this run" in output


def test_a_plan_that_is_done_may_be_asked_for_again_and_does_nothing(world):
    tightening(world)
    fingerprint = world.plan()["fingerprint"]
    world.run("apply", fingerprint, *state(world), exit_code=0)
    with faulty() as faults:
        output = world.run("apply", fingerprint, *state(world), exit_code=0)
    assert "1 of 1 call done, 1 of them before this run" in output
    assert faults.seen == []


def test_a_plan_of_another_commit_is_not_gone_on_with(world):
    world.live("a", GET_BOTH)
    world.live("b", GET_BOTH)
    world.commit("a", READ)
    world.commit("b", READ)
    git(world.root, "init", "-q")
    git(world.root, "add", "policies", "principals.yaml")
    git(world.root, "commit", "-qm", "first")
    fingerprint = world.plan()["fingerprint"]
    with faulty(at={1: refused()}), pytest.raises(PlanError):
        world.run("apply", fingerprint, *state(world))
    world.commit("b", GET_BOTH)
    git(world.root, "commit", "-qam", "second")
    with pytest.raises(PlanError, match="is no plan"):
        world.run("apply", fingerprint, *state(world))
    assert world.holds() == {"a": [READ], "b": [GET_BOTH]}


def test_a_damaged_journal_is_set_aside_and_hinders_nothing(world):
    tightening(world)
    world.run("apply", world.plan()["fingerprint"], *state(world), exit_code=0)
    before = shelf(world).load()
    name = name_of(f"arn:aws:iam::123456789012:role/{NAME}")
    assert shelf(world).swap({name: before.files[name][:-40]}, before)
    world.commit("main", QUEUE)
    world.run("apply", world.plan()["fingerprint"], *state(world), exit_code=0)
    assert ASIDE + name in shelf(world).load().files
    assert len(journal(world)) == 1


@pytest.mark.parametrize("code", ["Unreachable", "ServiceFailure", "InternalFailure"])
def test_a_new_version_whose_answer_was_lost_is_not_made_a_second_time(world, code):
    """A twin would be taken for the last good version, and that for the oldest to go."""
    arn = tightening(world)
    fingerprint = world.plan()["fingerprint"]
    with faulty(after={0: refused(code)}) as faults:
        world.run("apply", fingerprint, *state(world), exit_code=0)
    assert faults.seen == ["CreatePolicyVersion"]
    assert world.versions(arn) == ["v1", "v2"]
    assert dict(journal(world)[0].versions_after) == {f"{FOLDER}/main.json": "v2"}


def test_a_new_version_that_never_arrived_is_made_again(world):
    arn = tightening(world)
    fingerprint = world.plan()["fingerprint"]
    with faulty(at={0: refused("Unreachable"), 1: refused("Throttling")}) as faults:
        world.run("apply", fingerprint, exit_code=0)
    assert faults.seen == ["CreatePolicyVersion"] * 3
    assert world.versions(arn) == ["v1", "v2"]
