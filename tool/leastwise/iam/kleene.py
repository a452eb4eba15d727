"""Kleene's three truth values: ``True``, ``False``, and ``None`` for unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Truth = bool | None


def negate(value: Truth) -> Truth:
    """Not; unknown stays unknown."""
    return None if value is None else not value


def any_of(values: Iterable[Truth]) -> Truth:
    """Or: one ``True`` settles it, whatever is unknown."""
    result: Truth = False
    for value in values:
        if value:
            return True
        if value is None:
            result = None
    return result


def all_of(values: Iterable[Truth]) -> Truth:
    """And: one ``False`` settles it, whatever is unknown."""
    result: Truth = True
    for value in values:
        if value is None:
            result = None
        elif not value:
            return False
    return result
