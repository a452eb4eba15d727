"""How good a policy is: does it still allow what is needed, and how much less than before does it allow?

Formulas: E is the multiset of calls in the test window, D the set of distinct requests among them.  uRecall
is the share of D that is allowed, cRecall the share of E; a principal is broken if anything of D is refused.
The universe U has every action of the services that the committed policy C names, on resources that anybody
used (a few of each kind) and on one that nobody knows, of each type; what has no resource is asked on ``*``.
Reduction is 1 - |U ∩ L(P)| / |U ∩ L(C)|, also with every action weighted by its risk.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from bench.quality.needs import ACCOUNT, REGION, SEED, days_from
from leastwise.iam.arn import Reading
from leastwise.iam.evaluate import Decision
from leastwise.iam.request import Request
from leastwise.iam.size import non_white_length
from leastwise.reference.actions import AccessLevel, access_levels, expand, resource_types
from leastwise.reference.arns import fits
from leastwise.reference.risk import risks_of
from leastwise.reference.templates import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from bench.quality.needs import Person
    from bench.quality.policies import Learned
    from leastwise.holdings import Holdings
    from leastwise.model.request import AuthorizationRequest

SAMPLED = 12
"""Known resources of one service in the universe, the principal's own and as many of others."""
LEVELS = {
    AccessLevel.PERMISSIONS_MANAGEMENT: 10,
    AccessLevel.WRITE: 3,
    AccessLevel.TAGGING: 2,
    AccessLevel.READ: 1,
    AccessLevel.LIST: 1,
}
CREDENTIALS = 8
Universe = Sequence[tuple[int, Sequence[Request]]]
"""The weight of each action, and the requests for it."""


@dataclass(frozen=True)
class Kept:
    """The test of one policy on the days that followed.

    ``refused`` has the title of each need that was not met, with the first request that was refused.
    """

    distinct: int
    distinct_allowed: int
    calls: int
    calls_allowed: int
    refused: Mapping[str, str]

    @property
    def u_recall(self) -> float:
        """The share of distinct requests that is allowed."""
        return self.distinct_allowed / self.distinct if self.distinct else 1.0

    @property
    def c_recall(self) -> float:
        """The share of calls that is allowed."""
        return self.calls_allowed / self.calls if self.calls else 1.0


@dataclass(frozen=True)
class Burden:
    """What a reviewer has to read: changed lines, and the size of what is left."""

    lines: int
    statements: int
    characters: int


def kept(policy: Holdings, person: Person, today: date, days: int) -> Kept:
    """Ask the policy for all that the principal needs on the days from ``today`` on."""
    wanted: Counter[AuthorizationRequest] = Counter()
    titles: dict[AuthorizationRequest, str] = {}
    for day in days_from(today, days):
        for need, request in person.calls(day):
            wanted[request] += need.calls
            titles.setdefault(request, need.title)
    allowed = {request for request in wanted if policy.decide(request) is Decision.ALLOW}
    refused: dict[str, str] = {}
    for request in wanted:
        if request not in allowed:
            refused.setdefault(titles[request], f"{request.action} on {request.resource}")
    calls = sum(wanted[request] for request in allowed)
    return Kept(len(wanted), len(allowed), wanted.total(), calls, refused)


def burden(learned: Learned) -> Burden:
    """Lines added and removed, statements and characters (white space not counted) of what is proposed."""
    lines = difflib.unified_diff(learned.before_text.splitlines(), learned.after_text.splitlines(), n=0)
    return Burden(
        lines=sum(line[0] in "+-" and line[:3] not in ("+++", "---") for line in lines),
        statements=sum(len(document.statements) for document in learned.after),
        characters=non_white_length(learned.after_text),
    )


def universe(person: Person, own: Iterable[str], others: Iterable[str]) -> Universe:
    """U of one principal; ``own`` are resources that it uses at some time, ``others`` those of the rest."""
    random = Random(f"{SEED} universe {person.name}")
    known = [*_some(own, random), *_some(others, random)]
    actions = (action for service in person.services for action in expand(f"{service}:*"))
    return [(weight(action), _asked(action, known)) for action in actions]


def reach(policy: Holdings, asked: Universe) -> tuple[int, int]:
    """|U ∩ L(P)|, plain and weighted by risk."""
    plain = weighted = 0
    for heft, requests in asked:
        allowed = sum(
            policy.evaluator.evaluate(request, Reading.FLAT).decision is Decision.ALLOW
            for request in requests
        )
        plain += allowed
        weighted += heft * allowed
    return plain, weighted


def weight(action: str) -> int:
    """How much it hurts if the action is allowed for nothing."""
    credentials = CREDENTIALS if "returns credentials" in risks_of(action) else 0
    return max(credentials, *(LEVELS[level] for level in access_levels(action)), 1)


def _some(resources: Iterable[str], random: Random) -> list[str]:
    """A few resources of each service."""
    by_service: dict[str, list[str]] = {}
    for resource in sorted(set(resources)):
        by_service.setdefault(resource.split(":")[2], []).append(resource)
    return [
        resource
        for found in by_service.values()
        for resource in random.sample(found, min(SAMPLED, len(found)))
    ]


def _asked(action: str, known: Sequence[str]) -> list[Request]:
    types = resource_types(action)
    if not types:
        return [Request(action, "*")]
    place = Place("aws", REGION, ACCOUNT)
    unknown = [
        template.fill(place, dict.fromkeys(template.variables, "unknown"))
        for kind in types
        for template in kind.templates
    ]
    return [Request(action, name) for name in (*(name for name in known if fits(name, action)), *unknown)]
