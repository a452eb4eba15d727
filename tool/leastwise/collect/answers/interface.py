"""What an engine does for a saved query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from leastwise.model.window import Window
    from leastwise.saved.query import SavedQuery
    from leastwise.saved.results import Row


@dataclass(frozen=True, slots=True)
class Answer:
    """The names of the columns, and rows of text that are read as they are asked for; NULL is empty text."""

    columns: Row
    rows: Iterator[Row]


class Answers(Protocol):
    """Answers saved queries.

    Each method raises ``DeclarationError`` for a mistake in the query's file (a column that the source
    lacks), ``SourceError`` where the engine refuses or fails, ``AwsError`` where AWS does.
    """

    def answer(self, query: SavedQuery, window: Window, principals: Sequence[str]) -> Answer:
        """The rows of a query that is bounded by ``window``."""

    def doubt(self, window: Window) -> str:
        """Why an empty answer says nothing of the window; empty: it says that there is no such record."""

    @property
    def scanned(self) -> int:
        """Bytes scanned so far, as AWS bills them."""
