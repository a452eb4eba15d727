"""The folder of a site: pages are written, and old ones of ours are taken away.

Each page ends with a seal, a digest of everything above it.  A file with a seal that fits is what leastwise
wrote, unchanged, and may go once no page is of that name any more; whatever else lies there stays.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from leastwise.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_SEAL = re.compile(rb"<!-- leastwise page ([0-9a-f]{64}) -->\n\Z")
_SEALED = 100
"""Bytes at a file's end in which a seal has room."""


def write_site(folder: Path, pages: Mapping[str, str]) -> int:
    """Write ``pages`` (file name -> HTML) into ``folder``, and remove what an earlier site left of others.

    Gives how many files were removed.  Raises ``UsageError`` where the folder cannot be written, or a file of
    somebody else's would be written over; then nothing was written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in pages:
            _check(folder / name)
        for name, text in pages.items():
            (folder / name).write_bytes(_sealed(text.encode()))
        left = list(_left_over(folder, pages))
        for file in left:
            file.unlink()
    except OSError as error:
        raise UsageError(f"{folder}: {error.strerror}: give another folder") from error
    return len(left)


def _sealed(page: bytes) -> bytes:
    return page + f"<!-- leastwise page {hashlib.sha256(page).hexdigest()} -->\n".encode()


def _check(file: Path) -> None:
    """A page of ours may be written over, edited or not; the page of another site may not."""
    if file.is_symlink() or (file.exists() and not _SEAL.search(_end(file))):
        raise UsageError(f"{file} is there and no page of leastwise: move it away, or give another folder")


def _end(file: Path) -> bytes:
    with file.open("rb") as opened:
        opened.seek(max(0, file.stat().st_size - _SEALED))
        return opened.read()


def _left_over(folder: Path, pages: Mapping[str, str]) -> Iterator[Path]:
    for file in sorted(folder.glob("*.html")):
        is_other = file.name not in pages and file.is_file() and not file.is_symlink()
        if is_other and _SEAL.search(_end(file)) and _is_unchanged(file.read_bytes()):
            yield file


def _is_unchanged(content: bytes) -> bool:
    found = _SEAL.search(content)
    return found is not None and _sealed(content[: found.start()]) == content
