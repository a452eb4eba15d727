"""The one door through which text from logs reaches a page: escaped, and cut to a length.

What an attacker can name (buckets, keys, sessions) must not become Markdown, HTML, a mention, a closing
keyword, or a picture of other text by bidirectional controls.  Everything that is not plain printable ASCII
is written as a JSON escape, and so are the characters that GitHub gives a meaning.
"""

from __future__ import annotations

CAP = 120
"""Characters of one name that a page shows; the whole name is in the JSON artifact."""

_MEANINGFUL = frozenset("`|<>@#\\[]&")


def plain(text: str, cap: int = CAP) -> str:
    r"""``text`` as harmless ASCII, at most ``cap`` characters of it (then ``…``).

    >>> plain("a`b|c\u202e")
    'a\\u0060b\\u007cc\\u202e'
    """
    shown = text if len(text) <= cap else text[:cap]
    escaped = "".join(_escaped(character) for character in shown)
    return escaped if shown == text else escaped + "…"


def code(text: str, cap: int = CAP) -> str:
    """``text`` as a Markdown code span."""
    return f"`{plain(text, cap) or ' '}`"


def _escaped(character: str) -> str:
    point = ord(character)
    if 0x20 <= point < 0x7F and character not in _MEANINGFUL:
        return character
    if point > 0xFFFF:
        point -= 0x10000
        return f"\\u{0xD800 + (point >> 10):04x}\\u{0xDC00 + (point & 0x3FF):04x}"
    return f"\\u{point:04x}"
