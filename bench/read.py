"""Reading trail files: how fast, how much memory, and how that grows.

The floor is decompressing the same files with the same library in as many processes, and doing nothing with
them.  Floor and reading take turns, because what else the machine does changes from minute to minute.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bench.records import ACCOUNTS, FIRST_DAY, ROLES, Set, enrolled, write
from leastwise.collect.inflate import inflate
from leastwise.collect.interface import Silent
from leastwise.collect.roster import Roster
from leastwise.collect.store import LocalFolder
from leastwise.collect.trail_files import TrailFiles
from leastwise.collect.workers import cores
from leastwise.model.declared import Principal, PrincipalKind, TrailFilesSource
from leastwise.model.window import Window

if TYPE_CHECKING:
    from leastwise.model.evidence import Evidence

ROUNDS = 3
MOST_RATIO = 5.0
MOST_MEMORY = 400 << 20
SETS = (Set(100_000, days=10), Set(1_000_000, days=100))
_SAMPLE_SECONDS = 0.1


class Took(NamedTuple):
    """Seconds by the wall clock, and seconds of processors in all processes."""

    wall: float
    work: float


@dataclass(frozen=True)
class Measured:
    """One set of files: what each round took, and the most memory at one time, in bytes."""

    wanted: Set
    stored: int
    unpacked: int
    floor: tuple[Took, ...]
    reading: tuple[Took, ...]
    memory: int
    observations: int
    counted: int

    @property
    def seconds(self) -> float:
        """Wall clock of reading, the median of the rounds."""
        return statistics.median(took.wall for took in self.reading)

    @property
    def ratio(self) -> float:
        """Reading to decompressing by the wall clock, the median of the rounds."""
        rounds = zip(self.reading, self.floor, strict=True)
        return statistics.median(read.wall / floor.wall for read, floor in rounds)

    @property
    def work_ratio(self) -> float:
        """The same by the time that processors spent: what else the machine does weighs less on it."""
        rounds = zip(self.reading, self.floor, strict=True)
        return statistics.median(read.work / floor.work for read, floor in rounds)


def main() -> None:
    """Generate, measure and print; a target that is missed is said so."""
    roles = ROLES * len(ACCOUNTS)
    print(f"{cores()} cores; {len(enrolled())} of {roles} roles enrolled")
    print("floor: decompressing the same files with igzip in as many processes, and nothing else")
    found = [measure(wanted) for wanted in SETS]
    for measured in found:
        print(_line(measured))
    small, large = found
    time_grown = large.seconds / small.seconds
    memory_grown = large.memory / small.memory
    print(f"ten times the records: {time_grown:.1f} times the time, {memory_grown:.2f} times the memory")
    print(f"target at most {MOST_RATIO} times the floor: {'met' if large.ratio <= MOST_RATIO else 'MISSED'}")
    print(f"target below {MOST_MEMORY >> 20} MiB: {'met' if large.memory < MOST_MEMORY else 'MISSED'}")


def measure(wanted: Set) -> Measured:
    """Write a set of files to a temporary folder and read it, several times."""
    with tempfile.TemporaryDirectory(prefix="leastwise-bench-") as name:
        folder = Path(name)
        unpacked = write(folder, wanted)
        paths = sorted(folder.rglob("*.json.gz"))
        floor, reading = [], []
        memory = Memory()
        for _ in range(ROUNDS):
            floor.append(_time_to_inflate(paths))
            wall, work = time.perf_counter(), _work()
            with memory:
                evidence = _read(folder, wanted)
            reading.append(Took(time.perf_counter() - wall, _work() - work))
        coverage = evidence.coverage["bench"]
        assert coverage.records == wanted.files * wanted.per_file
        counted = coverage.records - sum(coverage.excluded.values())
        stored = sum(path.stat().st_size for path in paths)
        sizes = len(evidence.tallies), counted
        return Measured(wanted, stored, unpacked, tuple(floor), tuple(reading), memory.most, *sizes)


class Memory:
    """The most memory that this process and all its children held at one time: resident bytes, added up."""

    def __init__(self) -> None:
        self.most = 0
        self._stop = threading.Event()
        self._watcher: threading.Thread | None = None

    def __enter__(self) -> None:
        self._stop.clear()
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._watcher:
            self._watcher.join()

    def _watch(self) -> None:
        while not self._stop.wait(_SAMPLE_SECONDS):
            self.most = max(self.most, sum(_resident(pid) for pid in _family(os.getpid())))


def _read(folder: Path, wanted: Set) -> Evidence:
    principals = tuple(
        Principal(PrincipalKind.ROLE, arn.rpartition("/")[2], 0, arn, (arn.split(":")[4],))
        for arn in enrolled()
    )
    source = TrailFiles(TrailFilesSource("bench", str(folder)), LocalFolder(folder))
    window = Window.of_days(FIRST_DAY, FIRST_DAY + timedelta(days=wanted.days))
    return source.collect(Roster(principals), window, Silent())


def _time_to_inflate(paths: list[Path]) -> Took:
    """Decompress every file; the processes are there before the clock starts."""
    with get_context("spawn").Pool(cores()) as pool:
        pool.map(_inflate, paths[: cores()], chunksize=1)
        start = time.perf_counter()
        work = sum(pool.imap_unordered(_inflate, paths, chunksize=16))
        return Took(time.perf_counter() - start, work)


def _inflate(path: Path) -> float:
    start = time.process_time()
    inflate(path.read_bytes())
    return time.process_time() - start


def _work() -> float:
    """Seconds that processors spent on this process and its children that have ended."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def _family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        children = []
    return [pid, *(member for child in children for member in _family(int(child)))]


def _resident(pid: int) -> int:
    """Resident bytes; 0 for a process that has ended."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
    except OSError:
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _line(measured: Measured) -> str:
    wanted, seconds = measured.wanted, measured.seconds
    floor = statistics.median(took.wall for took in measured.floor)
    return (
        f"{wanted.records:,} records in {wanted.files:,} files of {measured.stored / 1e6:.0f} MB, "
        f"{measured.counted:,} of them of enrolled roles\n"
        f"  {seconds:.2f} s: {wanted.records / seconds:,.0f} records/s, "
        f"{measured.unpacked / 1e6 / seconds:,.0f} MB/s of JSON, {measured.observations:,} observations\n"
        f"  floor {floor:.2f} s: ratio {measured.ratio:.1f} ({measured.work_ratio:.1f} by processor time)\n"
        f"  at most {measured.memory / 2**20:.0f} MiB in all processes together"
    )
