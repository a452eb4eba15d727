"""Generated policies -> the actions they name, and the services of which they name none.

Only actions are read: resources are ``*`` or placeholders such as ``${BucketName}``, which to IAM would be
policy variables, and conditions there are none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from leastwise.iam.json_text import JsonError, Kind, read
from leastwise.model.event import Outcome
from leastwise.model.evidence import ObservationKey, Tally
from leastwise.model.request import AuthorizationRequest, ResourceForm
from leastwise.reference.actions import canonical, takes_no_resource

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from leastwise.aws.access_analyzer import Generated
    from leastwise.iam.json_text import Node

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
    tally = Tally({}, first=_iso(start), last=_iso(end - timedelta(seconds=1)))
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
    """Every entry of Action in a statement that may allow it; ``*`` for what cannot be read.

    A template need not be a policy that IAM takes, so only these words of it are read.
    """
    for policy in generated.policies:
        try:
            root = read(policy)
        except JsonError:
            yield ANY
            continue
        for statement in _each(_member(root, "Statement")):
            if _texts(_member(statement, "Effect")) != ("Deny",):
                yield from _texts(_member(statement, "Action")) or (ANY,)


def _each(node: Node | None) -> tuple[Node | None, ...]:
    return node.items if node and node.kind is Kind.LIST else (node,)


def _member(node: Node | None, name: str) -> Node | None:
    """The value of a member that is there once."""
    values = [value for key, value in node.members if key.text == name] if node else []
    return values[0] if len(values) == 1 else None


def _texts(node: Node | None) -> tuple[str, ...]:
    """A string, or a list of nothing but strings, as such a list; else none."""
    nodes = [each for each in _each(node) if each]
    return tuple(each.text for each in nodes) if all(each.kind is Kind.STRING for each in nodes) else ()


def _service(entry: str) -> str:
    """The service that an entry such as ``dax:*`` or ``dax:${Action}`` is about, as far as it names one."""
    found = _SERVICE.match(entry.lower())
    return found[1] if found else ANY


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
