"""``leastwise journal``: what was applied, and brought from one place to another."""

import shutil

import pytest

from leastwise.cli import main
from tests.builders import NOW, ROLE
from tests.command_line import run
from tests.scratch_git import git
from tests.verbs.watched_repository import a_record, make


def journal(capsys, folder, state, *words):
    return run(capsys, "journal", "--root", folder, "--now", NOW.isoformat(), "--state", state, *words)


def test_it_tells_what_was_applied(capsys, tmp_path):
    folder = make(tmp_path / "repo", a_record(), calls=[])
    code, out, _ = journal(capsys, folder, str(folder / "state"))
    assert code == 0
    what = "apply of commit cccccccccccc (#41): done, 1 of 1 call made, plan ffffffffffffffff"
    assert out.splitlines() == [ROLE, f"  2026-11-22 06:00 UTC {what}"]


def test_where_nothing_was_it_says_so(capsys, tmp_path):
    folder = make(tmp_path / "repo", calls=[])
    assert "nothing was applied" in journal(capsys, folder, str(folder / "state"))[1]


@pytest.fixture
def remote(tmp_path):
    git(tmp_path, "init", "-q", "--bare", "remote.git")
    return tmp_path / "remote.git"


def test_from_the_branch_to_a_folder_and_back_nothing_is_lost(capsys, tmp_path, remote):
    """As the jobs of apply.yml do: another run keeps something on the branch meanwhile."""
    folder = make(tmp_path / "repo", a_record(pull=1), calls=[])
    git(folder, "remote", "add", "origin", str(remote))
    branch, here = ("branch", str(tmp_path / "taken"))
    assert journal(capsys, folder, str(folder / "state"), "--copy-to", branch)[0] == 0
    assert journal(capsys, folder, branch, "--copy-to", here)[0] == 0
    shutil.rmtree(folder / "state")
    other = make(tmp_path / "other", a_record(NOW, pull=2), calls=[])
    git(other, "remote", "add", "origin", str(remote))
    assert journal(capsys, other, str(other / "state"), "--copy-to", branch)[0] == 0
    assert journal(capsys, folder, here, "--copy-to", branch)[0] == 0
    told = journal(capsys, folder, branch)[1]
    assert [word for word in ("(#1)", "(#2)") if word in told] == ["(#1)", "(#2)"]
    assert git(remote, "log", "--oneline", "leastwise/evidence").count("\n") == 1


def test_without_a_place_it_asks_for_one(capsys, tmp_path):
    with pytest.raises(SystemExit) as ended:
        main(["journal", "--root", str(tmp_path)])
    assert ended.value.code == 2
