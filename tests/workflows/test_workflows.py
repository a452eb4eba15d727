"""The workflows, step by step as GitHub runs them, on the demo's account and the fake GitHub."""

import gzip
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from leastwise.demo import DEMO_NOW, build_demo
from tests.fakes.github import TOKEN, FakeGitHub
from tests.fakes.http_server import serve
from tests.fakes.runner import WORKFLOWS, Runner, workflow

pytestmark = pytest.mark.whole

FILES = sorted(file.name for file in WORKFLOWS.glob("*.yml"))
ROLE = "arn:aws:iam::111122223333:role/media-ingest"
POLICY = "policies/111122223333/role/media-ingest/media.json"
EXPRESSIONS = {
    "github.token": TOKEN,
    "github.workspace": "/nowhere",
    "vars.LEASTWISE_STATE || 'branch'": "branch",
    "vars.LEASTWISE_AWS_ROLE": "arn:aws:iam::111122223333:role/leastwise",
    "vars.LEASTWISE_AWS_REGION": "eu-west-1",
    "vars.LEASTWISE_APP_ID != ''": False,
    "vars.LEASTWISE_NOTIFY_ROLE != ''": False,
    "steps.app.outputs.token || github.token": TOKEN,
    "secrets.SLACK_WEBHOOK_URL": "",
    "always()": True,
    "github.event.schedule == '47 */4 * * *'": False,
    "github.event.schedule != '47 */4 * * *'": True,
    "github.event_name == 'schedule'": True,
    "vars.LEASTWISE_QUERY_SOURCE": "",
    "vars.LEASTWISE_SINCE": "",
}


def git(folder, *arguments):
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
    done = subprocess.run(["git", "-C", folder, *who, *arguments], check=True, capture_output=True, text=True)
    return done.stdout


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return build_demo(tmp_path_factory.mktemp("demo"), DEMO_NOW, 3_000)


class Place:
    """The demo's repository on the fake GitHub, with only one principal, since each write takes a second."""

    def __init__(self, folder, demo, url, fake):
        self.fake = fake
        self.remote = folder / "remote.git"
        self.clone = folder / "clone"
        shutil.copytree(demo.remote, self.remote)
        git(folder, "clone", "-q", str(self.remote), str(self.clone))
        declared = self.clone / "principals.yaml"
        sources = re.sub(r"\.\./logs/", f"{demo.logs}/", declared.read_text("utf-8").split("principals:")[0])
        declared.write_text(f"{sources}principals:\n  - arn: {ROLE}\n    owners: []\n", "utf-8")
        self.commit("Enrol one")
        (folder / "runs").mkdir()
        self.variables = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": url,
            "GITHUB_REPOSITORY": fake.full_name,
            "GITHUB_SERVER_URL": "https://github.test",
            "GITHUB_RUN_ID": "7",
            "LEASTWISE_NOW": DEMO_NOW.isoformat(),
        }
        self.runner = Runner(folder / "runs", self.remote, dict(EXPRESSIONS), self.variables)

    def commit(self, message, branch="main"):
        git(self.clone, "add", "--all")
        git(self.clone, "commit", "-q", "-m", message)
        git(self.clone, "push", "-q", "origin", f"HEAD:{branch}")
        if branch == "main":
            listed = git(self.clone, "ls-files").splitlines()
            texts = {path: (self.clone / path).read_text("utf-8") for path in listed}
            self.fake.push("main", texts, message=message)

    def schedule(self):
        return [
            step for job in ("collect", "publish", "notify") for step in self.runner.run("propose.yml", job)
        ]

    def summary(self):
        return (self.runner.folder / "summary.md").read_text("utf-8")

    def pull_request(self, edit, message="Edit"):
        """The merge that GitHub would make of an edit, checked out as `pull_request` does."""
        base = git(self.clone, "rev-parse", "HEAD").strip()
        git(self.clone, "checkout", "-q", "-b", "topic")
        edit(self.clone)
        git(self.clone, "commit", "-q", "-a", "-m", message)
        git(self.clone, "checkout", "-q", base)
        git(self.clone, "merge", "-q", "--no-ff", "-m", "Merge", "topic")
        git(self.clone, "push", "-q", "origin", "HEAD:refs/heads/merged")
        self.runner.ref = "merged"


@pytest.fixture
def place(tmp_path, demo):
    fake = FakeGitHub(tmp_path / "fake.git")
    with serve(fake) as url:
        yield Place(tmp_path, demo, url, fake)
    assert fake.unknown == []


def test_a_schedule_opens_a_pull_request_and_the_next_one_writes_nothing(place):
    steps = place.schedule()
    assert [(step.name, step.code) for step in steps] == [
        ("Propose", 0),
        ("Publish", 0),
        ("Tell people what changed", 0),
    ], "\n".join(step.output for step in steps)
    (pull,) = place.fake.open_pulls
    assert pull.branch == "leastwise/tighten/111122223333/role/media-ingest"
    (board,) = [item for item in place.fake.items.values() if not item.branch]
    assert "role media-ingest" in board.body
    assert "[tighten](https://github.test/acme/policies/pull/" in board.body
    assert "opened: " in place.summary()
    kept = git(place.remote, "ls-tree", "-r", "--name-only", "leastwise/evidence").split()
    assert any("media-ingest" in path for path in kept)
    place.fake.forget()
    assert [step.code for step in place.schedule()] == [0, 0, 0]
    assert place.fake.writes == []
    assert "Nothing changed." in place.summary()
    assert git(place.remote, "rev-list", "--count", "leastwise/evidence").strip() == "1"


def test_the_first_job_only_reads_and_names_neither_people_nor_places(place):
    declared = place.clone / "principals.yaml"
    declared.write_text(declared.read_text("utf-8").replace("media-ingest", "support-console"), "utf-8")
    place.commit("Enrol people")
    people, places = seen_of(declared, "support-console")
    assert len(people) > 1
    assert len(places) > 1
    assert [step.code for step in place.runner.run("propose.yml", "collect")] == [0]
    assert {call.method for call in place.fake.calls} == {"GET"}
    assert (place.runner.artifacts["leastwise-site"] / "index.html").is_file()
    left = [place.runner.artifacts[name] for name in ("leastwise", "leastwise-site")]
    for file in (file for folder in left for file in folder.iterdir()):
        text = file.read_text("utf-8")
        assert not [secret for secret in people | places if secret in text]


def seen_of(declared, role):
    """Session names and source addresses that the logs of a role hold."""
    logs = Path(re.search(r"path: (\S+)", declared.read_text("utf-8"))[1])
    people, places = set(), set()
    for file in logs.rglob("*.json.gz"):
        for record in json.loads(gzip.decompress(file.read_bytes()))["Records"]:
            if f"/{role}/" in record["userIdentity"].get("arn", ""):
                people.add(record["userIdentity"]["arn"].rpartition("/")[2])
                places.add(record["sourceIPAddress"])
    return people, places


def ask(place):
    jobs = ("collect", "publish", "notify")
    return [step for job in jobs for step in place.runner.run("queries.yml", job)]


def look_back(place, days):
    file = place.clone / "queries" / "root-use.sql"
    text = file.read_text("utf-8")
    file.write_text(text.replace("-- schedule", f"-- window: {days} days\n-- schedule"), "utf-8")


def test_saved_queries_keep_an_issue_and_the_next_run_writes_nothing(place):
    look_back(place, 60)
    place.commit("Look back longer")
    steps = ask(place)
    assert [(step.name, step.code) for step in steps] == [
        ("Ask", 0),
        ("Keep the issues up to date", 0),
        ("Tell people what changed", 0),
    ], "\n".join(step.output for step in steps)
    (issue,) = place.fake.items.values()
    assert issue.title == "The root user was used (root-use)"
    assert "::error file=queries/root-use.sql,line=1,title=The root user was used" in steps[0].output
    assert "## Saved queries" in place.summary()
    assert (place.runner.artifacts["leastwise-queries"] / "root-use.csv").is_file()
    place.fake.forget()
    assert [step.code for step in ask(place)] == [0, 0, 0]
    assert place.fake.writes == []


def test_a_query_with_a_mistake_fails_the_job_and_the_others_are_published(place):
    look_back(place, 60)
    (place.clone / "queries" / "wrong.sql").write_text("-- title: x\nSELECT\n", "utf-8")
    place.commit("Add a mistake")
    (asked,) = place.runner.run("queries.yml", "collect")
    assert asked.fails_the_job
    assert "::error file=queries/wrong.sql,line=" in asked.output
    (published,) = place.runner.run("queries.yml", "publish")
    assert published.code == 0
    assert "root-use: issue opened" in published.output
    assert "wrong: issue left alone" in published.output


def test_only_what_is_due_is_asked_by_a_schedule(place):
    for file in (place.clone / "queries").glob("*.sql"):
        text = file.read_text("utf-8").replace("schedule: daily", "schedule: weekly on sunday")
        file.write_text(text, "utf-8")
    place.commit("Once a week")
    assert "no query was due" in place.runner.run("queries.yml", "collect")[0].output
    place.runner.expressions["github.event_name == 'schedule'"] = False
    assert "4 queries" in place.runner.run("queries.yml", "collect")[0].output


def test_a_mistake_in_principals_yaml_is_annotated_at_its_line(place):
    def misspell(clone):
        file = clone / "principals.yaml"
        file.write_text(file.read_text("utf-8").replace("owners: []", "owner: []"), "utf-8")

    place.pull_request(misspell)
    place.runner.expressions["!startsWith(github.head_ref, 'leastwise/tighten/')"] = True
    (step,) = place.runner.run("check.yml", "check")
    assert step.code == 3
    assert re.search(r"^::error file=principals\.yaml,line=\d+,col=\d+::expected ", step.output, re.MULTILINE)


def widen(clone):
    file = clone / POLICY
    policy = json.loads(file.read_text("utf-8"))
    policy["Statement"].append({"Effect": "Allow", "Action": "iam:*", "Resource": "*"})
    file.write_text(json.dumps(policy, indent=2), "utf-8")


@pytest.mark.parametrize("is_tightening", [True, False])
def test_a_merge_that_widens_is_warned_of_and_fails_a_tightening(place, is_tightening):
    place.pull_request(widen)
    place.runner.expressions["!startsWith(github.head_ref, 'leastwise/tighten/')"] = not is_tightening
    steps = place.runner.run("check.yml", "check")
    assert [step.code for step in steps] == [0, 0, 1]
    assert steps[-1].fails_the_job is is_tightening
    assert "::warning title=" in steps[-1].output


def test_a_merge_that_narrows_is_proved(place):
    def narrow(clone):
        file = clone / POLICY
        policy = json.loads(file.read_text("utf-8"))
        del policy["Statement"][-1]
        file.write_text(json.dumps(policy, indent=2), "utf-8")

    place.pull_request(narrow)
    place.runner.expressions["!startsWith(github.head_ref, 'leastwise/tighten/')"] = False
    steps = place.runner.run("check.yml", "check")
    assert [step.code for step in steps] == [0, 0, 0]
    assert "allows nothing new: proved" in steps[-1].output


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_allowed_that_is_not_needed(name):
    whole = workflow(name)
    assert whole["permissions"] == {}
    for job in whole["jobs"].values():
        assert "timeout-minutes" in job
        granted = job["permissions"]
        may_write = {scope for scope, level in granted.items() if level == "write"}
        assert not ("id-token" in may_write and may_write - {"id-token"}), "AWS and GitHub in one job"


def test_only_pull_requests_of_no_secret_run_other_peoples_code():
    for name in FILES:
        events = workflow(name)[True]
        assert "pull_request_target" not in events
        assert "workflow_run" not in events
        if "pull_request" in events:
            text = (WORKFLOWS / name).read_text("utf-8")
            assert "secrets." not in text
            for job in workflow(name)["jobs"].values():
                if "write" in job["permissions"].values():
                    assert_runs_trusted_code(job, workflow(name)["jobs"])


def assert_runs_trusted_code(job, jobs):
    """It checks out the base, and runs for branches of the repository alone, or after a job that does."""
    (checkout,) = [step for step in job["steps"] if step.get("uses", "").startswith("actions/checkout@")]
    assert checkout["with"]["ref"] == "${{ github.event.pull_request.base.sha }}"
    first = jobs[job["needs"]] if "needs" in job else job
    assert "github.event.pull_request.head.repo.full_name == github.repository" in first["if"]
    assert not [step for step in job["steps"] if "git checkout" in step.get("run", "")]


@pytest.mark.parametrize("name", FILES)
def test_every_action_is_pinned_and_no_expression_reaches_a_shell(name):
    for job in workflow(name)["jobs"].values():
        for step in job["steps"]:
            assert "${{" not in step.get("run", "")
            if "uses" in step:
                assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", step["uses"])
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False


def test_ci_runs_targets_that_the_makefile_has():
    makefile = (WORKFLOWS.parents[1] / "Makefile").read_text("utf-8")
    runs = [
        step["run"] for job in workflow("ci.yml")["jobs"].values() for step in job["steps"] if "run" in step
    ]
    targets = [target for run in runs for target in run.removeprefix("make ").split()]
    assert targets
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)


def test_every_four_hours_it_watches_what_was_applied(place):
    schedule = workflow("propose.yml")[True]["schedule"][1]["cron"]
    for operator, holds in (("==", True), ("!=", False)):
        expression = f"github.event.schedule {operator} '{schedule}'"
        assert expression in place.runner.expressions
        place.runner.expressions[expression] = holds
    steps = [step for job in ("collect", "publish") for step in place.runner.run("propose.yml", job)]
    assert [step.code for step in steps] == [0, 0], "\n".join(step.output for step in steps)
    assert "nothing was applied within 14 days" in steps[0].output
    assert place.fake.writes == []
