"""The recorded calls, asked of the policy before and after: none that was allowed may be lost."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from leastwise.grants import concerns, covers
from leastwise.iam import arn, glob
from leastwise.iam.evaluate import Decision
from leastwise.iam.includes import Included, includes
from leastwise.iam.statement import Effect
from leastwise.model.evidence import calls_of
from leastwise.model.request import ResourceForm

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from leastwise.holdings import Holdings
    from leastwise.iam.statement import PolicyDocument, Statement
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
        return isinstance(includes(new.documents, asked_only(old.documents, request)), Included)
    return True


def asked_only(
    documents: Iterable[PolicyDocument], request: AuthorizationRequest
) -> tuple[PolicyDocument, ...]:
    """What the policies allow of this one request, with every condition and every Deny they have."""
    return tuple(
        replace(document, statements=tuple(_asked(document.statements, request))) for document in documents
    )


def _asked(statements: Iterable[Statement], request: AuthorizationRequest) -> Iterator[Statement]:
    for statement in statements:
        if statement.effect is Effect.DENY:
            yield statement
        elif concerns(statement, request.action):
            only = replace(statement, actions=(request.action,), not_actions=())
            name = _pattern(request)
            inner = arn.pattern(name)
            named = any(covers(arn.pattern(entry), inner) for entry in statement.resources)
            yield replace(only, resources=(name,)) if named else only


def _pattern(request: AuthorizationRequest) -> str:
    """The resources asked about; where no pattern of a statement surely covers them, it is asked whole.

    Asking about too much is safe: it can only make a proposal fail.
    """
    if request.form is ResourceForm.LITERAL:
        return glob.escape(request.resource)
    return request.resource
