"""From a plan on a pull request to what is live: check.yml and apply.yml on moto and the fake GitHub."""

import json
from dataclasses import replace
from datetime import timedelta

import boto3
import pytest

from leastwise.apply.journal_files import name_of, pack, unpack
from leastwise.model.journal import Ending, Kind
from leastwise.publish.plan_comment import WORKFLOW
from tests.fakes.git_store import Person
from tests.fakes.github import TOKEN, FakeGitHub
from tests.fakes.http_server import serve
from tests.fakes.iam_account import ACCOUNT, environment, mocked
from tests.fakes.moto_server import serve_moto
from tests.fakes.runner import Runner, workflow
from tests.scratch_git import git

pytestmark = pytest.mark.whole

ROLE = f"arn:aws:iam::{ACCOUNT}:role/api"
FILE = f"policies/{ACCOUNT}/role/api/api-main.json"
DECLARED = f"version: 1\nprincipals:\n  - arn: {ROLE}\n    ownership: apply\n"


def text(*actions):
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2) + "\n"


class Place:
    """A repository on the fake GitHub, an account in moto, and a runner between them."""

    def __init__(self, folder, fake, github, aws, calls):
        self.fake, self.calls, self.iam = fake, calls, boto3.client("iam")
        self.remote, self.clone = folder / "fake.git", folder / "clone"
        fake.push("main", {"principals.yaml": DECLARED, FILE: text("s3:GetObject", "s3:PutObject")})
        git(folder, "-C", str(self.remote), "config", "uploadpack.allowAnySHA1InWant", "true")
        (folder / "runs").mkdir()
        variables = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": github,
            "GITHUB_REPOSITORY": fake.full_name,
            "AWS_ENDPOINT_URL": aws,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        expressions = {
            "github.token": TOKEN,
            "github.workspace": "/nowhere",
            "vars.LEASTWISE_PLAN_ROLE": "arn:aws:iam::111122223333:role/leastwise-plan",
            "vars.LEASTWISE_APPLY_ROLE": "arn:aws:iam::111122223333:role/leastwise-apply",
            "vars.LEASTWISE_AWS_REGION": "eu-west-1",
            "vars.LEASTWISE_STATE == ''": True,
            "vars.LEASTWISE_STATE == '' && 'branch' || ''": "branch",
            "needs.plan.outputs.pull": "",
            "vars.LEASTWISE_STATE || 'leastwise-journal'": "leastwise-journal",
            "inputs.fingerprints": "",
            "always()": True,
        }
        self.runner = Runner(folder / "runs", self.remote, expressions, variables)

    def commit(self, branch):
        return self.fake.store.branch(branch)

    def propose(self, policy, branch="topic"):
        """A pull request of a person, with the merge that GitHub would make of it."""
        base = self.commit("main")
        self.fake.store.set_branch(branch, self._on(base, policy))
        number = self.fake.add(
            "Edit", "", branch=branch, base="main", head_repository=self.fake.full_name
        ).number
        self.runner.expressions |= {
            "github.event.pull_request.base.sha": base,
            "github.event.pull_request.head.sha": self.commit(branch),
            "github.event.pull_request.number": str(number),
        }
        self.runner.variables["GITHUB_SHA"] = self.commit(branch)
        return number

    def _on(self, base, policy):
        store = self.fake.store
        files = store.files(store.read(base).tree) | {FILE: store.put("blob", policy.encode())}
        return store.commit(store.tree(files), [base], "Edit", Person("alice"))

    def run(self, name, *jobs):
        ran = []
        for job in jobs:
            ran += self.runner.run(name, job)
            self.runner.expressions |= {
                f"needs.{job}.outputs.{key}": value for key, value in self.runner.outputs.items()
            }
        return ran

    def check(self):
        return self.run("check.yml", "plan", "show")

    def merge(self, number):
        self.fake.merge(number)
        self.runner.variables["GITHUB_SHA"] = self.commit("main")

    def live(self):
        """What the role's managed policies say."""
        attached = self.iam.list_attached_role_policies(RoleName="api")["AttachedPolicies"]
        found = {}
        for each in attached:
            default = self.iam.get_policy(PolicyArn=each["PolicyArn"])["Policy"]["DefaultVersionId"]
            version = self.iam.get_policy_version(PolicyArn=each["PolicyArn"], VersionId=default)
            found[each["PolicyName"]] = version["PolicyVersion"]["Document"]["Statement"][0]["Action"]
        return found

    def page(self):
        return (self.runner.folder / "summary.md").read_text()


@pytest.fixture
def place(tmp_path, monkeypatch):
    environment(monkeypatch)
    fake = FakeGitHub(tmp_path / "fake.git")
    fake.actor = WORKFLOW
    with mocked(), serve(fake) as github, serve_moto() as (aws, calls):
        iam = boto3.client("iam")
        iam.create_role(RoleName="api", AssumeRolePolicyDocument="{}")
        arn = iam.create_policy(PolicyName="api-main", PolicyDocument=text("s3:GetObject", "s3:PutObject"))
        iam.attach_role_policy(RoleName="api", PolicyArn=arn["Policy"]["Arn"])
        yield Place(tmp_path, fake, github, aws, calls)
    assert fake.unknown == []


def is_write(call):
    return not call.startswith(("Get", "List"))


def codes(steps):
    assert all(step.code == 0 for step in steps), "\n".join(step.output for step in steps if step.code)
    return [step.name for step in steps]


def test_what_was_shown_on_the_pull_request_and_merged_is_what_is_applied(place):
    number = place.propose(text("s3:GetObject"))
    codes(place.check())
    (comment,) = place.fake.said_on(number)
    assert "What applying this would change in AWS" in comment
    assert "s3:PutObject" in comment
    assert not [call for _, call in place.calls if is_write(call)]
    place.merge(number)
    codes(place.run("apply.yml", "plan"))
    (fingerprint,) = place.runner.outputs["fingerprints"].split()
    assert fingerprint in comment
    assert f"Shown on #{number}, unchanged, and now applied:" in place.page()
    assert place.live() == {"api-main": ["s3:GetObject", "s3:PutObject"]}
    codes(place.run("apply.yml", "apply", "keep"))
    assert place.live() == {"api-main": ["s3:GetObject"]}
    (written,) = [call for service, call in place.calls if service == "iam" and is_write(call)]
    assert written == "CreatePolicyVersion"
    kept = git(place.remote, "show", f"leastwise/evidence:applied/{name_of(ROLE)}")
    (record,) = unpack(kept)
    assert (record.plan.fingerprint, record.pull, record.ending) == (fingerprint, number, Ending.DONE)


def test_which_pull_request_it_came_by_is_not_left_to_the_message_of_the_commit(place):
    """A rebased commit names none, and anybody can write one that names another."""
    number = place.propose(text("s3:GetObject"))
    codes(place.check())
    place.merge(number)
    codes(place.run("apply.yml", "plan"))
    assert place.runner.outputs["pull"] == str(number)
    place.runner.expressions["needs.plan.outputs.pull"] = "77"
    codes(place.run("apply.yml", "apply", "keep"))
    (record,) = unpack(git(place.remote, "show", f"leastwise/evidence:applied/{name_of(ROLE)}"))
    assert record.pull == 77


def test_a_plan_that_undoes_a_rollback_says_so_where_it_is_reviewed(place):
    """The journal lies on its branch; the pull request was merged, applied and rolled back before."""
    number = place.propose(text("s3:GetObject"))
    codes(place.check())
    place.merge(number)
    codes(place.run("apply.yml", "plan", "apply", "keep"))
    (record,) = unpack(git(place.remote, "show", f"leastwise/evidence:applied/{name_of(ROLE)}"))
    back = replace(record, kind=Kind.ROLLBACK, began=record.began + timedelta(hours=1))
    kept = {f"applied/{name_of(ROLE)}": pack([record, back])}
    place.fake.push("leastwise/evidence", kept, parents=[place.commit("leastwise/evidence")])
    arn = f"arn:aws:iam::{ACCOUNT}:policy/api-main"
    place.iam.set_default_policy_version(PolicyArn=arn, VersionId="v1")
    other = place.propose(text("s3:GetObject", "s3:ListBucket"), branch="other")
    codes(place.check())
    (comment,) = place.fake.said_on(other)
    assert "was brought back by a rollback on" in comment


def test_by_hand_only_fingerprints_reach_the_command_line(place):
    place.runner.variables["GITHUB_SHA"] = place.commit("main")
    place.runner.expressions["inputs.fingerprints"] = (
        f"{'a' * 64}, $(touch evil) --help {'B' * 64}\n{'c' * 64}"
    )
    codes(place.run("apply.yml", "plan"))
    assert place.runner.outputs["fingerprints"] == f"{'a' * 64} {'c' * 64}"


def test_only_jobs_of_the_environment_write_and_only_after_a_plan():
    jobs = workflow("apply.yml")["jobs"]
    assert jobs["apply"]["environment"] == "leastwise-apply"
    assert jobs["apply"]["needs"] == "plan"
    roles = {
        name: step["with"]["role-to-assume"]
        for name, job in jobs.items()
        for step in job["steps"]
        if "configure-aws-credentials" in step.get("uses", "")
    }
    assert roles == {
        "plan": "${{ vars.LEASTWISE_PLAN_ROLE }}",
        "apply": "${{ vars.LEASTWISE_APPLY_ROLE }}",
    }


def test_the_journal_is_kept_only_where_the_apply_came_to_write_one():
    jobs = workflow("apply.yml")["jobs"]
    (upload,) = [step for step in jobs["apply"]["steps"] if step.get("id") == "journal"]
    assert upload["with"]["name"] == "leastwise-journal"
    assert jobs["apply"]["outputs"] == {"journal": "${{ steps.journal.outputs.artifact-id }}"}
    assert "needs.apply.outputs.journal != ''" in jobs["keep"]["if"]


def test_what_is_rolled_back_at_once_has_an_environment_and_a_switch_of_its_own():
    jobs = workflow("propose.yml")["jobs"]
    assert jobs["return"]["environment"] == "leastwise-rollback"
    assert "vars.LEASTWISE_ROLLBACK == 'true'" in jobs["return"]["if"]
    writing = [name for name, job in jobs.items() if "vars.LEASTWISE_APPLY_ROLE }}" in str(job["steps"])]
    assert writing == ["return"]
    watching = [step["run"] for step in jobs["collect"]["steps"] if " watch " in step.get("run", "")]
    assert watching
    assert all("--no-rollback" in run for run in watching)
