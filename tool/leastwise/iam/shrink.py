"""Fewer characters for the same actions: wildcards at word boundaries that name exactly the wanted ones.

Only for policies that do not fit their quota otherwise.  The patterns say the same today; an action that AWS
adds tomorrow may fall under one of them, so whoever uses this says so, and names the day of the action list.
The way of cutting is that of iam-shrink's README: whole words, never a part of one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from leastwise.iam import glob

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")


class ShrinkError(Exception):
    """The patterns do not name exactly the wanted actions: a defect of this module."""


def shrink(wanted: Sequence[str], others: Collection[str]) -> tuple[str, ...]:
    """Patterns that match every wanted action and none of ``others``, sorted.

    Actions are ``service:Name``; the most saving pattern is taken first, and what no pattern shortens is
    written in full.
    """
    left = set(wanted)
    patterns: list[str] = []
    for pattern in sorted(_candidates(wanted), key=lambda found: (-_saving(found, wanted), found)):
        covered = _matched(pattern, left)
        if len(covered) > 1 and _saving(pattern, covered) > 0 and not _matched(pattern, others):
            patterns.append(pattern)
            left -= covered
    result = tuple(sorted([*patterns, *left]))
    if _all_matched(result, wanted) != set(wanted) or _all_matched(result, others):
        raise ShrinkError(f"{result} do not name exactly {wanted}; please report this defect")
    return result


def _candidates(wanted: Sequence[str]) -> set[str]:
    """``s3:Get*``, ``s3:GetObject*``, ``s3:*Acl``, ``s3:*ObjectAcl`` ... of every wanted action."""
    return {pattern for action in wanted for pattern in _of(action)}


def _of(action: str) -> Iterator[str]:
    service, _, name = action.partition(":")
    words = _WORD.findall(name)
    if "".join(words) != name:
        return
    for cut in range(1, len(words)):
        yield f"{service}:{''.join(words[:cut])}*"
        yield f"{service}:*{''.join(words[cut:])}"


def _saving(pattern: str, actions: Collection[str]) -> int:
    """Characters saved by the pattern in place of the actions that it matches, with quotes and commas."""
    covered = _matched(pattern, actions)
    return sum(len(action) + 3 for action in covered) - (len(pattern) + 3)


def _matched(pattern: str, actions: Collection[str]) -> set[str]:
    parsed = glob.parse(pattern.lower(), variables=False)
    return {action for action in actions if glob.matches(parsed, action.lower())}


def _all_matched(patterns: Sequence[str], actions: Collection[str]) -> set[str]:
    return {action for pattern in patterns for action in _matched(pattern, actions)}
