"""API Gateway: an operation is authorized as an HTTP verb on a path.

``UpdateStage`` is ``apigateway:PATCH`` on ``arn:aws:apigateway:eu-west-1::/restapis/a1b2c3/stages/prod``.
Verbs and paths: ``data/apigateway.json``, from botocore.  Source (2026-11-23):
https://docs.aws.amazon.com/apigateway/latest/developerguide/arn-format-reference.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from leastwise.iam import glob
from leastwise.model.request import AuthorizationRequest
from leastwise.reference.actions import canonical
from leastwise.reference.facts import facts
from leastwise.reference.parameters import name
from leastwise.reference.resources import literal, pattern

if TYPE_CHECKING:
    from leastwise.reference.calls import Call
    from leastwise.reference.record import Record

PLACEHOLDER = re.compile(r"\{(\w+)\}")


def requests(call: Call, record: Record) -> list[AuthorizationRequest] | None:
    """The verb and path of an API Gateway operation; ``None`` if botocore does not know the operation."""
    choices = facts("apigateway.json")["operations"].get(call.operation, ())
    if not choices:
        return None
    verb, uri = max(choices, key=lambda choice: _told(choice[1], record))
    action = canonical(f"apigateway:{verb}")
    return [_request(action, uri, record)] if action else None


def _told(uri: str, record: Record) -> tuple[bool, int]:
    """REST and HTTP APIs share operation names: the request fits the path whose parts it names."""
    values = [_value(member, record) for member in PLACEHOLDER.findall(uri)]
    return all(values), len(values)


def _request(action: str, uri: str, record: Record) -> AuthorizationRequest:
    prefix = f"arn:{record.place.partition}:apigateway:{record.place.region}::"
    values = {member: _value(member, record) for member in PLACEHOLDER.findall(uri)}
    if all(values.values()):
        target = literal(prefix + PLACEHOLDER.sub(lambda found: values[found[1]], uri))
    else:
        target = pattern(prefix + PLACEHOLDER.sub(lambda found: glob.escape(values[found[1]]) or "*", uri))
    return AuthorizationRequest(action, target.resource, target.form)


def _value(member: str, record: Record) -> str:
    """A path's part; an ARN in a path (``/tags/...``) is URL-encoded."""
    value = name(record.members, member)
    return quote(value, safe="") if value.startswith("arn:") else value
