"""Records of what was applied <-> named texts: one for each principal, its last records, oldest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from leastwise.model.journal import AppliedRecord  # noqa: TC001  msgspec reads the fields of the class
from leastwise.store.files import file_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FORMAT = "leastwise-applied"
VERSION = 1
KEPT = 20
"""Records of one principal: more than a year of weekly changes needs no rollback."""
PRINCIPALS = "principals/"
ASIDE = "set-aside/"


@dataclass(frozen=True, slots=True)
class _File:
    format: str
    version: int
    records: tuple[AppliedRecord, ...]


def name_of(principal: str) -> str:
    """The name of a principal's text."""
    return PRINCIPALS + file_name(principal)


def pack(records: Sequence[AppliedRecord]) -> str:
    """The text of one principal's records; of more than are kept the oldest go."""
    file = _File(FORMAT, VERSION, tuple(records)[-KEPT:])
    return msgspec.json.format(msgspec.json.encode(file), indent=1).decode() + "\n"


def unpack(text: str) -> tuple[AppliedRecord, ...] | None:
    """What ``pack`` wrote; ``None`` where the text is damaged or a newer leastwise wrote it."""
    try:
        file = msgspec.json.decode(text, type=_File)
    except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError):
        return None
    return file.records if (file.format, file.version) == (FORMAT, VERSION) else None


def damaged(files: Mapping[str, str]) -> tuple[str, ...]:
    """The names of texts that cannot be read."""
    return tuple(
        name for name, text in sorted(files.items()) if name.startswith(PRINCIPALS) and unpack(text) is None
    )
