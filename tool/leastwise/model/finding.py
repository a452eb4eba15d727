"""What comparing a policy with evidence says, grant by grant (semantics: ``docs/decisions``)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leastwise.model.evidence import Observation
    from leastwise.model.request import AuthorizationRequest


class Verdict(Enum):
    """The classes of finding."""

    USED = "used"
    UNUSED = "unused"
    """Looked at in full, and never used."""
    BROADER_THAN_USED = "broader than used"
    UNKNOWN = "unknown"
    """Neither used nor unused: it could not be seen.  Never a ground for removal."""
    KEPT = "kept"
    """A ``keep:`` entry protects it."""
    MISSING = "missing"
    """Denied because no identity-based policy allows it."""
    UNEXPLAINED_ALLOW = "unexplained allow"
    """It succeeded, and the committed policy does not allow it."""
    CONTRADICTION = "contradiction"
    """It succeeded, and the committed policy denies it."""


class Unseen(Enum):
    """Why a grant that was not used is UNKNOWN and not UNUSED."""

    NO_SELECTORS = "the source does not say what it logs (no event selectors)"
    NOT_EXAMINED = "Access Analyzer has not looked at this principal, or too long ago"
    NOT_LOGGED = "calls of this kind were not logged"
    NEVER_LOGGED = "CloudTrail never records this permission"
    LOGGABILITY_UNKNOWN = "it is not known whether CloudTrail records this permission"
    REGIONS_UNKNOWN = "it is not known whether every region was logged"
    GAPS = "days without a single record lie in the window"
    TAMPERING = "logging was stopped or changed inside the window"
    UNREADABLE = "some log files could not be read"
    WINDOW_TOO_SHORT = "the window is shorter than 90 days"
    TOO_LITTLE_ACTIVITY = "the principal was active on fewer than 14 days"
    STATEMENT_TOO_YOUNG = "the statement changed inside the window"
    TRIAL_OPEN = "the trial is still open"
    OPAQUE = "the statement has parts that are never rewritten"
    TOUCHED = "it was asked for, and refused or failed for another reason"
    CALIBRATION = "recorded calls of this service do not agree with the committed policy"
    UNRECORDED_RESOURCE = "records do not say which resource was used"
    EVIDENCE_HAS_NO_ACTIONS = "Access Analyzer does not tell every action of this service"
    UNMAPPED = "recorded calls of this service could not be tied to a permission"


@dataclass(frozen=True, order=True, slots=True)
class StatementRef:
    """A statement of a committed policy: the file (below ``policies/``) and its index there."""

    path: str
    index: int
    sid: str = ""

    def __str__(self) -> str:
        """``path Statement[index] (Sid)``."""
        return f"{self.path} Statement[{self.index}]" + (f" ({self.sid})" if self.sid else "")


@dataclass(frozen=True, slots=True)
class GrantAtom:
    """One action pattern of one Allow statement, with the concrete actions it means today."""

    statement: StatementRef
    pattern: str
    """The ``Action`` entry as written, such as ``s3:*``."""
    action: str
    """One action it expands to, in AWS's spelling."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One grant (or one request outside every grant), its verdict and what supports it."""

    verdict: Verdict
    atom: GrantAtom | None = None
    request: AuthorizationRequest | None = None
    reason: Unseen | None = None
    """Set for UNKNOWN."""
    detail: str = ""
    """Words for a person: the region, the day, the keep entry's ``why`` ..."""
    observations: tuple[Observation, ...] = field(default=())
    needed: tuple[str, ...] = ()
    """For BROADER_THAN_USED: the resource patterns that would do, each inside one of the statement's."""


DENIED_DAYS = 3
DENIED_SESSIONS = 2
"""A missing grant must have been refused on this many days, and in this many role sessions."""


class NotProposed(Enum):
    """Why a denied call is shown and not proposed as an addition, or its grant not restored."""

    OTHER_POLICY = "another kind of policy refused it"
    UNQUALIFIED = "AWS's message does not say which policy refused it"
    ALREADY_ALLOWED = "the committed policy allows it: it is not live, or something else denies it"
    UNDECIDED = "whether the committed policy allows it depends on conditions the record does not show"
    SENSITIVE = "the action is sensitive: a person must add it"
    NEVER = "the declaration says never"
    DECLINED = "a reviewer closed the proposal to add it"
    PROBING = "refused in a burst of many different actions"
    TOO_FEW_DAYS = f"refused on fewer than {DENIED_DAYS} days"
    TOO_FEW_SESSIONS = f"refused in fewer than {DENIED_SESSIONS} sessions"
    NO_RESOURCE = "the record does not say on which resource"
    UNKNOWN_ACTION = "the action is not known to exist"
    RESTORED = "an apply took the grant away: it is proposed to be restored"
    OPAQUE = "the statement that allowed it has parts that are never rewritten"


@dataclass(frozen=True, slots=True)
class Denied:
    """One request that was denied; ``why_not`` is ``None`` where it shows a missing grant."""

    request: AuthorizationRequest
    observations: tuple[Observation, ...]
    why_not: NotProposed | None
    detail: str = ""
