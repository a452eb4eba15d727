"""What an engine could see: from what it counted, and from what AWS says of the trail or the store."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from leastwise.collect.coverage import counted, of_trails
from leastwise.collect.ledger import overflows
from leastwise.model.declared import LakeSource

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from leastwise.collect.settings import Settings
    from leastwise.collect.sql.queries import Gap
    from leastwise.collect.sql.tally import GroupTally
    from leastwise.model.declared import AthenaSource
    from leastwise.model.evidence import Coverage
    from leastwise.model.window import Window

DEDUPLICATION = "an event delivered twice is counted once if both copies are alike"
CUT_SHORT = "were not read in full"
"""How the words end that tell what a limit left out."""
NOTHING_LOGGED = (
    "the query found no record of anybody: nothing was logged in the window, or the source reads the wrong "
    "place; it says nothing of what is used"
)


def of_tally(
    source: LakeSource | AthenaSource,
    window: Window,
    told: Settings,
    total: GroupTally,
    unread: Sequence[Gap],
) -> Coverage:
    """The coverage of one reading.  ``unread`` is what a limit left out: its days are gaps."""
    counts = total.counts
    in_store = isinstance(source, LakeSource) or source.table_shape == "lake"
    tampering = frozenset(counts.tampering) if in_store else of_trails(counts.tampering)
    skipped = {day for gap in unread for day in gap.window.days}
    words = {DEDUPLICATION, *overflows(total.ledger), *told.words, *_gaps(unread)}
    seen = counted(source, window, told, counts, tampering)
    return replace(
        seen,
        delivered=frozenset((account, day) for account, day in seen.delivered if day not in skipped),
        limits=frozenset(words if counts.records or skipped else words | {NOTHING_LOGGED}),
    )


def _gaps(unread: Sequence[Gap]) -> Iterator[str]:
    for why in dict.fromkeys(gap.why for gap in unread):
        days = {day for gap in unread if gap.why == why for day in gap.window.days}
        yield f"{why}: {min(days)} to {max(days)} {CUT_SHORT}"
