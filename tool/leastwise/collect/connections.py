"""How a source of each kind is reached: from what is declared to its collector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.aws.access_analyzer import policy_generation
from leastwise.aws.athena import athena
from leastwise.aws.cloudtrail import cloudtrail
from leastwise.aws.iam import iam
from leastwise.aws.s3 import Location
from leastwise.collect.access_analyzer import AccessAnalyzer
from leastwise.collect.athena import AthenaTable
from leastwise.collect.lake import Lake
from leastwise.collect.roster import account_of
from leastwise.collect.s3_store import S3Store
from leastwise.collect.settings import Settings, of_trail
from leastwise.collect.sql.queries import unheard
from leastwise.collect.store import LocalFolder
from leastwise.collect.trail_files import TrailFiles
from leastwise.errors import SourceError
from leastwise.model.declared import (
    AccessAnalyzerSource,
    AthenaSource,
    LakeSource,
    TrailFilesSource,
    region_of,
)
from leastwise.reference.selectors import SelectorsError, read_selectors

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from leastwise.aws.sessions import Aws
    from leastwise.collect.interface import Collector
    from leastwise.collect.sql.queries import Told
    from leastwise.collect.store import LogStore
    from leastwise.model.declared import Source
    from leastwise.model.evidence import Selectors


@dataclass(frozen=True, slots=True)
class Connections:
    """What is needed to reach every source; ``root`` is the folder of ``principals.yaml``."""

    root: Path
    aws: Aws
    now: datetime
    watch: Callable[[str], object] | None = None
    """Hears how long jobs of AWS go on, and makes the run wait for them; ``None``: it does not wait."""
    told: Told = unheard
    """Hears what each scan of CloudTrail Lake and Athena cost."""
    most_bytes: int | None = None
    """What one source may scan there."""

    def collector(self, source: Source) -> Collector:
        """The collector of a source."""
        if isinstance(source, TrailFilesSource):
            return TrailFiles(source, self.store(source), self.settings(source))
        if isinstance(source, AccessAnalyzerSource):
            return self._access_analyzer(source)
        return self.lake(source) if isinstance(source, LakeSource) else self.athena(source)

    def lake(self, source: LakeSource) -> Lake:
        """A CloudTrail Lake event data store."""
        api = cloudtrail(self.aws, source.event_data_store)
        return Lake(source, api, self.aws.clock, self.now, self.told, self.most_bytes)

    def athena(self, source: AthenaSource) -> AthenaTable:
        """An Athena table, and what is known of the trail behind it."""
        settings = self.trail_settings(source.trail) if source.trail else Settings()
        api = athena(self.aws, source.region, source.reader)
        return AthenaTable(source, api, self.aws.clock, self.told, settings, self.most_bytes)

    def _access_analyzer(self, source: AccessAnalyzerSource) -> AccessAnalyzer:
        region = region_of(source)
        return AccessAnalyzer(
            source,
            generations=lambda account: policy_generation(self.aws, region, account),
            reserved_roles=lambda account: iam(self.aws, account, region).reserved_roles(),
            made=lambda arn: iam(self.aws, account_of(arn), region).made(arn),
            settings=lambda: self.trail_settings(source.trail),
            clock=self.aws.clock,
            watch=self.watch,
        )

    def trail_settings(self, trail: str) -> Settings:
        """What a trail is set to log, as AWS says it; ``trail`` is its ARN."""
        try:
            return of_trail(cloudtrail(self.aws, trail).trail(trail), self.now)
        except SelectorsError as error:
            raise SourceError(
                f"{trail}: what AWS says of its event selectors is not understood: {error}"
            ) from error

    def store(self, source: TrailFilesSource) -> LogStore:
        """Where the log files lie."""
        location = Location.parse(source.path)
        trail = source.trail or ""
        if location:
            return S3Store(self.aws, location, source.account or account_of(trail), trail)
        if "://" in source.path:
            raise SourceError(
                f"source {source.name}: {source.path} is neither a folder nor s3://BUCKET/PREFIX"
            )
        ignored = frozenset({(self.root / source.selectors).resolve()}) if source.selectors else frozenset()
        return LocalFolder((self.root / source.path).resolve(), ignored)

    def settings(self, source: TrailFilesSource) -> Settings:
        """What the trail that wrote the files is set to log, as AWS or the user says it."""
        if source.trail:
            return self.trail_settings(source.trail)
        return (
            Settings(_saved_selectors(source.name, self.root / source.selectors))
            if source.selectors
            else Settings()
        )


def _saved_selectors(source: str, file: Path) -> Selectors:
    try:
        return read_selectors(file.read_text("utf-8"))
    except OSError as error:
        raise SourceError(
            f"source {source}: selectors file {file}: {error.strerror}; save what"
            " `aws cloudtrail get-event-selectors` prints there, or leave `selectors` out"
        ) from error
    except ValueError as error:
        raise SourceError(f"source {source}: selectors file {file}: {error}") from error
