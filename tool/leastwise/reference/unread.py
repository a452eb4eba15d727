"""The part of an event that interpreting may look at.

Some members of a request differ from call to call and say nothing about what is authorized
(``data/unread.toml``); of a response nothing counts but the ARNs in it.  Leaving the rest out *here* makes an
engine that never hands it over (SQL that groups calls) and one that does (log files) find the same evidence.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from leastwise.model.event import EMPTY
from leastwise.reference.facts import facts
from leastwise.reference.parameters import arn, walk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leastwise.model.event import Event


def readable(event: Event) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Request and response with ``None`` for every value that is never looked at; the members' names stay."""
    request, response = event.request_parameters, event.response_elements
    asked = asked_of(event) if request else request
    answered = _answered(response) if response and event.name not in whole_responses() else response
    return asked, answered


def asked_of(event: Event) -> Mapping[str, Any]:
    """The request's part of ``readable``: the parameters themselves where nothing of them is left out."""
    request = event.request_parameters
    unread = _unread().get(event.source.partition(".")[0], unread_everywhere())
    left_out = unread.intersection([name.lower() for name in request])
    if not left_out:
        return request
    return {name: None if name.lower() in left_out else value for name, value in request.items()}


@cache
def unread_everywhere() -> frozenset[str]:
    """Lower-case names of request members that are not looked at, whatever the event source."""
    return frozenset(facts("unread.toml")["every"]["members"])


@cache
def unread_of_sources() -> Mapping[str, frozenset[str]]:
    """Event source up to its first dot (``s3``) -> lower-case names that are not looked at in its calls."""
    rows = facts("unread.toml")["source"]
    return {source: frozenset(row["members"]) for source, row in rows.items()}


@cache
def whole_responses() -> frozenset[str]:
    """Names of events whose response is read to the last member."""
    return frozenset(facts("unread.toml")["responses"]["whole"])


@cache
def _unread() -> Mapping[str, frozenset[str]]:
    """The same, and with the names that are not looked at in any call."""
    return {source: unread_everywhere() | own for source, own in unread_of_sources().items()}


def _answered(response: Mapping[str, Any]) -> Mapping[str, Any]:
    kept = {name: value if _names_arns(value) else None for name, value in response.items()}
    return kept if any(kept.values()) else EMPTY


def _names_arns(value: object) -> bool:
    return any(arn(text) for _, text in walk(value))
