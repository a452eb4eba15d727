"""Evidence -> needs: every action that was really used, with the resources it was used on."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from leastwise.iam.glob import escape
from leastwise.model.need import Need, SeenResource
from leastwise.model.request import ResourceForm
from leastwise.reference.ephemeral import lasting_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from leastwise.model.evidence import Evidence, Observation
    from leastwise.model.request import AuthorizationRequest


def needs_of(evidence: Evidence) -> tuple[Need, ...]:
    """Every (action, context) with an authorized call, in a stable order.

    Denied calls never count; failed ones only with an error code that AWS gives after authorizing.
    """
    grouped: dict[tuple[str, tuple[tuple[str, str], ...]], list[Observation]] = defaultdict(list)
    for observation in evidence.observations:
        if observation.is_authorized:
            request = observation.key.request
            grouped[request.action, request.context].append(observation)
    return tuple(
        Need(action, context, _resources(observations), tuple(observations))
        for (action, context), observations in sorted(grouped.items(), key=lambda item: item[0])
    )


def _resources(observations: Iterable[Observation]) -> tuple[SeenResource, ...]:
    days: dict[tuple[str, ResourceForm], set[date]] = defaultdict(set)
    for observation in observations:
        request = observation.key.request
        days[_pattern(request), request.form].update(observation.tally.days)
    return tuple(
        SeenResource(pattern, lasting_name(pattern) or pattern, form, frozenset(seen))
        for (pattern, form), seen in sorted(days.items(), key=lambda item: (item[0][0], item[0][1].value))
    )


def _pattern(request: AuthorizationRequest) -> str:
    return escape(request.resource) if request.form is ResourceForm.LITERAL else request.resource
