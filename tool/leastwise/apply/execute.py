"""A plan carried out, step by step, from wherever it stands.

Before a step, the one thing that it changes is read: as it is to be afterwards, it is done already; as it
was before, the step is done; anything else is somebody else's change, and ends the plan.  IAM has no call
that compares and writes at once, so a change within that second is not seen; and since it may tell of a write
only seconds later, what this run wrote itself is not read back but remembered.

A call whose answer was lost may have been carried out: after an error the thing is read once more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from leastwise.errors import AwsError, PlanError
from leastwise.model.journal import Ending, StepOutcome, StepRecord
from leastwise.model.plan import Aspect, Operation, Part, says_the_same

if TYPE_CHECKING:
    from leastwise.apply.hands import Hand
    from leastwise.model.plan import Plan, Step

CHANGED = "somebody changed it since the plan was made: look at it, and make a new plan"


@dataclass(frozen=True, slots=True)
class Done:
    """How carrying out a plan ended: a record for each of its steps."""

    ending: Ending
    steps: tuple[StepRecord, ...]
    versions: tuple[tuple[str, str], ...] = ()
    """(path, new default version) of managed policies."""


@dataclass(slots=True)
class Execution:
    """Carries out one plan."""

    plan: Plan
    hand: Hand
    written: dict[Aspect, str | None] = field(default_factory=dict)
    """What this run wrote itself."""
    versions: dict[str, str] = field(default_factory=dict)

    def run(self, first: int) -> Done:
        """Everything from a step on (from 0): those before it are done.  What AWS refuses is recorded."""
        records = [StepRecord(StepOutcome.ALREADY)] * first
        for step in self.plan.steps[first:]:
            record = self._tried(step)
            records.append(record)
            if record.outcome is StepOutcome.FAILED:
                break
        missing = len(self.plan.steps) - len(records)
        records += [StepRecord(StepOutcome.NOT_TRIED)] * missing
        failed = any(record.outcome is StepOutcome.FAILED for record in records)
        ending = Ending.STOPPED if failed else Ending.DONE
        return Done(ending, tuple(records), tuple(sorted(self.versions.items())))

    def _tried(self, step: Step) -> StepRecord:
        try:
            return self._taken(step)
        except (AwsError, PlanError) as error:
            return StepRecord(StepOutcome.FAILED, str(error))

    def _taken(self, step: Step) -> StepRecord:
        now = self._value(step)
        if self._is_done(step, now):
            return StepRecord(StepOutcome.ALREADY)
        if step.aspect.part is not Part.OTHER and not same(step.aspect.part, now, step.before):
            return StepRecord(StepOutcome.FAILED, f"{step.path}: {CHANGED}")
        try:
            version = self.hand.do(step)
        except AwsError:
            if not self._is_done(step, self.hand.value(step)):
                raise
            version = ""
        if step.aspect.part is not Part.OTHER:
            self.written[step.aspect] = step.after
        if version:
            self.versions[step.path] = version
        return StepRecord(StepOutcome.DONE)

    def _value(self, step: Step) -> str | None:
        if step.aspect in self.written:
            return self.written[step.aspect]
        return self.hand.value(step)

    def _is_done(self, step: Step, now: str | None) -> bool:
        if step.operation is Operation.PROVISION and self.written:
            return False  # IAM Identity Center may not have told yet that accounts are behind
        return same(step.aspect.part, now, step.after)


def same(part: Part, one: str | None, other: str | None) -> bool:
    """Whether two values of an aspect are the same, formatting of texts aside."""
    if one is None or other is None or part is not Part.TEXT:
        return one == other
    return says_the_same(one, other)
