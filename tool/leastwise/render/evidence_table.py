"""The table of what changes, with the evidence for every line."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from leastwise.model.event import Outcome
from leastwise.model.proposal import ChangeKind
from leastwise.reference.actions import access_levels
from leastwise.render.escape import code, plain
from leastwise.render.words import listed, shortened, usage

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from leastwise.model.evidence import Observation
    from leastwise.model.finding import StatementRef
    from leastwise.model.proposal import GrantChange, Proposal

ROWS = 40
DETAILS = 300


class _Row(NamedTuple):
    """Changes that a reviewer reads as one: same statement, same service, same resources."""

    statement: StatementRef
    kind: ChangeKind
    service: str
    before: tuple[str, ...]
    after: tuple[str, ...]


def section(proposal: Proposal) -> str:
    """One row for every statement, service and set of resources."""
    rows: dict[_Row, list[GrantChange]] = defaultdict(list)
    for change in proposal.changes:
        service = change.action.partition(":")[0]
        rows[_Row(change.statement, change.kind, service, change.before, change.after)].append(change)
    lines = [_line(row, changes) for row, changes in rows.items()]
    table = ["| Change | Actions | Resources | Evidence |", "|---|---|---|---|", *lines[:ROWS]]
    if len(lines) > ROWS:
        table.append(f"| | | | *{len(lines) - ROWS:,} more rows are cut here* |")
    return "### What changes\n\n" + "\n".join(table)


def details(proposal: Proposal) -> str:
    """Every action with its own evidence, folded."""
    body = "\n".join(shortened([_detail(change) for change in proposal.changes], DETAILS))
    return f"<details><summary>Every action, with its evidence</summary>\n\n{body}\n\n</details>"


def _line(row: _Row, changes: list[GrantChange]) -> str:
    actions = sorted({change.action for change in changes})
    observations = [seen for change in changes for seen in change.observations]
    evidence = _usage(row.kind, observations)
    marks = "".join(
        f"<br>⚠ {plain(risk)}" for risk in sorted({risk for change in changes for risk in change.risk})
    )
    flags = sorted({flag.value for change in changes for flag in change.flags})
    words = "".join(f"<br>*{flag}*" for flag in flags)
    granted = f"{listed(actions)}<br>{_levels(actions)}{marks}"
    evidence = evidence or "no recorded call; calls would have been recorded"
    return f"| {row.kind.value} | {granted} | {_resources(row)} | {evidence}{words} |"


def _usage(kind: ChangeKind, observations: Sequence[Observation]) -> str:
    """What speaks for a change; what is added or restored may stand on calls that were denied."""
    if kind in (ChangeKind.ADOPTED, ChangeKind.DROPPED):
        return "changed by hand"
    used = usage(observations)
    is_denied = used and all(seen.key.outcome is Outcome.DENIED for seen in observations)
    return f"denied: {used}" if is_denied else used


def _levels(actions: Iterable[str]) -> str:
    """AWS's access levels of the actions: ``Read, Write``."""
    return ", ".join(sorted({level.value for action in actions for level in access_levels(action)}))


def _resources(row: _Row) -> str:
    if row.kind is ChangeKind.NARROWED:
        return f"{listed(row.before, 2)} → {listed(row.after)}"
    return listed(row.before or row.after)


def _detail(change: GrantChange) -> str:
    evidence = _usage(change.kind, change.observations)
    if change.kind is ChangeKind.REMOVED:
        evidence = evidence or "no recorded call"
    where = listed(change.after or change.before, 5)
    context = "".join(f" where {code(key)} is {code(value)}" for key, value in change.context)
    return f"- {change.kind.value} {code(change.action)} on {where}{context}" + (
        f": {evidence}" if evidence else ""
    )
