"""Memory <-> named texts.

``index.json`` names the others: one for the tallies of each principal, one for the coverage of each source,
all in the form of ``leastwise observe --format json``, and one for the files of a source that were counted.
A text that is damaged costs what it held and nothing
else: it is set aside, and since nobody remembers then that it was read, this run reads that part anew.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from leastwise.errors import EvidenceFileError, NewerEvidenceError
from leastwise.evidence_file import evidence_text, read_evidence
from leastwise.model.evidence import Evidence
from leastwise.model.files_read import DIGEST_BYTES, FilesRead
from leastwise.store.memory import Memory, Reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from leastwise.model.evidence import ObservationKey, Tally

INDEX = "index.json"
ASIDE = "set-aside/"
FORMAT = "leastwise-state"
VERSION = 1
_PLAIN = re.compile(r"[^A-Za-z0-9]+")


class _Reading(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    source: str
    since: datetime
    until: datetime
    fingerprint: str
    reader: str


class _Principal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    file: str
    readings: tuple[_Reading, ...]


class _FilesRead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Digests of a day are joined and written in base 64: they are many, and nobody reads them."""

    since: date
    principals: tuple[str, ...]
    files: dict[date, bytes]
    events: dict[date, bytes]


class _Index(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    format: str
    version: int
    principals: dict[str, _Principal]
    sources: dict[str, str]
    files: dict[str, str] = {}


def pack(memory: Memory) -> dict[str, str]:
    """The memory as texts by name; the same memory gives the same texts."""
    files = {ASIDE + name: text for name, text in memory.set_aside.items()}
    by_principal: dict[str, dict[ObservationKey, Tally]] = {key: {} for _, key in memory.readings}
    for seen, tally in memory.evidence.tallies.items():
        by_principal.setdefault(seen.principal, {})[seen] = tally
    principals = {}
    for key, tallies in sorted(by_principal.items()):
        name = f"principals/{file_name(key)}"
        files[name] = evidence_text(Evidence(tallies))
        principals[key] = _Principal(name, tuple(_readings(memory, key)))
    sources = {source: f"sources/{file_name(source)}" for source in sorted(memory.evidence.coverage)}
    for source, name in sources.items():
        files[name] = evidence_text(Evidence({}, {source: memory.evidence.coverage[source]}))
    counted = {source: f"files/{file_name(source)}" for source in sorted(memory.files)}
    for source, name in counted.items():
        files[name] = msgspec.json.encode(_written(memory.files[source])).decode() + "\n"
    index = _Index(format=FORMAT, version=VERSION, principals=principals, sources=sources, files=counted)
    files[INDEX] = json.dumps(msgspec.to_builtins(index), indent=1) + "\n"
    return files


def unpack(files: Mapping[str, str], place: str) -> tuple[Memory, tuple[str, ...]]:
    """The memory that ``pack`` wrote, and what was lost of it, in words; ``place`` is for messages.

    Raises ``NewerEvidenceError`` where a newer leastwise wrote it.
    """
    aside = {name.removeprefix(ASIDE): text for name, text in files.items() if name.startswith(ASIDE)}
    if INDEX not in files:
        return Memory(set_aside=aside), ()
    index = _index(files[INDEX], place)
    if index is None:
        lost = {name: text for name, text in files.items() if not name.startswith(ASIDE)}
        why = f"{place}: the index is damaged: everything is set aside and read anew"
        return Memory(set_aside=aside | lost), (why,)
    texts = _Texts(files, place)
    coverage = {
        source: seen
        for source, name in index.sources.items()
        if (found := texts.evidence(name)) and (seen := found.coverage.get(source))
    }
    tallies: dict[ObservationKey, Tally] = {}
    readings = {}
    for key, principal in index.principals.items():
        found = texts.evidence(principal.file)
        if found is not None:
            tallies.update(found.tallies)
            readings.update(
                {(each.source, key): _known(each) for each in principal.readings if each.source in coverage}
            )
    counted = {
        source: read
        for source, name in index.files.items()
        if source in coverage and (read := texts.files_read(name))
    }
    memory = Memory(Evidence(tallies, coverage), readings, counted, aside | texts.damaged)
    return memory, tuple(texts.complaints)


class _Texts:
    """The texts that an index names, and what was wrong with them."""

    def __init__(self, files: Mapping[str, str], place: str) -> None:
        self._files = files
        self._place = place
        self.damaged: dict[str, str] = {}
        self.complaints: list[str] = []

    def evidence(self, name: str) -> Evidence | None:
        """The evidence in a text; ``None``, and a complaint, where it is missing or damaged."""
        path = f"{self._place}: {name}"
        text = self._files.get(name)
        if text is None:
            self.complaints.append(f"{path} is missing: what it held is read anew")
            return None
        try:
            return read_evidence(text, path)
        except EvidenceFileError as error:
            self.damaged[name] = text
            self.complaints.append(f"{error}; it is set aside, and what it held is read anew")
            return None

    def files_read(self, name: str) -> FilesRead | None:
        """The files in a text; ``None``, and a complaint, where it is missing or damaged."""
        try:
            return _read(msgspec.json.decode(self._files.get(name, ""), type=_FilesRead))
        except (msgspec.MsgspecError, ValueError):
            self.complaints.append(f"{self._place}: {name} is damaged or missing: days are read again")
            return None


def _written(read: FilesRead) -> _FilesRead:
    files, events = (
        {day: b"".join(sorted(digests)) for day, digests in sorted(found.items())}
        for found in (read.files, read.events)
    )
    return _FilesRead(read.since, tuple(sorted(read.principals)), files, events)


def _read(read: _FilesRead) -> FilesRead:
    """Raises ``ValueError`` where digests are cut."""
    files, events = (
        {day: frozenset(_cut(joined)) for day, joined in found.items()} for found in (read.files, read.events)
    )
    return FilesRead(read.since, frozenset(read.principals), files, events)


def _cut(joined: bytes) -> Iterable[bytes]:
    if len(joined) % DIGEST_BYTES:
        raise ValueError(f"{len(joined)} bytes are no digests")
    return (joined[at : at + DIGEST_BYTES] for at in range(0, len(joined), DIGEST_BYTES))


def _index(text: str, place: str) -> _Index | None:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        return None
    version = told.get("version")
    if isinstance(version, int) and version > VERSION:
        raise NewerEvidenceError(
            f"{place}: a newer leastwise wrote this: expected version {VERSION}, found {version}; "
            "update leastwise, or name another place with --state"
        )
    try:
        return msgspec.convert(told, _Index)
    except msgspec.ValidationError:
        return None


def _readings(memory: Memory, principal: str) -> Iterable[_Reading]:
    for (source, key), reading in sorted(memory.readings.items()):
        if key == principal:
            yield _Reading(source, reading.since, reading.until, reading.fingerprint, reading.reader)


def _known(reading: _Reading) -> Reading:
    since, until = reading.since.astimezone(UTC), reading.until.astimezone(UTC)
    return Reading(since, until, reading.fingerprint, reading.reader)


def file_name(key: str) -> str:
    """Readable, unique, and a file name on every disk."""
    return f"{_PLAIN.sub('-', key)[-80:].strip('-')}-{sha256(key.encode()).hexdigest()[:8]}.json"
