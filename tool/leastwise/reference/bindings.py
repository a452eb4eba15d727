"""Which request members may hold the value of a variable in an ARN template.

``${FunctionName}`` is held by ``functionName``: the same name.  ``Identifier`` is what RDS and others call a
name or an ID.  Where neither rule reaches, ``data/bindings.json`` (generated from iam-dataset) and
``data/bindings.toml`` (curated) say which member it is.
"""

from __future__ import annotations

import re
from typing import Any

from leastwise.reference.facts import facts

_KIND = re.compile(r"(Name|Id|ID|Identifier)?(With(?:out)?\w+)?$")
_INTERCHANGED = {
    "name": ("name", "identifier"),
    "id": ("id", "identifier"),
    "identifier": ("identifier", "id", "name"),
}


def members_for(action: str, resource_type: str, variable: str, *, alone: bool) -> tuple[str, ...]:
    """Lower-case member names (or dotted paths), the most telling first.

    ``alone`` says that the action has no other resource type: then a bare ``name`` or ``id`` is of this one.
    """
    row = _row(action, resource_type, variable)
    curated = tuple(row.get("members", ()))
    if row.get("only"):
        return curated
    generated = facts("bindings.json")["bindings"].get(action, {}).get(variable, ())
    return tuple(dict.fromkeys((*curated, *generated, *_by_name(resource_type, variable, alone=alone))))


def prefix_for(action: str, resource_type: str, variable: str) -> str:
    """What every value of this variable starts with, where that tells resource types apart; mostly empty."""
    return str(_row(action, resource_type, variable).get("prefix", ""))


def _row(action: str, resource_type: str, variable: str) -> dict[str, Any]:
    service = action.partition(":")[0]
    row: dict[str, Any] = facts("bindings.toml").get(service, {}).get(resource_type, {}).get(variable, {})
    return row


def _by_name(resource_type: str, variable: str, *, alone: bool) -> list[str]:
    found = _KIND.search(variable)
    kind = (found[1] or "").lower() if found else ""
    stem = variable[: found.start()].lower() if found else variable.lower()
    kinds = _INTERCHANGED.get(kind, (kind,))
    singular = [variable.lower(), *(stem + other for other in kinds)]
    if stem:
        singular.append(stem)
    if alone and stem in {"", _plain(resource_type)}:
        singular.extend(other for other in kinds if other)
    return [*singular, *(name + "s" for name in singular)]


def _plain(resource_type: str) -> str:
    return re.sub(r"[^a-z0-9]", "", resource_type.lower())
