"""Whose commits are on a branch: leastwise's own may be built upon, a person's are left alone."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from leastwise.publish.git import FINGERPRINT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leastwise.publish.forge import BranchCommit, Divergence

WEB_FLOW = "web-flow"
"""The account by which GitHub commits what is done on its pages."""


def only_ours(divergence: Divergence, bot: str) -> bool:
    """Whether every commit that a branch adds is leastwise's, or GitHub's merge of the base into it.

    ``bot`` is the login leastwise writes with; empty where it is not known.
    """
    return all(_is_ours(commit, bot) or _is_update(commit) for commit in divergence.commits)


def fingerprint_of(commit: BranchCommit) -> str:
    """The fingerprint in the message's last paragraph; empty if there is none."""
    for line in commit.message.rstrip().rsplit("\n\n", 1)[-1].splitlines():
        if line.startswith(f"{FINGERPRINT}: "):
            return line.removeprefix(f"{FINGERPRINT}: ").strip()
    return ""


def holds_exactly(divergence: Divergence, files: Mapping[str, str | None]) -> bool:
    """Whether a branch changes these files (path -> text, ``None``: removed) to this, and no other."""
    return divergence.files == {path: blob_sha(text) for path, text in files.items()}


def blob_sha(text: str | None) -> str | None:
    """Git's name for a file's content: SHA-1 of ``blob``, the size in bytes, NUL and the bytes."""
    if text is None:
        return None
    content = text.encode()
    header = b"blob %d\x00" % len(content)
    return hashlib.sha1(header + content, usedforsecurity=False).hexdigest()


def _is_ours(commit: BranchCommit, bot: str) -> bool:
    """It carries our trailer, and nobody else amended it (amending changes the committer)."""
    if not fingerprint_of(commit) or commit.committer not in (commit.author, WEB_FLOW):
        return False
    return not bot or commit.author == bot


def _is_update(commit: BranchCommit) -> bool:
    """The button "Update branch" was pressed: the base merged in, by GitHub."""
    return commit.parents > 1 and commit.committer == WEB_FLOW
