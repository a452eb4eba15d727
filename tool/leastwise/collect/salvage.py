"""Read what is whole in a log file that is damaged somewhere, so that one bad record does not cost its file.

Only used after the fast decoder refused a file.  The scanner knows strings and braces, nothing else: it
needs no valid JSON inside a record, no recursion, and no end of the file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST_ENDLESS = 100
"""Records without an end after which the rest of a file is given up: each costs a scan of the rest."""

RECORDS = re.compile(rb'"Records"\s*:\s*\[')
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[{}"]', re.DOTALL)
_RECORD_START = re.compile(rb'\{\s*"eventVersion"\s*:')
"""CloudTrail writes ``eventVersion`` first: where to go on after a record that cannot be read."""

_Record = TypeVar("_Record")


class BadRecord(Exception):  # noqa: N818  a verdict on data, not an error of ours
    """One record cannot be used; ``str()`` of it says why.

    ``torn``: its bytes are no JSON at all, so that even where it ends is in doubt.
    """

    def __init__(self, why: str, *, torn: bool = False) -> None:
        """``why`` is a sentence without a full stop."""
        self.torn = torn
        super().__init__(why)


def salvage(text: bytes, decode: Callable[[bytes], _Record]) -> Iterator[_Record | BadRecord]:
    """Every record of ``{"Records": [...]}`` that ``decode`` takes, and a ``BadRecord`` for each other one.

    ``decode`` raises ``BadRecord`` for bytes that are no usable record.
    """
    opening = RECORDS.search(text)
    place = text.find(b"{", opening.end()) if opening else -1
    endless = 0
    while place >= 0:
        end = _end_of_object(text, place)
        endless += end is None
        if endless > MOST_ENDLESS:
            yield BadRecord("too many records have no end; the rest of the file was not read", torn=True)
            return
        try:
            yield decode(_whole(text, place, end))
        except BadRecord as bad:
            yield bad
            place = _after(text, place, end, torn=bad.torn)
        else:
            place = _after(text, place, end, torn=False)


def _whole(text: bytes, place: int, end: int | None) -> bytes:
    if end is None:
        raise BadRecord("the record has no end", torn=True)
    return text[place:end]


def _after(text: bytes, place: int, end: int | None, *, torn: bool) -> int:
    """Where the next record starts; -1 where there is none.

    A lost quote may hide it *inside* what looked like one object.  Inside a record that is JSON nothing is
    looked for: request parameters can hold what looks like a record, and their author is not to be believed.
    """
    following = _RECORD_START.search(text, place + 1) if torn else None
    if following:
        return following.start()
    return -1 if end is None else text.find(b"{", end)


def _end_of_object(text: bytes, start: int) -> int | None:
    """One past the brace that closes the object at ``start``; ``None`` where it is never closed."""
    depth = 0
    for token in _TOKEN.finditer(text, start):
        match token[0]:
            case b"{":
                depth += 1
            case b"}":
                depth -= 1
                if depth == 0:
                    return token.end()
            case b'"':  # nothing closes it
                return None
            case _:  # a string
                pass
    return None
