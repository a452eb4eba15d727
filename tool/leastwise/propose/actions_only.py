"""What a reviewer must know where Access Analyzer is the only evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leastwise.model.evidence import Coverage

UNTOLD = (
    "It tells which actions were called: not how often, on which days or on what, and denied calls are among "
    "them. It sees no data events and never `iam:PassRole`"
)


def actions_only(principal: str, seen: Coverage) -> str:
    """The source, what it looked at, and what it does not tell: what it cannot see stays."""
    days = seen.examined[principal].days
    looked_at = f" of {min(days)} to {max(days)}" if days else ""
    return (
        f"Evidence: Access Analyzer alone (source {seen.source}), from management events{looked_at}. "
        f"{UNTOLD}: what it cannot tell stays as it is, and no resource is narrowed."
    )
