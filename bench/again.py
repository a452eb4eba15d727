"""A second run when 1 % of the files are new: what keeping evidence saves, and how much room it takes.

Both are measured in a process that is there already: starting Python takes the same time for either.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from bench.read import Took
from bench.records import FIRST_DAY, Set, enrolled, write
from leastwise.collect.interface import Silent
from leastwise.collect.store import LocalFolder
from leastwise.collect.trail_files import TrailFiles
from leastwise.model.declared import Declaration, Principal, PrincipalKind, TrailFilesSource
from leastwise.model.window import Window
from leastwise.pipeline import Kept, observe_and_keep
from leastwise.store.files import pack, unpack
from leastwise.store.generations import Generations
from leastwise.store.objects import FolderObjects

ROUNDS = 3
MOST_SHARE = 0.05
FILES = Set(1_000_000, days=100)


def main() -> None:
    """Run on the files of 99 days, then on those of 100, and print what each took."""
    with tempfile.TemporaryDirectory(prefix="leastwise-bench-") as name:
        folder = Path(name)
        logs, undelivered = folder / "logs", folder / "undelivered"
        write(logs, FILES)
        first, again = [], []
        for number in range(ROUNDS):
            state = folder / f"state-{number}"
            _move_last_day(logs, undelivered)
            first.append(_run(logs, state, FILES.days - 1))
            _move_last_day(undelivered, logs)
            again.append(_run(logs, state, FILES.days))
        kept, objects = _sizes(state)
    whole, rest = _median(first), _median(again)
    share = rest.work / whole.work
    principals = len(enrolled())
    print(f"first run over {FILES.records * 99 // 100:,} records: {_in_words(whole)}")
    print(f"second run, 1 % of the files new: {_in_words(rest)}")
    print(
        f"share of the first: {share:.1%} of processor time, {rest.wall / whole.wall:.1%} of the time it took"
    )
    print("  (the first run is shared out among processes, one day is too little for that)")
    print(f"target below {MOST_SHARE:.0%} of processor time: {'met' if share < MOST_SHARE else 'MISSED'}")
    print(
        f"kept for each of {principals} principals: {kept / principals / 1024:.1f} KiB of text, "
        f"{objects / principals / 1024:.1f} KiB on the disk"
    )


def _move_last_day(here: Path, there: Path) -> None:
    """Take the files of the last day away, or deliver them: a first run cannot see what comes after it."""
    last = FIRST_DAY + timedelta(days=FILES.days - 1)
    for file in list(here.rglob(f"{last:%Y/%m/%d}/*")):
        to = there / file.relative_to(here)
        to.parent.mkdir(parents=True, exist_ok=True)
        file.rename(to)


def _median(rounds: list[Took]) -> Took:
    return Took(*(statistics.median(figures) for figures in zip(*rounds, strict=True)))


def _in_words(took: Took) -> str:
    return f"{took.wall:.2f} s, {took.work:.2f} s of processors"


def _run(logs: Path, state: Path, days: int) -> Took:
    """What a run at the end of so many days takes."""
    source = TrailFilesSource("bench", str(logs))
    principals = tuple(
        Principal(PrincipalKind.ROLE, arn, 0, arn, (arn.split(":")[4],), sources=("bench",))
        for arn in enrolled()
    )
    window = Window.of_days(FIRST_DAY, FIRST_DAY + timedelta(days=days))
    shelf = Generations(FolderObjects(state), str(state))
    wall, work = time.perf_counter(), _work()
    observe_and_keep(
        Declaration({"bench": source}, principals),
        principals,
        lambda _: TrailFiles(source, LocalFolder(logs)),
        window,
        Silent(),
        Kept(shelf, print),
    )
    return Took(time.perf_counter() - wall, _work() - work)


def _work() -> float:
    """Seconds of processors that this process and its ended children spent."""
    return sum(os.times()[:4])


def _sizes(state: Path) -> tuple[int, int]:
    """Bytes of the kept texts, and of the files that hold them."""
    files = Generations(FolderObjects(state), str(state)).load().files
    memory, _ = unpack(files, str(state))
    assert pack(memory) == files
    texts = sum(len(text) for text in files.values())
    return texts, sum(file.stat().st_size for file in state.iterdir())
