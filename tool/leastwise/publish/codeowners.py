"""CODEOWNERS: which files GitHub will ask somebody to review by itself.

Grammar: GitHub docs, "About code owners" (read 2026-11).  Patterns are those of gitignore without ``!``,
``[ ]`` and escaped ``#``; the last line that matches wins, and one without owners takes the files out.
Owners that do not exist are not known here; GitHub skips such lines.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks, in this order; the first one found counts."""

_TRANSLATED = {
    "/**/": "/(?:.*/)?",
    "**/": "(?:.*/)?",
    "/**": "/.*",
    "**": ".*",
    "*": "[^/]*",
    "?": "[^/]",
}


def covers(codeowners: str, paths: Iterable[str]) -> bool:
    """Whether every path has an owner."""
    rules = [rule for rule in map(_rule, codeowners.splitlines()) if rule is not None]
    return all(_is_owned(path, rules) for path in paths)


def _rule(line: str) -> tuple[str, bool] | None:
    """A line's pattern, and whether it names owners."""
    words = re.split(r"(?<!\\)\s+", line.partition(" #")[0].strip())
    if not words[0] or words[0].startswith(("#", "!")) or "[" in words[0]:
        return None
    return words[0].replace("\\ ", " "), len(words) > 1


def _is_owned(path: str, rules: list[tuple[str, bool]]) -> bool:
    for pattern, has_owners in reversed(rules):
        if _expression(pattern).fullmatch(path):
            return has_owners
    return False


def _expression(pattern: str) -> re.Pattern[str]:
    """A pattern as a regular expression over whole paths.

    A slash at the start or inside ties it to the root; at the end it means what lies below.  A pattern that
    ends in ``*`` after a slash does not reach into folders (the docs' ``docs/*``).
    """
    body = pattern.strip("/")
    rooted = "/" in pattern.rstrip("/")
    parts = re.split(r"(/\*\*/|\*\*/|/\*\*|\*\*|\*|\?)", body)
    translated = "".join(_TRANSLATED.get(part, re.escape(part)) for part in parts)
    start = "" if rooted else "(?:.*/)?"
    if pattern.endswith("/"):
        return re.compile(f"{start}{translated}/.*")
    end = "" if re.search(r"/\*$", body) else "(?:/.*)?"
    return re.compile(f"{start}{translated}{end}")
