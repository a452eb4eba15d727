"""What carries out one step of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from leastwise.model.plan import Step


class Hand(Protocol):
    """Writes the policies of one principal.  Every method raises ``AwsError``."""

    def value(self, step: Step) -> str | None:
        """What the thing that the step changes is now, in the form of ``step.before``.

        Of a version that the step deletes ``step.before`` is ``None``, and so is what is left of it: the
        answer is an empty text while it is there, ``None`` when it is gone; the same of accounts that a
        provisioning has to reach.
        """

    def do(self, step: Step) -> str:
        """Carry out the step; the ID of the new default version where it makes one.

        Raises ``PlanError`` where AWS took the call and its work came to no good end.
        """
