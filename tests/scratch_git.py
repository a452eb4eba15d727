"""Real git repositories in temporary folders: a bare remote, a clone of it, and somebody who works there."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

POLICY = '{\n  "Version": "2012-10-17",\n  "Statement": []\n}\n'
PAYMENTS = "111122223333/role/payments-api/main.json"

_PLAIN = {
    **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


def git(folder: Path, *arguments: str, given: str | None = None) -> str:
    """Run git as a person would, with a person's name; fails loudly."""
    person = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "init.defaultBranch=main"]
    done = subprocess.run(
        ["git", *person, *arguments],
        cwd=folder,
        env=_PLAIN,
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"git {arguments}: {done.stderr}"
    return done.stdout


@dataclass(frozen=True)
class Scratch:
    """A remote with one committed policy, and a clone."""

    remote: Path
    clone: Path

    def write(self, path: str, text: str) -> None:
        """Change a file of the clone's working tree."""
        file = self.clone / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())

    def commit(self, path: str, text: str, when: str = "2026-01-01T00:00:00Z") -> str:
        """Commit one file in the clone and push it."""
        self.write(path, text)
        git(self.clone, "add", "--all")
        subprocess.run(
            [
                "git",
                "-c",
                "user.name=Ada",
                "-c",
                "user.email=ada@example.com",
                "commit",
                "-q",
                "-m",
                f"Change {path}",
            ],
            cwd=self.clone,
            env={**_PLAIN, "GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when},
            check=True,
        )
        git(self.clone, "push", "-q", "origin", "HEAD:main")
        return git(self.clone, "rev-parse", "HEAD").strip()

    def remote_heads(self) -> dict[str, str]:
        """Every branch of the remote."""
        listed = git(self.remote, "for-each-ref", "--format=%(refname:short) %(objectname)", "refs/heads")
        return dict(line.split(" ") for line in listed.splitlines())


def make_scratch(folder: Path) -> Scratch:
    """A bare remote, and a clone with one commit that is pushed."""
    scratch = Scratch(folder / "remote.git", folder / "clone")
    git(folder, "init", "-q", "--bare", str(scratch.remote))
    git(folder, "clone", "-q", str(scratch.remote), str(scratch.clone))
    git(scratch.clone, "checkout", "-q", "-B", "main")
    scratch.write("principals.yaml", "version: 1\n")
    scratch.commit(f"policies/{PAYMENTS}", POLICY)
    return scratch


def checkout_state(folder: Path) -> tuple[str, bytes, str, str]:
    """All that must not change in a checkout: HEAD, index bytes, status, local refs."""
    index = Path(git(folder, "rev-parse", "--path-format=absolute", "--git-path", "index").strip())
    head = Path(git(folder, "rev-parse", "--path-format=absolute", "--git-path", "HEAD").strip())
    status = git(folder, "--no-optional-locks", "status", "--porcelain=v2", "--ignored")
    return head.read_text(), index.read_bytes(), status, git(folder, "for-each-ref")
