"""Where log files lie: a folder of this machine here, a bucket in ``s3_store``."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from leastwise.collect.inflate import MOST_BYTES
from leastwise.collect.layout import LogFile, in_window, is_log
from leastwise.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from leastwise.model.window import Window


class LogStore(Protocol):
    """Lists and reads log files.  It is sent to other processes, so it holds no open connection."""

    @property
    def at_once(self) -> int:
        """How many files it pays to read at the same time: 1 where reading does not wait."""

    def files(self, window: Window, accounts: frozenset[str] = frozenset()) -> Iterable[LogFile]:
        """Every file that may hold records of the window, at least; a store that lists by day may save work.

        So may one that lists by account: the files of ``accounts`` are enough, unless it is empty.
        Raises ``SourceError`` if the files cannot be listed at all.
        """

    def read(self, file: LogFile) -> bytes:
        """The file's bytes as stored.  Raises ``OSError`` with the reason if this one file cannot be read.

        Any other ``LeastwiseError`` ends the whole reading.  Several threads may call it.
        """


@dataclass(frozen=True, slots=True)
class LocalFolder:
    """Log files at any depth below a folder, or one file.

    ``ignored`` are files below it that are something else, such as the saved event selectors.
    """

    path: Path
    ignored: frozenset[Path] = frozenset()

    @property
    def at_once(self) -> int:
        """See ``LogStore``."""
        return 1

    def files(
        self,
        window: Window,
        accounts: frozenset[str] = frozenset(),  # noqa: ARG002  a walk passes every account
    ) -> Iterator[LogFile]:
        """See ``LogStore``.  Links to folders are not followed: they may lead in circles."""
        if self.path.is_file():
            yield LogFile(self.path.name, self.path.stat().st_size)
        elif self.path.is_dir():
            yield from self._walk(window)
        else:
            raise SourceError(
                f"{self.path}: expected a folder of CloudTrail log files, found nothing; "
                "correct `path` of the source in principals.yaml, or copy the files there"
            )

    def read(self, file: LogFile) -> bytes:
        """See ``LogStore``."""
        path = self.path if self.path.is_file() else self.path / file.path
        if file.size > MOST_BYTES:
            raise OSError(f"larger than {MOST_BYTES >> 20} MiB, far more than CloudTrail writes")
        return path.read_bytes()

    def _walk(self, window: Window) -> Iterator[LogFile]:
        """The log files, without those in folders of a day outside of the window."""
        for folder, below, names in os.walk(self.path):
            above = Path(folder).relative_to(self.path).as_posix()
            below[:] = [name for name in below if in_window(LogFile(f"{above}/{name}/", 0), window)]
            for name in names:
                path = Path(folder, name)
                inside = path.relative_to(self.path).as_posix()
                if is_log(inside) and path not in self.ignored:
                    yield LogFile(inside, _size(path))


def _size(path: Path) -> int:
    """Bytes; 0 for a link that leads nowhere, which reading will then name."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
