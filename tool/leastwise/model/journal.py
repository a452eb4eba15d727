"""What was written to AWS: who, when, of which commit, what before and after, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003  msgspec reads the fields of the class
from enum import Enum

from leastwise.model.plan import Plan, PolicyChange  # noqa: TC001  msgspec reads the fields


class Kind(Enum):
    """Which verb wrote."""

    APPLY = "apply"
    ROLLBACK = "rollback"


class Ending(Enum):
    """How it ended."""

    BEGUN = "begun"
    """It was begun, and nobody has told yet how it ended: it runs, or was interrupted."""
    DONE = "done"
    STOPPED = "stopped"
    """A step failed or was refused; those after it were not tried."""


class StepOutcome(Enum):
    """What became of one step."""

    DONE = "done"
    ALREADY = "already done"
    FAILED = "failed"
    NOT_TRIED = "not tried"


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One step of a plan, in its order; ``why`` where it failed."""

    outcome: StepOutcome
    why: str = ""


@dataclass(frozen=True, slots=True)
class AppliedRecord:
    """What one run did for one principal.  ``plan`` holds every text before and after.

    ``commit`` is empty where policies were read outside of git; ``pull`` is 0 where no pull request is known.
    """

    kind: Kind
    plan: Plan
    commit: str
    pull: int
    by: str
    """The ARN of the caller, as AWS tells it."""
    began: datetime
    ending: Ending = Ending.BEGUN
    ended: datetime | None = None
    steps: tuple[StepRecord, ...] = ()
    versions_after: tuple[tuple[str, str], ...] = ()
    """(path, default version) of managed policies that got a new default version."""

    @property
    def principal(self) -> str:
        """Whose policies were written."""
        return self.plan.principal

    @property
    def changed(self) -> bool:
        """Whether anything was written, as far as it is known: what was only begun may have been."""
        return self.ending is Ending.BEGUN or any(step.outcome is StepOutcome.DONE for step in self.steps)

    def texts(self) -> tuple[PolicyChange, ...]:
        """Each policy before and after."""
        return self.plan.changes
