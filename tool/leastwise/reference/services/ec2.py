"""EC2: one request for each resource type that a call touches.

Names are found wherever they are in the request (``networkInterfaceSet.items.subnetId``), because EC2's
requests are deep.  A call that makes a resource is checked against ``<type>/*``, for its name does not exist
yet: so say EC2's own messages ("not authorized to perform: ec2:RunInstances on resource:
arn:aws:ec2:...:instance/*", in records of https://github.com/DataDog/stratus-red-team, and
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ExamplePolicies_EC2.html, 2026-11-23).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from leastwise.model.request import AuthorizationRequest, Certainty
from leastwise.reference.actions import resource_types
from leastwise.reference.bindings import members_for
from leastwise.reference.facts import facts
from leastwise.reference.parameters import walk
from leastwise.reference.resources import CREATING, pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from leastwise.reference.actions import ResourceType
    from leastwise.reference.calls import Call
    from leastwise.reference.record import Record

MADE_BY_RUN_INSTANCES = frozenset({"instance", "network-interface", "volume"})
OTHER_NAMES = {
    "keypairname": ("keyname",),
    "securitygroupid": ("groupid",),
    "internetgatewayid": ("gatewayid",),
    "vpngatewayid": ("gatewayid",),
}
"""EC2's members for variables that have another name
(https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html)."""
PREFIXES = {"internet-gateway": "igw-", "vpn-gateway": "vgw-", "security-group": "sg-"}
"""What tells the types apart whose names share a member (``gatewayId``)."""
IGNORED = frozenset({"filterset", "filter", "clienttoken", "tagspecificationset", "userdata"})


def requests(call: Call, record: Record) -> list[AuthorizationRequest] | None:
    """The requests of a call to EC2; ``None`` where the call takes no resource or names none."""
    found = [request for action in call.actions for request in _touched(action, record)]
    return found or None


def _touched(action: str, record: Record) -> list[AuthorizationRequest]:
    types = resource_types(action)
    if not types:
        return []
    asked = _named(record.request)
    answered = _named(record.response) if action == "ec2:RunInstances" else {}
    found = [request for type_ in types for request in _of_type(action, type_, asked, answered, record)]
    named = any(request.certainty is Certainty.CERTAIN for request in found)
    return found if named or action.partition(":")[2].startswith(CREATING) else []


def _of_type(
    action: str,
    type_: ResourceType,
    asked: dict[str, list[str]],
    answered: dict[str, list[str]],
    record: Record,
) -> Iterator[AuthorizationRequest]:
    """What the request names; else what the call makes; else what the response says was used."""
    template = type_.templates[0]
    names = [] if action.startswith("ec2:Copy") else list(_names(action, type_, asked))
    if not names and type_.name in _made(action):
        certainty = Certainty.CERTAIN if type_.required else Certainty.INFERRED
        yield _any(action, type_, record, certainty)
        return
    names = names or list(_names(action, type_, answered))
    for name in names:
        yield AuthorizationRequest(action, template.fill(record.place, {template.variables[0]: name}))
    if not names and type_.required:
        yield _any(action, type_, record, Certainty.INFERRED)


def _any(action: str, type_: ResourceType, record: Record, certainty: Certainty) -> AuthorizationRequest:
    target = pattern(type_.templates[0].pattern(record.place, {}))
    return AuthorizationRequest(action, target.resource, target.form, (), certainty)


def _names(action: str, type_: ResourceType, named: dict[str, list[str]]) -> Iterable[str]:
    """The names of one type.  EC2 has no types whose names have two parts."""
    template = type_.templates[0]
    if len(template.variables) != 1:
        return ()
    names = (name for member in _members(action, type_) for name in named.get(member, ()))
    prefix = PREFIXES.get(type_.name, "")
    own = [name for name in names if name.startswith(prefix) and "/" not in name]
    return dict.fromkeys(
        [*own, *(name for name in named.get("resourceid", ()) if _type_of(name) == type_.name)]
    )


def _type_of(identifier: str) -> str:
    """``volume`` for ``vol-0abc``: where a call takes any resource (``CreateTags``), the name says which."""
    return str(facts("ec2_ids.toml")["types"].get(identifier.rpartition("-")[0], ""))


@lru_cache(maxsize=4_096)
def _members(action: str, type_: ResourceType) -> tuple[str, ...]:
    """The members that may hold a name of this type; CloudTrail writes ``FlowLogIds`` as ``flowLogId``."""
    variable = type_.templates[0].variables[0]
    given = members_for(action, type_.name, variable, alone=False)
    last = [member.rpartition(".")[2] for member in (variable.lower(), *given)]
    return tuple(
        dict.fromkeys(
            [*last, *(name.removesuffix("s") for name in last), *OTHER_NAMES.get(variable.lower(), ())]
        )
    )


@lru_cache(maxsize=2_048)
def _made(action: str) -> frozenset[str]:
    """The resource types that a call makes: ``CreateVolume`` a volume, ``RunInstances`` three."""
    if action == "ec2:RunInstances":
        return MADE_BY_RUN_INSTANCES
    name = action.partition(":")[2]
    if not name.startswith(CREATING):
        return frozenset()
    return frozenset(
        type_.name for type_ in resource_types(action) if _is_named_for(name.lower(), type_.name)
    )


def _is_named_for(operation: str, type_name: str) -> bool:
    """``createflowlogs`` for ``vpc-flow-log``, ``allocateaddress`` for ``elastic-ip``."""
    plain = type_name.replace("-", "").removeprefix("vpc") or type_name
    if type_name == "elastic-ip":
        plain = "address"
    return operation.endswith((plain, plain + "s"))


def _named(value: Mapping[str, Any]) -> dict[str, list[str]]:
    """Names by lower-case member; filters say what to list, not what to touch."""
    named: dict[str, list[str]] = {}
    for member, text in walk({key: item for key, item in value.items() if key.lower() not in IGNORED}):
        named.setdefault(member.lower(), []).append(text)
    return named
