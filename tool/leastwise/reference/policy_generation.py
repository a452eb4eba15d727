"""What IAM Access Analyzer's policy generation can tell, and its quotas: ``data/policy_generation.toml``."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

from leastwise.reference.actions import canonical
from leastwise.reference.facts import facts

_FILE = "policy_generation.toml"


def tells(action: str) -> bool:
    """Whether a use of ``action`` that CloudTrail records surely is among the actions of a generated policy.

    True only where AWS lists the service, and an API operation has the action's own name: how Access Analyzer
    names the others no document says.
    """
    name = canonical(action)
    if name is None:
        return False
    service, _, operation = name.partition(":")
    operations = facts("operations.json")["operations"]
    return service in _services() and operation in operations.get(service, ())


def list_as_of() -> str:
    """Of when AWS's list of the services is whose actions it tells: ``June 2023``."""
    return str(facts(_FILE)["actions"]["as_of"])


def jobs_a_day(region: str) -> int:
    """How many generations one account may start on a day in a region."""
    quota = facts(_FILE)["quota"]
    return int(quota["a_day_in"].get(region, quota["a_day"]))


def longest_window() -> timedelta:
    """How far back one generation may look."""
    return timedelta(days=facts(_FILE)["quota"]["days_back"])


def results_kept() -> timedelta:
    """How long a generated policy can be fetched, and how long its job is listed."""
    return timedelta(days=facts(_FILE)["quota"]["results_kept_days"])


@cache
def _services() -> frozenset[str]:
    return frozenset(facts(_FILE)["actions"]["services"])
