"""Event -> authorization requests: what a record proves that its caller was allowed, or refused, to do.

``interpret`` runs for every distinct event of a log; what depends only on (source, name) is computed once.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from leastwise.iam import glob
from leastwise.model.event import Outcome
from leastwise.model.interpretation import Interpretation
from leastwise.model.request import AuthorizationRequest, Certainty, ResourceForm
from leastwise.reference.actions import canonical
from leastwise.reference.calls import call_of
from leastwise.reference.denials import denial_of
from leastwise.reference.inferred import inferred
from leastwise.reference.outcomes import not_a_call, outcome_of, proves_authorization
from leastwise.reference.record import record_of
from leastwise.reference.resources import targets
from leastwise.reference.special import special

if TYPE_CHECKING:
    from leastwise.model.event import Event
    from leastwise.model.interpretation import Denial
    from leastwise.reference.calls import Call
    from leastwise.reference.record import Record


SEPARATORS = re.compile("([:/])")


def interpret(event: Event) -> Interpretation:
    """The requests that ``event`` stands for, or the reason why there are none.

    Where AWS's own message in a denied record names the action, the requests are AWS's words, and ``mapped``
    holds what our mapping said.
    """
    reason = not_a_call(event.event_type, event.category)
    if reason:
        return Interpretation(outcome_of(event.error_code), unmapped=reason)
    call = call_of(event.source, event.name)
    outcome = outcome_of(event.error_code, call.service)
    requests = _requests(call, record_of(event))
    unmapped = None if requests else call.unmapped or _unanswered(call)
    mapped = frozenset([request.action for request in requests])
    denial = denial_of(event) if outcome is Outcome.DENIED else None
    if denial and (named := _named(denial, requests)):
        requests, unmapped = named, None
    proves = proves_authorization(event.error_code, call.service)
    return Interpretation(outcome, requests, unmapped, denial, proves, mapped)


def _requests(call: Call, record: Record) -> tuple[AuthorizationRequest, ...]:
    handled = special(call, record)
    certain = _each(call.actions, record) if handled is None else handled
    needed = certain + inferred(call, certain, record)
    return tuple(needed) if len(needed) == 1 else tuple(dict.fromkeys(needed))


def _each(actions: tuple[str, ...], record: Record) -> list[AuthorizationRequest]:
    return [
        AuthorizationRequest(action, target.resource, target.form)
        for action in actions
        for target in targets(action, record)
    ]


def _unanswered(call: Call) -> str | None:
    """Why a call with known actions has no request: its parameters, which decide, were not recorded."""
    return f"{call.service}:{call.operation} does not record what it was about" if call.actions else None


def _named(denial: Denial, mapped: tuple[AuthorizationRequest, ...]) -> tuple[AuthorizationRequest, ...]:
    """The refused request in AWS's words; a resource that the message does not name is taken from ours."""
    action = canonical(denial.action)
    if action is None:
        return ()
    ours = tuple(
        replace(request, certainty=Certainty.CERTAIN) for request in mapped if request.action == action
    )
    if not denial.resource:
        return ours or (AuthorizationRequest(action, "*", ResourceForm.UNRECORDED),)
    return tuple(request for request in ours if request.resource == denial.resource) or (
        AuthorizationRequest(action, *_said(denial.resource)),
    )


def _said(resource: str) -> tuple[str, ResourceForm]:
    """The resource that a message names, letter for letter but for the stars that AWS writes itself.

    Where a call names nothing of a kind (``db:*``, ``repository/*``), or what does not exist yet
    (``instance/*``, ``stack/name/*``), the message has a star for the whole component.  An object's key in S3
    may be any text: there a star is the caller's.  Messages of RDS, ECR, CloudFormation, EC2 and others,
    collected from public reports (2026-11-23); keys:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html.
    """
    if resource == "*":
        return resource, ResourceForm.NONE
    components = SEPARATORS.split(resource)
    if "*" not in components or resource.split(":", 3)[2:3] == ["s3"]:
        return resource, ResourceForm.LITERAL
    escaped = (text if text == "*" else glob.escape(text) for text in components)
    return "".join(escaped), ResourceForm.ROLLED_UP
