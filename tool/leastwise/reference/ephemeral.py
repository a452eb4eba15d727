"""Names that services invent and soon forget: a policy that holds one helps nobody next month."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources

_INVENTED = re.compile(r"[a-z]{1,8}-[0-9a-f]{8,17}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16,64}")
"""A whole path component of the form ``i-0abc…``, a UUID, or a long hexadecimal number."""


def lasting_name(arn: str) -> str | None:
    """``…:instance/*`` for ``…:instance/i-0123456789abcdef0``; ``None`` where the name is worth keeping.

    Only the resource types of ``data/ephemeral.toml`` are considered, and only a last component that looks
    invented: a cluster's or a stack's own name in front of it is kept.
    """
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return None
    resource = parts[5]
    prefix = next((prefix for prefix in _prefixes().get(parts[2], ()) if resource.startswith(prefix)), None)
    separator = "/" if prefix and prefix.endswith("/") else ":"
    head, found, last = resource.rpartition(separator)
    if prefix is None or not found or not _INVENTED.fullmatch(last):
        return None
    return ":".join([*parts[:5], head + separator + "*"])


@cache
def _prefixes() -> dict[str, tuple[str, ...]]:
    text = resources.files("leastwise.reference").joinpath("data/ephemeral.toml").read_text("utf-8")
    return {service: tuple(entry["prefixes"]) for service, entry in tomllib.loads(text)["services"].items()}
