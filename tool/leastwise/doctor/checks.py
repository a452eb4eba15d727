"""Ask every source what it can see.  Nothing is changed, and no more than one log file is read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from leastwise.aws.access_analyzer import policy_generation
from leastwise.aws.athena import athena
from leastwise.aws.cloudtrail import cloudtrail
from leastwise.aws.iam import iam
from leastwise.collect.athena_table import missing_columns
from leastwise.collect.lake import settings_of
from leastwise.collect.layout import in_window
from leastwise.doctor.analyzer import AnalyzerDoctor
from leastwise.doctor.findings import of_settings, of_workgroup
from leastwise.errors import LeastwiseError
from leastwise.model.check import Check, Health
from leastwise.model.declared import (
    AccessAnalyzerSource,
    AthenaSource,
    LakeSource,
    TrailFilesSource,
    region_of,
)
from leastwise.model.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from leastwise.aws.sessions import Aws
    from leastwise.collect.layout import LogFile
    from leastwise.collect.roster import Roster
    from leastwise.collect.settings import Settings
    from leastwise.collect.store import LogStore
    from leastwise.model.declared import Source

RECENT = timedelta(days=3)
"""Files of these days are looked for: a trail that works delivers some within minutes."""


@dataclass(frozen=True, slots=True)
class Doctor:
    """Asks sources.  ``store`` and ``settings`` connect trail files, ``trail`` asks of a trail by its ARN."""

    aws: Aws
    now: datetime
    store: Callable[[TrailFilesSource], LogStore]
    settings: Callable[[TrailFilesSource], Settings]
    trail: Callable[[str], Settings]

    def checks(self, source: Source, roster: Roster) -> Iterator[Check]:
        """Everything about one source; ``roster`` holds those who are enrolled with it."""
        match source:
            case TrailFilesSource():
                yield from _guarded(source, "log files", lambda: self._files(source, roster.accounts))
                yield from _guarded(source, "trail", lambda: self._logged(source))
            case LakeSource():
                yield from _guarded(source, "event data store", lambda: self._lake(source))
            case AthenaSource():
                yield from _guarded(source, "workgroup", lambda: self._workgroup(source))
                yield from _guarded(source, "table", lambda: self._table(source))
                yield from _guarded(source, "trail", lambda: self._behind(source))
            case AccessAnalyzerSource():
                asked = self._analyzer(source, roster)
                yield from _guarded(source, "trail", asked.trail)
                yield from _guarded(source, "policy generation", lambda: asked.queues(self.now))

    def _files(self, source: TrailFilesSource, accounts: frozenset[str]) -> Iterator[Check]:
        store = self.store(source)
        recent = Window(self.now - RECENT, self.now)
        files = [file for file in store.files(recent, accounts) if in_window(file, recent)]
        for file in files:
            if file.lost:
                found, _, mend = file.lost.partition("; ")
                yield Check(source.name, f"log files of {file.path}", Health.BROKEN, found, mend)
        readable = [file for file in files if not file.lost]
        for account in sorted(accounts):
            yield _delivered(source, account, [file for file in readable if file.trail_place[0] == account])
        if readable:
            yield _read(source, store, max(readable, key=lambda file: (file.day or date.min, file.path)))

    def _logged(self, source: TrailFilesSource) -> Iterator[Check]:
        told = self.settings(source)
        if told.all_regions is None and source.all_regions:
            told = replace(told, all_regions=True)
        yield from of_settings(source.name, source.trail or "", told)

    def _lake(self, source: LakeSource) -> Iterator[Check]:
        store = cloudtrail(self.aws, source.event_data_store).event_data_store(source.event_data_store)
        days = f"{store.status}, keeps {store.retention_days:,} days"
        short = store.retention_days < 90
        mend = f"aws cloudtrail update-event-data-store --event-data-store {store.arn} --retention-period 366"
        yield Check(
            source.name,
            "event data store",
            Health.PARTIAL if short else Health.GOOD,
            days,
            mend if short else "",
        )
        yield from of_settings(source.name, store.arn, settings_of(store, self.now))

    def _workgroup(self, source: AthenaSource) -> Iterator[Check]:
        workgroup = athena(self.aws, source.region, source.reader).workgroup(source.workgroup)
        yield from of_workgroup(source, workgroup)

    def _table(self, source: AthenaSource) -> Iterator[Check]:
        table = athena(self.aws, source.region, source.reader).table(
            source.database, source.table, source.workgroup
        )
        name = f"{source.database}.{source.table}"
        lacking = missing_columns(table, source.table_shape) if table else []
        mend = "run the statement that `leastwise athena-table` prints"
        if table is None:
            yield Check(source.name, "table", Health.BROKEN, f"{name} does not exist", mend)
        elif lacking:
            yield Check(source.name, "table", Health.BROKEN, f"{name} lacks {', '.join(lacking)}", mend)
        else:
            yield Check(source.name, "table", Health.GOOD, f"{name} has every column that is needed")

    def _analyzer(self, source: AccessAnalyzerSource, roster: Roster) -> AnalyzerDoctor:
        region = region_of(source)
        return AnalyzerDoctor(
            source,
            roster,
            settings=lambda: self.trail(source.trail),
            generations=lambda account: policy_generation(self.aws, region, account),
            iam=lambda account: iam(self.aws, account, region),
        )

    def _behind(self, source: AthenaSource) -> Iterator[Check]:
        if source.trail:
            yield from of_settings(source.name, source.trail, self.trail(source.trail))
            return
        found, mend = "nobody told what is logged", "name the trail's ARN in `trail:` of the source"
        yield Check(source.name, "trail", Health.BROKEN, found, mend)


def _guarded(source: Source, what: str, checks: Callable[[], Iterator[Check]]) -> Iterator[Check]:
    """The checks, or the one that says why they cannot be made."""
    try:
        yield from checks()
    except LeastwiseError as error:
        found, _, mend = str(error).partition("; ")
        yield Check(source.name, what, Health.BROKEN, found, mend)


def _delivered(source: TrailFilesSource, account: str, files: list[LogFile]) -> Check:
    days = [file.day for file in files if file.day]
    if days:
        regions = sorted({file.trail_place[1] for file in files})
        found = f"up to {max(days)}, from {', '.join(regions)}"
        return Check(source.name, f"log files of {account}", Health.GOOD, found)
    mend = "check that the trail logs this account and delivers to this place, and that `path` leads to it"
    return Check(source.name, f"log files of {account}", Health.BROKEN, "none of the last days", mend)


def _read(source: TrailFilesSource, store: LogStore, file: LogFile) -> Check:
    try:
        store.read(file)
    except OSError as error:
        found, _, mend = str(error).partition("; ")
        return Check(source.name, "reading a file", Health.BROKEN, found, mend)
    return Check(source.name, "reading a file", Health.GOOD, file.path)
