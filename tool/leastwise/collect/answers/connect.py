"""The engine for a source: records are read once for all queries, a server is asked for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from leastwise.aws.athena import athena
from leastwise.aws.cloudtrail import cloudtrail
from leastwise.collect.answers.athena import AthenaServer
from leastwise.collect.answers.embedded import Embedded
from leastwise.collect.answers.lake import LakeServer
from leastwise.collect.answers.loading import load
from leastwise.collect.answers.sql import SqlAnswers
from leastwise.errors import UsageError
from leastwise.model.declared import AthenaSource, LakeSource, TrailFilesSource
from leastwise.model.window import Window

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from leastwise.aws.sessions import Aws
    from leastwise.collect.answers.interface import Answers
    from leastwise.collect.interface import Progress
    from leastwise.collect.store import LogStore
    from leastwise.model.declared import Source
    from leastwise.saved.query import SavedQuery


class Ways(Protocol):
    """How sources are reached; ``collect.connections.Connections`` is one."""

    @property
    def aws(self) -> Aws:
        """Sessions for each account."""

    @property
    def now(self) -> datetime:
        """When the run takes place."""

    @property
    def most_bytes(self) -> int | None:
        """What may be scanned."""

    def store(self, source: TrailFilesSource) -> LogStore:
        """Where log files lie."""


def answers_for(
    source: Source, ways: Ways, asked: Sequence[tuple[SavedQuery, Window]], progress: Progress
) -> Answers:
    """The engine.  Raises ``SourceError`` where log files cannot be read."""
    if isinstance(source, TrailFilesSource):
        return _embedded(source, ways.store(source), asked, progress)
    if isinstance(source, LakeSource):
        server = LakeServer(source, cloudtrail(ways.aws, source.event_data_store))
        return SqlAnswers(source.name, server, ways.aws.clock, ways.most_bytes)
    if isinstance(source, AthenaSource):
        table = AthenaServer(source, athena(ways.aws, source.region, source.reader), ways.now.isoformat())
        return SqlAnswers(source.name, table, ways.aws.clock, ways.most_bytes)
    raise UsageError(f"source {source.name}: {source.kind} holds no records to query")


def _embedded(
    source: TrailFilesSource,
    store: LogStore,
    asked: Sequence[tuple[SavedQuery, Window]],
    progress: Progress,
) -> Embedded:
    """All records that one of the queries looks at, with the columns that one of them reads."""
    engine = Embedded(frozenset().union(*(query.uses.names for query, _ in asked)))
    windows = [window for _, window in asked]
    whole = Window(min(one.start for one in windows), max(one.end for one in windows))
    load(engine, store, whole, progress, source.name)
    return engine
