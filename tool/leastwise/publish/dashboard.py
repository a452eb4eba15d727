"""The dashboard: one issue for each repository, edited in place, and only where it says something new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.publish.forge import MAX_BODY
from leastwise.publish.github_run import checked_repository, need_issues
from leastwise.publish.labels import DASHBOARD

if TYPE_CHECKING:
    from leastwise.publish.forge import Forge, ForgeRepository, Issue

TITLE = "leastwise dashboard"
MARK = "<!-- leastwise:dashboard -->"

_CUT = "\n\n*(cut here: GitHub allows 65,536 characters in an issue)*"


@dataclass(frozen=True, slots=True)
class Shown:
    """Where the dashboard is, and what it said before; empty where it is new."""

    address: str
    before: str = ""


class Dashboard:
    """The issue found by its label and the mark in its first line, whatever people call it."""

    def __init__(self, forge: Forge, repository: ForgeRepository) -> None:
        """``Dashboard.connect`` asks for the repository."""
        self._forge = forge
        self._repository = repository

    @classmethod
    def connect(cls, forge: Forge, *, public: bool) -> Dashboard:
        """Raises `PublishError` for a public repository without ``public`` (`Declaration.public`)."""
        return cls(forge, checked_repository(forge, public=public))

    def ensure(self, markdown: str) -> Shown:
        """Have ``markdown`` in the issue: create, edit, reopen or nothing.

        Duplicates (two runs created one at once) are closed; the oldest stays.  Raises `PublishError` where
        the repository has no issues.
        """
        need_issues(self._repository, "the dashboard is one")
        body = _body(markdown)
        found = sorted(self._ours(), key=lambda issue: issue.number)
        if not found:
            return Shown(self._forge.open_issue(TITLE, body, [DASHBOARD]).url)
        first, *duplicates = found
        for issue in duplicates:
            if issue.is_open:
                self._forge.edit_issue(issue.number, is_open=False)
        self._bring_up_to_date(first, body)
        return Shown(first.url, first.body)

    def _ours(self) -> list[Issue]:
        return [issue for issue in self._forge.issues(DASHBOARD) if issue.body.startswith(MARK)]

    def _bring_up_to_date(self, issue: Issue, body: str) -> None:
        # GitHub's editor sends CRLF: lines that differ in nothing else are the same.
        is_same = issue.body.splitlines() == body.splitlines()
        if is_same and issue.is_open:
            return
        self._forge.edit_issue(
            issue.number, body=None if is_same else body, is_open=None if issue.is_open else True
        )


def _body(markdown: str) -> str:
    text = f"{MARK}\n{markdown.strip()}\n"
    if len(text) <= MAX_BODY:
        return text
    return text[: MAX_BODY - len(_CUT)] + _CUT
