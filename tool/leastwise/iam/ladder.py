"""The resource ladder: when many names under one prefix may be written as ``prefix/*``.

A rung is climbed only at a ``/``, only where at least ``CHILDREN`` different children were used on at least
``DAYS`` different days, and only where the caller accepts the wider pattern (it lies inside one pattern of
the committed policy).  Names of accounts, buckets, tables, keys and roles are never shortened: the ladder
starts below them.  Where children count on by themselves (dates, numbers, UUIDs, hashes), ``CHILDREN`` names
below them are enough, even below a single one: tomorrow's is new.

More names or more days never lead to less: a rung that is climbed stays climbed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

CHILDREN = 3
DAYS = 3
LEVELS = 8
"""Deeper path components are taken as one name: an S3 key may hold hundreds of slashes."""

_COUNTING = re.compile(
    r"[0-9]{1,20}|[0-9]{4}-[0-9]{2}(-[0-9]{2})?|[0-9a-f-]{36}|[0-9a-f]{8,64}|[a-z]{2,10}=[0-9-]{1,20}"
)
"""A whole path component that is a number, a date, a UUID, a hash or a Hive partition of one of these."""


@dataclass(slots=True)
class _Rung:
    """A prefix: the days on which anything below it was used, and what lies below."""

    days: set[date] = field(default_factory=set)
    children: dict[str, _Rung] = field(default_factory=dict)
    is_name: bool = False
    names: int = 0
    """How many different names lie here and below."""

    def add(self, components: list[str], days: frozenset[date]) -> None:
        path = [self]
        for component in components:
            path.append(path[-1].children.setdefault(component, _Rung()))
        is_new = not path[-1].is_name
        path[-1].is_name = True
        for rung in path:
            rung.days |= days
            rung.names += is_new

    def may_climb(self) -> bool:
        if len(self.days) < DAYS:
            return False
        if len(self.children) >= CHILDREN:
            return True
        counting = (child for name, child in self.children.items() if _COUNTING.fullmatch(name))
        return sum(child.names for child in counting) >= CHILDREN


def climb(seen: Iterable[tuple[str, frozenset[date]]], accept: Callable[[str], bool]) -> tuple[str, ...]:
    """The patterns that stand for ``seen``, sorted; each name of ``seen`` is covered by one of them.

    ``seen`` holds (pattern, days used): escaped names, or globs that end in ``/*``.  Those that do not stand
    on a ladder come back as they are.  ``accept`` is asked about every wider pattern.
    """
    ladders: dict[str, _Rung] = {}
    patterns: set[str] = set()
    for pattern, days in seen:
        container = container_of(pattern)
        if container is None:
            patterns.add(pattern)
        else:
            components = pattern[len(container) :].split("/", LEVELS)
            ladders.setdefault(container, _Rung()).add(components, days)
    for container, rung in ladders.items():
        patterns.update(_climbed(container, rung, accept))
    return tuple(sorted(patterns))


def container_of(pattern: str) -> str | None:
    """The part of a resource that is never shortened, with its last separator; ``None``: no ladder here.

    S3 objects stand below their bucket, log streams below their log group, SSM parameters below the first
    component of their path.  Every other resource is named in full.
    """
    parts = pattern.split(":", 5)
    if len(parts) < 6:
        return None
    head, resource = pattern[: -len(parts[5])] if parts[5] else pattern, parts[5]
    if parts[2] == "s3" and "/" in resource and not parts[3] and not parts[4]:
        return head + resource[: resource.index("/") + 1]
    if parts[2] == "logs" and ":log-stream:" in resource:
        return head + resource[: resource.index(":log-stream:") + len(":log-stream:")]
    if parts[2] == "ssm" and resource.startswith("parameter/") and resource.count("/") >= 2:
        return head + "/".join(resource.split("/")[:2]) + "/"
    return None


def _climbed(prefix: str, rung: _Rung, accept: Callable[[str], bool]) -> list[str]:
    if "*" in rung.children or (rung.may_climb() and accept(prefix + "*")):
        return [prefix + "*"]
    patterns = []
    for component, child in rung.children.items():
        if child.is_name:
            patterns.append(prefix + component)
        if child.children:
            patterns += _climbed(f"{prefix}{component}/", child, accept)
    return patterns
