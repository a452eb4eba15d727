"""What every source of evidence implements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from leastwise.collect.roster import Roster
    from leastwise.model.event import Event
    from leastwise.model.evidence import Evidence
    from leastwise.model.interpretation import Interpretation
    from leastwise.model.window import Window

    Interpreter = Callable[[Event], Interpretation]
    """Event -> requests; in production ``leastwise.reference.interpret.interpret``."""


class Progress(Protocol):
    """Hears how far a source has come.  Calls come from one thread, in the order begin, advance*, finish."""

    def begin(self, name: str, files: int, size: int) -> None:
        """Source ``name`` starts on so many files of so many bytes in all, as stored."""

    def advance(self, files: int, size: int, records: int) -> None:
        """So many files, bytes and records *since the last call* are done."""

    def finish(self) -> None:
        """Nothing more will come from this source."""


class Silent:
    """The ``Progress`` that nobody watches."""

    def begin(self, name: str, files: int, size: int) -> None:
        """Say nothing."""

    def advance(self, files: int, size: int, records: int) -> None:
        """Say nothing."""

    def finish(self) -> None:
        """Say nothing."""


class Collector(Protocol):
    """One source of evidence."""

    def collect(self, roster: Roster, window: Window, progress: Progress) -> Evidence:
        """Everything that the source shows of the enrolled principals in ``window``, and what it could see.

        Raises ``SourceError`` where the source cannot be read at all.  What can be read in part is read,
        and the coverage names the rest.
        """
