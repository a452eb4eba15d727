"""What a principal holds: all its policies as one, asked what it says to a request that was recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.iam import glob
from leastwise.iam.evaluate import Decision, Evaluator, prepare
from leastwise.iam.includes import covers
from leastwise.iam.request import Request
from leastwise.iam.statement import Effect
from leastwise.model.request import ResourceForm

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from leastwise.iam.evaluate import PreparedStatement
    from leastwise.iam.statement import PolicyDocument
    from leastwise.model.request import AuthorizationRequest


@dataclass(frozen=True, slots=True)
class Holdings:
    """Policy documents that count as their union."""

    documents: tuple[PolicyDocument, ...]
    evaluator: Evaluator

    @classmethod
    def of(cls, documents: Iterable[PolicyDocument]) -> Holdings:
        """Read the documents' patterns once."""
        held = tuple(documents)
        return cls(held, prepare(held))

    def decide(self, request: AuthorizationRequest) -> Decision:
        """ALLOW, DENY or NONE only if it is so for *every* resource the request may stand for."""
        context = {key: (value,) for key, value in request.context}
        if request.form not in (ResourceForm.ROLLED_UP, ResourceForm.UNRECORDED):
            asked = Request(request.action, request.resource, context)
            return self.evaluator.evaluate_both(asked).decision
        if not self._could_allow(request):
            return Decision.NONE
        decision = covers(self.evaluator, request.action, request.resource, context)
        return decision if decision is Decision.ALLOW else Decision.UNKNOWN

    def _could_allow(self, request: AuthorizationRequest) -> bool:
        """Whether an Allow statement may take in one of the resources that the request stands for."""
        start = glob.parse(request.resource).start
        return any(
            statement.not_resource or any(_may_meet(entry.start, start) for entry in statement.resources)
            for statement in self._allowing(request.action)
        )

    def grants_somewhere(self, action: str) -> bool:
        """Whether any Allow statement names the action; resources, conditions and Deny are left aside."""
        return any(self._allowing(action))

    def _allowing(self, action: str) -> Iterator[PreparedStatement]:
        """The Allow statements that name the action."""
        for statement in self.evaluator.for_action(action):
            if statement.effect is Effect.ALLOW:
                yield statement


def _may_meet(one: str, other: str) -> bool:
    """Whether a name may begin with both."""
    return one.startswith(other) or other.startswith(one)
