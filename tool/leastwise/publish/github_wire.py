"""The parts of GitHub's JSON that leastwise reads, and how they become the values of `forge`.

Fields that are not named here are ignored, so that GitHub may add some and an old GitHub Enterprise Server
may lack some.  Shapes: GitHub's OpenAPI description (npm ``@octokit/openapi`` 23.0.2).
"""

from __future__ import annotations

# msgspec reads these annotations when it decodes, so they must be there at run time.
from datetime import datetime  # noqa: TC003

import msgspec

from leastwise.publish.forge import (
    BranchCommit,
    Comment,
    Divergence,
    ForgeRepository,
    Issue,
    PullRequest,
    Tip,
)


class WireUser(msgspec.Struct):
    """An account.  GitHub sends an empty object for some commit authors."""

    login: str = ""


class WireLabel(msgspec.Struct):
    """A label of a pull request."""

    name: str = ""


class WireRepository(msgspec.Struct):
    """``GET /repos/{owner}/{repo}``, and the repository of a pull request's branch."""

    full_name: str
    default_branch: str = ""
    private: bool = True
    has_issues: bool = True

    def value(self) -> ForgeRepository:
        """Whether it is public: ``internal`` repositories of an enterprise are ``private`` here too."""
        return ForgeRepository(self.full_name, self.default_branch, not self.private, self.has_issues)


class WireBranchEnd(msgspec.Struct):
    """``head`` or ``base`` of a pull request; ``repo`` is null once a fork is deleted."""

    ref: str
    sha: str
    repo: WireRepository | None = None


class WirePull(msgspec.Struct):
    """A pull request, from a list or alone."""

    number: int
    html_url: str
    title: str
    head: WireBranchEnd
    base: WireBranchEnd
    state: str
    body: str | None = None
    user: WireUser | None = None
    labels: list[WireLabel] = []
    closed_at: datetime | None = None
    merged_at: datetime | None = None
    mergeable_state: str = ""

    def is_from(self, full_name: str) -> bool:
        """Whether its branch lies in the repository itself.  A fork may use any branch name it likes."""
        return self.head.repo is not None and self.head.repo.full_name.lower() == full_name.lower()

    def value(self) -> PullRequest:
        """The value, with an absent body as an empty one."""
        return PullRequest(
            number=self.number,
            url=self.html_url,
            title=self.title,
            body=self.body or "",
            author=self.user.login if self.user else "",
            branch=self.head.ref,
            head=self.head.sha,
            base=self.base.ref,
            is_open=self.state == "open",
            is_merged=self.merged_at is not None,
            labels=frozenset(label.name for label in self.labels),
            closed_at=self.closed_at,
            merge_state=self.mergeable_state,
        )


class WireSha(msgspec.Struct):
    """Any git object of which only the SHA matters."""

    sha: str


class WireGitCommit(msgspec.Struct):
    """What git knows of a commit."""

    message: str
    tree: WireSha


class WireCommit(msgspec.Struct):
    """A commit with the accounts that GitHub ties to it."""

    sha: str
    commit: WireGitCommit
    parents: list[WireSha]
    author: WireUser | None = None
    committer: WireUser | None = None

    def value(self) -> BranchCommit:
        """The value; an account GitHub does not know has an empty login."""
        return BranchCommit(
            sha=self.sha,
            message=self.commit.message,
            author=self.author.login if self.author else "",
            committer=self.committer.login if self.committer else "",
            parents=len(self.parents),
        )


class WireBranch(msgspec.Struct):
    """``GET /repos/{owner}/{repo}/branches/{branch}``."""

    commit: WireCommit

    def value(self) -> Tip:
        """Commit and tree at the tip."""
        return Tip(self.commit.sha, self.commit.commit.tree.sha)


class WireTreeEntry(msgspec.Struct):
    """One entry of a recursive tree."""

    path: str = ""
    type: str = ""
    sha: str = ""


class WireTree(msgspec.Struct):
    """``GET /repos/{owner}/{repo}/git/trees/{sha}?recursive=1``."""

    sha: str
    tree: list[WireTreeEntry]
    truncated: bool = False


class WireBlob(msgspec.Struct):
    """``GET /repos/{owner}/{repo}/git/blobs/{sha}``."""

    content: str
    encoding: str


class WireRef(msgspec.Struct):
    """A git reference."""

    ref: str
    object: WireSha


class WireFile(msgspec.Struct):
    """One file of a comparison."""

    filename: str
    status: str
    sha: str | None = None
    previous_filename: str | None = None


class WireComparison(msgspec.Struct):
    """One page of ``GET /repos/{owner}/{repo}/compare/{base}...{head}``; ``files`` come with the first."""

    behind_by: int
    commits: list[WireCommit]
    files: list[WireFile] = []

    def value(self) -> Divergence:
        """The value.  A rename is shown as what it is to git: one file gone, another there."""
        files = {file.filename: None if file.status == "removed" else file.sha for file in self.files}
        for file in self.files:
            if file.status == "renamed" and file.previous_filename:
                files[file.previous_filename] = None
        return Divergence(tuple(commit.value() for commit in self.commits), files, self.behind_by > 0)


class WireComment(msgspec.Struct):
    """A comment."""

    id: int
    body: str | None = None
    user: WireUser | None = None

    def value(self) -> Comment:
        """The value."""
        return Comment(self.id, self.body or "", self.user.login if self.user else "")


class WirePresence(msgspec.Struct):
    """An object of which only matters that it is there."""


class WireIssue(msgspec.Struct):
    """An issue.  GitHub's lists of issues hold pull requests too; those have ``pull_request``."""

    number: int
    html_url: str
    title: str
    state: str
    body: str | None = None
    pull_request: WirePresence | None = None

    def value(self) -> Issue:
        """The value."""
        return Issue(self.number, self.html_url, self.title, self.body or "", self.state == "open")


class WireErrorDetail(msgspec.Struct):
    """One entry of ``errors``."""

    resource: str = ""
    field: str | None = None
    code: str = ""
    message: str | None = None

    def sentence(self) -> str:
        """GitHub's words for it, or the fields where it has none."""
        return self.message or " ".join(part for part in (self.resource, self.field, self.code) if part)


class WireError(msgspec.Struct):
    """A refusal.  ``errors`` holds objects or strings, by endpoint."""

    message: str = ""
    errors: list[WireErrorDetail | str] | str = []

    def sentence(self) -> str:
        """Everything GitHub said, in one line."""
        if isinstance(self.errors, str):
            return f"{self.message}: {self.errors}"
        details = [error if isinstance(error, str) else error.sentence() for error in self.errors]
        return "; ".join(part for part in (self.message, *details) if part)
