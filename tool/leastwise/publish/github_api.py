"""The port `Forge` on GitHub's REST API: PyGithub carries the requests, we decide what follows an answer."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import quote

from leastwise.errors import PublishError
from leastwise.publish.github_http import PAGE_SIZE, PUBLIC_API, GitHubHttp, decode, words
from leastwise.publish.github_wire import (
    WireBlob,
    WireBranch,
    WireComment,
    WireComparison,
    WireIssue,
    WirePull,
    WireRef,
    WireRepository,
    WireSha,
    WireTree,
)
from leastwise.publish.rate_limits import Reply

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from leastwise.publish.forge import (
        Comment,
        Divergence,
        ForgeRepository,
        Issue,
        NewCommit,
        PullRequest,
        Tip,
    )

_FILE_MODE = "100644"


class GitHubApi:
    """One repository on GitHub; every method is that of `Forge`."""

    def __init__(self, full_name: str, http: GitHubHttp) -> None:
        """``full_name`` is ``OWNER/NAME``; ``http`` speaks to that repository."""
        self._full_name = full_name
        self._http = http

    @classmethod
    def connect(cls, full_name: str, token: str, api_url: str = PUBLIC_API) -> GitHubApi:
        """The repository ``full_name`` as seen with ``token``.  No request is made yet.

        PyGithub is imported no earlier: most verbs do without, and it takes a quarter of a second.
        """
        from leastwise.publish.github_transport import PyGithubTransport  # noqa: PLC0415  see the docstring

        return cls(full_name, GitHubHttp(f"/repos/{full_name}", PyGithubTransport(token, api_url)))

    def repository(self) -> ForgeRepository:
        """`Forge.repository`."""
        return self._http.get("", WireRepository).value()

    def tip(self, branch: str) -> Tip | None:
        """`Forge.tip`."""
        path = f"/branches/{quote(branch, safe='')}"
        reply = self._http.request("GET", path, accept=(404,))
        return None if reply.status == 404 else decode(reply, WireBranch).value()

    def branches(self, prefix: str) -> Mapping[str, str]:
        """`Forge.branches`."""
        path = f"/git/matching-refs/heads/{quote(prefix)}"
        refs = [ref for page in self._http.pages(path, list[WireRef], {}) for ref in page]
        return {ref.ref.removeprefix("refs/heads/"): ref.object.sha for ref in refs}

    def blobs(self, tree: str) -> Mapping[str, str]:
        """`Forge.blobs`."""
        answer = self._http.get(f"/git/trees/{tree}", WireTree, {"recursive": "1"})
        if answer.truncated:
            raise PublishError(
                f"{self._full_name} has more files than GitHub lists at once (100,000, or 7 MB of names); "
                "keep principals.yaml and policies/ in a repository of their own"
            )
        return {entry.path: entry.sha for entry in answer.tree if entry.type == "blob"}

    def text(self, blob: str) -> str:
        """`Forge.text`."""
        answer = self._http.get(f"/git/blobs/{blob}", WireBlob)
        content = base64.b64decode(answer.content) if answer.encoding == "base64" else answer.content.encode()
        return content.decode(errors="replace")

    def divergence(self, base: str, head: str) -> Divergence:
        """`Forge.divergence`.  ``per_page`` bounds the commits of a page; the first page has the files."""
        pages = self._http.pages(f"/compare/{base}...{head}", WireComparison, {"per_page": str(PAGE_SIZE)})
        whole = next(pages)
        for page in pages:
            whole.commits.extend(page.commits)
        return whole.value()

    def write_commit(self, commit: NewCommit) -> str:
        """`Forge.write_commit`.  Nothing holds the new objects yet, so making them twice is harmless."""
        entries = [
            {"path": path, "mode": _FILE_MODE, "type": "blob", **_content(text)}
            for path, text in sorted(commit.files.items())
        ]
        tree = self._http.request("POST", "/git/trees", {"base_tree": commit.base_tree, "tree": entries})
        payload = {
            "message": commit.message,
            "tree": decode(tree, WireSha).sha,
            "parents": list(commit.parents),
        }
        return decode(self._http.request("POST", "/git/commits", payload), WireSha).sha

    def create_branch(self, branch: str, commit: str) -> bool:
        """`Forge.create_branch`."""
        path = f"/git/matching-refs/heads/{quote(branch)}"

        def find() -> WireRef | None:
            refs = self._http.get(path, list[WireRef])
            return next((ref for ref in refs if ref.ref == f"refs/heads/{branch}"), None)

        made = self._http.create("/git/refs", {"ref": f"refs/heads/{branch}", "sha": commit}, WireRef, find)
        if isinstance(made, WireRef):
            return made.object.sha == commit
        if "already exists" not in words(made):
            raise self._http.refusal("POST", "/git/refs", made)
        existing = find()
        return existing is not None and existing.object.sha == commit

    def advance_branch(self, branch: str, commit: str) -> bool:
        """`Forge.advance_branch`: ``force: false`` is compare-and-swap for a child of the tip."""
        path = f"/git/refs/heads/{quote(branch)}"
        reply = self._http.request("PATCH", path, {"sha": commit, "force": False}, accept=(404, 422))
        return reply.status == 200

    def delete_branch(self, branch: str) -> None:
        """`Forge.delete_branch`."""
        path = f"/git/refs/heads/{quote(branch)}"
        reply = self._http.request("DELETE", path, accept=(404, 422))
        if reply.status == 422 and "does not exist" not in words(reply):
            raise self._http.refusal("DELETE", path, reply)

    def pulls(self) -> tuple[PullRequest, ...]:
        """`Forge.pulls`."""
        query = {"state": "all", "sort": "created", "direction": "asc"}
        return tuple(
            pull.value()
            for pull in self._http.every("/pulls", WirePull, query)
            if pull.is_from(self._full_name)
        )

    def pull(self, number: int) -> PullRequest:
        """`Forge.pull`."""
        return self._http.get(f"/pulls/{number}", WirePull).value()

    def pulls_of(self, commit: str) -> tuple[PullRequest, ...]:
        """`Forge.pulls_of`."""
        found = self._http.every(f"/commits/{commit}/pulls", WirePull, {})
        return tuple(pull.value() for pull in found if pull.is_from(self._full_name))

    def open_pull(self, branch: str, base: str, title: str, body: str) -> PullRequest | None:
        """`Forge.open_pull`."""
        payload = {"title": title, "head": branch, "base": base, "body": body, "maintainer_can_modify": True}
        query = {"head": f"{self._full_name.partition('/')[0]}:{branch}", "state": "open"}

        def find() -> WirePull | None:
            return next(iter(self._http.get("/pulls", list[WirePull], query)), None)

        made = self._http.create("/pulls", payload, WirePull, find)
        if isinstance(made, WirePull):
            return made.value()
        if "already exists" in words(made):
            return None
        raise self._http.refusal("POST", "/pulls", made)

    def edit_pull(self, number: int, *, title: str | None = None, body: str | None = None) -> PullRequest:
        """`Forge.edit_pull`."""
        fields = {"title": title, "body": body}
        payload = {name: value for name, value in fields.items() if value is not None}
        return decode(self._http.request("PATCH", f"/pulls/{number}", payload), WirePull).value()

    def close_pull(self, number: int, body: str) -> PullRequest:
        """`Forge.close_pull`."""
        payload = {"state": "closed", "body": body}
        return decode(self._http.request("PATCH", f"/pulls/{number}", payload), WirePull).value()

    def reopen_pull(self, number: int, body: str) -> PullRequest | None:
        """`Forge.reopen_pull`.  Refused where the branch is gone or was recreated elsewhere."""
        payload = {"state": "open", "body": body}
        reply = self._http.request("PATCH", f"/pulls/{number}", payload, accept=(422,))
        return None if reply.status == 422 else decode(reply, WirePull).value()

    def add_labels(self, number: int, labels: Sequence[str]) -> None:
        """`Forge.add_labels`.  Labels are a set: adding them again changes nothing."""
        self._http.request("POST", f"/issues/{number}/labels", {"labels": list(labels)})

    def remove_label(self, number: int, label: str) -> None:
        """`Forge.remove_label`."""
        self._http.request("DELETE", f"/issues/{number}/labels/{quote(label, safe='')}", accept=(404,))

    def request_reviewers(self, number: int, users: Sequence[str], teams: Sequence[str]) -> str:
        """`Forge.request_reviewers`."""
        payload = {"reviewers": list(users), "team_reviewers": list(teams)}
        path = f"/pulls/{number}/requested_reviewers"
        reply = self._http.request("POST", path, payload, accept=(403, 404, 422))
        return "" if reply.status == 201 else words(reply)

    def comments(self, number: int) -> tuple[Comment, ...]:
        """`Forge.comments`."""
        return tuple(comment.value() for comment in self._comments(number))

    def add_comment(self, number: int, body: str) -> Comment:
        """`Forge.add_comment`.  The first line of ``body`` tells it from every other comment."""

        def find() -> WireComment | None:
            same = (found for found in self._comments(number) if _first_line(found.body) == _first_line(body))
            return next(same, None)

        path = f"/issues/{number}/comments"
        made = self._http.create(path, {"body": body}, WireComment, find)
        if isinstance(made, Reply):
            raise self._http.refusal("POST", path, made)
        return made.value()

    def edit_comment(self, comment: int, body: str) -> None:
        """`Forge.edit_comment`."""
        self._http.request("PATCH", f"/issues/comments/{comment}", {"body": body})

    def issues(self, label: str) -> tuple[Issue, ...]:
        """`Forge.issues`."""
        return tuple(issue.value() for issue in self._issues(label))

    def open_issue(self, title: str, body: str, labels: Sequence[str]) -> Issue:
        """`Forge.open_issue`.  Known again by its first label and the first line of its body."""

        def find() -> WireIssue | None:
            same = (
                found for found in self._issues(labels[0]) if _first_line(found.body) == _first_line(body)
            )
            return next(same, None)

        payload = {"title": title, "body": body, "labels": list(labels)}
        made = self._http.create("/issues", payload, WireIssue, find)
        if isinstance(made, Reply):
            raise self._http.refusal("POST", "/issues", made)
        return made.value()

    def edit_issue(self, number: int, *, body: str | None = None, is_open: bool | None = None) -> None:
        """`Forge.edit_issue`."""
        state = None if is_open is None else "open" if is_open else "closed"
        fields = {"body": body, "state": state}
        payload = {name: value for name, value in fields.items() if value is not None}
        self._http.request("PATCH", f"/issues/{number}", payload)

    def _comments(self, number: int) -> list[WireComment]:
        return self._http.every(f"/issues/{number}/comments", WireComment, {})

    def _issues(self, label: str) -> list[WireIssue]:
        found = self._http.every("/issues", WireIssue, {"labels": label, "state": "all"})
        return [issue for issue in found if issue.pull_request is None]


def _content(text: str | None) -> Mapping[str, object]:
    """What a tree entry holds; ``sha: null`` removes the file."""
    return {"sha": None} if text is None else {"content": text}


def _first_line(body: str | None) -> str:
    return (body or "").partition("\n")[0].rstrip()
