"""Progress on standard error: a bar on a terminal, a line now and then elsewhere (a log of CI)."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from leastwise.collect.interface import Progress as Listener

SECONDS_BETWEEN_LINES = 10.0


class Bar:
    """A bar for each source, in bytes as stored."""

    def __init__(self, progress: Progress) -> None:
        """``progress`` is running already."""
        self._progress = progress
        self._records = 0

    def begin(self, name: str, files: int, size: int) -> None:
        """See ``Progress``."""
        self._records = 0
        self._task = self._progress.add_task(f"{name} ({files:,} files)", total=size)

    def advance(self, files: int, size: int, records: int) -> None:  # noqa: ARG002  bytes tell more than files
        """See ``Progress``."""
        self._records += records
        self._progress.update(self._task, advance=size)

    def finish(self) -> None:
        """See ``Progress``."""


class Lines:
    """A line every ten seconds, so that a log stays short and a reader knows that it is alive."""

    def __init__(self, show: Callable[[str], object], clock: Callable[[], float] = time.monotonic) -> None:
        """``clock`` gives seconds."""
        self._show = show
        self._clock = clock
        self._name = ""
        self._files = self._done = self._records = 0
        self._next = 0.0

    def begin(self, name: str, files: int, size: int) -> None:
        """See ``Progress``."""
        self._name, self._files, self._done, self._records = name, files, 0, 0
        self._next = self._clock() + SECONDS_BETWEEN_LINES
        self._show(f"reading {name}: {files:,} files, {size:,} bytes")

    def advance(self, files: int, size: int, records: int) -> None:  # noqa: ARG002  files tell enough here
        """See ``Progress``."""
        self._done += files
        self._records += records
        if self._clock() >= self._next:
            self._next = self._clock() + SECONDS_BETWEEN_LINES
            self._show(f"reading {self._name}: {self._done:,} of {self._files:,} files")

    def finish(self) -> None:
        """See ``Progress``."""
        self._show(f"read {self._name}: {self._done:,} files, {self._records:,} records")


@contextmanager
def watching() -> Iterator[Listener]:
    """The listener that fits standard error."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Lines(lambda line: print(line, file=sys.stderr))  # noqa: T201  progress is printed
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        yield Bar(progress)
