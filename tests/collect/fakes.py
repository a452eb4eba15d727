"""A stand-in for the reference data, small enough to know by heart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.model.event import Outcome
from leastwise.model.evidence import DenialReason
from leastwise.model.interpretation import Denial, Interpretation
from leastwise.model.request import AuthorizationRequest, Certainty, ResourceForm

if TYPE_CHECKING:
    from leastwise.model.event import Event

PROOFS = frozenset({"NoSuchKey"})


def interpret(event: Event) -> Interpretation:
    """The same-named action on every recorded resource; ``Odd…`` is unmapped, ``Make…`` passes a role too."""
    if event.name.startswith("Odd"):
        return Interpretation(_outcome(event), unmapped="an odd call")
    action = f"{event.source.partition('.')[0]}:{event.name}"
    named = [AuthorizationRequest(action, resource.arn) for resource in event.resources]
    requests = named or [AuthorizationRequest(action, "*", ResourceForm.UNRECORDED)]
    if event.name.startswith("Make"):
        role = str(event.request_parameters.get("roleArn", "*"))
        requests.append(AuthorizationRequest("iam:PassRole", role, certainty=Certainty.INFERRED))
    outcome = _outcome(event)
    denial = Denial("", "", DenialReason.NO_IDENTITY_POLICY) if outcome is Outcome.DENIED else None
    return Interpretation(outcome, tuple(requests), None, denial, event.error_code in PROOFS)


def _outcome(event: Event) -> Outcome:
    if not event.error_code:
        return Outcome.SUCCEEDED
    return Outcome.DENIED if "Denied" in event.error_code else Outcome.FAILED
