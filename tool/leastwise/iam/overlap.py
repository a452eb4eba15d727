"""Inclusion seen from the texts of statements alone: quick, sound, and enough for most tightened policies."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from leastwise.iam import arn, glob
from leastwise.iam.evaluate import Place
from leastwise.iam.statement import Effect
from leastwise.iam.worlds import condition_atoms

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from leastwise.iam.arn import Reading, ResourcePattern
    from leastwise.iam.automaton import Budget
    from leastwise.iam.evaluate import PreparedStatement
    from leastwise.iam.glob import Glob


def residue(
    inner: Sequence[PreparedStatement],
    outer: Sequence[PreparedStatement],
    reading: Reading,
    budget: Budget,
) -> tuple[PreparedStatement, ...]:
    """Those parts of the inner Allow statements whose inclusion the texts do not show.

    Takes one step for each pair of statements; ``BudgetError`` if the steps do not suffice.
    """
    allows = [statement for statement in inner if statement.effect is Effect.ALLOW]
    if any(not _is_denied_anyway(deny, inner, reading) for deny in outer if deny.effect is Effect.DENY):
        return tuple(allows)
    allowing = [statement for statement in outer if statement.effect is Effect.ALLOW]
    unchanged = {_meaning(statement) for statement in allowing}
    left: list[PreparedStatement] = []
    for statement in allows:
        if _meaning(statement) not in unchanged:
            budget.spend(len(allowing))
            left += _left_over(statement, allowing, reading)
    return tuple(left)


def covers(outer: PreparedStatement, inner: PreparedStatement, reading: Reading) -> bool:
    """Whether ``outer`` applies to each request that ``inner`` applies to; ``False`` proves nothing."""
    return _actions_cover(outer, inner) and covers_same_actions(outer, inner, reading)


def covers_same_actions(outer: PreparedStatement, inner: PreparedStatement, reading: Reading) -> bool:
    """The same of two statements for actions that both apply to."""
    return asks_less(outer, inner) and _resources_cover(outer, inner, reading)


def asks_less(outer: PreparedStatement, inner: PreparedStatement) -> bool:
    """Whether all that ``outer`` depends on beside action and resource is needed by ``inner`` too."""
    return set(condition_atoms(outer)) <= set(condition_atoms(inner))


def _meaning(statement: PreparedStatement) -> PreparedStatement:
    """The statement without its place and name: equal for equal statements wherever they stand."""
    return replace(statement, place=Place(0, 0), sid=None)


def _is_denied_anyway(deny: PreparedStatement, inner: Sequence[PreparedStatement], reading: Reading) -> bool:
    """Whether one inner Deny takes in everything that an outer Deny does."""
    return any(other.effect is Effect.DENY and covers(other, deny, reading) for other in inner)


def _left_over(
    statement: PreparedStatement, allowing: Sequence[PreparedStatement], reading: Reading
) -> Iterator[PreparedStatement]:
    """The statement without those pairs of action and resource that one outer statement covers."""
    if any(covers(outer, statement, reading) for outer in allowing):
        return
    if statement.not_action or statement.not_resource:
        yield statement
        return
    left = {resource: set(statement.actions) for resource in statement.resources}
    for outer in allowing:
        if outer.not_action or outer.not_resource or not asks_less(outer, statement):
            continue
        actions = {action for action in statement.actions if _any_action(outer.actions, action)}
        for resource in left if actions else ():
            if _any_resource(outer.resources, resource, reading):
                left[resource] -= actions
    for some in dict.fromkeys(frozenset(actions) for actions in left.values() if actions):
        yield replace(
            statement,
            actions=tuple(action for action in statement.actions if action in some),
            resources=tuple(resource for resource in left if left[resource] == some),
        )


def _actions_cover(outer: PreparedStatement, inner: PreparedStatement) -> bool:
    if not outer.not_action and not inner.not_action:
        return all(_any_action(outer.actions, action) for action in inner.actions)
    if outer.not_action and inner.not_action:
        return all(_any_action(inner.actions, action) for action in outer.actions)
    return not outer.not_action and any(action.matches_all for action in outer.actions)


def _resources_cover(outer: PreparedStatement, inner: PreparedStatement, reading: Reading) -> bool:
    if not outer.not_resource and not inner.not_resource:
        return all(_any_resource(outer.resources, resource, reading) for resource in inner.resources)
    if outer.not_resource and inner.not_resource:
        return all(_any_resource(inner.resources, resource, reading) for resource in outer.resources)
    return not outer.not_resource and any(resource.flat.matches_all for resource in outer.resources)


def _any_action(outer: Sequence[Glob], inner: Glob) -> bool:
    return any(glob.covers(pattern, inner) for pattern in outer)


def _any_resource(outer: Sequence[ResourcePattern], inner: ResourcePattern, reading: Reading) -> bool:
    return any(arn.covers(pattern, inner, reading) for pattern in outer)
