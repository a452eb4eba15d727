"""Replaying recorded calls: every distinct request asked of the policies before and after a tightening.

Ten times the requests should take ten times as long, whatever their names: nothing may be searched twice.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from bench.inclusion import ACCOUNT, full_size
from leastwise.holdings import Holdings
from leastwise.iam.statement import PolicyDocument
from leastwise.model.event import Outcome
from leastwise.model.evidence import Observation, ObservationKey, Tally
from leastwise.model.request import AuthorizationRequest, ResourceForm
from leastwise.propose.replay import replay

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leastwise.propose.replay import Replay

SEED = 20_261_123
FEW, MANY = 100_000, 1_000_000
HARD = 20_000
MOST_MINUTES = 5.0
MOST_GROWTH = 12.0
Change = Callable[[AuthorizationRequest], AuthorizationRequest]
ROLE = f"arn:aws:iam::{ACCOUNT}:role/bench"
TALLY = Tally(days={date(2026, 11, 2): 1}, first="2026-11-02T09:00:00Z", last="2026-11-02T09:00:00Z")


@dataclass(frozen=True)
class Measured:
    """How long so many distinct requests took, in seconds of CPU, and what came out."""

    requests: int
    seconds: float
    found: Replay


def main() -> None:
    """Replay, and print; a target that is missed is said so."""
    few, many = measure(FEW), measure(MANY)
    for measured in (few, many):
        print(_line("named in full, context known", measured))
    grown = many.seconds / few.seconds
    linear, in_time = _met(grown <= MOST_GROWTH), _met(many.seconds < 60 * MOST_MINUTES)
    print(f"ten times the requests: {grown:.1f} times the time; target at most {MOST_GROWTH}: {linear}")
    print(f"target below {MOST_MINUTES:.0f} minutes: {in_time}")
    for what, change in HARDER.items():
        print(_line(what, measure(HARD, change)))


def measure(requests: int, change: Change | None = None) -> Measured:
    """Replay so many requests, each changed first; making them is not counted."""
    source = random.Random(SEED)
    before = full_size(source)
    after = of_one_region(before)
    observations = list(observed(after, requests, source, change))
    old, new = Holdings.of([before]), Holdings.of([after])
    start = time.process_time()
    found = replay(old, new, observations)
    return Measured(requests, time.process_time() - start, found)


def without_context(request: AuthorizationRequest) -> AuthorizationRequest:
    """The request as a record shows it that omits what the policies' conditions ask for."""
    return replace(request, context=())


def rolled_up(request: AuthorizationRequest) -> AuthorizationRequest:
    """All names below one, counted as a glob."""
    return replace(request, resource=f"{request.resource}/*", form=ResourceForm.ROLLED_UP)


HARDER: dict[str, Change] = {"context not recorded": without_context, "rolled up": rolled_up}


def of_one_region(policy: PolicyDocument) -> PolicyDocument:
    """The policy with half of its actions, on the resources of one region."""
    return PolicyDocument(
        tuple(
            replace(
                statement,
                actions=statement.actions[::2],
                resources=tuple(resource.replace(":*:", ":eu-west-1:") for resource in statement.resources),
            )
            for statement in policy.statements
        )
    )


def observed(
    policy: PolicyDocument, count: int, source: random.Random, change: Change | None
) -> Iterator[Observation]:
    """Calls that the policy allows, each on a resource of another name."""
    grants = [
        (action, resource, tuple((line.key, line.values[0]) for line in statement.conditions))
        for statement in policy.statements
        for action in statement.actions
        for resource in statement.resources
    ]
    for number, (action, resource, context) in enumerate(source.choices(grants, k=count)):
        request = AuthorizationRequest(action, resource.replace("*", f"{number:x}"), context=context)
        request = change(request) if change else request
        yield Observation(ObservationKey("bench", ROLE, request, Outcome.SUCCEEDED), TALLY)


def _line(what: str, measured: Measured) -> str:
    found = measured.found
    return (
        f"{measured.requests:>9,} requests, {what}: {measured.seconds:.1f} s,"
        f" {measured.requests / measured.seconds:,.0f} a second;"
        f" {found.recorded:,} allowed before, {found.undecided:,} undecided, {len(found.lost):,} lost"
    )


def _met(met: bool) -> str:  # noqa: FBT001  what is printed
    return "met" if met else "MISSED"
