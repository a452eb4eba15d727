"""CloudTrail log files in a folder or a bucket: the embedded engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.collect import coverage
from leastwise.collect.layout import batches, in_window
from leastwise.collect.ledger import observations
from leastwise.collect.new_files import EVENTS_KEPT, files_read, new_files
from leastwise.collect.settings import NOTHING_TOLD
from leastwise.collect.workers import Job, cores, read_here, read_in_processes
from leastwise.model.evidence import Evidence
from leastwise.model.files_read import Collected
from leastwise.reference.interpret import interpret

if TYPE_CHECKING:
    from leastwise.collect.aggregate import Aggregator
    from leastwise.collect.interface import Interpreter, Progress
    from leastwise.collect.layout import LogFile
    from leastwise.collect.roster import Roster
    from leastwise.collect.settings import Settings
    from leastwise.collect.store import LogStore
    from leastwise.model.declared import TrailFilesSource
    from leastwise.model.files_read import FilesRead
    from leastwise.model.window import Window

WORTH_A_PROCESS = 4 << 20
"""Bytes as stored: what one process reads in the time that another takes to start."""
_PARTS_PER_PROCESS = 4
"""Smaller batches end more evenly, but each reads one more day for its event IDs."""


@dataclass(frozen=True, slots=True)
class TrailFiles:
    """A trail's log files as a source of evidence.

    ``settings`` says what the trail is set to log.  ``processes`` bounds how many are used; by default one
    for each core.
    """

    source: TrailFilesSource
    store: LogStore
    settings: Settings = NOTHING_TOLD
    processes: int | None = None
    interpret: Interpreter = interpret

    def collect(self, roster: Roster, window: Window, progress: Progress) -> Evidence:
        """See ``Collector``.  Raises ``SourceError`` where files cannot be listed or a process is killed."""
        return self.collect_new(roster, window, None, progress).evidence

    def collect_new(
        self, roster: Roster, window: Window, before: FilesRead | None, progress: Progress
    ) -> Collected:
        """The same without the files that an earlier run has counted for all of ``roster``, if ``before``
        tells them for certain; else of every file."""
        listed = [file for file in self.store.files(window, roster.accounts) if in_window(file, window)]
        new = new_files(listed, before, window) if before else None
        files = listed if new is None else new
        continued = before if new is not None else None
        total = self._counted(files, self._job(roster, window, continued), progress)
        name = self.source.name
        seen = coverage.of_counts(self.source, window, self.settings, total)
        evidence = Evidence(observations(name, total.ledger), {name: seen})
        keys = frozenset(principal.key for principal in roster.principals)
        read = files_read(listed, total, continued, keys, window.end)
        return Collected(evidence, read, adds=continued is not None)

    def _job(self, roster: Roster, window: Window, before: FilesRead | None) -> Job:
        known = frozenset[bytes]().union(*before.events.values()) if before else frozenset[bytes]()
        return Job(self.store, roster, window, self.interpret, window.end.date() - EVENTS_KEPT, known)

    def _counted(self, files: list[LogFile], job: Job, progress: Progress) -> Aggregator:
        progress.begin(self.source.name, len(files), sum(file.size for file in files))
        try:
            return self._read(files, job, progress)
        finally:
            progress.finish()

    def _read(self, files: list[LogFile], job: Job, progress: Progress) -> Aggregator:
        worth = 1 + sum(file.size for file in files) // WORTH_A_PROCESS
        processes = min(self.processes or cores(), worth)
        dealt = batches(files, processes * _PARTS_PER_PROCESS)
        if processes == 1 or len(dealt) == 1:
            return read_here(job, dealt, progress)
        return read_in_processes(job, dealt, min(processes, len(dealt)), progress)
