"""Read batches of log files: in this process, or in several that each count in memory of their own.

Processes take batches from a shared counter until none is left, and hand back what they counted once.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Protocol

from leastwise.collect.aggregate import Aggregator
from leastwise.collect.ahead import read_ahead
from leastwise.collect.counts import Recent
from leastwise.collect.decode import Decoded, decode
from leastwise.collect.inflate import inflate
from leastwise.errors import LeastwiseError, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess
    from multiprocessing.sharedctypes import SynchronizedArray

    from leastwise.collect.aggregate import Portion
    from leastwise.collect.interface import Interpreter, Progress
    from leastwise.collect.layout import Batch
    from leastwise.collect.roster import Roster
    from leastwise.collect.store import LogStore
    from leastwise.model.window import Window

_POLL_SECONDS = 0.2
_TAKEN, _FILES, _BYTES, _RECORDS = range(4)


@dataclass(frozen=True, slots=True)
class Job:
    """What every process needs to know."""

    store: LogStore
    roster: Roster
    window: Window
    interpret: Interpreter
    noted_since: date | None = None
    """The first day of delivery whose events the next run must know."""
    known_events: frozenset[bytes] = frozenset()
    """Digests of events that the run before has counted."""

    def aggregator(self) -> Aggregator:
        """A new, empty one."""
        recent = Recent(self.noted_since, self.known_events)
        return Aggregator(self.roster, self.window, self.interpret, recent)


class Meter(Protocol):
    """Hears what was done since it heard last."""

    def advance(self, files: int, size: int, records: int) -> None:
        """So many files, bytes as stored, and records of the window."""


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def read_here(job: Job, batches: Iterable[Batch], meter: Meter) -> Aggregator:
    """Count all batches in this process."""
    total = job.aggregator()
    for batch in batches:
        with _no_garbage_collection():
            _count(job.store, batch, total, meter)
    return total


def read_in_processes(job: Job, batches: Sequence[Batch], processes: int, progress: Progress) -> Aggregator:
    """Count all batches in so many processes.  Raises ``SourceError`` where one of them is killed."""
    # Spawned, not forked: a progress bar runs a thread, and a fork copies its locks in any state.
    context = multiprocessing.get_context("spawn")
    shared = _SharedMeter(context.Array("q", [0] * 4))
    workers: dict[Connection, SpawnProcess] = {}
    total = job.aggregator()
    try:
        for _ in range(processes):
            receiver, sender = context.Pipe(duplex=False)
            worker = context.Process(target=_work, args=(job, batches, shared, sender), daemon=True)
            worker.start()
            workers[receiver] = worker
            sender.close()
        for portion in _portions(workers, shared, progress):
            total.merge(portion)
    finally:
        for worker in workers.values():
            worker.terminate()
            worker.join()
    return total


class _SharedMeter:
    """Deals out batches, and lets the parent process see how far its children are."""

    def __init__(self, shared: SynchronizedArray[int]) -> None:
        self._shared = shared

    def take(self) -> int:
        """The index of the next batch nobody has taken."""
        with self._shared.get_lock():
            self._shared[_TAKEN] += 1
            return self._shared[_TAKEN] - 1

    def advance(self, files: int, size: int, records: int) -> None:
        with self._shared.get_lock():
            self._shared[_FILES] += files
            self._shared[_BYTES] += size
            self._shared[_RECORDS] += records

    def report(self, progress: Progress) -> None:
        """Pass on what was done since the last report."""
        with self._shared.get_lock():
            files, size, records = self._shared[_FILES:]
            self._shared[_FILES:] = [0, 0, 0]
        if files:
            progress.advance(files, size, records)


def _work(job: Job, batches: Sequence[Batch], shared: _SharedMeter, results: Connection) -> None:
    """The whole life of one process."""
    total = job.aggregator()
    try:
        with _no_garbage_collection():
            while (index := shared.take()) < len(batches):
                _count(job.store, batches[index], total, shared)
            results.send(total.portion())
    except LeastwiseError as error:
        results.send(error)


def _portions(
    workers: dict[Connection, SpawnProcess], shared: _SharedMeter, progress: Progress
) -> Iterator[Portion]:
    waiting = list(workers)
    while waiting:
        for ready in wait(waiting, _POLL_SECONDS):
            receiver = next(receiver for receiver in waiting if receiver is ready)
            waiting.remove(receiver)
            yield _received(receiver, workers[receiver])
        shared.report(progress)


def _received(receiver: Connection, worker: SpawnProcess) -> Portion:
    try:
        result: Portion | LeastwiseError = receiver.recv()
    except EOFError:
        worker.join()
        if worker.exitcode and worker.exitcode > 0:
            raise RuntimeError("a process that read log files failed; its traceback stands above") from None
        raise SourceError(
            f"a process that read log files was killed (signal {-(worker.exitcode or 0)}), most likely for "
            "want of memory; narrow the window, or free some memory, and run again"
        ) from None
    if isinstance(result, LeastwiseError):
        raise result
    return result


def _count(store: LogStore, batch: Batch, total: Aggregator, meter: Meter) -> None:
    seen = total.seen(batch.files[0].trail_place)
    for file, packed in read_ahead(store, batch.before):
        seen.turn_to(file.day)
        total.warm_up(_decoded(packed), seen)
    for file, packed in read_ahead(store, batch.files):
        seen.turn_to(file.day)
        before = total.counts.records
        total.add(_decoded(packed), file.path, seen)
        meter.advance(1, file.size, total.counts.records - before)


def _decoded(packed: bytes | OSError) -> Decoded:
    """A file's records; all that is wrong with the file itself is named beside those of its records."""
    if isinstance(packed, OSError):
        return Decoded(bad=(f"cannot be read: {packed.strerror or packed}",))
    inflated = inflate(packed)
    if not inflated.damage:
        return decode(inflated.data)
    rescued = decode(inflated.data) if inflated.data else Decoded()
    return replace(rescued, bad=(inflated.damage, *rescued.bad))


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Millions of short-lived records make the collector run for nothing: none of them is in a cycle."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
