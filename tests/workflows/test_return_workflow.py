"""`watch: rollback` step by step: denied since an apply, brought back at once, and kept in the journal."""

import json

import boto3
import pytest

from leastwise.apply.journal import FOLDER, Journal
from leastwise.apply.journal_files import name_of, unpack
from leastwise.aws.sessions import Aws
from leastwise.model.journal import Ending, Kind
from leastwise.store.address import shelf_at
from tests.builders import NOW, ROLE
from tests.fakes.github import TOKEN, FakeGitHub
from tests.fakes.http_server import serve
from tests.fakes.iam_account import environment, mocked
from tests.fakes.moto_server import serve_moto
from tests.fakes.runner import Runner, workflow
from tests.scratch_git import git
from tests.verbs.watched_repository import BROAD, DECLARED, FILE, LESS, a_record, make

pytestmark = pytest.mark.whole

ACCOUNT = ROLE.split(":")[4]
ENTERED = f"""\
accounts:
  "{ACCOUNT}":
    role: arn:aws:iam::{ACCOUNT}:role/leastwise-read
    apply_role: arn:aws:iam::{ACCOUNT}:role/leastwise-apply
"""
SCHEDULE = "github.event.schedule {} '47 */4 * * *'"
EXPRESSIONS = {
    "github.token": TOKEN,
    "github.workspace": "/nowhere",
    "vars.LEASTWISE_STATE || 'branch'": "branch",
    "vars.LEASTWISE_STATE == ''": True,
    "vars.LEASTWISE_STATE || 'leastwise-journal'": "leastwise-journal",
    "vars.LEASTWISE_AWS_ROLE": f"arn:aws:iam::{ACCOUNT}:role/leastwise",
    "vars.LEASTWISE_APPLY_ROLE": f"arn:aws:iam::{ACCOUNT}:role/leastwise-apply",
    "vars.LEASTWISE_AWS_REGION": "eu-west-1",
    "always()": True,
    SCHEDULE.format("=="): True,
    SCHEDULE.format("!="): False,
}


def iam_of_account():
    """IAM of the principal's account, which moto tells by the credentials of a role of it."""
    role = f"arn:aws:iam::{ACCOUNT}:role/leastwise-read"
    given = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    return boto3.client(
        "iam",
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )


class Place:
    """A repository whose tightening was applied, on the fake GitHub; its account in moto; and a runner."""

    def __init__(self, folder, fake, github, aws):
        self.remote, self.iam = folder / "fake.git", iam_of_account()
        self.local = make(folder / "local", a_record())
        logs = f"{self.local}/logs/"
        declared = DECLARED.replace("logs/", logs).replace("sources:", f"{ENTERED}sources:")
        fake.push("main", {"principals.yaml": f"{declared}    watch: rollback\n", f"policies/{FILE}": LESS})
        (folder / "runs").mkdir()
        variables = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": github,
            "GITHUB_REPOSITORY": fake.full_name,
            "LEASTWISE_NOW": NOW.isoformat(),
            "AWS_ENDPOINT_URL": aws,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        self.runner = Runner(folder / "runs", self.remote, dict(EXPRESSIONS), variables)

    def hold(self):
        """The role with its policy: tightened by a second version."""
        self.iam.create_role(RoleName="payments-api", AssumeRolePolicyDocument="{}")
        made = self.iam.create_policy(PolicyName="payments-api-main", PolicyDocument=BROAD)["Policy"]
        self.arn = made["Arn"]
        self.iam.attach_role_policy(RoleName="payments-api", PolicyArn=self.arn)
        self.iam.create_policy_version(PolicyArn=self.arn, PolicyDocument=LESS, SetAsDefault=True)

    def keep_journal(self):
        """As the workflow that applied it left it: on its branch."""
        git(self.local, "remote", "add", "origin", str(self.remote))
        Journal(shelf_at("branch", self.local, Aws({}), NOW, FOLDER), print).write(a_record())

    def run(self, *jobs):
        steps = [step for job in jobs for step in self.runner.run("propose.yml", job)]
        assert all(step.code == 0 for step in steps), "\n".join(step.output for step in steps)
        return {step.name: step.output for step in steps}

    def live(self):
        default = self.iam.get_policy(PolicyArn=self.arn)["Policy"]["DefaultVersionId"]
        version = self.iam.get_policy_version(PolicyArn=self.arn, VersionId=default)["PolicyVersion"]
        return version["Document"]


@pytest.fixture
def place(tmp_path, monkeypatch):
    environment(monkeypatch)
    fake = FakeGitHub(tmp_path / "fake.git")
    with mocked(), serve(fake) as github, serve_moto() as (aws, _):
        yield Place(tmp_path, fake, github, aws)
    assert fake.unknown == []


def test_what_was_denied_since_an_apply_is_brought_back_and_written_down(place):
    place.hold()
    place.keep_journal()
    said = place.run("collect")
    assert f"{ROLE} is to be rolled back" in said["Watch what was applied"]
    assert place.live() == json.loads(LESS)
    place.run("return", "keep")
    assert place.live() == json.loads(BROAD)
    kept = git(place.remote, "show", f"leastwise/evidence:applied/{name_of(ROLE)}")
    assert [(record.kind, record.ending) for record in unpack(kept)] == [
        (Kind.APPLY, Ending.DONE),
        (Kind.ROLLBACK, Ending.DONE),
    ]


def test_where_nothing_was_applied_yet_there_is_no_journal_and_no_job_that_waits_for_one(place):
    place.run("collect", "return")
    assert "leastwise-journal" not in place.runner.artifacts
    jobs = workflow("propose.yml")["jobs"]
    (upload,) = [step for step in jobs["return"]["steps"] if step.get("id") == "journal"]
    assert upload["with"]["name"] == "leastwise-journal"
    assert jobs["return"]["outputs"] == {"journal": "${{ steps.journal.outputs.artifact-id }}"}
    assert "needs.return.outputs.journal != ''" in jobs["keep"]["if"]
