"""Permissions that a call needs and CloudTrail never records: passed roles, tags on creation, S3 headers.

Inferred only where the request itself shows it.  What CloudTrail records as a call of its own
(``kms:Decrypt`` by forward access sessions, ``ec2:Describe*``) is never inferred.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from leastwise.model.request import AuthorizationRequest, Certainty, ResourceForm
from leastwise.reference.actions import resource_types
from leastwise.reference.facts import facts
from leastwise.reference.parameters import at_path, names
from leastwise.reference.resources import UNRECORDED, Target, literal, pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leastwise.reference.calls import Call
    from leastwise.reference.record import Record

PASS_ROLE = "iam:PassRole"  # noqa: S105  an action, no password
PASSED_TO = "iam:PassedToService"
TAGS = (
    "tags",
    "tag",
    "tagset",
    "taglist",
    "tagspecificationset",
    "tagspecification",
    "tagspecifications",
    "tagslist",
)


TAGGED_TYPES = tuple(
    f"{member}.resourcetype" for member in ("tagspecificationset", "tagspecification", "tagspecifications")
)


class _Plan(NamedTuple):
    """What calls of one action may need beside it."""

    passes: tuple[Mapping[str, Any], ...]
    roles: tuple[str, ...]
    """Paths of the members that hold a role's ARN, which goes to ``passed_to``."""
    passed_to: str
    """A service principal; empty where none is known."""
    tagging: tuple[str, ...]
    companions: tuple[Mapping[str, Any], ...]


def inferred(call: Call, certain: list[AuthorizationRequest], record: Record) -> list[AuthorizationRequest]:
    """The permissions beside those of ``certain`` that the request shows."""
    found: list[AuthorizationRequest] = []
    seen: set[str] = set()
    for request in certain:
        plan = None if request.action in seen else _plan(request.action, call.operation)
        if plan is None:
            continue
        seen.add(request.action)
        found.extend(_passed(plan, record))
        found.extend(_tagged(request, plan, certain, record))
        found.extend(_accompanied(request, plan, certain, record))
    return found


@lru_cache(maxsize=16_384)
def _plan(action: str, operation: str) -> _Plan | None:
    service = action.partition(":")[0]
    dependents = facts("dependents.json")
    passes = tuple(row for row in facts("passes.toml")["pass"] if action in row["actions"])
    roles = tuple(dependents["pass_role"].get(action, ()))
    own = f"{service}.amazonaws.com"
    tagging = tuple(
        tag for tag in dependents["tag_on_create"].get(action, ()) if tag.startswith(f"{service}:")
    )
    companions = tuple(
        row for row in facts("companions.toml")["companion"] if _goes_with(row, action, operation)
    )
    if not (passes or roles or tagging or companions):
        return None
    to = own if own in dependents["passed_to"] else ""
    return _Plan(passes, roles, to, tagging, companions)


def _goes_with(row: Mapping[str, Any], action: str, operation: str) -> bool:
    is_of_service = action.startswith(row["service"] + ":")
    return is_of_service and operation in row["calls"] and row.get("of", action) == action


def _passed(plan: _Plan, record: Record) -> Iterator[AuthorizationRequest]:
    told: set[str] = set()
    for row in plan.passes:
        for text in (text for path in row.get("role", ()) for text in at_path(record.members, path)):
            arn = text if text.startswith("arn:") else _role(text, record)
            told.add(arn)
            yield _passing(literal(arn), row["to"])
        if any(at_path(record.members, path) for path in row.get("profile", ())):
            yield _passing(UNRECORDED, row["to"])
    for arn in dict.fromkeys(text for path in plan.roles for text in at_path(record.members, path)):
        if _is_role(arn) and arn not in told:
            yield _passing(literal(arn), plan.passed_to)


def _passing(role: Target, to: str) -> AuthorizationRequest:
    context = ((PASSED_TO, to),) if to else ()
    return AuthorizationRequest(PASS_ROLE, role.resource, role.form, context, Certainty.INFERRED)


def _role(name: str, record: Record) -> str:
    """The role's ARN from a bare name, which services look up in the caller's account at path ``/``."""
    return f"arn:{record.place.partition}:iam::{record.place.account}:role/{name.removeprefix('/')}"


def _is_role(arn: str) -> bool:
    parts = arn.split(":", 5)
    return len(parts) == 6 and parts[2] == "iam" and parts[5].startswith("role/")


def _tagged(
    request: AuthorizationRequest, plan: _Plan, certain: list[AuthorizationRequest], record: Record
) -> Iterator[AuthorizationRequest]:
    if not plan.tagging or not any(_filled(record.members.get(member)) for member in TAGS):
        return
    for action in plan.tagging:
        if action == "ec2:CreateTags":
            yield from _tagged_in_ec2(request, record)
        else:
            yield from _beside(action, request.action, certain)


def _tagged_in_ec2(request: AuthorizationRequest, record: Record) -> Iterator[AuthorizationRequest]:
    """Each tag specification names the type of what it tags."""
    context = (("ec2:CreateAction", request.action.partition(":")[2]),)
    types = {type_.name: type_ for type_ in resource_types("ec2:CreateTags")}
    wanted = dict.fromkeys(text for path in TAGGED_TYPES for text in at_path(record.members, path))
    for name in wanted:
        if name in types:
            target = pattern(types[name].templates[0].pattern(record.place, {}))
            yield AuthorizationRequest(
                "ec2:CreateTags", target.resource, target.form, context, Certainty.INFERRED
            )


def _accompanied(
    request: AuthorizationRequest, plan: _Plan, certain: list[AuthorizationRequest], record: Record
) -> Iterator[AuthorizationRequest]:
    for row in plan.companions:
        if any(_filled(record.members.get(member)) for member in row["members"]):
            yield from _beside(row["action"], request.action, certain)


def _beside(action: str, of: str, certain: list[AuthorizationRequest]) -> Iterator[AuthorizationRequest]:
    """``action`` on the resources of the call that it can work on."""
    templates = [template for type_ in resource_types(action) for template in type_.templates]
    if not templates:
        yield AuthorizationRequest(action, "*", ResourceForm.NONE, (), Certainty.INFERRED)
        return
    fitting = [
        request
        for request in certain
        if request.action == of
        and request.certainty is Certainty.CERTAIN
        and any(template.fits(request.resource) for template in templates)
    ]
    for request in fitting:
        target = _unstarred(request) if action == "logs:TagResource" else (request.resource, request.form)
        yield AuthorizationRequest(action, *target, (), Certainty.INFERRED)
    if not fitting:
        yield AuthorizationRequest(action, *UNRECORDED, (), Certainty.INFERRED)


def _unstarred(request: AuthorizationRequest) -> tuple[str, ResourceForm]:
    """Tagging is the one thing that is checked against a log group's ARN without ``:*`` at its end."""
    arn = request.resource.removesuffix(":*")
    return arn, request.form if "${" in arn else ResourceForm.LITERAL


def _filled(value: object) -> bool:
    """Whether a member is there and holds something."""
    if isinstance(value, Mapping | list):
        return bool(value)
    return value is True or (isinstance(value, str) and bool(value)) or bool(names(value))
