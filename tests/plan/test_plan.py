"""``leastwise plan``: what differs, what it means, what would be called, and when nothing may be."""

from __future__ import annotations

import json

from leastwise.aws.sessions import Aws
from leastwise.plan.planned import of_sides
from leastwise.reference.actions import exists
from tests.builders import allow, policy
from tests.fakes.iam_account import ACCOUNT, aws_managed
from tests.plan.held import both_sides, managed
from tests.plan.world import FOLDER, NAME
from tests.scratch_git import git

READ = allow("s3:GetObject", "arn:aws:s3:::b/*")
WRITE = allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::b/*")
POWER = allow(["s3:*", "sqs:*"])
QUEUE = allow("sqs:SendMessage", "*")


def test_what_is_live_as_committed_needs_nothing(world):
    world.live("main", READ)
    world.commit("main", READ)
    output = world.run("plan", exit_code=0)
    assert output == (
        "role payments-api (123456789012): nothing differs\n\n0 of 1 principal differ from what is live\n"
    )


def test_a_tightening_is_a_new_version_and_says_what_it_takes(world):
    arn = world.live("main", WRITE)
    world.commit("main", READ)
    output = world.run("plan", exit_code=1)
    assert f"changed  {FOLDER}/main.json (now v1): takes something away" in output
    assert "nothing becomes allowed: proved" in output
    assert "is no longer allowed: for example s3:PutObject on arn:aws:s3:::b/" in output
    assert "- s3:PutObject on arn:aws:s3:::b/*" in output
    assert f"1. iam:CreatePolicyVersion {arn} ({FOLDER}/main.json)" in output
    assert world.plan()["fingerprint"] in output


def test_a_first_policy_replaces_what_the_trial_held_in_this_order(world):
    world.attach(aws_managed("PowerUserAccess", POWER))
    world.commit("main", READ)
    world.commit("inline/extra", QUEUE)
    assert world.calls() == ["PutRolePolicy", "CreatePolicy", "AttachRolePolicy", "DetachRolePolicy"]


def test_what_a_not_action_allowed_is_no_news(world):
    world.attach(aws_managed("PowerUserAccess", {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}))
    world.commit("main", READ)
    found = world.plan()
    assert (found["gains"]["any"], found["added"]) == (False, [])
    assert found["losses"]["any"]


def test_the_example_of_what_a_not_action_allowed_is_an_action_that_there_is(world):
    world.attach(aws_managed("PowerUserAccess", {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}))
    world.commit("main", READ)
    output = world.run("plan", exit_code=1)
    (line,) = (line for line in output.splitlines() if "is no longer allowed: for example" in line)
    action = line.split()[-3]
    assert exists(action)
    assert not action.startswith("iam:")


def test_it_says_what_is_done_with_what_comes_and_goes_and_what_comes_next(world):
    world.attach(aws_managed("PowerUserAccess", POWER))
    world.live("by-hand", QUEUE)
    world.inline("old", QUEUE)
    world.live("there", WRITE, attach=())
    world.live("logging", QUEUE, attach=())
    for path in ("main", "there", "inline/extra", "shared/logging"):
        world.commit(path, READ if path == "main" else QUEUE)
    world.declare(attached=["shared/logging.json"])
    output = world.run("plan", exit_code=1)
    for line in (
        f"new      {FOLDER}/main.json: created, and attached",
        f"new      {FOLDER}/there.json: given this text, and attached",
        f"new      {FOLDER}/inline/extra.json: made, inline",
        "new      shared/logging.json: attached",
        "removed  aws/PowerUserAccess.json (now v1): detached\n",
        f"removed  {FOLDER}/by-hand.json (now v1): detached, and deleted",
        f"removed  {FOLDER}/inline/old.json: deleted",
        "to apply it: leastwise apply FINGERPRINT",
    ):
        assert line in output
    assert "What is applied after a merge is exactly what is shown here" in world.run(
        "plan", "--format", "markdown"
    )


def test_the_policy_of_an_open_trial_stays(world):
    arn = aws_managed("PowerUserAccess", POWER)
    world.attach(arn)
    world.commit("aws/PowerUserAccess", POWER)
    world.commit("main", READ)
    world.declare(trial={"opens": "2026-11-01", "days": 90, "policy": arn})
    assert world.calls() == ["CreatePolicy", "AttachRolePolicy"]
    assert "held until its trial closes on 2027-01-30" in " ".join(world.plan()["notes"])
    over = world.plan(now="2027-02-01")
    assert [step["call"] for step in over["steps"]][-1] == "iam:DetachRolePolicy"


def test_the_policy_of_an_open_trial_is_not_attached_by_us(world):
    arn = aws_managed("PowerUserAccess", POWER)
    world.commit("aws/PowerUserAccess", POWER)
    world.commit("main", READ)
    world.declare(trial={"opens": "2026-11-01", "days": 90, "policy": arn})
    assert world.calls() == ["CreatePolicy", "AttachRolePolicy"]


def test_where_nothing_is_committed_nothing_is_taken_away(world):
    world.live("main", READ)
    found = world.plan()
    assert (found["differs"], found["steps"]) == (False, [])
    assert "leastwise import arn:aws:iam::123456789012:role/payments-api" in found["why_not"][0]


def test_what_is_only_live_is_taken_away(world):
    world.live("main", READ)
    world.live("by-hand", QUEUE)
    world.inline("old", QUEUE)
    world.commit("main", READ)
    assert world.calls() == ["DetachRolePolicy", "DeletePolicy", "DeleteRolePolicy"]
    assert {each["path"]: each["what"] for each in world.plan()["policies"]} == {
        f"{FOLDER}/by-hand.json": "removed",
        f"{FOLDER}/inline/old.json": "removed",
    }


def test_who_only_proposes_sees_the_difference_and_gets_no_plan(world):
    world.declare(ownership="propose-only")
    world.live("main", WRITE)
    world.commit("main", READ)
    found = world.plan()
    assert (found["differs"], found["fingerprint"], found["steps"]) == (True, None, [])
    assert "not to be applied: `ownership: propose-only" in world.run("plan", exit_code=1)


def test_a_sixth_version_makes_the_oldest_go_that_is_not_the_last_good_one(world):
    arn = world.live("main", WRITE)
    for number in range(4):
        world.version(arn, allow("s3:GetObject", f"arn:aws:s3:::{number}/*"))
    world.iam.set_default_policy_version(PolicyArn=arn, VersionId="v2")
    world.commit("main", READ)
    steps = world.plan()["steps"]
    assert [(step["call"], step["version"]) for step in steps] == [
        ("iam:DeletePolicyVersion", "v3"),
        ("iam:CreatePolicyVersion", None),
    ]


def test_a_policy_that_others_hold_too_is_not_written(world):
    world.iam.create_role(RoleName="other", AssumeRolePolicyDocument="{}")
    world.live("main", WRITE, attach=(NAME, "other"))
    world.commit("main", READ)
    found = world.plan()
    assert found["fingerprint"] is None
    assert "is attached to others too (1): move the file to policies/shared/main.json" in found["why_not"][0]


def test_a_policy_of_that_name_that_only_others_hold_is_not_written(world):
    world.iam.create_role(RoleName="other", AssumeRolePolicyDocument="{}")
    world.live("main", WRITE, attach=("other",))
    world.commit("main", READ)
    assert "is attached to others too (1)" in world.plan()["why_not"][0]


def test_a_policy_that_bounds_others_is_neither_rewritten_nor_deleted():
    """Moto does not count permissions boundaries."""
    bounding = managed("main", WRITE, boundaries=2)
    changed = of_sides(both_sides([bounding], [managed("main", READ)]), writable=True)
    assert "is the permissions boundary of others too (2)" in changed.why_not[0]
    gone = of_sides(both_sides([bounding], []), writable=True)
    assert [step.call for step in gone.plan.steps] == ["iam:DetachRolePolicy"]
    assert "detached and not deleted" in gone.notes[0]


def test_a_policy_that_was_created_and_not_attached_is_found_by_its_name(world):
    world.live("main", WRITE, attach=())
    world.commit("main", READ)
    assert world.calls() == ["CreatePolicyVersion", "AttachRolePolicy"]


def test_shared_policies_are_attached_and_never_written(world):
    world.live("logging", QUEUE, attach=())
    world.live("main", READ)
    world.commit("shared/logging", allow("sqs:*"))
    world.commit("main", READ)
    world.declare(attached=["shared/logging.json"])
    assert world.calls() == ["AttachRolePolicy"]
    assert "shared/logging.json: AWS holds another text than the file" in world.plan()["notes"][0]


def test_a_shared_policy_that_the_account_lacks_is_not_made_up(world):
    world.live("main", READ)
    world.commit("shared/logging", QUEUE)
    world.commit("main", READ)
    world.declare(attached=["shared/logging.json"])
    assert "the account has no customer managed policy logging" in world.plan()["why_not"][0]


def test_an_aws_managed_policy_is_attached_by_its_arn(world):
    arn = aws_managed("ReadOnly", READ)
    world.live("main", QUEUE)
    world.commit("aws/ReadOnly", READ)
    world.commit("main", QUEUE)
    world.declare(attached=[arn])
    assert [(step["call"], step["arn"]) for step in world.plan()["steps"]] == [("iam:AttachRolePolicy", arn)]


def test_ten_attached_policies_leave_no_room_for_an_eleventh_on_the_way(world):
    for number in range(10):
        world.live(f"p{number}", READ)
        if number:
            world.commit(f"p{number}", READ)
    world.commit("new", QUEUE)
    (why,) = world.plan()["why_not"]
    assert "11 attached managed policies, 1 more than the 10 there may be while old and new" in why


def test_inline_policies_that_fit_only_one_after_the_other_are_refused(world):
    long = [allow("s3:GetObject", f"arn:aws:s3:::{'x' * 50}{number}/*") for number in range(60)]
    world.inline("old", *long)
    world.commit("inline/new", *long)
    (why,) = world.plan()["why_not"]
    assert "characters in all inline policies" in why
    assert "two pull requests" in why


def test_two_policies_that_swap_grants_go_over_a_bridge(world):
    world.live("a", READ)
    world.live("b", QUEUE)
    world.commit("a", QUEUE)
    world.commit("b", READ)
    found = world.plan()
    assert [(step["name"], step["bridge"]) for step in found["steps"]] == [
        ("a", True),
        ("b", False),
        ("a", False),
    ]
    assert (found["gains"]["any"], found["losses"]["any"]) == (False, False)


def test_a_fingerprint_is_of_what_is_done_and_not_of_formatting(world):
    world.live("main", WRITE)
    world.commit("main", READ)
    first = world.plan()["fingerprint"]
    file = world.root / "policies" / FOLDER / "main.json"
    file.write_text(json.dumps(json.loads(file.read_text())))
    assert world.plan()["fingerprint"] == first
    world.commit("main", QUEUE)
    assert world.plan()["fingerprint"] != first


def test_another_live_text_is_another_plan(world):
    arn = world.live("main", WRITE)
    world.commit("main", READ)
    first = world.plan()["fingerprint"]
    world.version(arn, QUEUE)
    assert world.plan()["fingerprint"] != first


def test_the_plan_of_a_commit_needs_no_checkout(world):
    world.live("main", WRITE)
    world.commit("main", WRITE)
    git(world.root, "init", "-q")
    git(world.root, "add", "-A")
    git(world.root, "commit", "-qm", "first")
    git(world.root, "checkout", "-qb", "change")
    world.commit("main", READ)
    git(world.root, "commit", "-qam", "second")
    git(world.root, "checkout", "-q", "main")
    assert not world.plan()["differs"]
    assert world.plan("--rev", "change")["differs"]


def test_the_roles_of_a_commit_that_is_not_merged_are_not_taken(world, monkeypatch):
    taken = []
    monkeypatch.setattr("leastwise.verbs.plan.Aws", lambda roles: taken.append(dict(roles)) or Aws({}))
    world.live("main", READ)
    world.commit("main", READ)
    git(world.root, "init", "-q")
    git(world.root, "add", "-A")
    git(world.root, "commit", "-qm", "first")
    git(world.root, "checkout", "-qb", "change")
    declared = json.loads((world.root / "principals.yaml").read_text())
    declared["accounts"] = {ACCOUNT: {"role": f"arn:aws:iam::{ACCOUNT}:role/evil"}}
    (world.root / "principals.yaml").write_text(json.dumps(declared))
    git(world.root, "commit", "-qam", "second")
    git(world.root, "checkout", "-q", "main")
    assert not world.plan("--rev", "change")["differs"]
    assert taken == [{}]


def test_what_is_not_committed_is_not_planned_and_that_is_said(world):
    world.live("main", WRITE)
    world.commit("main", WRITE)
    git(world.root, "init", "-q")
    git(world.root, "add", "-A")
    git(world.root, "commit", "-qm", "first")
    assert "not committed" not in world.run("plan", exit_code=0)
    world.commit("main", READ)
    assert "policies/ has changes that are not committed" in world.run("plan", exit_code=0)


def test_a_role_that_is_gone_is_named_and_hinders_nobody(world):
    world.commit("main", READ)
    world.iam.delete_role(RoleName=NAME)
    output = world.run("plan", exit_code=5)
    assert "what is live could not be read: iam:GetRole in account" in output
    assert "of 1 what is live could not be read" in output


def test_markdown_is_escaped_and_capped(world):
    evil = "arn:aws:s3:::<img src=x>|@everyone/*"
    world.live("main", *[allow("s3:GetObject", f"{evil}{number}") for number in range(90)])
    world.commit("main", READ)
    text = world.run("plan", "--format", "markdown", exit_code=1)
    assert "<img" not in text
    assert "@everyone" not in text
    assert "Fingerprint: `" in text


def test_redacted_names_are_not_shown(world):
    world.live("main", allow("s3:GetObject", "arn:aws:s3:::customer-7/*"))
    world.commit("main", READ)
    declared = json.loads((world.root / "principals.yaml").read_text())
    declared["redact"] = ["arn:aws:s3:::customer-*"]
    (world.root / "principals.yaml").write_text(json.dumps(declared))
    for form in ("text", "markdown"):
        text = world.run("plan", "--format", form, exit_code=1)
        assert "customer-7" not in text
        assert "(redacted)" in text


def test_plans_are_written_for_apply(world, tmp_path):
    world.live("main", WRITE)
    world.commit("main", READ)
    world.run("plan", "--out", str(tmp_path / "out" / "plan.json"))
    written = json.loads((tmp_path / "out" / "plan.json").read_text())
    assert written["plans"][0]["fingerprint"] == world.plan()["fingerprint"]
    assert json.loads(written["plans"][0]["changes"][0]["after"]) == json.loads(policy(READ))


def test_a_role_of_the_same_name_below_another_path_is_not_the_one_that_is_enrolled(world):
    """IAM's calls go by the name alone; the ARN is what was reviewed."""
    world.iam.delete_role(RoleName=NAME)
    world.iam.create_role(RoleName=NAME, Path="/service/", AssumeRolePolicyDocument="{}")
    world.live("main", WRITE)
    world.commit("main", READ)
    output = world.run("plan", exit_code=5)
    assert f"role/service/{NAME} has its name" in output
