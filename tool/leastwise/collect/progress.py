"""Say how far the reading is: a bar on a terminal, now and then a plain line elsewhere (CI logs)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO

    from rich.console import Console

    from leastwise.collect.interface import Progress as Listener

_LINES = 10
"""Plain lines that one source may write, first and last apart."""


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
    """A line when a source begins, one for each tenth of its bytes, and one at the end."""

    def __init__(self, write: Callable[[str], object]) -> None:
        """``write`` takes one line without its end."""
        self._write = write
        self._name = ""
        self._files = 0
        self._size = 0
        self._done_files = 0
        self._done_size = 0
        self._records = 0
        self._said = 0

    def begin(self, name: str, files: int, size: int) -> None:
        """Say what lies ahead."""
        self._name, self._files, self._size = name, files, size
        self._done_files = self._done_size = self._records = self._said = 0
        self._write(f"{name}: reading {_files(files)}, {size / 1e6:,.1f} MB")

    def advance(self, files: int, size: int, records: int) -> None:
        """Say how far it is, if a tenth has passed since that was said last."""
        self._done_files += files
        self._done_size += size
        self._records += records
        tenth = _LINES * self._done_size // max(1, self._size)
        if self._said < tenth < _LINES:
            self._said = tenth
            self._write(
                f"{self._name}: {self._done_files:,} of {self._files:,} files, {self._records:,} records"
            )

    def finish(self) -> None:
        """Say what was read."""
        self._write(f"{self._name}: read {_files(self._done_files)}, {self._records:,} records")


def _files(number: int) -> str:
    return f"{number:,} file{'' if number == 1 else 's'}"


def _writer(stream: IO[str]) -> Callable[[str], object]:
    return lambda line: print(line, file=stream, flush=True)
