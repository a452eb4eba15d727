"""The recorded calls, asked of the policy before and after: none that was allowed may be lost."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.iam import glob
from leastwise.iam.evaluate import Decision
from leastwise.iam.includes import Included, includes_requests
from leastwise.model.evidence import calls_of
from leastwise.model.request import ResourceForm

if TYPE_CHECKING:
    from collections.abc import Iterable

    from leastwise.holdings import Holdings
    from leastwise.model.evidence import Observation
    from leastwise.model.request import AuthorizationRequest


@dataclass(frozen=True, slots=True)
class Replay:
    """``recorded`` calls that the old policies allow, how many of them the new ones do, and which they lose.

    ``undecided`` counts calls on which the old policies give no certain answer, because it hangs on
    conditions that records omit, or the resource was not recorded.  For those the new policies must allow,
    in *every* context, what the old ones allow in it, or they are among the ``lost`` too.
    """

    recorded: int
    allowed: int
    undecided: int
    lost: tuple[Observation, ...]


def replay(old: Holdings, new: Holdings, observations: Iterable[Observation]) -> Replay:
    """Ask both policies about every authorized call; those the old ones do not allow are left out."""
    asked: dict[Decision, list[Observation]] = defaultdict(list)
    lost: list[Observation] = []
    for observation in observations:
        if observation.is_authorized:
            request = observation.key.request
            decision = old.decide(request)
            asked[decision].append(observation)
            if not _kept(old, new, request, decision):
                lost.append(observation)
    gone = set(map(id, lost))
    still = [seen for seen in asked[Decision.ALLOW] if id(seen) not in gone]
    return Replay(
        recorded=calls_of(asked[Decision.ALLOW]),
        allowed=calls_of(still),
        undecided=calls_of(asked[Decision.UNKNOWN]),
        lost=tuple(lost),
    )


def _kept(old: Holdings, new: Holdings, request: AuthorizationRequest, decision: Decision) -> bool:
    if decision is Decision.ALLOW:
        return new.decide(request) is Decision.ALLOW
    if decision is Decision.UNKNOWN:
        kept = includes_requests(new.evaluator, old.evaluator, request.action, _pattern(request))
        return isinstance(kept, Included)
    return True


def _pattern(request: AuthorizationRequest) -> str:
    """The glob of the resources that the request stands for; an action without resources asks about ``*``."""
    if request.form in (ResourceForm.LITERAL, ResourceForm.NONE):
        return glob.escape(request.resource)
    return request.resource
