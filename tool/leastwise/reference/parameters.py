"""Reading request parameters and response elements: hostile JSON of any shape.

CloudTrail writes member names in lower camel case mostly (``dBInstanceIdentifier``), wraps lists in
``items`` or ``member``, wraps newer EC2 requests in ``<Operation>Request``, and hides secrets behind words.
Everything here is bounded: by depth, and by how many nodes are looked at.  The order of an object's members
never matters: an engine that hands them on may sort them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_NODES = 4_096
MAX_DEPTH = 12
MAX_NAME = 2_048
"""The longest ARN that IAM takes (https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html,
``ResourceNameType``)."""
HIDDEN = ("***", "HIDDEN_DUE_TO", "<sensitiveDataRemoved>", "[redacted]")
NAMING_ENDS = (
    "arn", "arns", "arnlist", "id", "ids", "idlist", "identifier", "identifiers", "name", "names", "namelist",
    "resource", "resources",
)  # fmt: skip
NAMING = frozenset(
    {"capacityproviders", "cluster", "clusters", "containerinstance", "containerinstances", "role", "service"}
    | {"services", "task", "taskdefinition", "tasks", "taskset"}
)
"""Other members that hold a name or an ARN: ECS takes ARNs where it says ``cluster``
(https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html, 2026-11-23)."""
FREELY_CHOSEN = ("displayname", "friendlyname", "sessionname")
WRAPPED = {"tag", "content"}
"""How newer EC2 requests wrap each element of a list: its place, and its value."""
LIST_MEMBERS = ("items", "member", "Items", "Member")


def lowered(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The members by lower-case name; a request that is wrapped in one ``...Request`` member is unwrapped."""
    if len(parameters) == 1:
        name, value = next(iter(parameters.items()))
        if name.endswith("Request") and isinstance(value, Mapping):
            parameters = value
    found = {name.lower(): value for name, value in parameters.items()}
    if len(found) == len(parameters):
        return found
    return {name.lower(): parameters[name] for name in sorted(parameters)}  # CloudTrail's own spelling wins


def names(value: object) -> tuple[str, ...]:
    """The texts that a member holds: itself, or each of its list; but no hidden, empty or endless ones."""
    if isinstance(value, str):
        return (value,) if _usable(value) else ()
    if isinstance(value, Mapping) and value.keys() == WRAPPED:
        return names(value["content"])
    if isinstance(value, int) and not isinstance(value, bool):
        return (str(value),) if abs(value) < 10**18 else ()
    return tuple(text for item in _items(value) for text in names(item)) if _is_list(value) else ()


def name(members: Mapping[str, Any], *choices: str) -> str:
    """The first usable text among these members (lower-case names); empty if there is none."""
    for choice in choices:
        for text in names(members.get(choice)):
            return text
    return ""


def at_path(value: object, path: str) -> tuple[str, ...]:
    """The texts at a dotted path of member names in any case: ``overrides.taskRoleArn``; lists are walked."""
    found = [value]
    for step in path.lower().split("."):
        found = [item for holder in found for item in _step(holder, step)][:MAX_NODES]
    return tuple(text for item in found for text in names(item))


def walk(value: object) -> Iterator[tuple[str, str]]:
    """Every text with the name of the member that holds it, breadth first, bounded."""
    level: list[tuple[str, object]] = [("", value)]
    seen = 0
    for _ in range(MAX_DEPTH):
        deeper: list[tuple[str, object]] = []
        for member, item in level:
            seen += 1
            if seen > MAX_NODES:
                return
            if isinstance(item, str):
                if _usable(item):
                    yield member, item
            else:
                deeper.extend(_children(member, item, MAX_NODES - seen))
        level = deeper


def may_name(member: str) -> bool:
    """Whether a member of this name says *what* a call is about.

    Descriptions, comments, tags and messages do not, whatever they hold: whoever writes them chooses them
    freely, and an ARN in one must not become evidence of a use.
    """
    lower = member.lower()
    return lower in NAMING or (lower.endswith(NAMING_ENDS) and not lower.endswith(FREELY_CHOSEN))


def arn(text: str) -> str:
    """``text`` if it is an ARN, unquoted if CloudTrail recorded it in URL form; otherwise empty."""
    if text.startswith("arn:"):
        return text
    return unquote(text) if text[:6].lower() == "arn%3a" else ""


def _usable(text: str) -> bool:
    return 0 < len(text) <= MAX_NAME and not (text[0] in "*H<[" and text.startswith(HIDDEN))


def _is_list(value: object) -> bool:
    return isinstance(value, list) or (
        isinstance(value, Mapping) and any(key in value for key in LIST_MEMBERS)
    )


def _items(value: object) -> list[Any]:
    if isinstance(value, Mapping):
        value = next((value[key] for key in LIST_MEMBERS if key in value), None)
    return value[:MAX_NODES] if isinstance(value, list) else []


def _step(holder: object, step: str) -> list[object]:
    if _is_list(holder):
        return [found for item in _items(holder) if not _is_list(item) for found in _step(item, step)]
    if isinstance(holder, Mapping):
        return [value for key, value in sorted(holder.items()) if key.lower() == step]
    return []


def _children(member: str, item: object, room: int) -> list[tuple[str, object]]:
    if isinstance(item, Mapping):
        if item.keys() == WRAPPED:
            return [(member, item["content"])]
        return sorted(item.items())[:room]
    return [(member, value) for value in item[:room]] if isinstance(item, list) else []
