"""The one door through which text from logs reaches a page: escaped, and cut to a length.

What an attacker can name (buckets, keys, sessions) must not become Markdown, HTML, a mention, a closing
keyword, or a picture of other text by bidirectional controls.  Everything that is not plain printable ASCII
is written as a JSON escape, and so are the characters that GitHub gives a meaning.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

CAP = 120
"""Characters of one name that a page shows; the whole name is in the JSON artifact."""

_FORMULAS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_MEANINGFUL = frozenset("`|<>@#\\[]&")
_LINKING = re.compile(r":(?=//)|www\.|gh-", re.IGNORECASE)
"""What GitHub makes a link of without being asked: addresses, and ``GH-12`` for an issue."""
_EMPHASIS = str.maketrans({character: f"\\{character}" for character in "*_~$"})


def plain(text: str, cap: int = CAP) -> str:
    r"""``text`` as harmless ASCII, written in at most ``cap`` characters (then ``…``).

    What is escaped counts as it is written: a name of backticks takes no more room than any other.

    >>> plain("a`b|c\u202e")
    'a\\u0060b\\u007cc\\u202e'
    """
    return _cut((_escaped(character) for character in text), cap)


def prose(text: str, cap: int = CAP) -> str:
    r"""``plain`` for running Markdown: no emphasis, no formula, no link that makes itself, no reference.

    >>> prose("fixes https://evil.example/*x*")
    'fixes https\\u003a//evil.example/\\*x\\*'
    """
    unlinked = _LINKING.sub(lambda match: match[0][:-1] + f"\\u{ord(match[0][-1]):04x}", plain(text, cap))
    return unlinked.translate(_EMPHASIS)


def printable(text: str, cap: int = CAP) -> str:
    """``text`` for a terminal: printable ASCII as it is, so that commands can be copied; the rest escaped."""
    return _cut((c if 0x20 <= ord(c) < 0x7F else _escaped(c) for c in text), cap)


def code(text: str, cap: int = CAP) -> str:
    """``text`` as a Markdown code span."""
    return f"`{plain(text, cap) or ' '}`"


def span(text: str, cap: int = CAP) -> str:
    r"""``text`` as a Markdown code span outside of tables: nothing but a backtick has a meaning there.

    >>> span("['Statement'][0]: `a`")
    "`['Statement'][0]: \\u0060a\\u0060`"
    """
    shown = _cut((_escaped(c) if c == "`" else printable(c, len("\\uffff\\uffff")) for c in text), cap)
    return f"`{shown or ' '}`"


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet would compute a cell that it reads from a CSV file.

    Some pass over blanks before the mark, and take its full-width form for it
    (https://owasp.org/www-community/attacks/CSV_Injection, 2026-11).
    """
    return cell.startswith(("\t", "\r", "\n")) or cell.lstrip().startswith(_FORMULAS)


def _cut(written: Iterable[str], cap: int) -> str:
    shown: list[str] = []
    length = 0
    for part in written:
        length += len(part)
        if length > cap:
            return "".join(shown) + "…"
        shown.append(part)
    return "".join(shown)


def _escaped(character: str) -> str:
    point = ord(character)
    if 0x20 <= point < 0x7F and character not in _MEANINGFUL:
        return character
    if point > 0xFFFF:
        point -= 0x10000
        return f"\\u{0xD800 + (point >> 10):04x}\\u{0xDC00 + (point & 0x3FF):04x}"
    return f"\\u{point:04x}"
