"""What leastwise needs of a code forge: some values and one port, with no GitHub client in sight.

Every method says what GitHub's answer to a race is: races are values (``False``, ``None``), never
exceptions.  What a person has to mend is raised as `PublishError`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

MAX_BODY = 65_536
"""Characters in the body of a pull request, issue or comment; one more is refused with
``body is too long (maximum is 65536 characters)`` (renovatebot/renovate#14551)."""


@dataclass(frozen=True, slots=True)
class ForgeRepository:
    """The repository that is written to."""

    full_name: str
    default_branch: str
    is_public: bool
    has_issues: bool

    @property
    def owner(self) -> str:
        """The organization or user before the slash."""
        return self.full_name.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Tip:
    """The commit a branch points to, and that commit's tree."""

    commit: str
    tree: str


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request from a branch of this repository (never from a fork)."""

    number: int
    url: str
    title: str
    body: str
    author: str
    branch: str
    head: str
    """Commit at the tip of ``branch``; of a closed pull request: the last one it had."""
    base: str
    is_open: bool
    is_merged: bool
    labels: frozenset[str]
    closed_at: datetime | None
    merge_state: str = ""
    """GitHub's ``mergeable_state`` (``clean``, ``dirty``, ``behind``, ``blocked``, ``unknown`` ...).  Only
    `Forge.pull` fills it; lists do not carry it."""


@dataclass(frozen=True, slots=True)
class BranchCommit:
    """One commit that a branch has and its base has not.  Logins are empty where GitHub knows no account."""

    sha: str
    message: str
    author: str
    committer: str
    parents: int


@dataclass(frozen=True, slots=True)
class Divergence:
    """A branch against its base: the commits it adds, and the files it changes since they parted."""

    commits: tuple[BranchCommit, ...]
    files: Mapping[str, str | None]
    """Path -> blob SHA at the branch's tip; ``None``: the branch removes the file."""
    is_behind: bool
    """Whether the base has commits that the branch lacks."""


@dataclass(frozen=True, slots=True)
class NewCommit:
    """A commit to be made: ``files`` (path -> text, ``None``: removed) on top of the tree ``base_tree``."""

    message: str
    parents: tuple[str, ...]
    base_tree: str
    files: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on a pull request or issue."""

    id: int
    body: str
    author: str = ""
    """The login of the account that wrote it; whoever may write to the repository may have edited it."""


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue that is no pull request."""

    number: int
    url: str
    title: str
    body: str
    is_open: bool


class Forge(Protocol):
    """The calls that publishing makes.  Every one of them costs at least one request.

    Any method raises `PublishError` where GitHub refuses for good or stays unreachable.
    """

    def repository(self) -> ForgeRepository:
        """Name, default branch and visibility."""

    def tip(self, branch: str) -> Tip | None:
        """Where a branch points; ``None``: there is no such branch."""

    def branches(self, prefix: str) -> Mapping[str, str]:
        """Branch name -> commit, of every branch whose name starts with ``prefix``."""

    def blobs(self, tree: str) -> Mapping[str, str]:
        """Path -> blob SHA, of every file of a tree."""

    def text(self, blob: str) -> str:
        """The text of a blob; bytes that are no UTF-8 are replaced."""

    def divergence(self, base: str, head: str) -> Divergence:
        """What ``head`` adds to ``base`` (both commits)."""

    def write_commit(self, commit: NewCommit) -> str:
        """Make a commit that no branch holds yet, and return its SHA.

        No author is given, so that GitHub signs it when the token is an app's or the workflow's (GitHub
        docs, "Signature verification for bots", read 2026-11).
        """

    def create_branch(self, branch: str, commit: str) -> bool:
        """Create a branch; ``False``: there already is one of that name."""

    def advance_branch(self, branch: str, commit: str) -> bool:
        """Move a branch *forward*; ``False``: it moved meanwhile (or is gone) and was left alone."""

    def delete_branch(self, branch: str) -> None:
        """Delete a branch; one that is gone is as good as deleted."""

    def pulls(self) -> tuple[PullRequest, ...]:
        """Every pull request, open and closed, from branches of this repository."""

    def pull(self, number: int) -> PullRequest:
        """One pull request as it is now."""

    def pulls_of(self, commit: str) -> tuple[PullRequest, ...]:
        """The pull requests that a commit of the default branch came by, and others that hold it."""

    def open_pull(self, branch: str, base: str, title: str, body: str) -> PullRequest | None:
        """Open a pull request; ``None``: one from ``branch`` is open already."""

    def edit_pull(self, number: int, *, title: str | None = None, body: str | None = None) -> PullRequest:
        """Change what is not ``None``, in one request."""

    def close_pull(self, number: int, body: str) -> PullRequest:
        """Close and set the body, in one request."""

    def reopen_pull(self, number: int, body: str) -> PullRequest | None:
        """Open again and set the body, in one request; ``None``: GitHub refuses."""

    def add_labels(self, number: int, labels: Sequence[str]) -> None:
        """Add labels; GitHub creates those that the repository does not know."""

    def remove_label(self, number: int, label: str) -> None:
        """Remove a label; one that is not there is as good as removed."""

    def request_reviewers(self, number: int, users: Sequence[str], teams: Sequence[str]) -> str:
        """Ask for reviews; returns GitHub's complaint, empty when it accepted.  No refusal raises."""

    def comments(self, number: int) -> tuple[Comment, ...]:
        """The comments of a pull request or issue, oldest first."""

    def add_comment(self, number: int, body: str) -> Comment:
        """Write a comment, once, whatever happens to the connection."""

    def edit_comment(self, comment: int, body: str) -> None:
        """Replace a comment's text."""

    def issues(self, label: str) -> tuple[Issue, ...]:
        """Every issue with a label, open and closed."""

    def open_issue(self, title: str, body: str, labels: Sequence[str]) -> Issue:
        """Open an issue, once, whatever happens to the connection."""

    def edit_issue(self, number: int, *, body: str | None = None, is_open: bool | None = None) -> None:
        """Change what is not ``None``."""
