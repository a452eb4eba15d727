"""How far a plan has been carried out, by what is live now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.model.plan import after_step, facts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from leastwise.model.plan import Aspect, Facts, Plan


def done_steps(plan: Plan, live: Mapping[Aspect, str]) -> int | None:
    """How many of the plan's steps are surely done; ``None`` where what is live fits no moment of the plan.

    Steps that leave no trace in what is held (a version that goes, a provisioning) do not count as done.
    """
    return next((number for number, state in enumerate(_states(plan)) if state == live), None)


def foreign(plan: Plan, live: Mapping[Aspect, str]) -> tuple[str, ...]:
    """The paths at which what is live was never so in the course of the plan, sorted; empty where each part
    was, though never all of them at once."""
    states = list(_states(plan))
    aspects = {*live, *(aspect for state in states for aspect in state)}
    return tuple(
        sorted(
            {
                aspect.path
                for aspect in aspects
                if all(state.get(aspect) != live.get(aspect) for state in states)
            }
        )
    )


def _states(plan: Plan) -> Iterator[Facts]:
    state = facts(plan.before)
    yield state
    for step in plan.steps:
        state = after_step(state, step)
        yield state
