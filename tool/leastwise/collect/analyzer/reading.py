"""Generated policies -> the actions they name, and the services of which they name none.

Only actions are read: resources are ``*`` or placeholders such as ``${BucketName}``, which to IAM would be
policy variables, and conditions there are none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from leastwise.errors import PolicySyntaxError
from leastwise.iam.document import parse
from leastwise.iam.statement import Effect
from leastwise.model.event import Outcome
from leastwise.model.evidence import ObservationKey, Tally
from leastwise.model.request import AuthorizationRequest, ResourceForm
from leastwise.reference.actions import canonical, takes_no_resource

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from leastwise.aws.access_analyzer import Generated

ANY = "*"
"""Stands for a service that is not named either."""
_SERVICE = re.compile(r"([a-z0-9-]+):")


@dataclass(frozen=True, slots=True)
class Told:
    """What one generation tells: actions in AWS's spelling, and services without their actions."""

    actions: frozenset[str]
    vague: frozenset[str]


def told_by(generated: Generated) -> Told:
    """The actions of the generated policies; what is not the name of one action counts as its service's."""
    actions: set[str] = set()
    vague: set[str] = set()
    for entry in _entries(generated):
        action = canonical(entry)
        if action:
            actions.add(action)
        else:
            vague.add(_service(entry))
    if not generated.is_complete and not vague:
        vague.add(ANY)
    return Told(frozenset(actions), frozenset(vague))


def observations(
    told: Told, source: str, principal: str, start: datetime, end: datetime
) -> Iterator[tuple[ObservationKey, Tally]]:
    """One observation for every action: it was called between ``start`` and ``end``, and no more is known."""
    tally = Tally({}, first=_iso(start), last=_iso(end))
    for action in sorted(told.actions):
        form = ResourceForm.NONE if takes_no_resource(action) else ResourceForm.UNRECORDED
        request = AuthorizationRequest(action, ANY, form)
        yield ObservationKey(source, principal, request, Outcome.ATTEMPTED), tally


def days_between(start: datetime, end: datetime) -> frozenset[date]:
    """The UTC days that lie between two moments in full."""
    begin = start.astimezone(UTC)
    first = begin.date() if begin.time() == datetime.min.time() else begin.date() + timedelta(days=1)
    return frozenset(first + timedelta(days=n) for n in range((end.astimezone(UTC).date() - first).days))


def _entries(generated: Generated) -> Iterator[str]:
    """Every Action entry; ``*`` where a policy cannot be read or is written with NotAction."""
    for policy in generated.policies:
        try:
            document = parse(policy)
        except PolicySyntaxError:
            yield ANY
            continue
        for statement in document.statements:
            if statement.effect is Effect.ALLOW:
                yield from statement.actions or (ANY,)


def _service(entry: str) -> str:
    """The service that an entry such as ``dax:*`` or ``dax:${Action}`` is about, as far as it names one."""
    found = _SERVICE.match(entry.lower())
    return found[1] if found else ANY


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
