"""``leastwise show-plan`` and ``reviewed``: what is applied is what was reviewed, and nothing else."""

import pytest

from leastwise.model.plan import Operation, Plan, Step
from leastwise.plan.file import plan_text
from leastwise.publish.plan_comment import WORKFLOW
from tests.command_line import run as run_line
from tests.fakes.github import TOKEN, FakeGitHub
from tests.fakes.http_server import serve
from tests.publish.github_world import World

ROLE = "arn:aws:iam::111122223333:role/payments-api"
ONE, TWO = "1" * 64, "2" * 64


def plan(fingerprint, principal=ROLE):
    step = Step(Operation.ADD_VERSION, "iam:CreatePolicyVersion", "role/api/main.json", "main", after="{}")
    return Plan(principal, (), (step,), (), fingerprint)


@pytest.fixture
def here(tmp_path, monkeypatch):
    fake = FakeGitHub(tmp_path / "fake.git")
    fake.actor = WORKFLOW
    with serve(fake) as url:
        found = World(fake, url)
        fake.push("topic", {"policies/x.json": "{}"}, parents=[fake.store.branch("main")])
        fake.add("Edit", "", branch="topic", base="main", head_repository=fake.full_name)
        monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
        monkeypatch.setenv("GITHUB_REPOSITORY", fake.full_name)
        monkeypatch.setenv("GITHUB_API_URL", url)
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
        yield found
    assert fake.unknown == []


def write(folder, commit, *plans):
    folder.mkdir(exist_ok=True)
    (folder / "plan.json").write_text(plan_text(plans, commit))
    shown = "".join(f"Fingerprint: `{each.fingerprint}`\n" for each in plans)
    (folder / "plan.md").write_text(f"## What applying this would change in AWS\n{shown}")
    return str(folder)


def run(capsys, *words):
    code, said, warned = run_line(capsys, *words)
    return code, said.split(), warned


def shown(here, capsys, tmp_path, *plans):
    head = here.fake.store.branch("topic")
    folder = write(tmp_path / "shown", "a" * 40, *plans)
    return run(capsys, "show-plan", folder, "--pull", "1", "--head", head)


def merged(here, tmp_path, *plans):
    here.fake.merge(1)
    commit = here.fake.store.branch("main")
    return write(tmp_path / "merged", commit, *plans), commit


def test_what_was_shown_is_printed_and_what_was_not_is_explained(here, capsys, tmp_path):
    assert shown(here, capsys, tmp_path, plan(ONE))[0] == 0
    folder, commit = merged(here, tmp_path, plan(ONE), plan(TWO, "permission-set/X"))
    code, out, _ = run(capsys, "reviewed", folder, "--commit", commit)
    assert (code, out) == (0, [ONE])
    page = (tmp_path / "summary.md").read_text()
    assert "Shown on #1, unchanged, and now applied:" in page
    assert "1 plan is not what was shown on #1, and is **not** applied" in page
    assert f"gh workflow run apply.yml -f fingerprints='{TWO}'" in page


def test_a_plan_that_is_another_now_is_not_applied(here, capsys, tmp_path):
    """Somebody changed what is live, or another merge came in between: the fingerprint is another."""
    shown(here, capsys, tmp_path, plan(ONE))
    folder, commit = merged(here, tmp_path, plan(TWO))
    assert run(capsys, "reviewed", folder, "--commit", commit)[1] == []


def test_where_nothing_was_shown_nothing_is_applied_by_itself(here, capsys, tmp_path):
    folder, commit = merged(here, tmp_path, plan(ONE))
    assert run(capsys, "reviewed", folder, "--commit", commit)[1] == []
    assert f"was shown on no pull request of {commit[:8]}" in (tmp_path / "summary.md").read_text()


def test_a_plan_of_another_commit_is_refused(here, capsys, tmp_path):
    folder, _ = merged(here, tmp_path, plan(ONE))
    code, _, err = run(capsys, "reviewed", folder, "--commit", "b" * 40)
    assert (code, f"not of {'b' * 40}" in err) == (2, True)


def test_the_second_time_nothing_is_written(here, capsys, tmp_path):
    assert shown(here, capsys, tmp_path, plan(ONE))[1][-1] == "written"
    here.fake.forget()
    assert shown(here, capsys, tmp_path, plan(ONE))[1][-2:] == ["nothing", "new"]
    assert here.fake.writes == []


@pytest.mark.parametrize("commit", ["main", "abc", "$(touch x)", "A" * 40])
def test_only_whole_commit_ids_are_taken(here, capsys, tmp_path, commit):
    folder = write(tmp_path / "shown", "a" * 40, plan(ONE))
    assert run(capsys, "reviewed", folder, "--commit", commit)[0] == 2
