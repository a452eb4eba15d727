"""The files that one job hands to the next: JSON of a known form and version, written and read strictly."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Protocol, TypeVar

import msgspec

from leastwise.errors import HandoverError

if TYPE_CHECKING:
    from pathlib import Path

LARGEST = 256 * 1024 * 1024
"""Bytes of a file that is read: 500 principals need about 20 MB."""
SHOWN = 300
"""Characters of a complaint that are shown: it may quote what the file says."""


class Form(Protocol):
    """What every such file begins with."""

    @property
    def format(self) -> str:
        """What kind of file it is."""

    @property
    def version(self) -> int:
        """Goes up where a member changes its meaning."""


_File = TypeVar("_File", bound=Form)


def write_file(path: Path, content: msgspec.Struct) -> Path:
    """Write a file, and the folders above it.  Raises `HandoverError` where that is not possible."""
    text = json.dumps(msgspec.to_builtins(content), indent=1) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "ascii")
    except OSError as error:
        raise HandoverError(f"{path} could not be written: {error.strerror}; see --out") from error
    return path


def read_file(path: Path, kind: type[_File], form: tuple[str, int], anew: str) -> _File:
    """Read a file of a format and version; ``anew`` is the command that writes another.

    Raises `HandoverError` for anything else.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise unfit(path, f"it is larger than {LARGEST:,} bytes", anew)
        content = msgspec.json.decode(path.read_bytes(), type=kind)
    except OSError as error:
        raise HandoverError(f"{path} could not be read: {error.strerror}") from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise unfit(path, str(error), anew) from error
    if (content.format, content.version) != form:
        expected = " ".join(map(str, form))
        raise unfit(path, f"expected {expected}, found {content.format} {content.version}", anew)
    return content


def unfit(path: Path, complaint: str, anew: str) -> HandoverError:
    """The error for a file that is not what it should be."""
    return HandoverError(
        f"{path}: this is not what leastwise of this version wrote, or it was damaged: {shown(complaint)}; "
        f"run `{anew}` anew"
    )


def shown(text: str) -> str:
    """As ASCII without control characters, and cut."""
    escaped = json.dumps(text)[1:-1]
    return escaped if len(escaped) <= SHOWN else escaped[:SHOWN] + "..."
