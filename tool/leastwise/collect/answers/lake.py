"""CloudTrail Lake answers saved queries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.collect.lake import report_of, started
from leastwise.collect.sql.dialects import LAKE_LIMIT, lake
from leastwise.collect.sql.queries import Verdict
from leastwise.errors import SourceError
from leastwise.saved.bind import TableInUse
from leastwise.saved.columns import Shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leastwise.aws.cloudtrail import CloudTrail
    from leastwise.collect.sql.queries import Report, Row
    from leastwise.model.declared import LakeSource
    from leastwise.model.window import Window


class LakeServer:
    """See ``Server``."""

    limit = LAKE_LIMIT

    def __init__(self, source: LakeSource, cloudtrail: CloudTrail) -> None:
        """``cloudtrail`` speaks to the account and region of the event data store."""
        self._source = source
        self._cloudtrail = cloudtrail

    def table(self, window: Window) -> TableInUse:
        """See ``Server``: every event data store has every column."""
        dialect = lake(self._source.event_data_store.rpartition("/")[2], window)
        words = f"event data store of source {self._source.name}"
        return TableInUse(words, dialect.table, Shape.LAKE, dialect.conditions)

    def start(self, sql: str) -> str | None:
        """See ``Server``."""
        return started(self._cloudtrail, sql)

    def report(self, query: str) -> Report:
        """See ``Server``.  Lake says FAILED both where it broke down and where the statement is wrong."""
        told = report_of(self._source, self._cloudtrail, query)
        if told.verdict is Verdict.LOST and told.why:
            raise SourceError(f"source {self._source.name}: query {query} failed. {told.why}")
        return told

    def rows(self, query: str) -> Iterator[Row]:
        """See ``Server``."""
        return self._cloudtrail.query_rows(query)

    def cancel(self, query: str) -> None:
        """See ``Server``."""
        self._cloudtrail.cancel_query(query)
