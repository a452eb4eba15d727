"""``leastwise propose`` on what somebody changed by hand: reported, imported or to be undone, as declared."""

import json

import boto3
import pytest

from tests.builders import NOW, allow, policy
from tests.command_line import run as run_line
from tests.fakes.iam_account import ACCOUNT, environment, mocked
from tests.scratch_git import git

ROLE = f"arn:aws:iam::{ACCOUNT}:role/api"
FILE = f"policies/{ACCOUNT}/role/api/api-main.json"
COMMITTED, BY_HAND = policy(allow("s3:GetObject")), policy(allow(["s3:GetObject", "s3:PutObject"]))
DECLARED = f"""\
version: 1
sources: {{logs: {{kind: trail-files, path: logs/}}}}
accounts: {{"{ACCOUNT}": {{role: "arn:aws:iam::{ACCOUNT}:role/leastwise-read"}}}}
principals:
  - arn: {ROLE}
    source: logs
    ownership: apply
"""


@pytest.fixture
def root(tmp_path, monkeypatch):
    environment(monkeypatch)
    file = tmp_path / "repo" / FILE
    file.parent.mkdir(parents=True)
    file.write_text(COMMITTED)
    (tmp_path / "repo" / "logs").mkdir()
    git(tmp_path / "repo", "init", "-q")
    with mocked():
        iam = boto3.client("iam")
        iam.create_role(RoleName="api", AssumeRolePolicyDocument="{}")
        arn = iam.create_policy(PolicyName="api-main", PolicyDocument=BY_HAND)["Policy"]["Arn"]
        iam.attach_role_policy(RoleName="api", PolicyArn=arn)
        yield tmp_path / "repo"


def declared(root, drift):
    (root / "principals.yaml").write_text(f"{DECLARED}    drift: {drift}\n")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "Declare")


def run(capsys, *words):
    code, said, _ = run_line(capsys, *words, "--now", NOW.isoformat())
    return code, said


def handed_over(capsys, root):
    out = root / "out"
    assert run(capsys, "propose", "--root", str(root), "--publish", "handover", "--out", str(out))[0] == 0
    return json.loads((out / "handover.json").read_text())


def test_it_is_reported(capsys, root):
    declared(root, "report")
    handover = handed_over(capsys, root)
    (report,) = handover["reports"]
    assert report["live"] == {
        "differs": [f"{FILE.removeprefix('policies/')}: the live one grants more"],
        "unread": "",
        "undone_by": "",
    }
    assert handover["proposals"] == []


def test_it_is_imported(capsys, root):
    declared(root, "propose")
    (proposal,) = handed_over(capsys, root)["proposals"]
    assert proposal["kind"] == "adopt"
    assert json.loads(proposal["files"][0]["after"]) == json.loads(BY_HAND)
    assert "s3:PutObject" in proposal["body"]


def test_it_is_to_be_undone_by_the_plan_that_plan_shows(capsys, root):
    declared(root, "undo")
    (report,) = handed_over(capsys, root)["reports"]
    shown = json.loads(run(capsys, "plan", "--root", str(root), "--format", "json")[1])
    assert report["live"]["undone_by"] in json.dumps(shown)
    assert len(report["live"]["undone_by"]) == 64


def test_what_waits_to_be_applied_is_neither_imported_nor_undone(capsys, root):
    """The live text was committed before: a merge waits, and nobody changed anything by hand."""
    (root / FILE).write_text(BY_HAND)
    declared(root, "undo")
    (root / FILE).write_text(COMMITTED)
    git(root, "commit", "-q", "-a", "-m", "Tighten")
    (report,) = handed_over(capsys, root)["reports"]
    assert report["live"]["differs"][0].endswith("(live is what was committed before)")
    assert report["live"]["undone_by"] == ""
