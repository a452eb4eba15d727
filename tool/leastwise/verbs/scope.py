"""What a run is about, as the options of many verbs say it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Scope:
    """Which folder, as of when, records from when on, and whom (empty: all).

    ``state`` names where evidence is kept across runs; ``None``: nowhere.  With ``hand_on`` a branch is only
    read, and what would be kept on it goes into that folder.
    """

    root: Path
    now: datetime
    since: datetime | None = None
    only: tuple[str, ...] = ()
    state: str | None = None
    hand_on: Path | None = None
    wait: bool = False
    """Whether to wait for jobs that AWS works on for hours, and for those whose turn comes after them."""
    most_gigabytes: float | None = None
    """What one source may scan in CloudTrail Lake or Athena; ``None``: as much as it takes."""
