"""What a principal holds: all its policies as one, asked what it says to a request that was recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.grants import concerns, may_overlap
from leastwise.iam.evaluate import Decision, Evaluator, prepare
from leastwise.iam.includes import covers
from leastwise.iam.request import Request
from leastwise.iam.statement import Effect
from leastwise.model.request import ResourceForm

if TYPE_CHECKING:
    from collections.abc import Iterable

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
        decision = covers(self.documents, request.action, request.resource, context)
        return decision if decision is Decision.ALLOW else Decision.UNKNOWN

    def _could_allow(self, request: AuthorizationRequest) -> bool:
        """Whether an Allow statement may take in one of the resources that the request stands for."""
        return any(
            statement.effect is Effect.ALLOW
            and concerns(statement, request.action)
            and (
                not statement.resources
                or any(may_overlap(resource, request.resource) for resource in statement.resources)
            )
            for document in self.documents
            for statement in document.statements
        )

    def grants_somewhere(self, action: str) -> bool:
        """Whether any Allow statement names the action; resources, conditions and Deny are left aside."""
        return any(
            statement.effect is Effect.ALLOW and concerns(statement, action)
            for document in self.documents
            for statement in document.statements
        )
