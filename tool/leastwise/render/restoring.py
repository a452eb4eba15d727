"""What a proposal to restore says before anything else: what was denied, and since when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.model.evidence import DenialReason, calls_of
from leastwise.render.escape import code, plain
from leastwise.render.words import counted, title_name, titled, usage

if TYPE_CHECKING:
    from leastwise.case import Case
    from leastwise.model.applied import Applied
    from leastwise.model.evidence import Observation
    from leastwise.model.proposal import Proposal

CALLS = 20
"""Different denied requests that are listed."""


def title(proposal: Proposal, case: Case) -> str:
    """``Restore s3:DeleteObject for role api (111122223333): denied 12 times since #41 took it away``."""
    what, times = _what(proposal), counted(_denied(proposal), "time")
    it = "it" if len(_actions(proposal)) == 1 else "them"
    return (
        f"Restore {plain(what)} for {title_name(case.principal)}: "
        f"denied {times} since {_applies(proposal)} took {it} away"
    )


def verdict(proposal: Proposal) -> str:
    """One sentence for somebody whose program stands still."""
    return (
        f"Gives back {_what(proposal)}, denied {counted(_denied(proposal), 'time')} "
        f"since {_applies(proposal)} was applied. Grants nothing that was not granted before."
    )


def history(proposal: Proposal) -> str:
    """Which apply took the grants away, and what merging does; empty for other kinds."""
    if not proposal.undoes:
        return ""
    lines = [f"- {_told(applied)}" for applied in proposal.undoes]
    return (
        "### What took it away\n\n"
        + "\n".join(lines)
        + "\n\nMerged is not live: the next `leastwise apply` brings it back. Its statement then is younger "
        "than the window, so that nothing of it counts as unused for as long as a window lasts."
    )


def denials(proposal: Proposal) -> str:
    """On what was denied, call by call; empty for other kinds."""
    if not proposal.undoes:
        return ""
    seen = [seen for change in proposal.changes for seen in change.observations]
    lines = [
        f"- {code(one.key.request.action)} on {code(one.key.request.resource)}: {usage([one])}{_via(one)}"
        for one in seen
    ]
    return titled("What was denied", lines, CALLS)


def _via(seen: Observation) -> str:
    """What AWS says of the reason."""
    reason = seen.key.denial
    if reason is None or reason is DenialReason.UNQUALIFIED:
        return "; AWS does not say which policy refused it"
    return f"; AWS says: {reason.value} it"


def _told(applied: Applied) -> str:
    pull = f"#{applied.pull}, " if applied.pull else ""
    return f"{pull}commit {code(applied.commit)}, applied {applied.when:%Y-%m-%d %H:%M} UTC"


def _what(proposal: Proposal) -> str:
    """The one action, or how many."""
    actions = _actions(proposal)
    return actions[0] if len(actions) == 1 else counted(len(actions), "action")


def _actions(proposal: Proposal) -> list[str]:
    return sorted({change.action for change in proposal.changes})


def _denied(proposal: Proposal) -> int:
    return calls_of(seen for change in proposal.changes for seen in change.observations)


def _applies(proposal: Proposal) -> str:
    return " and ".join(dict.fromkeys(applied.name for applied in proposal.undoes))
