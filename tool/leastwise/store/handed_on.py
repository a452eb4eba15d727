"""A shelf for a job that may read the branch and not write it: what it would put there goes into a file.

The next job, which may write, puts it there by `put_back`, if nobody else was faster.
"""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import msgspec

from leastwise.errors import HandoverError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from leastwise.store.interface import Shelf, Shelved

STATE_FILE = "state.json"
FORMAT = "leastwise-state-handover"
VERSION = 1
LARGEST = 512 * 1024 * 1024
"""Bytes of a file that is read."""


class _StateFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    format: str
    version: int
    before: str
    files: dict[str, str]


class HandedOn:
    """See ``Shelf``: ``shelf`` is only read."""

    def __init__(self, shelf: Shelf, folder: Path) -> None:
        """``folder`` gets the file, and is made where it is not there."""
        self._shelf = shelf
        self._folder = folder

    def load(self) -> Shelved:
        """See ``Shelf``."""
        return self._shelf.load()

    def swap(self, files: Mapping[str, str], before: Shelved) -> bool:
        """See ``Shelf``; whether another run was faster is seen by the next job."""
        told = _StateFile(format=FORMAT, version=VERSION, before=before.version, files=dict(files))
        path = self._folder / STATE_FILE
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(msgspec.to_builtins(told)) + "\n", "ascii")
        except OSError as error:
            raise HandoverError(f"{path} could not be written: {error.strerror}; see --out") from error
        return True


def put_back(folder: Path, shelf: Shelf) -> str:
    """Put the files of ``state.json``, if there is one, onto the shelf; why that was left, or nothing.

    Compare and swap: what another run kept meanwhile stays, and the next run reads again what is lost here.
    Raises `HandoverError` for a file that `HandedOn` cannot have written.
    """
    path = folder / STATE_FILE
    if not path.exists():
        return ""
    told = _read(path)
    before = shelf.load()
    if before.version == told.before and shelf.swap(told.files, before):
        return ""
    return (
        "another run kept evidence meanwhile: its own stays, and the next run reads again what this one read"
    )


def _read(path: Path) -> _StateFile:
    try:
        if path.stat().st_size > LARGEST:
            raise HandoverError(f"{path}: larger than {LARGEST:,} bytes")
        told = msgspec.json.decode(path.read_bytes(), type=_StateFile)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise HandoverError(
            f"{path}: no kept evidence, or damaged ({type(error).__name__}); run the job that wrote it anew"
        ) from error
    if (told.format, told.version) != (FORMAT, VERSION) or not all(map(_is_name, told.files)):
        raise HandoverError(
            f"{path}: not what leastwise of this version wrote; run the job that wrote it anew"
        )
    return told


def _is_name(name: str) -> bool:
    """Whether it names a file below the shelf's folder, whatever reads it."""
    path = PurePosixPath(name)
    is_below = path.as_posix() == name and not path.is_absolute() and not {"..", "."} & {*path.parts}
    return is_below and name.isprintable() and "\\" not in name
