"""Decompress one gzip file: every member of it, within a bound, and what can be read of a broken one."""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from isal import igzip, isal_zlib

if TYPE_CHECKING:
    import gzip

GZIP_MAGIC = b"\x1f\x8b"
MOST_BYTES = 256 << 20
"""CloudTrail closes a log file long before it unpacks to this (they are a few MB)."""
MOST_RATIO = 200
"""JSON of log records shrinks 10 to 20 times; deflate at its best 1,032 times."""
UNSUSPICIOUS_BYTES = 16 << 20
"""Below this no ratio is suspicious: a quiet trail repeats itself."""
_PIECE = 1 << 20
_MORSEL = 1 << 12
_GZIP_WRAPPER = 31
"""``wbits``: the largest window, with a gzip header and checksum."""
_DAMAGE: tuple[type[Exception], ...] = (OSError, zlib.error, isal_zlib.error)  # type: ignore[assignment]  # isal's stub declares the class as an instance


@dataclass(frozen=True, slots=True)
class Inflated:
    """What came out; ``damage`` says in words why it is not all, and is empty where it is."""

    data: bytes
    damage: str = ""


def inflate(packed: bytes) -> Inflated:
    """Decompress ``packed``, checking the bound while it grows; bytes that are not gzip are given back.

    ``igzip`` reads every member of a file; ``zlib.decompress(data, 31)`` and its like stop after the first
    without a word.  Zero bytes after the last member are padding.
    """
    if not packed.startswith(GZIP_MAGIC):
        return Inflated(packed) if len(packed) <= MOST_BYTES else Inflated(b"", _too_large(MOST_BYTES))
    bound = min(MOST_BYTES, max(UNSUSPICIOUS_BYTES, MOST_RATIO * len(packed)))
    pieces: list[bytes] = []
    size = 0
    try:
        with _reader(packed) as file:
            while piece := file.read1(_PIECE):
                size += len(piece)
                if size > bound:
                    return Inflated(b"", _too_large(bound))
                pieces.append(piece)
    except EOFError:
        return Inflated(_rescued(packed, bound), "the gzip data ends too early")
    except _DAMAGE as error:
        return Inflated(_rescued(packed, bound), f"the gzip data is damaged: {error}")
    return Inflated(b"".join(pieces))


def _reader(packed: bytes) -> gzip.GzipFile:
    """``IGzipFile`` is the standard library's reader with a faster inflate."""
    return igzip.IGzipFile(fileobj=io.BytesIO(packed))  # type: ignore[no-untyped-call]  # isal has no types for it


def _rescued(packed: bytes, bound: int) -> bytes:
    """What can be read of damaged gzip data, morsel by morsel; little more than ``bound``."""
    pieces: list[bytes] = []
    size = place = 0
    member = isal_zlib.decompressobj(_GZIP_WRAPPER)
    while place < len(packed) and size <= bound:
        try:
            pieces.append(member.decompress(packed[place : place + _MORSEL]))
        except _DAMAGE:
            break
        size += len(pieces[-1])
        place += _MORSEL
        if member.eof:
            place = min(place, len(packed)) - len(member.unused_data)
            member = isal_zlib.decompressobj(_GZIP_WRAPPER)
    return b"".join(pieces)


def _too_large(bound: int) -> str:
    return f"it unpacks to more than {bound >> 20} MiB, far more than CloudTrail writes: not read"
