"""A shelf made of objects that are written once and never changed.

Every swap makes a generation, numbered from 1: first its new objects, ``7-<digest>.gz``, then its index,
``index-7``, which names all objects of that moment.  Making ``index-7`` fails if it is there: of two runs
that both saw generation 6, one loses.  Whoever is killed before the index leaves generation 6 as it was.
Only then are old objects removed; a reader who is overtaken by that begins again.

A writer who slept for generations finds the name of its index free again, because it was removed: so a newer
index means that it lost.  (A winner who is overtaken that very moment is told so too, and adds the same once
more, which changes nothing.)

An object of generation n that ``index-n`` does not name can never be named: it is a loser's, and goes too.
"""

from __future__ import annotations

import gzip
import json
import zlib
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from isal import igzip

from leastwise.errors import SourceError
from leastwise.store.interface import Shelved

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_INDEX = "index-"
_ASIDE = "damaged-"
_TRIES = 5
_LEVEL = 3


class Objects(Protocol):
    """A flat set of named objects.  Every method raises ``LeastwiseError`` where the place cannot be used."""

    at_once: int

    def names(self) -> Iterable[str]:
        """Every object's name."""

    def read(self, name: str) -> bytes | None:
        """An object's bytes; ``None`` where it is not there."""

    def write(self, name: str, body: bytes) -> None:
        """Have an object, all of it or nothing."""

    def create(self, name: str, body: bytes) -> bool:
        """Make an object, all of it or nothing; False where it is there already, whatever it holds."""

    def remove(self, name: str) -> None:
        """Have an object no longer."""


class Generations:
    """See ``Shelf``."""

    def __init__(self, objects: Objects, place: str) -> None:
        """``place`` is what people call it, for messages."""
        self._objects = objects
        self._place = place

    def load(self) -> Shelved:
        """See ``Shelf``."""
        for _ in range(_TRIES):
            newest = self._newest()
            found = self._load(newest) if newest else Shelved()
            if self._newest() == newest:
                return found
        raise SourceError(f"{self._place}: other runs keep writing there; run again when they are done")

    def swap(self, files: Mapping[str, str], before: Shelved) -> bool:
        """See ``Shelf``."""
        generation = int(before.version or 0) + 1
        objects = {name: _reused(text, before.objects.get(name)) for name, text in files.items()}
        new = {
            name: f"{generation}-{_digest(text)}.gz" for name, text in files.items() if objects[name] is None
        }
        with ThreadPoolExecutor(self._objects.at_once) as pool:
            list(pool.map(lambda name: self._objects.write(new[name], _packed(files[name])), new))
        named = {name: new.get(name) or objects[name] for name in files}
        index = json.dumps({"objects": named}, sort_keys=True).encode()
        name = f"{_INDEX}{generation}"
        if not self._objects.create(name, index):
            return False
        if self._newest() != generation:
            self._objects.remove(name)
            return False
        self._sweep(generation, {str(name) for name in named.values()})
        return True

    def _newest(self) -> int:
        numbers = [name.removeprefix(_INDEX) for name in self._objects.names() if name.startswith(_INDEX)]
        return max((int(number) for number in numbers if number.isdigit()), default=0)

    def _load(self, generation: int) -> Shelved:
        name = f"{_INDEX}{generation}"
        body = self._objects.read(name) or b""
        objects = _named(body)
        if objects is None:
            self._objects.write(f"{_ASIDE}{name}", body)
            why = f"{self._place}: {name} is damaged: it is set aside, and everything is read anew"
            return Shelved(version=str(generation), lost=(why,))
        with ThreadPoolExecutor(self._objects.at_once) as pool:
            texts = dict(zip(objects, pool.map(self._text, objects.values()), strict=True))
        whole = {name: text for name, text in texts.items() if text is not None}
        lost = (
            f"{self._place}: {name} ({objects[name]}) is damaged or missing: what it held is read anew"
            for name in sorted(texts.keys() - whole.keys())
        )
        kept = {name: objects[name] for name in whole}
        return Shelved(whole, str(generation), kept, tuple(lost))

    def _text(self, name: str) -> str | None:
        """An object's text, if it is what was written; a damaged one is set aside."""
        body = self._objects.read(name)
        if body is None:
            return None
        try:
            text = gzip.decompress(body).decode()
        except (OSError, EOFError, zlib.error, UnicodeDecodeError):
            text = ""
        if text and _reused(text, name):
            return text
        self._objects.write(f"{_ASIDE}{name}", body)
        return None

    def _sweep(self, generation: int, named: set[str]) -> None:
        """Remove what no reader needs that begins from now on."""
        for name in list(self._objects.names()):
            number = name.removeprefix(_INDEX).partition("-")[0]
            if not number.isdigit() or name in named:
                continue
            is_old_index = name.startswith(_INDEX) and int(number) < generation
            is_old_object = not name.startswith(_INDEX) and int(number) <= generation
            if is_old_index or is_old_object:
                self._objects.remove(name)


def _named(index: bytes) -> dict[str, str] | None:
    """Text name -> object name; ``None`` where this is no index."""
    try:
        objects = json.loads(index)["objects"]
    except (ValueError, KeyError, TypeError):
        return None
    if not isinstance(objects, dict) or not all(isinstance(name, str) for name in objects.values()):
        return None
    return objects


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:32]


def _reused(text: str, name: str | None) -> str | None:
    """The object's name if it holds this text."""
    return name if name and name.partition("-")[2] == f"{_digest(text)}.gz" else None


def _packed(text: str) -> bytes:
    """Forty times faster than ``gzip``, for a sixth more bytes: every run packs what it has changed."""
    return igzip.compress(text.encode(), _LEVEL, mtime=0)
