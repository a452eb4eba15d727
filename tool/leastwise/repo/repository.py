"""One git repository: reading the committed policies, making commits, and branches of its remote."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from leastwise.errors import RepositoryError
from leastwise.repo.command import GitCommand, advice
from leastwise.repo.objects import REGULAR_FILES, Objects
from leastwise.repo.plain_files import POLICIES, decoded, not_a_plain_file
from leastwise.repo.values import Base, Commit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from leastwise.repo.values import Identity

COMMITS_READ = 200


class Repository:
    """A git repository as seen from the folder that holds ``principals.yaml``.

    That folder may be the repository's top or any folder below it; ``prefix`` is its path from the top
    (empty, or ending in ``/``).  Paths of policies count from ``policies/`` in that folder.
    Every method raises RepositoryError with git's own words and what to do about them.
    """

    def __init__(self, command: GitCommand, root: Path, prefix: str) -> None:
        """Use ``Repository.open``."""
        self._git = command
        self._objects = Objects(command)
        self.root = root
        self.prefix = prefix

    @classmethod
    def open(cls, root: Path) -> Repository:
        """The repository that holds ``root``: a checkout, a worktree, a bare or a shallow clone."""
        root = root.resolve()
        command, top = GitCommand.of_repository(root)
        below = root.relative_to(top).as_posix() if top else "."
        return cls(command, root, "" if below == "." else below + "/")

    def commit_id(self, revision: str) -> str:
        """The full ID of the commit that ``revision`` names."""
        found = self._git.text(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}", ok=(0, 1, 128)
        )
        if not found:
            raise RepositoryError(f"there is no commit {revision!r} in {self.root}: check `git log --all`")
        return found

    def policies_at(self, revision: str) -> dict[str, str]:
        """The committed JSON files: path below ``policies/`` -> text, in path order."""
        folder = f"{self.prefix}{POLICIES}/"
        objects: dict[str, str] = {}
        for mode, object_id, path in self._objects.listed(self.commit_id(revision), folder):
            below = path.removeprefix(folder)
            if mode not in REGULAR_FILES:
                raise not_a_plain_file(f"{POLICIES}/{below}")
            if path.endswith(".json"):
                objects[below] = object_id
        contents = self._objects.contents(objects.values())
        return {path: decoded(contents[objects[path]], f"{POLICIES}/{path}") for path in sorted(objects)}

    def files_at(self, revision: str, folder: str) -> dict[str, str]:
        """The committed files below a folder (``evidence/``) of ``root``: path below it -> text.

        Bytes that are no UTF-8 are replaced: the reader of such a text will find it damaged.
        """
        above = self.prefix + folder
        objects = {
            path.removeprefix(above): object_id
            for mode, object_id, path in self._objects.listed(self.commit_id(revision), above)
            if mode in REGULAR_FILES
        }
        contents = self._objects.contents(objects.values())
        return {path: contents[objects[path]].decode(errors="replace") for path in sorted(objects)}

    def text_at(self, revision: str, path: str) -> str | None:
        """One committed file, ``path`` counted from ``root``; ``None`` if it is not there."""
        for mode, object_id, found in self._objects.listed(self.commit_id(revision), self.prefix + path):
            if found == self.prefix + path:
                if mode not in REGULAR_FILES:
                    raise not_a_plain_file(path)
                return decoded(self._objects.contents([object_id])[object_id], path)
        return None

    def changed_at(
        self, path: str, first_line: int, last_line: int, revision: str = "HEAD"
    ) -> datetime | None:
        """When the youngest of these lines (counted from 1) came onto the branch, in UTC.

        ``path`` is below ``policies/``.  A merged line counts from the merge (``--first-parent``).
        ``None``: the file or the lines are not there.  In a shallow clone the answer is an upper bound: the
        lines are at least as old.
        """
        commit = self.commit_id(revision)
        text = self.text_at(commit, f"{POLICIES}/{path}")
        if text is None or last_line > len(text.splitlines()):
            return None
        lines, file = f"-L{first_line},{last_line}", f"{self.prefix}{POLICIES}/{path}"
        _, out, _ = self._git.run("blame", "--porcelain", "--first-parent", lines, commit, "--", file)
        times = re.findall(rb"^committer-time (\d+)$", out, re.MULTILINE)
        return datetime.fromtimestamp(max(map(int, times)), UTC)

    def paths_ever(self, folder: str, revision: str) -> tuple[str, ...]:
        """The JSON files right in a folder below ``policies/`` that a commit changed, sorted, gone or not."""
        place = f"{self.prefix}{POLICIES}/{folder}/"
        listed = self._git.text(
            "log", "-z", "--format=", "--name-only", self.commit_id(revision), "--", place
        )
        found = {path.removeprefix(place) for path in listed.replace("\n", "\0").split("\0") if path}
        return tuple(
            sorted(f"{folder}/{name}" for name in found if "/" not in name and name.endswith(".json"))
        )

    def texts_before(self, path: str, revision: str, most: int) -> tuple[str, ...]:
        """What a file below ``policies/`` held before its latest change on the branch, the latest first.

        At most ``most`` texts; a shallow clone knows fewer.
        """
        file = f"{self.prefix}{POLICIES}/{path}"
        limit = f"--max-count={most + 1}"
        commits = self._git.text(
            "log", "--format=%H", "--first-parent", limit, self.commit_id(revision), "--", file
        )
        texts = (self.text_at(commit, f"{POLICIES}/{path}") for commit in commits.splitlines()[1:])
        return tuple(text for text in texts if text is not None)

    def base(self, remote: str | None = None, branch: str | None = None) -> Base:
        """The remote's default branch, or ``branch``, as it is now on the remote; fetches what is missing."""
        remote = self._remote(remote)
        branch = branch or self._default_branch(remote)
        commit = self.remote_heads(remote, branch).get(branch)
        if commit is None:
            raise RepositoryError(
                f"the remote {remote!r} has no branch {branch!r}: push it "
                f"(`git push {remote} {branch}`), or name another one with --base"
            )
        self.fetch(remote, branch, commit)
        return Base(remote, branch, commit)

    def remote(self, wanted: str | None = None) -> str:
        """The name of a remote: ``wanted``, or the only one there is, or ``origin``."""
        return self._remote(wanted)

    def remote_heads(self, remote: str, pattern: str) -> dict[str, str]:
        """Branches on the remote now that match ``pattern`` (``leastwise/*``): name -> commit ID."""
        listed = self._git.text("ls-remote", "--heads", "--", remote, f"refs/heads/{pattern}")
        pairs = (line.split("\t", 1) for line in listed.splitlines())
        return {ref.removeprefix("refs/heads/"): commit for commit, ref in pairs}

    def fetch(self, remote: str, branch: str, commit: str) -> None:
        """Have ``commit``, the head of ``branch``, in the object store.  No ref of the user's moves."""
        status, _, _ = self._git.run("cat-file", "-e", f"{commit}^{{commit}}", ok=(0, 1, 128))
        if status != 0:
            self._git.run(
                "fetch", "--quiet", "--no-tags", "--refmap=", "--no-write-fetch-head", "--", remote,
                f"refs/heads/{branch}",
            )  # fmt: skip

    def read_commit(self, commit: str) -> Commit:
        """One commit of the object store."""
        return self._log("--max-count=1", commit)[0]

    def commits(self, base: str, tip: str) -> tuple[Commit, ...]:
        """Commits of ``tip`` that ``base`` does not have, youngest first; at most ``COMMITS_READ``.

        In a shallow clone commits older than the cut of ``base`` may be among the last.
        """
        return self._log(f"--max-count={COMMITS_READ}", tip, f"^{base}")

    def commit(
        self,
        base: str | None,
        changes: Mapping[str, str | None],
        message: str,
        author: Identity,
        now: datetime,
        *,
        orphan: bool = False,
    ) -> str:
        """Make a commit on top of ``base`` (``None``: a first commit); no branch points to it yet.

        ``changes`` maps paths counted from ``root`` to their new text; ``None`` removes the file.  An
        ``orphan`` takes over the files of ``base`` and not its history.  The same arguments give the same
        commit ID.
        """
        tree = self._objects.tree(base, {self.prefix + path: text for path, text in changes.items()})
        parents = ["-p", base] if base and not orphan else []
        return self._git.text(
            "commit-tree", tree, *parents, given=message.encode(), env=_signature(author, now)
        )

    def push(self, remote: str, commit: str, branch: str, expected: str | None) -> bool:
        """Point the remote's ``branch`` at ``commit`` if it still is at ``expected`` (``None``: not there).

        False when somebody else moved the branch in the meantime; nothing is changed then.
        """
        return self._push(remote, f"{commit}:refs/heads/{branch}", branch, expected)

    def delete_branch(self, remote: str, branch: str, expected: str) -> bool:
        """Delete the remote's ``branch`` if it still is at ``expected``; False when it was moved."""
        return self._push(remote, f":refs/heads/{branch}", branch, expected)

    def set_branch(self, branch: str, commit: str) -> None:
        """Point a branch of *this* repository at ``commit``: for repositories that leastwise itself made."""
        self._git.run("update-ref", f"refs/heads/{branch}", commit)

    def _remote(self, wanted: str | None) -> str:
        names = self._git.text("remote").splitlines()
        if wanted is None:
            wanted = names[0] if len(names) == 1 else "origin"
        if wanted not in names:
            raise RepositoryError(
                f"{self.root} has no git remote called {wanted!r} (it has {', '.join(names) or 'none'}): "
                f"name one with --remote, add it with `git remote add {wanted} URL`, or use --publish preview"
            )
        return wanted

    def _default_branch(self, remote: str) -> str:
        for line in self._git.text("ls-remote", "--symref", "--", remote, "HEAD").splitlines():
            if line.startswith("ref: refs/heads/") and line.endswith("\tHEAD"):
                return line.removeprefix("ref: refs/heads/").removesuffix("\tHEAD")
        raise RepositoryError(
            f"the remote {remote!r} does not say which branch is its default (is it empty?): push a"
            " first commit, or name the branch with --base"
        )

    def _log(self, limit: str, *revisions: str) -> tuple[Commit, ...]:
        form = "--format=%H%n%ae%n%ce%n%B"
        options = ("-z", "--topo-order", "--no-show-signature", "--no-mailmap", "--no-notes", limit, form)
        listed = self._git.text("log", *options, "--end-of-options", *revisions, "--")
        return tuple(Commit(*entry.split("\n", 3)) for entry in listed.split("\0") if entry)

    def _push(self, remote: str, refspec: str, branch: str, expected: str | None) -> bool:
        lease = f"--force-with-lease=refs/heads/{branch}:{expected or ''}"
        status, out, err = self._git.run(
            "push", "--porcelain", "--no-verify", "--no-signed", "--no-follow-tags",
            "--recurse-submodules=no", lease, "--", remote, refspec, ok=(0, 1),
        )  # fmt: skip
        if status == 0:
            return True
        said = f"{out.decode(errors='replace')}\n{err}"
        if "stale info" in said or "[rejected]" in said or "cannot lock ref" in said:
            return False
        raise RepositoryError(f"the remote {remote!r} refused the branch {branch!r}: {advice(said)}")


def init_bare(folder: Path, branch: str) -> Repository:
    """Make an empty bare repository whose default branch is ``branch``."""
    folder = folder.resolve()
    GitCommand.within(folder.parent).run(
        "init", "--quiet", "--bare", f"--initial-branch={branch}", "--template=", str(folder)
    )
    return Repository.open(folder)


def clone(remote: Path, folder: Path) -> Repository:
    """Clone a repository of this machine; its remote is called ``origin``."""
    folder = folder.resolve()
    GitCommand.within(folder.parent).run("clone", "--quiet", "--", str(remote.resolve()), str(folder))
    return Repository.open(folder)


def _signature(author: Identity, now: datetime) -> dict[str, str]:
    date = f"{int(now.timestamp())} +0000"
    return {
        "GIT_AUTHOR_NAME": author.name, "GIT_AUTHOR_EMAIL": author.email, "GIT_AUTHOR_DATE": date,
        "GIT_COMMITTER_NAME": author.name, "GIT_COMMITTER_EMAIL": author.email, "GIT_COMMITTER_DATE": date,
    }  # fmt: skip
