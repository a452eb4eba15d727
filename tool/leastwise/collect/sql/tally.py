"""Groups of calls -> the same counts, meanings and ledger as from log files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.collect.cell import NO_TEXT
from leastwise.collect.counts import Counts
from leastwise.collect.decode import NOBODY
from leastwise.collect.ledger import Ledger
from leastwise.collect.meaning import Meanings
from leastwise.collect.salvage import BadRecord
from leastwise.collect.sql.rows import group_of
from leastwise.collect.standing import Standing, is_tampering
from leastwise.model.event import Locator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from leastwise.collect.interface import Interpreter, Progress
    from leastwise.collect.roster import Roster
    from leastwise.collect.sql.queries import Queries
    from leastwise.collect.sql.rows import Group
    from leastwise.model.window import Window


def counted(
    queries: Queries, windows: Sequence[Window], total: GroupTally, name: str, progress: Progress
) -> None:
    """Run the queries for all windows, and add what they find to ``total``; ``name`` is the source's."""
    progress.begin(name, len(windows), 0)
    try:
        for answer in queries.answers(windows):
            before = total.counts.records
            for index, row in enumerate(answer.rows):
                total.add(row, Locator(f"query {answer.query}", index))
            progress.advance(1, 0, total.counts.records - before)
    finally:
        progress.finish()


class GroupTally:
    """What ``Aggregator`` is for records, for groups of them: an engine has counted, we say what it means."""

    def __init__(self, roster: Roster, interpret: Interpreter) -> None:
        """``interpret`` must not look at an event's ID, time or session."""
        self.counts = Counts()
        self.ledger = Ledger()
        self._standing = Standing(roster)
        self._meanings = Meanings(interpret, self.ledger)

    def add(self, row: Mapping[str, str], locator: Locator) -> None:
        """Count one row of the statement."""
        try:
            group = group_of(row)
        except BadRecord as bad:
            self._cannot_read(locator, bad, 1)
            return
        self._note(group)
        keys = self._standing.of(group.record)
        if isinstance(keys, str):
            self.counts.excluded[keys] += sum(group.records.values())
        else:
            self._count(group, keys, locator)

    def _note(self, group: Group) -> None:
        counts, record = self.counts, group.record
        account = record.recipient_account_id or (record.user_identity or NOBODY).account_id or ""
        counts.records += sum(group.records.values())
        counts.places.update((account, day, record.aws_region) for day in group.records)
        if is_tampering(record):
            counts.tampering.add(f"{record.event_time} {record.event_name} {record.event_id or ''}".rstrip())

    def _count(self, group: Group, keys: tuple[str, ...], locator: Locator) -> None:
        calls = sum(group.cell.days.values())
        self.counts.duplicates += sum(group.records.values()) - calls
        try:
            meaning = self._meanings.of(group.record, keys, locator)
        except BadRecord as bad:
            self._cannot_read(locator, bad, calls)
            return
        if not meaning.denied:
            group.cell.hours = NO_TEXT
        for cell in meaning.cells:
            cell.standing_in().absorb(group.cell)
        if meaning.unmapped:
            self.counts.unmapped[meaning.unmapped] += calls
        if meaning.disagreement:
            self.counts.disagreements[meaning.disagreement] += calls

    def _cannot_read(self, locator: Locator, bad: BadRecord, calls: int) -> None:
        self.counts.cannot_read(locator.path, [f"row {locator.index}: {bad}"], calls)
