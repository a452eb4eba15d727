"""An event prepared for interpretation: its place, its members by lower-case name, the ARNs it names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from leastwise.reference.parameters import MAX_NAME, MAX_NODES, arn, lowered, may_name, names, walk
from leastwise.reference.templates import Place
from leastwise.reference.unread import readable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leastwise.model.event import Event

PLAIN = re.compile(r"[a-z0-9-]{0,64}")
PARTITIONS = (
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("us-isob-", "aws-iso-b"),
    ("us-isof-", "aws-iso-f"),
    ("us-iso-", "aws-iso"),
    ("eu-isoe-", "aws-iso-e"),
    ("eusc-", "aws-eusc"),
)
"""Prefixes of regions outside ``aws``: botocore 1.44.5, ``data/partitions.json`` (2026-11-23)."""


@dataclass(frozen=True, slots=True)
class Record:
    """What interpreting one event needs, read once."""

    event: Event
    place: Place
    request: Mapping[str, Any]
    """The request's parameters, as far as they may be looked at; so ``response``."""
    response: Mapping[str, Any]
    members: dict[str, Any]
    """The request's members by lower-case name."""
    arns: tuple[str, ...]
    """ARNs of ``resources``, then those of the request's own members: a resource is looked for here first."""

    def deep_arns(self) -> list[str]:
        """ARNs anywhere in the request, in members that say what the call is about."""
        return _arns_in(self.request)

    def answered_arns(self) -> list[str]:
        """The same of the response."""
        return _arns_in(self.response)


def record_of(event: Event) -> Record:
    """Prepare an event, as far as interpreting may look at it."""
    request, response = readable(event)
    members = lowered(request)
    recorded = [resource.arn for resource in event.resources if resource.arn]
    for member, value in members.items():
        if not value or not may_name(member):
            continue
        if isinstance(value, str):
            if value[:3] == "arn" and len(value) <= MAX_NAME:
                recorded.append(arn(value))
        elif not isinstance(value, int):
            recorded.extend(found for text in names(value) if (found := arn(text)))
    place = _place(event.actor, event.region, event.recipient_account or event.account)
    distinct = tuple(recorded) if len(recorded) < 2 else tuple(dict.fromkeys(recorded[:MAX_NODES]))
    return Record(event, place, request, response, members, distinct)


@lru_cache(maxsize=4_096)
def _place(actor: str, region: str, account: str) -> Place:
    """The actor's own ARN says the partition; without one, the region does.  Odd texts count as absent."""
    region = region if PLAIN.fullmatch(region) else ""
    account = account if PLAIN.fullmatch(account) else ""
    partition = actor.split(":", 2)[1] if actor.startswith("arn:") else ""
    if not PLAIN.fullmatch(partition) or not partition:
        partition = next((name for prefix, name in PARTITIONS if region.startswith(prefix)), "aws")
    return Place(partition, region, account)


def _arns_in(value: object) -> list[str]:
    texts = (text for member, text in walk(value) if text[:3] == "arn" and may_name(member))
    return list(dict.fromkeys(found for text in texts if (found := arn(text))))
