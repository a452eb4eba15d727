"""Whether everything that some policies allow is allowed by others: proved, refuted, or left undecided.

A request is an action, a resource and a context.  Actions and resources are decided exactly, by automata over
the patterns; conditions, variables and what AWS leaves open are atoms (``worlds``) that may be true or false,
equal ones alike.  So ``Included`` holds in every context, while a ``Witness`` may need a context that the
meaning of its conditions rules out: it names what it supposes.

The decision splits: the texts alone show most of a tightened policy to be inside (``overlap``); for the rest,
actions that the same statements apply to are one case, and in each case every inner resource pattern is a
question of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from leastwise.iam import arn, glob, grammar
from leastwise.iam.arn import Reading
from leastwise.iam.automaton import Budget, BudgetError
from leastwise.iam.evaluate import Decision, Evaluator, Place, PreparedStatement, prepare
from leastwise.iam.overlap import residue
from leastwise.iam.question import refute
from leastwise.iam.request import Request
from leastwise.iam.specialise import specialise
from leastwise.iam.statement import Effect

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from leastwise.iam.arn import ResourcePattern
    from leastwise.iam.request import ContextValue
    from leastwise.iam.statement import PolicyDocument

DEFAULT_BUDGET = 300_000
"""Steps before a question is left undecided: seconds, and the same on every machine."""


@dataclass(frozen=True, slots=True)
class Included:
    """Every request that the inner policies allow, the outer ones allow, under both readings."""


@dataclass(frozen=True, slots=True)
class Witness:
    """A request that the inner policies allow and the outer ones do not, under ``reading``.

    ``statement`` is the inner statement that allows it.  ``supposing`` is what must be so, in words: each
    condition (or variable, or doubt) with its truth; empty if the request needs no such context.
    """

    action: str
    resource: str
    statement: Place
    reading: Reading
    supposing: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Undecided:
    """The budget did not suffice; never to be read as ``Included``."""

    reason: str


def includes(
    outer: Sequence[PolicyDocument], inner: Sequence[PolicyDocument], *, budget: int = DEFAULT_BUDGET
) -> Included | Witness | Undecided:
    """Whether the ``outer`` policies together allow all that the ``inner`` ones together allow."""
    result = _includes(prepare(outer).statements, prepare(inner).statements, budget)
    if isinstance(result, Witness):
        return replace(result, action=_spelled(result.action, (*inner, *outer)))
    return result


def includes_requests(
    outer: Evaluator, inner: Evaluator, action: str, resources: str, *, budget: int = DEFAULT_BUDGET
) -> Included | Witness | Undecided:
    """The same of requests for one action on a resource that fits the glob, in whatever context.

    Where no entry of an inner statement surely covers the glob, the entries that may are asked about whole.
    To ask about too much is safe: ``Included`` is a proof all the same.
    """
    names = arn.pattern(resources)
    allowing = tuple(_of_action(statement, action) for statement in outer.for_action(action))
    asked = (_within(_of_action(statement, action), names) for statement in inner.for_action(action))
    result = _includes(allowing, tuple(filter(None, asked)), budget)
    return replace(result, action=action) if isinstance(result, Witness) else result


def covers(
    policies: Evaluator,
    action: str,
    resources: str,
    context: Mapping[str, ContextValue] | None = None,
    *,
    budget: int = DEFAULT_BUDGET,
) -> Decision:
    """What the policies say of *every* request for the action on a resource that fits the glob.

    ALLOW only if all of them are allowed.  Otherwise what is said of one that is not: DENY, NONE, or UNKNOWN
    where that hangs on something unknown, or ``resources`` is no pattern of a Resource element.
    """
    pattern = arn.pattern(resources)
    if grammar.resource_mistake(resources) or pattern.flat.variables:
        return Decision.UNKNOWN
    request = Request(action, resources, context or {})
    known = (specialise(each, request) for each in policies.for_action(action))
    held = tuple(_of_action(each, action) for each in known if each)
    asked = _everything_on(pattern, action)
    result = _includes(held, (asked,), budget)
    if isinstance(result, Included):
        return Decision.ALLOW
    if isinstance(result, Undecided):
        return Decision.UNKNOWN
    found = Evaluator(held).evaluate(replace(request, resource=result.resource), result.reading).decision
    return found if found is not Decision.ALLOW else Decision.UNKNOWN


def _everything_on(names: ResourcePattern, action: str) -> PreparedStatement:
    """An Allow of one action on a set of names, which is no pattern that AWS might not apply."""
    return PreparedStatement(
        place=Place(0, 0),
        sid=None,
        effect=Effect.ALLOW,
        actions=(glob.literal(action.lower()),),
        not_action=False,
        resources=(replace(names, doubt=None),),
        not_resource=False,
        conditions=(),
        has_variables=True,
    )


def _of_action(statement: PreparedStatement, action: str) -> PreparedStatement:
    """A statement that takes in the action, for that action alone."""
    return replace(statement, actions=(glob.literal(action.lower()),), not_action=False)


def _within(statement: PreparedStatement, names: ResourcePattern) -> PreparedStatement | None:
    """An Allow statement for the names only, where one of its entries surely has them all.

    Whether AWS applies such an entry may be in doubt, and then is in doubt for the names too.  ``None``: no
    entry can have any of them.
    """
    if statement.effect is Effect.DENY or statement.not_resource:
        return statement
    near = tuple(entry for entry in statement.resources if _may_meet(entry, names))
    doubts = {entry.doubt for entry in near if _has_all(entry, names)}
    if not doubts:
        return replace(statement, resources=near) if near else None
    doubt = doubts.pop() if len(doubts) == 1 else None
    return replace(statement, resources=(replace(names, doubt=doubt),))


def _may_meet(entry: ResourcePattern, names: ResourcePattern) -> bool:
    """Whether the entry may have one of the names: whether one may begin as both; one name is tried out.

    An ARN with parts missing is not one name: AWS completes it with stars.
    """
    if names.flat.is_literal and names.flat.tokens.count(":") >= arn.SEGMENTS - 1:
        return glob.matches(arn.widen(entry), "".join(map(str, names.flat.tokens)))
    return entry.start.startswith(names.start) or names.start.startswith(entry.start)


def _has_all(entry: ResourcePattern, names: ResourcePattern) -> bool:
    settled = replace(entry, doubt=None)
    return all(arn.covers(settled, names, reading) for reading in Reading)


def _spelled(action: str, documents: Sequence[PolicyDocument]) -> str:
    """The action as the policies write it, if one of them names it: ``s3:GetObject``."""
    written = (
        entry
        for document in documents
        for statement in document.statements
        for entry in (*statement.actions, *statement.not_actions)
    )
    return next((entry for entry in written if entry.lower() == action), action)


def _includes(
    outer: Sequence[PreparedStatement], inner: Sequence[PreparedStatement], steps: int
) -> Included | Witness | Undecided:
    budget = Budget(steps)
    try:
        for reading in Reading:
            found = refute(outer, inner, residue(inner, outer, reading, budget), reading, budget)
            if found:
                supposing = tuple(sorted((str(atom), truth) for atom, truth in found.world.items()))
                return Witness(found.action, found.resource, found.statement, reading, supposing)
    except BudgetError:
        return Undecided(f"not decided within {steps:,} steps")
    return Included()
