"""What a plan changes of each policy, in words and in form; from what is live to what is committed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from leastwise.drift.differences import Difference, meaning, structural
from leastwise.model.policies import PolicyKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from leastwise.model.live import LivePolicy
    from leastwise.plan.order import Move

_EFFECTS = {
    Difference.SAME_MEANING: "means the same, written otherwise",
    Difference.LIVE_GRANTS_MORE: "takes something away",
    Difference.LIVE_GRANTS_LESS: "adds something",
    Difference.EACH_GRANTS_MORE: "takes something away and adds something",
    Difference.UNDECIDED: "whether it means the same could not be decided",
}


class What(Enum):
    """What becomes of a policy."""

    NEW = "new"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class PolicyDelta:
    """One policy that differs.  ``changes`` are structural, from what is live to what is committed."""

    path: str
    what: What
    effect: str = ""
    """What a change means; of what comes and goes, what is done with it."""
    version: str = ""
    """The default version of a managed policy now."""
    changes: tuple[str, ...] = ()


def deltas(moves: Iterable[Move]) -> tuple[PolicyDelta, ...]:
    """One for each policy that moves, however often it does, by path."""
    first: dict[str, LivePolicy | None] = {}
    last: dict[str, LivePolicy | None] = {}
    for move in moves:
        first.setdefault(move.path, move.before)
        last[move.path] = move.after
    return tuple(found for path in sorted(first) for found in _delta(path, first[path], last[path]))


def _coming(before: LivePolicy | None, after: LivePolicy) -> str:
    if after.kind is PolicyKind.INLINE:
        return "made, inline"
    if after.kind is not PolicyKind.MANAGED or (before and before.text == after.text):
        return "attached"
    return "given this text, and attached" if before else "created, and attached"


def _going(before: LivePolicy) -> str:
    if before.kind is PolicyKind.INLINE:
        return "deleted"
    is_deleted = before.kind is PolicyKind.MANAGED and not before.boundaries
    return "detached, and deleted" if is_deleted else "detached"


def _delta(path: str, before: LivePolicy | None, after: LivePolicy | None) -> Iterator[PolicyDelta]:
    if after and (before is None or not before.attached):
        yield PolicyDelta(path, What.NEW, _coming(before, after))
    elif before and after is None:
        yield PolicyDelta(path, What.REMOVED, _going(before), before.version)
    elif before and after:
        effect = _EFFECTS[meaning((after.document,), (before.document,))]
        yield PolicyDelta(path, What.CHANGED, effect, before.version, structural(before.text, after.text))
