"""The user's folder ``queries/``: ``NAME.sql``, and ``NAME.test/`` with the cases that test it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.errors import Problem
from leastwise.saved.query import Broken, read_query

if TYPE_CHECKING:
    from pathlib import Path

    from leastwise.saved.query import SavedQuery

FOLDER = "queries"


def read_queries(root: Path) -> tuple[SavedQuery | Broken, ...]:
    """Every query of the folder, by name; none where there is no such folder.

    A link is none: what it leads to is not what was reviewed.
    """
    return tuple(_read(file) for file in sorted((root / FOLDER).glob("*.sql")))


def _read(file: Path) -> SavedQuery | Broken:
    path = f"{FOLDER}/{file.name}"
    if file.is_symlink() or not file.is_file():
        return Broken(file.stem, path, (Problem(path, 0, 0, "a plain file", "a link or a folder"),))
    return read_query(file.stem, path, file.read_bytes().decode("utf-8", "replace"))


def case_files(root: Path, name: str) -> list[tuple[str, bytes]]:
    """(path, bytes) of each case of a query, by name; empty: it has no test.  A link is read as nothing."""
    files = sorted((root / FOLDER / f"{name}.test").glob("*.json"))
    return [
        (file.relative_to(root).as_posix(), b"" if file.is_symlink() else file.read_bytes()) for file in files
    ]
