"""What an event means for authorization: the value ``reference`` gives for each event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leastwise.model.event import Outcome
    from leastwise.model.evidence import DenialReason
    from leastwise.model.request import AuthorizationRequest


@dataclass(frozen=True, slots=True)
class Denial:
    """What AWS's own error message says was refused; empty text where the message does not say."""

    action: str
    resource: str
    reason: DenialReason


@dataclass(frozen=True, slots=True)
class Interpretation:
    """The requests an event stands for, or the reason why there are none.

    ``unmapped`` is ``None`` when the event is understood, else the reason in words.  A call that is known to
    need no permission (``sts:GetCallerIdentity``) has no requests and is not unmapped.
    ``proves_authorization`` is true where the call got past authorization: it succeeded, or it failed with a
    code that AWS gives only after the check (``NoSuchKey``, ``DryRunOperation``).
    Where AWS's message names the refused request, ``requests`` holds AWS's words; ``mapped`` the actions
    that our own mapping gave for the call.
    """

    outcome: Outcome
    requests: tuple[AuthorizationRequest, ...] = ()
    unmapped: str | None = None
    denial: Denial | None = None
    proves_authorization: bool = False
    mapped: frozenset[str] = frozenset()

    @property
    def disagrees(self) -> bool:
        """Whether AWS's message names an action that our mapping does not have: a defect of ours."""
        named = self.denial.action.lower() if self.denial else ""
        return bool(named) and named not in {action.lower() for action in self.mapped}
