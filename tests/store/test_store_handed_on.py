"""Evidence that one job may not keep, and the next one does: compare and swap, and no other files."""

import json
from datetime import UTC, datetime

import pytest

from leastwise.errors import HandoverError
from leastwise.repo import Repository
from leastwise.store.branch import BRANCH, BranchShelf
from leastwise.store.handed_on import STATE_FILE, HandedOn, put_back
from tests.scratch_git import git, make_scratch

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)


@pytest.fixture
def scratch(tmp_path):
    return make_scratch(tmp_path)


def branch(scratch):
    repository = Repository.open(scratch.clone)
    return BranchShelf(repository, repository.remote(), BRANCH, NOW)


def hand_on(scratch, folder, text):
    shelf = HandedOn(branch(scratch), folder)
    assert shelf.swap({"principals/a.json": text}, shelf.load())


def test_the_next_job_keeps_what_this_one_found(scratch, tmp_path):
    hand_on(scratch, tmp_path / "out", "first")
    assert BRANCH not in scratch.remote_heads()
    assert put_back(tmp_path / "out", branch(scratch)) == ""
    assert git(scratch.remote, "show", f"{BRANCH}:evidence/principals/a.json") == "first"
    hand_on(scratch, tmp_path / "out", "second")
    assert put_back(tmp_path / "out", branch(scratch)) == ""
    assert branch(scratch).load().files == {"principals/a.json": "second"}


def test_what_another_run_kept_meanwhile_stays(scratch, tmp_path):
    hand_on(scratch, tmp_path / "slow", "slow")
    hand_on(scratch, tmp_path / "fast", "fast")
    assert put_back(tmp_path / "fast", branch(scratch)) == ""
    assert "another run" in put_back(tmp_path / "slow", branch(scratch))
    assert branch(scratch).load().files == {"principals/a.json": "fast"}


def test_without_a_state_nothing_is_done(scratch, tmp_path):
    assert put_back(tmp_path, branch(scratch)) == ""
    assert BRANCH not in scratch.remote_heads()


GOOD = {"format": "leastwise-state-handover", "version": 1, "before": "", "files": {"a.json": "x"}}
NAMES = ["../x", "/x", "a//b", "a/../b", "./a", "a\nb", "a\\b", ""]


@pytest.mark.parametrize("told", [GOOD | {"files": {name: "x"}} for name in NAMES], ids=map(repr, NAMES))
def test_no_other_file_can_be_named(scratch, tmp_path, told):
    (tmp_path / STATE_FILE).write_text(json.dumps(told))
    with pytest.raises(HandoverError):
        put_back(tmp_path, branch(scratch))


@pytest.mark.parametrize(
    "told",
    [
        {},
        GOOD | {"version": 2},
        GOOD | {"branch": "main"},
        GOOD | {"files": {"a": 1}},
        GOOD | {"format": "x"},
    ],
)
def test_what_we_did_not_write_is_refused(scratch, tmp_path, told):
    (tmp_path / STATE_FILE).write_text(json.dumps(told))
    with pytest.raises(HandoverError):
        put_back(tmp_path, branch(scratch))
    assert BRANCH not in scratch.remote_heads()
