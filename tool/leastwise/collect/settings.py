"""What a trail is set to log: as AWS says it, or as the user does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.reference.selectors import read_selectors

if TYPE_CHECKING:
    from datetime import datetime

    from leastwise.aws.cloudtrail import TrailFacts
    from leastwise.model.evidence import Selectors


@dataclass(frozen=True, slots=True)
class Settings:
    """What a source is set to log, as far as we were told; by default nobody told us anything.

    ``since`` is when logging began as AWS tells it.  With it the settings are those of this very moment, so
    that a change inside the window begins a new stretch of time; without it nobody knows which of the two
    settings, before or after the change, the user has saved.
    """

    selectors: Selectors | None = None
    all_regions: bool | None = None
    since: datetime | None = None
    only_account: str = ""
    """The one account whose calls it logs; empty: every one, or nobody told us."""
    words: frozenset[str] = frozenset()
    """What people should know of it."""


NOTHING_TOLD = Settings()


def of_trail(facts: TrailFacts, now: datetime) -> Settings:
    """The settings of a trail.  Raises ``SelectorsError`` where AWS's answer cannot be understood.

    A trail that is switched off proves nothing up to now; one that never was switched on neither.
    """
    account = facts.arn.split(":")[4]
    return Settings(
        selectors=read_selectors(facts.selectors),
        all_regions=facts.all_regions,
        since=facts.started if facts.is_logging and facts.started else now,
        only_account="" if facts.organization else account,
        words=frozenset(_words(facts, account)),
    )


def _words(facts: TrailFacts, account: str) -> list[str]:
    words = []
    if not facts.is_logging:
        when = f" since {facts.stopped:%Y-%m-%d %H:%M}Z" if facts.stopped else ""
        words.append(f"the trail is switched off{when}: `aws cloudtrail start-logging --name {facts.arn}`")
    if facts.delivery_error:
        words.append(f"CloudTrail could not deliver the last log files: {facts.delivery_error}")
    if not facts.organization:
        words.append(f"the trail logs account {account} only; of other accounts nothing is known")
    return words
