"""The user's folder ``queries/``: ``NAME.sql``, and ``NAME.test/`` with the cases that test it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.saved.query import read_query

if TYPE_CHECKING:
    from pathlib import Path

    from leastwise.saved.query import Broken, SavedQuery

FOLDER = "queries"


def read_queries(root: Path) -> tuple[SavedQuery | Broken, ...]:
    """Every query of the folder, by name; none where there is no such folder."""
    files = sorted((root / FOLDER).glob("*.sql"))
    return tuple(
        read_query(file.stem, f"{FOLDER}/{file.name}", file.read_bytes().decode("utf-8", "replace"))
        for file in files
    )


def case_files(root: Path, name: str) -> list[tuple[str, bytes]]:
    """(path, bytes) of each case of a query, by name; empty: it has no test."""
    files = sorted((root / FOLDER / f"{name}.test").glob("*.json"))
    return [(file.relative_to(root).as_posix(), file.read_bytes()) for file in files]
