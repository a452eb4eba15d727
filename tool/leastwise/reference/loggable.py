"""Would CloudTrail have recorded a use of this action, and did this trail?

Conservative on purpose, for a wrong "yes" removes a permission that is in use: an action is a management
event only where an API operation of a service that CloudTrail documents answers to it, and no data plane.
Facts and sources: ``data/logged.toml``; the operations, from botocore: ``data/operations.json``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from leastwise.model.finding import Unseen
from leastwise.reference.actions import canonical, expand
from leastwise.reference.calls import sources_of
from leastwise.reference.facts import facts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leastwise.model.evidence import DataSelector, Selectors

READING = ("Get", "GET", "List", "Describe", "Search", "Lookup", "BatchGet", "BatchDescribe", "Head")
WRITING = (
    "Create", "Delete", "DELETE", "Put", "PUT", "PATCH", "Update", "Modify", "Attach", "Detach", "Add",
    "Remove", "Start", "Stop", "Run", "Terminate", "Tag", "Untag", "Set", "Enable", "Disable", "Register",
    "Deregister", "Associate", "Disassociate", "Authorize", "Revoke", "Cancel", "Reboot", "Restore",
    "Allocate", "Release",
)  # fmt: skip
"""First words of operations that CloudTrail calls read-only, and of those that it does not.  For any other
(``kms:Decrypt`` and ``sts:AssumeRole`` are read-only to CloudTrail, whatever their access level) a trail must
log both (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-management-events-with-cloudtrail.html)."""
WILD = ("*", "?", "${")


class Loggability(Enum):
    """What kind of event a use of an action leaves."""

    MANAGEMENT = "management event"
    DATA = "data event"
    NEVER = "no event"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class EventKind:
    """The event that a use of an action leaves.

    ``read`` and ``write``: which of the two CloudTrail may call it; both where no document settles it, for
    then a trail must log both.  ``resource_type`` is set for data events (``AWS::S3::Object``).
    """

    loggability: Loggability
    read: bool = False
    write: bool = False
    resource_type: str = ""


NEVER = EventKind(Loggability.NEVER)
UNKNOWN = EventKind(Loggability.UNKNOWN)


@lru_cache(maxsize=32_768)
def event_class(action: str) -> EventKind:
    """The kind of event that a use of ``action`` leaves in CloudTrail."""
    name = canonical(action)
    if name is None:
        return UNKNOWN
    if name in _never():
        return NEVER
    if name in _data():
        return _data()[name]
    if name in _unknown() or name not in _operations():
        return UNKNOWN
    word = name.partition(":")[2]
    return EventKind(Loggability.MANAGEMENT, not word.startswith(WRITING), not word.startswith(READING))


def logged(action: str, resources: Sequence[str], selectors: Selectors | None) -> tuple[Unseen, str] | None:
    """Why a use of ``action`` on ``resources`` (IAM patterns) may be unrecorded; ``None``: it is recorded.

    The second part of the answer is for people: what to switch on.
    """
    if selectors is None:
        return Unseen.NO_SELECTORS, ""
    kind = event_class(action)
    if kind.loggability is Loggability.NEVER:
        return Unseen.NEVER_LOGGED, ""
    if kind.loggability is Loggability.UNKNOWN:
        return Unseen.LOGGABILITY_UNKNOWN, ""
    lacking = _unlogged_data(kind, resources, selectors) if kind.resource_type else None
    lacking = lacking or (None if kind.resource_type else _unlogged_management(action, kind, selectors))
    return (Unseen.NOT_LOGGED, lacking) if lacking else None


def source_of(action: str) -> tuple[str, ...]:
    """The event sources that may record ``action``; selectors exclude by these names."""
    return sources_of(action.partition(":")[0].lower())


def _unlogged_management(action: str, kind: EventKind, selectors: Selectors) -> str | None:
    excluded = sorted(set(source_of(action)) & selectors.excluded_sources)
    if excluded:
        return f"management events of {excluded[0]} are excluded"
    if kind.read and not selectors.management_read:
        return "management events (read)"
    return "management events (write)" if kind.write and not selectors.management_write else None


def _unlogged_data(kind: EventKind, resources: Sequence[str], selectors: Selectors) -> str | None:
    fitting = [selector for selector in selectors.data if selector.resource_type == kind.resource_type]
    for resource in resources or ("*",):
        covering = [selector for selector in fitting if _covers(selector, resource)]
        read = not kind.read or any(selector.read for selector in covering)
        write = not kind.write or any(selector.write for selector in covering)
        if not (read and write):
            return f"data events of {kind.resource_type} on {resource}"
    return None


def _covers(selector: DataSelector, resource: str) -> bool:
    """Whether every resource of the pattern is selected.

    A selected function ``...:function:pay`` does not select ``...:function:payments``: a name ends where the
    selector does, unless that ends in a separator.  A bucket is selected where all its objects are.
    """
    head = _head(resource)
    return not selector.arn_prefixes or any(
        _begins(head, resource, prefix) for prefix in selector.arn_prefixes
    )


def _begins(head: str, resource: str, prefix: str) -> bool:
    if prefix == resource + "/":
        return True
    if not head.startswith(prefix):
        return False
    return prefix.endswith(("/", ":")) or resource[len(prefix) :][:1] in {"", "/", ":"}


def _head(resource: str) -> str:
    """The pattern up to its first wildcard or variable."""
    ends = [place for mark in WILD if (place := resource.find(mark)) >= 0]
    return resource[: min(ends)] if ends else resource


@cache
def _never() -> frozenset[str]:
    listed = {
        action for row in facts("logged.toml")["never"] for name in row["actions"] for action in expand(name)
    }
    return frozenset(listed | _tags_on_creation())


def _tags_on_creation() -> set[str]:
    """Tagging that is part of another call leaves no event of its own."""
    generated = {tag for tags in facts("dependents.json")["tag_on_create"].values() for tag in tags}
    companions = {row["action"] for row in facts("companions.toml")["companion"] if row["service"] != "s3"}
    return generated | companions


@cache
def _data() -> dict[str, EventKind]:
    found = {}
    for row in facts("logged.toml")["data"]:
        for key, read, write in (("read", True, False), ("write", False, True), ("both", True, True)):
            for action in row.get(key, ()):
                found[action] = EventKind(Loggability.DATA, read, write, row["type"])
    return found


@cache
def _unknown() -> frozenset[str]:
    patterns = facts("logged.toml")["unknown"]["patterns"]
    return frozenset(action for pattern in patterns for action in expand(pattern))


@cache
def _operations() -> frozenset[str]:
    """Actions that an API operation of a documented service answers to, by its own name or by our tables."""
    operations = facts("operations.json")["operations"]
    calls, generated = facts("calls.toml"), facts("calls.json")["calls"]
    found = {
        f"apigateway:{verb}" for pairs in facts("apigateway.json")["operations"].values() for verb, _ in pairs
    }
    for service in facts("logged.toml")["management"]["services"]:
        names = [f"{service}:{name}" for name in operations.get(service, ())]
        mapped = [action for row in calls.get(service, {}).values() for action in row["actions"]]
        mapped += [action for name in names for action in generated.get(name, ())]
        found.update(action for name in names if (action := canonical(name)))
        found.update(action for action in mapped if action.startswith(f"{service}:"))
    return frozenset(found)
