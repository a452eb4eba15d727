"""Unified diffs that ``git apply`` takes: new and removed files, no final newline, CRLF, odd names."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from leastwise.model.proposal import FileChange

_NO_FINAL_NEWLINE = "\\ No newline at end of file\n"
_NAMED_ESCAPES = {"\t": "\\t", "\n": "\\n", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def patch(files: Iterable[FileChange], folder: str) -> str:
    """The patch of all changes; ``folder`` is the path of ``policies/`` from the repository's top.

    Files that do not change are left out.
    """
    return "".join("".join(_file_patch(change, folder + change.path)) for change in files)


def _file_patch(change: FileChange, path: str) -> Iterator[str]:
    if change.before == change.after:
        return
    old, new = _quoted(f"a/{path}"), _quoted(f"b/{path}")
    yield f"diff --git {old} {new}\n"
    if change.before is None:
        yield "new file mode 100644\n"
    if change.after is None:
        yield "deleted file mode 100644\n"
    before, after = _lines(change.before), _lines(change.after)
    if before != after:
        yield f"--- {_header(old) if change.before is not None else '/dev/null'}\n"
        yield f"+++ {_header(new) if change.after is not None else '/dev/null'}\n"
        yield from _hunks(before, after)


def _hunks(before: list[str], after: list[str]) -> Iterator[str]:
    lines = difflib.unified_diff(before, after)
    for line in list(lines)[2:]:
        yield line if line.endswith("\n") else f"{line}\n{_NO_FINAL_NEWLINE}"


def _lines(text: str | None) -> list[str]:
    """Lines as git counts them: only a line feed ends one; a carriage return before it is content."""
    if not text:
        return []
    lines = [line + "\n" for line in text.split("\n")]
    last = lines.pop().removesuffix("\n")
    return [*lines, last] if last else lines


def _header(name: str) -> str:
    """A name with a blank in it needs a tab behind it, or its end is guessed."""
    return f"{name}\t" if " " in name else name


def _quoted(name: str) -> str:
    """A name as git writes it: as it is, or in C quotes if it holds quotes or control characters."""
    quoted = "".join(
        _NAMED_ESCAPES.get(letter)
        or (f"\\{ord(letter):03o}" if ord(letter) < 32 or ord(letter) == 127 else letter)
        for letter in name
    )
    return name if quoted == name else f'"{quoted}"'
