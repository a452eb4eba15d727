"""Git's object store: files read from it and put into it, each time with as few runs of git as can be."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from leastwise.repo.command import GitCommand

REGULAR_FILES = frozenset({"100644", "100755"})
_NEW_FILE = "100644"


class Objects:
    """The objects of one repository.  Paths count from its top; a commit is named by its full ID."""

    def __init__(self, command: GitCommand) -> None:
        """``command`` runs git there."""
        self._git = command

    def listed(self, commit: str, path: str) -> Iterator[tuple[str, str, str]]:
        """(mode, object ID, path) of the files of a commit at or below ``path``."""
        listed = self._git.text("ls-tree", "-r", "-z", "--full-tree", commit, "--", path)
        for entry in filter(None, listed.split("\0")):
            about, _, found = entry.partition("\t")
            mode, _, object_id = about.split(" ")
            yield mode, object_id, found

    def contents(self, object_ids: Iterable[str]) -> dict[str, bytes]:
        """The bytes of blobs, all from one run of git."""
        wanted = sorted(set(object_ids))
        _, out, _ = self._git.run(
            "cat-file", "--batch", given="".join(f"{name}\n" for name in wanted).encode()
        )
        contents: dict[str, bytes] = {}
        start = 0
        for name in wanted:
            header_end = out.index(b"\n", start)
            size = int(out[start:header_end].rsplit(b" ", 1)[1])
            contents[name] = out[header_end + 1 : header_end + 1 + size]
            start = header_end + size + 2
        return contents

    def tree(self, base: str | None, changes: Mapping[str, str | None]) -> str:
        """Write the tree of ``base`` (``None``: an empty one) with these files; its ID.

        ``changes`` maps paths to their new text; ``None`` removes the file.
        """
        with tempfile.TemporaryDirectory(prefix="leastwise-") as folder:
            index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            self._git.run("read-tree", *([base] if base else ["--empty"]), env=index)
            self._git.run(
                "update-index", "-z", "--index-info", given=self._index_info(base, changes), env=index
            )
            return self._git.text("write-tree", "--missing-ok", env=index)

    def _index_info(self, base: str | None, changes: Mapping[str, str | None]) -> bytes:
        """Lines for ``update-index --index-info``; a file that is already there keeps its mode."""
        blobs = self._write_blobs({path: text for path, text in changes.items() if text is not None})
        there = self._modes(base, changes) if base and changes else {}
        lines = []
        for path in changes:
            if path in blobs:
                mode = there.get(path, _NEW_FILE)
                lines.append(f"{mode if mode in REGULAR_FILES else _NEW_FILE} {blobs[path]}\t{path}\0")
            elif path in there:
                lines.append(f"0 {'0' * len(base or '')}\t{path}\0")
        return "".join(lines).encode()

    def _modes(self, base: str, paths: Iterable[str]) -> dict[str, str]:
        """Path -> mode, of those that are there."""
        above = os.path.commonpath(list(paths)) or "."
        return {found: mode for mode, _, found in self.listed(base, above)}

    def _write_blobs(self, texts: Mapping[str, str]) -> dict[str, str]:
        """Put texts into the object store with one run of git: path -> object ID."""
        with tempfile.TemporaryDirectory(prefix="leastwise-") as folder:
            files = [Path(folder) / str(number) for number in range(len(texts))]
            for file, text in zip(files, texts.values(), strict=True):
                file.write_bytes(text.encode())
            listed = "".join(f"{file}\n" for file in files).encode()
            written = self._git.text("hash-object", "-w", "--no-filters", "--stdin-paths", given=listed)
        return dict(zip(texts, written.splitlines(), strict=True))
