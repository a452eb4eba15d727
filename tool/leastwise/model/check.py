"""What ``leastwise doctor`` finds out about a source."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Health(Enum):
    """How serious it is."""

    GOOD = "ok"
    PARTIAL = "partly"
    """Evidence comes, and some permissions can never be shown to be unused."""
    BROKEN = "no"
    """No evidence comes, or none from which anything may be concluded."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that a source needs: whether it is there, what was found, and what would mend it."""

    source: str
    what: str
    health: Health
    found: str
    mend: str = ""
