"""Say how far the reading is: a bar on a terminal; elsewhere (CI logs) a plain line, more if it is long."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO

    from rich.console import Console

    from leastwise.collect.interface import Progress as Listener

_PAUSE = 20.0
"""Seconds between two plain lines of one source."""


def listener(console: Console) -> Listener:
    """A bar where somebody watches ``console``, plain lines on its stream where nobody does."""
    return Bar(console) if console.is_terminal else Lines(_writer(console.file))


class Bar:
    """A progress bar that vanishes when a source is done."""

    def __init__(self, console: Console) -> None:
        """Nothing is drawn before ``begin``."""
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(binary_units=True),
            TextColumn("{task.fields[records]:,} records"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )
        self._records = 0

    def begin(self, name: str, files: int, size: int) -> None:
        """Draw the bar of one source."""
        self._records = 0
        for task in self._bar.task_ids:
            self._bar.remove_task(task)
        self._bar.add_task(f"reading {name} ({files:,} files)", total=size, records=0)
        self._bar.start()

    def advance(self, files: int, size: int, records: int) -> None:  # noqa: ARG002  the bar shows bytes
        """Move it."""
        self._records += records
        for task in self._bar.task_ids:
            self._bar.update(task, advance=size, records=self._records)

    def finish(self) -> None:
        """Take it away."""
        self._bar.stop()


class Lines:
    """A line when a source was read, and one every ``_PAUSE`` seconds until then."""

    def __init__(self, write: Callable[[str], object], clock: Callable[[], float] = monotonic) -> None:
        """``write`` takes one line without its end; ``clock`` gives seconds."""
        self._write = write
        self._clock = clock
        self._said = 0.0
        self._name = ""
        self._files = 0
        self._size = 0
        self._done_files = 0
        self._done_size = 0
        self._records = 0

    def begin(self, name: str, files: int, size: int) -> None:
        """Remember what lies ahead."""
        self._name, self._files, self._size = name, files, size
        self._done_files = self._done_size = self._records = 0
        self._said = self._clock()

    def advance(self, files: int, size: int, records: int) -> None:
        """Say how far it is, if that was not said for a while."""
        self._done_files += files
        self._done_size += size
        self._records += records
        now = self._clock()
        if now - self._said >= _PAUSE and self._done_files < self._files:
            self._said = now
            done = f"{self._done_files:,} of {_files(self._files)}"
            read = f"{_megabytes(self._done_size)} of {_megabytes(self._size)} MB"
            self._write(f"{self._name}: {done}, {read}, {self._records:,} records")

    def finish(self) -> None:
        """Say what was read."""
        self._write(
            f"{self._name}: read {_files(self._done_files)}, {_megabytes(self._done_size)} MB, "
            f"{self._records:,} records"
        )


def _files(number: int) -> str:
    return f"{number:,} file{'' if number == 1 else 's'}"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f}"


def _writer(stream: IO[str]) -> Callable[[str], object]:
    return lambda line: print(line, file=stream, flush=True)
