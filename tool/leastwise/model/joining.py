"""How two values that were read separately become one: each is commutative, associative and idempotent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime


class Joins(Protocol):
    """A value that can be joined with another of its kind."""

    def merge(self, other: Self, /) -> Self:
        """Both in one."""


_Key = TypeVar("_Key")
_Joined = TypeVar("_Joined", bound=Joins)


def joined(one: Mapping[_Key, _Joined], other: Mapping[_Key, _Joined]) -> Mapping[_Key, _Joined]:
    """Every key of both; what both have is merged."""
    both = dict(one)
    for key, value in other.items():
        both[key] = both[key].merge(value) if key in both else value
    return both


def greater(one: Mapping[str, int], other: Mapping[str, int]) -> Mapping[str, int]:
    """Every key of both, with the greater count."""
    return {key: max(one.get(key, 0), other.get(key, 0)) for key in sorted({*one, *other})}


def weaker(one: bool | None, other: bool | None) -> bool | None:  # noqa: FBT001  three-valued by nature
    """The weaker of two claims, in the order ``False < None < True``."""
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


def later(one: datetime | None, other: datetime | None) -> datetime | None:
    """The later of two bounds; no bound is the earliest."""
    if one is None or other is None:
        return one or other
    return max(one, other)


def smallest(values: Iterable[str], kept: int) -> tuple[str, ...]:
    """The ``kept`` smallest distinct values: a sample that no order of reading can change."""
    return tuple(sorted(set(values))[:kept])
