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

from leastwise.iam import arn, grammar
from leastwise.iam.arn import Reading
from leastwise.iam.automaton import Budget, BudgetError
from leastwise.iam.evaluate import Decision, Evaluator, prepare
from leastwise.iam.overlap import residue
from leastwise.iam.question import refute
from leastwise.iam.request import Request
from leastwise.iam.specialise import specialise
from leastwise.iam.statement import Effect, PolicyDocument, Statement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from leastwise.iam.evaluate import Place, PreparedStatement
    from leastwise.iam.request import ContextValue

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


def covers(
    documents: Sequence[PolicyDocument],
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
    [statement] = prepare([PolicyDocument((Statement(Effect.ALLOW, (action,), (), ("*",)),))]).statements
    # a set of names, and no pattern that AWS might not apply
    asked = replace(statement, resources=(replace(pattern, doubt=None),))
    request = Request(action, resources, context or {})
    held = tuple(filter(None, (specialise(each, request) for each in prepare(documents).statements)))
    result = _includes(held, (asked,), budget)
    if isinstance(result, Included):
        return Decision.ALLOW
    if isinstance(result, Undecided):
        return Decision.UNKNOWN
    found = Evaluator(held).evaluate(replace(request, resource=result.resource), result.reading).decision
    return found if found is not Decision.ALLOW else Decision.UNKNOWN


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
