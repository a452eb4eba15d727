"""Records of what was applied <-> named texts: one for each principal, its last records, oldest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from leastwise.model.journal import AppliedRecord, Ending
from leastwise.store.files import file_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

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


def united(one: Mapping[str, str], other: Mapping[str, str]) -> dict[str, str]:
    """The texts of two journals with the records of both; of one run the record that tells how it ended.

    Both are read before: texts that are damaged stay as they are in ``one``.
    """
    names = [name for name in other if name.startswith(PRINCIPALS) and name not in damaged(one)]
    return {**one, **{name: _united(one.get(name), other[name]) for name in names}}


def _united(one: str | None, other: str) -> str:
    found: dict[tuple[datetime, str], AppliedRecord] = {}
    for record in (*(unpack(one) or () if one else ()), *(unpack(other) or ())):
        run = (record.began, record.plan.fingerprint)
        if run not in found or found[run].ending is Ending.BEGUN:
            found[run] = record
    return pack([found[run] for run in sorted(found)])


def damaged(files: Mapping[str, str]) -> tuple[str, ...]:
    """The names of texts that cannot be read."""
    return tuple(
        name for name, text in sorted(files.items()) if name.startswith(PRINCIPALS) and unpack(text) is None
    )
