"""Actions in groups: those that the same statements apply to need to be looked at only once."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import compress
from typing import TYPE_CHECKING

from leastwise.iam import glob
from leastwise.iam.automaton import ACTION_UNIVERSE, flat_track, machine, search, union

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from leastwise.iam.automaton import Budget
    from leastwise.iam.evaluate import PreparedStatement
    from leastwise.iam.glob import Glob


@dataclass(frozen=True, slots=True)
class Case:
    """The statements that apply to some actions, of which ``action`` is one of the shortest."""

    action: str
    asked: tuple[PreparedStatement, ...]
    inner_denies: tuple[PreparedStatement, ...]
    outer: tuple[PreparedStatement, ...]


def cases(
    asked: Sequence[PreparedStatement],
    inner_denies: Sequence[PreparedStatement],
    outer: Sequence[PreparedStatement],
    budget: Budget,
) -> Iterator[Case]:
    """Every choice of statements that an action can make, if an asked one is among them.

    ``BudgetError`` if the steps do not suffice.
    """
    sides = (asked, inner_denies, outer)
    statements = [statement for side in sides for statement in side]
    patterns = list(
        {action.text: action for statement in statements for action in statement.actions}.values()
    )
    actions = machine([flat_track(glob.parse(ACTION_UNIVERSE)), *map(flat_track, patterns)])
    universe, *finals = actions.finals
    final_of = {pattern.text: final for pattern, final in zip(patterns, finals, strict=True)}
    masks = [union(final_of[action.text] for action in statement.actions) for statement in statements]
    seen: set[tuple[bool, ...]] = set()

    def chosen(state: int) -> tuple[bool, ...] | None:
        """Which statements apply in this state; only if the choice is new."""
        if not state & universe:
            return None
        choice = tuple(
            bool(state & mask) is not statement.not_action
            for mask, statement in zip(masks, statements, strict=True)
        )
        if choice in seen or not any(choice[: len(asked)]):
            return None
        seen.add(choice)
        return choice

    for action, choice in search(actions, budget, _needed(actions.bodies, patterns, asked), 0, chosen):
        yield Case(action, *_split(choice, sides))


def _needed(bodies: Sequence[int], patterns: Sequence[Glob], asked: Sequence[PreparedStatement]) -> list[int]:
    """The places of which some must be reached: the universe's, and those of some asked statement."""
    universe, *rest = bodies
    if any(statement.not_action for statement in asked):
        return [universe]
    wanted = {action.text for statement in asked for action in statement.actions}
    matching = (body for body, pattern in zip(rest, patterns, strict=True) if pattern.text in wanted)
    return [universe, union(matching)]


def _split(
    choice: Sequence[bool], sides: Sequence[Sequence[PreparedStatement]]
) -> Iterator[tuple[PreparedStatement, ...]]:
    """The chosen statements of each side."""
    start = 0
    for side in sides:
        yield tuple(compress(side, choice[start : start + len(side)]))
        start += len(side)
