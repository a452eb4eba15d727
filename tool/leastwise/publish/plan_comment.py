"""The plan of a pull request as one comment on it, and what of a plan was shown there.

What is applied is what was reviewed: the comment says, beside the words, which fingerprints its plans have
and of which commit they were made, and only the workflow's own account is believed.  A plan that had no room
in the comment was not shown, and is not among them.  A fingerprint stands for what is live, what is wanted
and every call in between, so a comment that somebody edited can let nothing be applied but what a plan made
anew says too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.publish.forge import MAX_BODY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from leastwise.publish.forge import Forge, PullRequest

MARK = "<!-- leastwise:plan -->"
WORKFLOW = "github-actions[bot]"
"""Whose comments are believed: the account behind `GITHUB_TOKEN` of every workflow
(https://docs.github.com/en/actions/concepts/security/github_token, 2026-11)."""
_STATE = re.compile(r"<!-- leastwise:plan-of ([0-9a-f]{40,64}) is ((?:[0-9a-f]{64} )*)-->")
_SHOWN = re.compile(r"Fingerprint: `([0-9a-f]{64})`")
"""The line that ends a plan in Markdown; what quotes a policy never is a whole line."""
_CUT = "\n\n*(cut here: GitHub allows 65,536 characters in a comment)*"


@dataclass(frozen=True, slots=True)
class ShownPlan:
    """What a comment showed: on which pull request, of which commit, the plans with which fingerprints."""

    pull: int
    head: str
    fingerprints: frozenset[str]


@dataclass(frozen=True, slots=True)
class Shown:
    """Where the comment is, and whether anything was written."""

    pull: int
    is_written: bool


def show_plan(
    forge: Forge, number: int, head: str, fingerprints: Iterable[str], markdown: str, author: str = WORKFLOW
) -> Shown:
    """Have the plan in one comment on a pull request, edited only where it says something new.

    ``head`` is the last commit of the pull request.  A pull request that changes nothing in AWS gets no
    comment, unless an earlier one is to be put right.
    """
    wanted = sorted(fingerprints)
    body = _body(head, wanted, markdown)
    ours = [each for each in forge.comments(number) if _is_ours(each.body) and each.author == author]
    if not ours:
        if wanted:
            forge.add_comment(number, body)
        return Shown(number, is_written=bool(wanted))
    is_same = ours[0].body.splitlines() == body.splitlines()
    if not is_same:
        forge.edit_comment(ours[0].id, body)
    return Shown(number, is_written=not is_same)


def shown_plans(forge: Forge, commit: str, author: str = WORKFLOW) -> tuple[ShownPlan, ...]:
    """The plans that were shown on the pull requests by which a commit came to the default branch.

    A plan of an older commit of the pull request is not what was merged, and is left out.
    """
    branch = forge.repository().default_branch
    merged = [pull for pull in forge.pulls_of(commit) if pull.is_merged and pull.base == branch]
    return tuple(shown for pull in merged for shown in _shown_on(forge, pull, author))


def _shown_on(forge: Forge, pull: PullRequest, author: str) -> Iterator[ShownPlan]:
    for comment in forge.comments(pull.number):
        state = _state(comment.body) if comment.author == author else None
        if state and state[1] == pull.head:
            yield ShownPlan(pull.number, pull.head, frozenset(state[2].split()))


def _is_ours(body: str) -> bool:
    return body.splitlines()[:1] == [MARK]


def _state(body: str) -> re.Match[str] | None:
    """The state in the second line: no text of a policy ever gets there."""
    lines = body.split("\n")
    return _STATE.fullmatch(lines[1]) if _is_ours(body) and len(lines) > 1 else None


def _body(head: str, fingerprints: Iterable[str], markdown: str) -> str:
    wanted = list(fingerprints)
    text = _fitting(f"{markdown.strip()}\n", MAX_BODY - len(_stated(head, wanted)))
    shown = {found[1] for line in text.split("\n") if (found := _SHOWN.fullmatch(line))}
    return _stated(head, [each for each in wanted if each in shown]) + text


def _stated(head: str, fingerprints: Iterable[str]) -> str:
    """The mark, and the state of which ``_state`` is told."""
    return f"{MARK}\n<!-- leastwise:plan-of {head} is {''.join(f'{each} ' for each in fingerprints)}-->\n"


def _fitting(text: str, most: int) -> str:
    return text if len(text) <= most else text[: max(0, most - len(_CUT))] + _CUT
