"""Text that becomes SQL: every literal and every name goes through here.

Trino reads a string literal as it stands but for ``'``, which is doubled: a backslash is a backslash
(https://trino.io/docs/435/language/types.html, 2026-11-23).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from leastwise.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable

_IDENTIFIER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_:-]{0,254}", re.ASCII)
"""Databases (``aws:cloudtrail`` is one) and tables of the Glue Data Catalog."""
_STORE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def literal(text: str) -> str:
    """``'text'``.  Raises ``SourceError`` for control characters and half characters: no name has them."""
    if _UNPRINTABLE.search(text):
        raise SourceError(f"expected a name to ask for, found {text!r:.80}; correct it in principals.yaml")
    return "'" + text.replace("'", "''") + "'"


def literals(texts: Iterable[str]) -> str:
    """``'a','b'``, sorted: the same names give the same statement."""
    return ",".join(literal(text) for text in sorted(texts))


def identifier(name: str) -> str:
    """``"name"``.  Raises ``SourceError`` for anything that is no plain name."""
    if not _IDENTIFIER.fullmatch(name):
        raise SourceError(
            f"expected the name of a database or table, found {name!r:.80}; "
            "correct the source in principals.yaml"
        )
    return f'"{name}"'


def store_id(text: str) -> str:
    """The ID of an event data store.  Raises ``SourceError`` for anything else."""
    if not _STORE.fullmatch(text):
        raise SourceError(
            f"expected the ID of an event data store, found {text!r:.80}; `event_data_store` in "
            "principals.yaml is its ARN, arn:aws:cloudtrail:REGION:ACCOUNT:eventdatastore/ID"
        )
    return text


def quoted_pattern(name: str) -> str:
    """A name inside a regular expression, every special character in brackets of its own."""
    return re.sub(r"[^A-Za-z0-9_:/@=,-]", lambda found: f"[{_bracketed(found[0])}]", name)


def _bracketed(character: str) -> str:
    return f"\\{character}" if character in "\\]^[&" else character
