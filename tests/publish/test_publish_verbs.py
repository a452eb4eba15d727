"""``leastwise propose --publish github`` and its halves, as a person types them, on the fake GitHub."""

import json
import re
import shutil
import subprocess

import pytest

from leastwise.cli import main
from leastwise.demo import DEMO_NOW, build_demo
from tests.fakes.github import TOKEN, FakeGitHub
from tests.fakes.http_server import serve

ROLE = "arn:aws:iam::111122223333:role/media-ingest"
OTHER = "arn:aws:iam::111122223333:role/payments-api"
BRANCH = "leastwise/tighten/111122223333/role/media-ingest"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return build_demo(tmp_path_factory.mktemp("demo"), DEMO_NOW, 3_000)


class Desk:
    """A clone whose files the fake GitHub has too."""

    def __init__(self, root, fake, capsys):
        self.root, self.fake, self._capsys = root, fake, capsys

    def enrol(self, *roles, more=""):
        file = self.root / "principals.yaml"
        head = file.read_text("utf-8").split("principals:")[0]
        entries = "".join(f"  - arn: {role}\n    owners: []\n" for role in roles)
        file.write_text(f"{more}{head}principals:\n{entries}", "utf-8")

    def upload(self):
        listed = subprocess.run(
            ["git", "ls-files"], cwd=self.root, capture_output=True, text=True, check=True
        )
        files = {path: (self.root / path).read_text("utf-8") for path in listed.stdout.splitlines()}
        self.fake.push("main", files, message="Start")

    def run(self, *arguments):
        """Exit code, standard output and standard error."""
        self.fake.forget()
        at = ["--root", str(self.root), "--now", DEMO_NOW.isoformat()]
        with pytest.raises(SystemExit) as done:
            main([*arguments, *at])
        printed = self._capsys.readouterr()
        return done.value.code, printed.out, printed.err

    def propose(self, *options):
        return self.run("propose", "--publish", "github", *options)


@pytest.fixture
def desk(tmp_path, demo, monkeypatch, capsys):
    monkeypatch.setattr("leastwise.publish.github_http.SECONDS_BETWEEN_WRITES", 0.0)
    for name in (
        "GITHUB_ACTIONS",
        "GITHUB_STEP_SUMMARY",
        "GITHUB_REPOSITORY",
        "GITHUB_RUN_ID",
        "LEASTWISE_STATE",
    ):
        monkeypatch.delenv(name, raising=False)
    shutil.copytree(demo.root, tmp_path / "acme-iam")
    root = tmp_path / "acme-iam"
    declared = root / "principals.yaml"
    declared.write_text(re.sub(r"\.\./logs/", f"{demo.logs}/", declared.read_text("utf-8")), "utf-8")
    fake = FakeGitHub(tmp_path / "fake.git")
    with serve(fake) as url:
        monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
        monkeypatch.setenv("GITHUB_REPOSITORY", fake.full_name)
        monkeypatch.setenv("GITHUB_API_URL", url)
        made = Desk(root, fake, capsys)
        made.enrol(ROLE)
        made.upload()
        yield made
    assert fake.unknown == []


def boards(fake):
    return [item.body for item in fake.items.values() if not item.branch]


def test_in_one_process(desk):
    code, out, _ = desk.propose()
    assert code == 0
    (pull,) = desk.fake.open_pulls
    assert pull.branch == BRANCH
    assert re.search(r"^opened +https://", out, re.MULTILINE)
    assert "role media-ingest" in boards(desk.fake)[0]
    code, out, _ = desk.propose()
    assert (code, desk.fake.writes) == (0, [])
    assert "unchanged" in out


def test_what_people_declined_is_left_out_and_the_rest_is_proposed(desk):
    desk.propose()
    (pull,) = desk.fake.open_pulls
    desk.fake.close(pull.number)
    code, out, _ = desk.propose()
    assert code == 0
    assert desk.fake.open_pulls == []
    assert "declined" in out or "nothing to change" in out


def test_taken_out_of_principals_yaml_it_is_closed_unless_others_were_asked_for(desk):
    desk.propose()
    desk.enrol(OTHER)
    assert desk.propose("--principal", OTHER)[0] == 0
    assert BRANCH in {pull.branch for pull in desk.fake.open_pulls}
    assert desk.propose()[0] == 0
    assert BRANCH not in {pull.branch for pull in desk.fake.open_pulls}


def test_limits_are_kept_and_what_waits_is_on_the_dashboard(desk):
    desk.enrol(ROLE, OTHER)
    desk.propose("--max-open", "1")
    assert len(desk.fake.open_pulls) == 1
    assert "### Waiting" in boards(desk.fake)[0]


def test_a_dashboard_that_cannot_be_shown_loses_no_pull_request(desk):
    desk.fake.has_issues = False
    code, out, _ = desk.propose()
    assert code == 5
    assert "issues switched off" in out
    assert len(desk.fake.open_pulls) == 1


def test_in_actions_a_failure_is_annotated_and_the_page_written(desk, monkeypatch, tmp_path):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    desk.fake.public = True
    code, out, _ = desk.propose()
    assert code == 5
    assert "::error title=leastwise::acme/policies is public" in out
    assert desk.fake.writes == []
    desk.enrol(ROLE, more="public: true\n")
    assert desk.propose()[0] == 0
    assert "- [opened: tighten of role media-ingest" in (tmp_path / "summary.md").read_text("utf-8")


def test_a_public_repository_gets_no_artifact_either(desk, tmp_path):
    desk.fake.public = True
    code, _, err = desk.run("propose", "--publish", "handover", "--out", str(tmp_path / "out"))
    assert (code, (tmp_path / "out").exists()) == (5, False)
    assert "public: true" in err


@pytest.mark.parametrize(
    ("name", "words"), [("GITHUB_TOKEN", "GITHUB_TOKEN"), ("GITHUB_REPOSITORY", "--repository")]
)
def test_what_is_missing_is_said(desk, monkeypatch, name, words):
    monkeypatch.delenv(name)
    code, _, err = desk.propose()
    assert code == 2
    assert words in err


def test_in_two_halves_without_github_at_hand(desk, monkeypatch, tmp_path):
    out = str(tmp_path / "out")
    monkeypatch.delenv("GITHUB_TOKEN")
    assert desk.run("propose", "--publish", "handover", "--out", out)[0] == 0
    assert desk.fake.calls == []
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    code, printed, _ = desk.run("publish", out)
    assert code == 0
    assert re.search(r"^opened +https://", printed, re.MULTILINE)
    record = json.loads((tmp_path / "out" / "record.json").read_text("utf-8"))
    assert [each["outcome"] for each in record["outcomes"] if each["where"]] == ["opened"]


def test_telling_people_fails_no_run_and_says_why(desk, capsys, tmp_path):
    desk.enrol(ROLE, more="notify: {slack: {webhook_variable: NOBODY_SET_THIS}}\n")
    code, out, _ = desk.propose()
    assert code == 0
    assert "nobody was told: Slack" in out
    main(["notify", str(tmp_path), "--root", str(desk.root)])
    assert "record.json could not be read" in capsys.readouterr().err
