"""Proposals and refusals as a page shows them."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.model.proposal import Proposal
from leastwise.render.pull_request import pull_request_title, short, verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leastwise.assess import Assessment
    from leastwise.model.proposal import FileChange, Obligation

DIFF_LINES = 600
"""Lines of diff on one page."""


@dataclass(frozen=True, slots=True)
class ProposedFile:
    """One file's diff: (``+``, ``-``, ``@`` or blank; the line) pairs."""

    path: str
    lines: tuple[tuple[str, str], ...]
    lines_cut: int


@dataclass(frozen=True, slots=True)
class Proposed:
    """One proposal."""

    kind: str
    title: str
    verdict: str
    short: str
    """``remove 30 actions, narrow 8 actions``."""
    obligations: tuple[Obligation, ...]
    recorded: int
    allowed: int
    notes: tuple[str, ...]
    files: tuple[ProposedFile, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """Why there is no proposal of a kind."""

    kind: str
    reason: str
    detail: str


def proposed(assessment: Assessment) -> tuple[Proposed, ...]:
    """Every proposal, with its proof and its diff."""
    found, room = [], DIFF_LINES
    for result in assessment.results:
        if not isinstance(result, Proposal):
            continue
        files = []
        for change in result.files:
            if change.before != change.after:
                files.append(_file(change, room))
                room -= len(files[-1].lines)
        found.append(
            Proposed(
                kind=result.kind.value,
                title=pull_request_title(result, assessment.case),
                verdict=verdict(result),
                short=short(result),
                obligations=result.proof.obligations,
                recorded=result.proof.recorded,
                allowed=result.proof.allowed,
                notes=result.notes,
                files=tuple(files),
            )
        )
    return tuple(found)


def refused(assessment: Assessment) -> tuple[Refused, ...]:
    """Every kind of proposal that was withheld."""
    return tuple(
        Refused(result.kind.value, result.reason.value, result.detail)
        for result in assessment.results
        if not isinstance(result, Proposal)
    )


def _file(change: FileChange, room: int) -> ProposedFile:
    lines = tuple(_diff(change))
    shown = max(room, 0)
    return ProposedFile(f"policies/{change.path}", lines[:shown], max(0, len(lines) - shown))


def _diff(change: FileChange) -> Iterator[tuple[str, str]]:
    before, after = ((text or "").split("\n") for text in (change.before, change.after))
    lines = difflib.unified_diff(before, after, lineterm="")
    for line in list(lines)[2:]:
        yield line[:1], line[1:]
