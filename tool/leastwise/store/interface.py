"""What every place for kept evidence implements."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Shelved:
    """What lay on a shelf at one moment.

    ``version`` is the shelf's own word for that moment, empty for a new shelf.  ``objects`` says where a text
    lies, for shelves that write only what has changed.  ``lost`` says what could not be read, in words.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    version: str = ""
    objects: Mapping[str, str] = field(default_factory=dict)
    lost: tuple[str, ...] = ()


class Shelf(Protocol):
    """Named texts.  A reader sees all of one moment; a writer that is killed leaves the moment before."""

    def load(self) -> Shelved:
        """What lies there now.  Raises ``LeastwiseError`` where nobody can tell."""

    def swap(self, files: Mapping[str, str], before: Shelved) -> bool:
        """Put these files there in place of ``before``; False, and no change, if it is there no longer."""
