"""A shelf for a run that reads what is kept and adds nothing to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leastwise.store.interface import Shelf, Shelved


class Borrowed:
    """See ``Shelf``: what is put there is gone with the run."""

    def __init__(self, shelf: Shelf) -> None:
        """``shelf`` is only read."""
        self._shelf = shelf

    def load(self) -> Shelved:
        """See ``Shelf``."""
        return self._shelf.load()

    def swap(self, files: Mapping[str, str], before: Shelved) -> bool:  # noqa: ARG002  nothing is kept
        """See ``Shelf``: always as if nobody had been faster."""
        return True
