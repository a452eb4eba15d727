"""Names that services invent and soon forget: a policy that holds one helps nobody next month."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from leastwise.reference.facts import facts

if TYPE_CHECKING:
    from collections.abc import Mapping

_INVENTED = re.compile(
    r"[a-z]{1,8}-[0-9a-f]{8,17}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16,64}", re.IGNORECASE
)
"""A whole path component of the form ``i-0abc…``, a UUID, or a long hexadecimal number."""
_NUMBER = re.compile(r"[0-9]{1,9}")
_LOG_STREAM = ":log-stream:"


class _Prefixes(NamedTuple):
    invented: tuple[str, ...]
    always: tuple[str, ...]
    counted: tuple[str, ...]


_NONE = _Prefixes((), (), ())


def lasting_name(arn: str) -> str | None:
    """``…:instance/*`` for ``…:instance/i-0123456789abcdef0``; ``None`` where the name is worth keeping.

    Only the resource types of ``data/ephemeral.toml`` are considered.  What stands before the invented
    component (a cluster's, a stack's or a log group's name) is kept.  ``arn`` may be a pattern already: a
    star is not invented.
    """
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return None
    head, last = _parted(parts[5])
    prefixes = _prefixes().get(parts[2], _NONE)
    invented = parts[5].startswith(prefixes.invented) and _INVENTED.fullmatch(last)
    numbered = head.startswith(prefixes.counted) and head not in prefixes.counted and _NUMBER.fullmatch(last)
    if not head or last == "*" or not (invented or numbered or head.startswith(prefixes.always)):
        return None
    return ":".join([*parts[:5], head + "*"])


def _parted(resource: str) -> tuple[str, str]:
    """The resource up to its last separator, and the name behind it; a log stream's name holds slashes."""
    if _LOG_STREAM in resource:
        group, _, stream = resource.partition(_LOG_STREAM)
        return group + _LOG_STREAM, stream
    at = max(resource.rfind("/"), resource.rfind(":")) + 1
    return ("", resource) if resource.startswith("log-group:") else (resource[:at], resource[at:])


@cache
def _prefixes() -> Mapping[str, _Prefixes]:
    return {
        service: _Prefixes(*(tuple(entry.get(kind, ())) for kind in _Prefixes._fields))
        for service, entry in facts("ephemeral.toml")["services"].items()
    }
