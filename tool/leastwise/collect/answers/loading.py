"""Log files -> the embedded engine: the records of a window, each event once."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from leastwise.collect.ahead import read_ahead
from leastwise.collect.counts import Seen
from leastwise.collect.decode import mended
from leastwise.collect.inflate import inflate
from leastwise.collect.layout import LogFile, in_window
from leastwise.collect.salvage import RECORDS, BadRecord, salvage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from leastwise.collect.answers.embedded import Embedded
    from leastwise.collect.interface import Progress
    from leastwise.collect.store import LogStore
    from leastwise.model.window import Window

_AT_ONCE = 5_000
"""Records that are handed over together."""
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z")
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
"""What may be half a character; CloudTrail cuts long texts at 1 KB."""


class _Known(msgspec.Struct, gc=False, rename="camel"):
    event_time: str
    event_id: str | None = msgspec.field(name="eventID", default=None)


class _File(msgspec.Struct, gc=False):
    records: list[msgspec.Raw] = msgspec.field(name="Records")


_FILE = msgspec.json.Decoder(_File)
_KNOWN = msgspec.json.Decoder(_Known)
_ANY = msgspec.json.Decoder()


def load(engine: Embedded, store: LogStore, window: Window, progress: Progress, name: str) -> None:
    """Read every file that may hold records of the window; ``name`` is the source's.

    Raises ``SourceError`` where files cannot be listed or the records do not fit.
    """
    files = sorted((file for file in store.files(window) if in_window(file, window)), key=_order)
    progress.begin(name, len(files), sum(file.size for file in files))
    try:
        for records in _chunks(engine, store, files, window, progress):
            engine.load(records)
    finally:
        progress.finish()


def _chunks(
    engine: Embedded, store: LogStore, files: Iterable[LogFile], window: Window, progress: Progress
) -> Iterator[list[str]]:
    seen = Seen()
    held: list[str] = []
    for file, content in read_ahead(store, files):
        seen.turn_to(file.day)
        before = len(held)
        held += _records(engine, content, window, seen)
        progress.advance(1, file.size, len(held) - before)
        if len(held) >= _AT_ONCE:
            yield held
            held = []
    if held:
        yield held


def _records(engine: Embedded, content: bytes | OSError, window: Window, seen: Seen) -> Iterator[str]:
    if isinstance(content, OSError):
        engine.unreadable += 1
        return
    unpacked = inflate(content)
    engine.unreadable += bool(unpacked.damage)
    for raw in _split(unpacked.data):
        known = _known(raw)
        if known is None or isinstance(raw, BadRecord):
            engine.unreadable += 1
            continue
        moment, event_id = known
        if window.start <= moment < window.end and seen.is_new(event_id):
            yield _text(raw)


def _split(text: bytes) -> Iterator[bytes | BadRecord]:
    """The bytes of each record; those of a damaged file as far as they can be told apart."""
    try:
        yield from map(bytes, _FILE.decode(text.rstrip(b"\0")).records)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        if RECORDS.search(text):
            yield from salvage(text, _whole)
        else:
            yield BadRecord("no log file")


def _whole(text: bytes) -> bytes:
    """The bytes of a record that is JSON throughout, half characters mended.  Raises ``BadRecord``."""
    whole = mended(text)
    try:
        _ANY.decode(whole)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadRecord(str(error), torn=True) from error
    return whole


def _known(raw: bytes | BadRecord) -> tuple[datetime, str] | None:
    """When a record is of, and its event's ID; ``None`` for what is no record."""
    if isinstance(raw, BadRecord):
        return None
    try:
        known = _KNOWN.decode(raw)
        moment = datetime.fromisoformat(known.event_time).astimezone(UTC)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError):
        return None
    return (moment, known.event_id or "") if _TIME.fullmatch(known.event_time) else None


def _text(raw: bytes) -> str:
    if not _HALF.search(raw):
        return raw.decode("utf-8", "replace")
    return mended(raw).decode("utf-8", "replace")


def _order(file: LogFile) -> tuple[bool, str, str]:
    """By day of delivery, so that what was seen can be forgotten."""
    return file.day is None, str(file.day), file.path
