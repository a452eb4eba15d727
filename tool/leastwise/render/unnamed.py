"""Grants of a first policy that are on ``*`` because records do not name the resource, and which records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.model.evidence import calls_of
from leastwise.model.request import ResourceForm
from leastwise.render.escape import code
from leastwise.render.words import listed, titled, usage

if TYPE_CHECKING:
    from leastwise.model.evidence import Observation
    from leastwise.model.proposal import GrantChange, Proposal

LINES = 30
PATTERNS = 5


def share(proposal: Proposal) -> str:
    """How many grants these are, as the end of a sentence; empty where there are none."""
    actions = {change.action for change in proposal.changes if _unnamed(change)}
    return f", but {len(actions)} of them on `*`: records do not name the resource" if actions else ""


def section(proposal: Proposal) -> str:
    """One line for each such grant: how many calls it stands for, an example, and what would do without.

    Where there is something to decide comes first.
    """
    changes = [change for change in proposal.changes if _unnamed(change)]
    lines = [_line(change) for change in sorted(changes, key=lambda change: not change.narrower)]
    return titled("On `*`, because records do not name the resource", lines, LINES)


def _unnamed(change: GrantChange) -> list[Observation]:
    """The uses whose records do not name the resource; what was only attempted has no records."""
    return [
        seen
        for seen in change.observations
        if seen.key.request.form is ResourceForm.UNRECORDED and not seen.is_attempt
    ]


def _line(change: GrantChange) -> str:
    unnamed = _unnamed(change)
    total, without = calls_of(change.observations), calls_of(unnamed)
    share = "all of its calls" if without == total else f"{without:,} of {total:,} calls"
    told = f"- {code(change.action)}: {share} ({usage(unnamed)})."
    if not change.narrower or change.narrower == ("*",):
        return told
    return (
        f"{told} The others need {listed(change.narrower, PATTERNS)}: with that in place of `*` in "
        f"{code(change.statement.path)}, {total - without:,} of {total:,} are allowed for certain, and the "
        "rest if they were on that too."
    )
