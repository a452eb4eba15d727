"""Whether identity policies allow a request: ALLOW, DENY, NONE, or UNKNOWN where the answer is not certain.

An explicit Deny wins, then an Allow, then nothing does
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html, read 2026-11-23).
Boundaries, service control, session and resource policies are outside of this.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from leastwise.iam import arn, condition, glob, variables
from leastwise.iam.arn import Reading
from leastwise.iam.kleene import Truth, all_of, any_of, negate
from leastwise.iam.request import Missing
from leastwise.iam.statement import Effect

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from leastwise.iam.arn import ResourcePattern
    from leastwise.iam.glob import Glob
    from leastwise.iam.request import Request
    from leastwise.iam.statement import Condition, PolicyDocument, Statement

MAX_ACTIONS_KEPT = 50_000
"""More than AWS has; names from a forged log do not fill the memory."""


class Decision(Enum):
    """What the policies say of a request."""

    ALLOW = "ALLOW"
    DENY = "DENY"
    """A Deny statement matches."""
    NONE = "NONE"
    """No Allow statement matches: denied implicitly, whatever an undecided Deny would say."""
    UNKNOWN = "UNKNOWN"
    """It hangs on a context key that is not known, or on what AWS's documents leave open."""


class Place(NamedTuple):
    """A statement: the index of its document, and its index there, from 0."""

    document: int
    statement: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The decision, the statement that made it (if one did), and why in words."""

    decision: Decision
    statement: Place | None
    why: str


@dataclass(frozen=True, slots=True)
class PreparedStatement:
    """A statement with its patterns read, ready to be matched many times."""

    place: Place
    sid: str | None
    effect: Effect
    actions: tuple[Glob, ...]
    """Lower-case: IAM compares actions without regard to case."""
    not_action: bool
    resources: tuple[ResourcePattern, ...]
    not_resource: bool
    conditions: tuple[Condition, ...]
    has_variables: bool

    def matches(self, request: Request, reading: Reading) -> Truth:
        """Whether the statement applies to a request for an action that it takes in."""
        resource = self._matches_resource(request, reading)
        if resource is False:
            return False
        return all_of((resource, *self._conditions_hold(request)))

    def matches_action(self, action: str) -> bool:
        """Whether the statement's Action or NotAction takes in the action."""
        lowered = action.lower()
        return any(glob.matches(pattern, lowered) for pattern in self.actions) is not self.not_action

    def _conditions_hold(self, request: Request) -> Iterator[Truth]:
        for line in self.conditions:
            yield condition.holds(line, request, variables=self.has_variables)

    def _matches_resource(self, request: Request, reading: Reading) -> Truth:
        if not self.not_resource:
            return any_of(_matches(pattern, request, reading) for pattern in self.resources)
        return negate(any_of(_matches_not(pattern, request, reading) for pattern in self.resources))


@dataclass(frozen=True, slots=True)
class Evaluator:
    """Policies prepared for many requests; made by ``prepare``."""

    statements: tuple[PreparedStatement, ...]
    _by_action: dict[str, tuple[PreparedStatement, ...]] = field(default_factory=dict, compare=False)
    """A memo: millions of requests name few actions."""

    def evaluate(self, request: Request, reading: Reading) -> Evaluation:
        """The decision under one reading of resource patterns."""
        first: dict[tuple[Effect, Truth], PreparedStatement] = {}
        for statement in self.for_action(request.action):
            truth = statement.matches(request, reading)
            if truth is not False:
                first.setdefault((statement.effect, truth), statement)
                if truth and statement.effect is Effect.DENY:
                    break
        return _evaluation(first, request)

    def evaluate_both(self, request: Request) -> Evaluation:
        """The decision that both readings share, else UNKNOWN."""
        flat = self.evaluate(request, Reading.FLAT)
        segment = self.evaluate(request, Reading.SEGMENT)
        if flat.decision is segment.decision:
            return flat
        why = (
            f"AWS's documents allow two readings of the resource patterns: {flat.decision.value} if a star"
            f" crosses colons, {segment.decision.value} if it stays within its segment of the ARN"
        )
        return Evaluation(Decision.UNKNOWN, flat.statement or segment.statement, why)

    def for_action(self, action: str) -> tuple[PreparedStatement, ...]:
        """The statements whose Action or NotAction takes in the action, in their order."""
        known = self._by_action.get(action)
        if known is None:
            known = tuple(statement for statement in self.statements if statement.matches_action(action))
            if len(self._by_action) < MAX_ACTIONS_KEPT:
                self._by_action[action] = known
        return known


def prepare(documents: Sequence[PolicyDocument]) -> Evaluator:
    """Read the patterns of all statements once; the documents count as one union."""
    return Evaluator(
        tuple(
            _prepared(Place(at, index), statement, has_variables=document.version.has_variables)
            for at, document in enumerate(documents)
            for index, statement in enumerate(document.statements)
        )
    )


def evaluate(documents: Sequence[PolicyDocument], request: Request, reading: Reading) -> Evaluation:
    """The decision of the documents together under one reading; for many requests see ``prepare``."""
    return prepare(documents).evaluate(request, reading)


def evaluate_both(documents: Sequence[PolicyDocument], request: Request) -> Evaluation:
    """The decision that both readings share, else UNKNOWN."""
    return prepare(documents).evaluate_both(request)


def _prepared(place: Place, statement: Statement, *, has_variables: bool) -> PreparedStatement:
    actions = statement.actions or statement.not_actions
    resources = statement.resources or statement.not_resources
    return PreparedStatement(
        place=place,
        sid=statement.sid,
        effect=statement.effect,
        actions=tuple(glob.parse(action.lower(), variables=False) for action in actions),
        not_action=not statement.actions,
        resources=tuple(arn.pattern(resource, variables=has_variables) for resource in resources),
        not_resource=not statement.resources,
        conditions=statement.conditions,
        has_variables=has_variables,
    )


def _matches(pattern: ResourcePattern, request: Request, reading: Reading) -> Truth:
    """Whether an entry of Resource matches; one whose variable has no value matches nothing."""
    resolved = variables.resolve(pattern.flat, request)
    if resolved is Missing.ABSENT:
        return False
    if resolved is Missing.UNKNOWN:
        return None if glob.matches(arn.widen(pattern), request.resource) else False
    known = pattern if resolved is pattern.flat else arn.of_glob(resolved)
    if not arn.matches(known, request.resource, reading):
        return False
    return None if arn.in_doubt(pattern, request.resource) else True


def _matches_not(pattern: ResourcePattern, request: Request, reading: Reading) -> Truth:
    """Whether an entry of NotResource matches; a variable without a value may void the whole statement."""
    resolved = variables.resolve(pattern.flat, request)
    return None if isinstance(resolved, Missing) else _matches(pattern, request, reading)


def _evaluation(first: dict[tuple[Effect, Truth], PreparedStatement], request: Request) -> Evaluation:
    """The decision, from the first statement of each effect that applies or may apply."""
    denies, may_deny = first.get((Effect.DENY, True)), first.get((Effect.DENY, None))
    allows, may_allow = first.get((Effect.ALLOW, True)), first.get((Effect.ALLOW, None))
    if denies:
        return Evaluation(Decision.DENY, denies.place, f"{_named(denies)} denies it")
    if allows and not may_deny:
        return Evaluation(Decision.ALLOW, allows.place, f"{_named(allows)} allows it")
    if allows and may_deny:
        return Evaluation(
            Decision.UNKNOWN, may_deny.place, f"{_named(may_deny)} may deny it: {_unsure(may_deny, request)}"
        )
    if may_allow:
        return Evaluation(
            Decision.UNKNOWN,
            may_allow.place,
            f"{_named(may_allow)} may allow it: {_unsure(may_allow, request)}",
        )
    return Evaluation(Decision.NONE, None, "no statement allows it")


def _unsure(statement: PreparedStatement, request: Request) -> str:
    """What keeps the statement from being decided: the first reason, in words."""
    for line in statement.conditions:
        if condition.holds(line, request, variables=statement.has_variables) is None:
            return f"{line.operator} on {line.key} cannot be decided"
    for pattern in statement.resources:
        if arn.in_doubt(pattern, request.resource) and pattern.doubt:
            return f"{pattern.text} has {pattern.doubt.value}"
    return "the value of a policy variable is not known"


def _named(statement: PreparedStatement) -> str:
    """The statement in words, counted from 1 as people do."""
    sid = f" ({statement.sid})" if statement.sid else ""
    return f"statement {statement.place.statement + 1}{sid} of document {statement.place.document + 1}"
