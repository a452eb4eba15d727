"""Reading history and making commits, on real git."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from leastwise.errors import DeclarationError, RepositoryError
from leastwise.repo import (
    Identity,
    Repository,
    clone,
    init_bare,
    unread_policies,
    working_policies,
)
from leastwise.repo.command import advice
from tests.scratch_git import PAYMENTS, POLICY, Scratch, checkout_state, git, make_scratch

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
SOMEONE = Identity("Bot", "bot@example.invalid")


@pytest.fixture
def scratch(tmp_path):
    return make_scratch(tmp_path)


def test_policies_are_read_as_committed_whatever_the_working_tree_says(scratch: Scratch):
    scratch.write(f"policies/{PAYMENTS}", "half an edit")
    repository = Repository.open(scratch.clone)
    assert repository.policies_at("HEAD") == {PAYMENTS: POLICY}
    assert working_policies(scratch.clone) == {PAYMENTS: "half an edit"}


def test_line_ends_and_other_files_survive(scratch: Scratch):
    scratch.commit("policies/shared/crlf.json", "{}\r\n")
    scratch.commit("policies/README.md", "not a policy")
    assert Repository.open(scratch.clone).policies_at("HEAD")["shared/crlf.json"] == "{}\r\n"
    assert "README.md" not in Repository.open(scratch.clone).policies_at("HEAD")


def test_a_repository_without_policies_has_none(scratch: Scratch):
    repository = Repository.open(scratch.clone)
    git(scratch.clone, "rm", "-rq", "policies")
    git(scratch.clone, "commit", "-qm", "Remove all")
    assert repository.policies_at("HEAD") == {}
    assert working_policies(scratch.clone) == {}


def test_bytes_that_are_no_text_are_named_with_their_place(scratch: Scratch):
    (scratch.clone / "policies/bad.json").write_bytes(b'{\n "\xff"}')
    with pytest.raises(
        DeclarationError, match=r"policies/bad.json:2:3: expected text in UTF-8, found byte 0xff"
    ):
        working_policies(scratch.clone)


@pytest.mark.parametrize("name", ["policies/link.json", "policies/444455556666", "policies/notes"])
def test_a_link_is_no_policy(scratch: Scratch, name: str):
    """Nor is what lies behind a linked folder, which no policy's path would show."""
    (scratch.clone / name).symlink_to("/etc/hostname" if name.endswith("json") else "/etc")
    git(scratch.clone, "add", "--all")
    git(scratch.clone, "commit", "-qm", "Link")
    with pytest.raises(DeclarationError, match="a plain file"):
        working_policies(scratch.clone)
    with pytest.raises(DeclarationError, match="a plain file"):
        Repository.open(scratch.clone).policies_at("HEAD")


def test_a_link_in_the_place_of_all_policies_is_an_error(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "policies").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DeclarationError, match="a plain file"):
        working_policies(tmp_path)


def test_what_looks_like_a_policy_and_is_not_read_is_known(tmp_path):
    folder = tmp_path / "policies/111122223333/role/a"
    folder.mkdir(parents=True)
    for name in ("main.JSON", "main.yaml", "main.json", "README.md", ".gitkeep"):
        (folder / name).write_text("{}")
    names = unread_policies(tmp_path)
    assert names == tuple(f"policies/111122223333/role/a/main.{end}" for end in ("JSON", "yaml"))


def test_one_file_or_none(scratch: Scratch):
    repository = Repository.open(scratch.clone)
    assert repository.text_at("HEAD", "principals.yaml") == "version: 1\n"
    assert repository.text_at("HEAD", "policies") is None
    assert repository.text_at("HEAD", "nowhere") is None


def test_a_root_below_the_top_sees_its_own_policies(scratch: Scratch):
    scratch.commit("infra/iam/policies/shared/a.json", "{}")
    repository = Repository.open(scratch.clone / "infra" / "iam")
    assert repository.prefix == "infra/iam/"
    assert repository.policies_at("HEAD") == {"shared/a.json": "{}"}
    assert repository.changed_at("shared/a.json", 1, 1) == datetime(2026, 1, 1, tzinfo=UTC)
    commit = repository.commit(
        repository.commit_id("HEAD"), {"policies/shared/a.json": "[]"}, "m", SOMEONE, NOW
    )
    assert git(scratch.clone, "show", f"{commit}:infra/iam/policies/shared/a.json") == "[]"


def test_lines_are_as_old_as_their_last_change(scratch: Scratch):
    scratch.commit("policies/a.json", "{\n1\n2\n}\n", "2026-02-01T00:00:00Z")
    scratch.commit("policies/a.json", "{\n1\n3\n}\n", "2026-05-01T12:00:00+02:00")
    repository = Repository.open(scratch.clone)
    assert repository.changed_at("a.json", 1, 2) == datetime(2026, 2, 1, tzinfo=UTC)
    assert repository.changed_at("a.json", 1, 4) == datetime(2026, 5, 1, 10, tzinfo=UTC)
    assert repository.changed_at("a.json", 9, 9) is None
    assert repository.changed_at("gone.json", 1, 1) is None


def test_merged_lines_count_from_the_merge(scratch: Scratch, monkeypatch):
    git(scratch.clone, "checkout", "-q", "-b", "topic")
    scratch.commit("policies/b.json", "{}\n", "2026-01-02T00:00:00Z")
    git(scratch.clone, "checkout", "-q", "main")
    git(scratch.clone, "merge", "-q", "--no-ff", "-m", "Merge", "topic")
    landed = int(git(scratch.clone, "log", "-1", "--format=%ct"))
    changed = Repository.open(scratch.clone).changed_at("b.json", 1, 1)
    assert changed is not None
    assert changed.timestamp() == landed


def test_a_shallow_clone_gives_an_upper_bound(scratch: Scratch, tmp_path):
    scratch.commit("principals.yaml", "version: 2\n", "2026-06-01T00:00:00Z")
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{scratch.remote}", "shallow")
    repository = Repository.open(tmp_path / "shallow")
    assert (tmp_path / "shallow" / ".git" / "shallow").is_file()
    assert repository.changed_at(PAYMENTS, 1, 4) == datetime(2026, 6, 1, tzinfo=UTC)
    assert Repository.open(scratch.clone).changed_at(PAYMENTS, 1, 4) < datetime(2026, 6, 1, tzinfo=UTC)


def test_a_commit_touches_nothing_of_the_checkout(scratch: Scratch):
    scratch.write(f"policies/{PAYMENTS}", "dirty")
    scratch.write("untracked", "mine")
    scratch.write("staged", "mine too")
    git(scratch.clone, "add", "staged")
    git(scratch.clone, "status")
    before = checkout_state(scratch.clone)
    repository = Repository.open(scratch.clone)
    base = repository.commit_id("HEAD")
    changes = {f"policies/{PAYMENTS}": None, 'policies/new/ü "x".json': "{}"}
    commit = repository.commit(base, changes, "Title\n\nBody\n", SOMEONE, NOW)
    assert checkout_state(scratch.clone) == before
    assert git(scratch.clone, "diff-tree", "-r", "-z", "--name-status", base, commit).split("\0")[:4] == [
        "D", f"policies/{PAYMENTS}", "A", "policies/new/ü \"x\".json",
    ]  # fmt: skip
    assert repository.commit(base, changes, "Title\n\nBody\n", SOMEONE, NOW) == commit
    assert git(scratch.clone, "log", "-1", "--format=%an %ae %cn %ce %at %ct %P", commit).split() == [
        "Bot", SOMEONE.email, "Bot", SOMEONE.email, *2 * [str(int(NOW.timestamp()))], base,
    ]  # fmt: skip


def test_a_changed_file_keeps_its_mode(scratch: Scratch):
    (scratch.clone / "policies" / PAYMENTS).chmod(0o755)
    git(scratch.clone, "commit", "-qam", "Mode")
    repository = Repository.open(scratch.clone)
    commit = repository.commit("HEAD", {f"policies/{PAYMENTS}": "[]"}, "m", SOMEONE, NOW)
    assert git(scratch.clone, "ls-tree", "-r", commit, "--", "policies").startswith("100755")


def test_hooks_signing_filters_and_prompts_of_the_user_do_not_interfere(scratch: Scratch, tmp_path):
    hook = tmp_path / "hooks" / "pre-push"
    hook.parent.mkdir()
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    for name in ("pre-commit", "reference-transaction", "post-index-change"):
        shutil.copy(hook, hook.parent / name)
    for setting in (
        ("core.hooksPath", str(hook.parent)), ("commit.gpgSign", "true"), ("push.gpgSign", "true"),
        ("gpg.program", "/nonexistent"), ("core.autocrlf", "true"), ("core.fsmonitor", "/nonexistent"),
        ("core.splitIndex", "true"), ("log.showSignature", "true"), ("push.followTags", "true"),
        ("color.ui", "always"), ("blame.showEmail", "true"),
    ):  # fmt: skip
        git(scratch.clone, "config", *setting)
    repository = Repository.open(scratch.clone)
    commit = repository.commit("HEAD", {"policies/c.json": "{}\r\n"}, "m", SOMEONE, NOW)
    assert repository.push("origin", commit, "leastwise/x", None)
    assert repository.policies_at(commit)["c.json"] == "{}\r\n"
    assert repository.changed_at(PAYMENTS, 1, 1) is not None
    assert repository.read_commit(commit).message == "m"
    assert not list((scratch.clone / ".git").glob("sharedindex.*"))


def test_variables_of_a_calling_git_do_not_lead_elsewhere(scratch: Scratch, tmp_path, monkeypatch):
    other = make_scratch(tmp_path_below(tmp_path))
    monkeypatch.setenv("GIT_DIR", str(other.clone / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other.clone))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other.clone / ".git" / "index"))
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Mallory")
    repository = Repository.open(scratch.clone)
    commit = repository.commit("HEAD", {"policies/d.json": "{}"}, "m", SOMEONE, NOW)
    assert git(scratch.clone, "log", "-1", "--format=%an", commit).strip() == "Bot"
    assert os.environ["GIT_DIR"] == str(other.clone / ".git")


def tmp_path_below(folder: Path) -> Path:
    below = folder / "other"
    below.mkdir()
    return below


def test_the_base_is_the_remotes_default_branch_as_it_is_now(scratch: Scratch, tmp_path):
    git(tmp_path, "clone", "-q", str(scratch.remote), "behind")
    newest = scratch.commit("policies/e.json", "{}")
    behind = tmp_path / "behind"
    state = checkout_state(behind)
    repository = Repository.open(behind)
    base = repository.base()
    assert (base.remote, base.branch, base.commit) == ("origin", "main", newest)
    assert "e.json" in repository.policies_at(base.commit)
    assert checkout_state(behind) == state
    with pytest.raises(RepositoryError, match=r"no branch 'release'.*--base"):
        repository.base(branch="release")


def test_detached_head_worktree_and_bare_clone(scratch: Scratch, tmp_path):
    git(scratch.clone, "checkout", "-q", "--detach")
    assert Repository.open(scratch.clone).base().branch == "main"
    git(scratch.clone, "worktree", "add", "-q", str(tmp_path / "tree"), "--detach")
    worktree = Repository.open(tmp_path / "tree")
    before = checkout_state(tmp_path / "tree")
    commit = worktree.commit("HEAD", {"policies/f.json": "{}"}, "m", SOMEONE, NOW)
    assert checkout_state(tmp_path / "tree") == before
    assert worktree.policies_at(commit).keys() == {PAYMENTS, "f.json"}
    git(tmp_path, "clone", "-q", "--bare", str(scratch.remote), "bare.git")
    bare = Repository.open(tmp_path / "bare.git")
    assert bare.policies_at("main") == {PAYMENTS: POLICY}
    assert bare.base().branch == "main"


def test_commits_of_a_branch_with_their_people(scratch: Scratch):
    repository = Repository.open(scratch.clone)
    base = repository.commit_id("HEAD")
    ours = repository.commit(base, {"policies/g.json": "{}"}, "Ours\n\nTrailer: x\n", SOMEONE, NOW)
    git(scratch.clone, "checkout", "-q", ours)
    git(scratch.clone, "commit", "-q", "--allow-empty", "-m", "Theirs")
    found = repository.commits(base, "HEAD")
    assert [(c.author_email, c.committer_email, c.message.strip()) for c in found] == [
        ("ada@example.com", "ada@example.com", "Theirs"),
        (SOMEONE.email, SOMEONE.email, "Ours\n\nTrailer: x"),
    ]


def test_a_push_never_overwrites_what_it_has_not_seen(scratch: Scratch):
    repository = Repository.open(scratch.clone)
    first = repository.commit("HEAD", {"policies/h.json": "1"}, "1", SOMEONE, NOW)
    second = repository.commit("HEAD", {"policies/h.json": "2"}, "2", SOMEONE, NOW)
    assert repository.push("origin", first, "leastwise/h", None)
    assert not repository.push("origin", second, "leastwise/h", None)
    assert not repository.push("origin", second, "leastwise/h", second)
    assert repository.remote_heads("origin", "leastwise/*") == {"leastwise/h": first}
    assert repository.push("origin", second, "leastwise/h", first)
    assert not repository.delete_branch("origin", "leastwise/h", first)
    assert repository.delete_branch("origin", "leastwise/h", second)
    assert repository.remote_heads("origin", "leastwise/*") == {}


def test_errors_say_what_to_do(scratch: Scratch, tmp_path):
    with pytest.raises(RepositoryError, match="git init"):
        Repository.open(tmp_path)
    git(scratch.clone, "remote", "remove", "origin")
    with pytest.raises(RepositoryError, match=r"git remote add origin URL.*--publish preview"):
        Repository.open(scratch.clone).base()
    with pytest.raises(RepositoryError, match="there is no commit 'v9'"):
        Repository.open(scratch.clone).commit_id("v9")
    git(tmp_path, "init", "-q", "--bare", "empty.git")
    git(scratch.clone, "remote", "add", "origin", str(tmp_path / "empty.git"))
    with pytest.raises(RepositoryError, match=r"default.*--base"):
        Repository.open(scratch.clone).base()


def test_secrets_of_an_address_are_never_printed(scratch: Scratch):
    git(scratch.clone, "remote", "set-url", "origin", "https://bot:hunter2@127.0.0.1:1/x?token=t0ps3cret")
    with pytest.raises(RepositoryError) as caught:
        Repository.open(scratch.clone).base()
    assert "hunter2" not in str(caught.value)
    assert "t0ps3cret" not in str(caught.value)
    assert "127.0.0.1" in str(caught.value)
    assert caught.value.__cause__ is None
    assert advice("fatal: cannot reach 'https://t0k@h/r'\nhint: x") == "fatal: cannot reach 'https://***@h/r'"


def test_a_revision_that_looks_like_an_option_is_a_revision(scratch: Scratch):
    with pytest.raises(RepositoryError, match="there is no commit '--all'"):
        Repository.open(scratch.clone).commit_id("--all")


def test_a_bare_repository_and_its_clone_are_made_where_a_relative_path_points(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    bare = init_bare(Path("made.git"), "main")
    bare.set_branch("main", bare.commit(None, {"a": "text\n"}, "First", Identity("a", "a@example.com"), NOW))
    clone(Path("made.git"), Path("clone"))
    assert (tmp_path / "made.git" / "HEAD").is_file()
    assert (tmp_path / "clone" / "a").read_text() == "text\n"
