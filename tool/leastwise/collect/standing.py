"""Whether a record can be evidence for an enrolled principal, and if not, why not.

Sources (read 2026-11-23): identity types,
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html;
event types, .../cloudtrail-event-reference-record-contents.html (``eventType``); the two copies of a
cross-account call, .../cloudtrail-event-reference-record-contents.html (``sharedEventID``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from leastwise.collect.decode import NOBODY, actor, session_name
from leastwise.collect.roster import OTHER_RESIDENTS, RESIDENTS_TOLD, account_of, admits, has_filter

if TYPE_CHECKING:
    from leastwise.collect.decode import Record, UserIdentity
    from leastwise.collect.roster import Roster
    from leastwise.model.declared import Principal

_CALLS = frozenset({None, "", "AwsApiCall"})
"""Records before version 1.02 have no ``eventType``, and are all of calls."""
_KNOWN_TYPES = frozenset(
    {
        "AwsServiceEvent",
        "AwsConsoleAction",
        "AwsConsoleSignIn",
        "AwsVpceEvents",
        "AwsVpceEvent",
        "AwsCloudTrailInsight",
    }
)
_AUTHORIZED_CATEGORIES = frozenset({None, "", "Management", "Data"})
"""Network activity repeats an API call as the owner of a VPC endpoint saw it; insights are statistics."""

_WITHOUT_ARN = {
    "Root": "root",
    "AWSService": "AWS service",
    "AWSAccount": "another account's identity, without an ARN",
    "IdentityCenterUser": "Identity Center user, without a role",
    "SAMLUser": "federated user, without a role",
    "WebIdentityUser": "federated user, without a role",
    "Directory": "directory user, without a role",
}
"""Identity types that carry no ARN of a user or role, in words."""

CLOUDTRAIL = "cloudtrail.amazonaws.com"
OF_STORES = frozenset({"StopEventDataStoreIngestion", "DeleteEventDataStore", "UpdateEventDataStore"})
TAMPERING = OF_STORES | {"StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors"}
"""Calls of CloudTrail after which an event data store or a trail may log less than before
(https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Operations.html, read 2026-11-26)."""
_REMEMBERED = 1 << 16
_SESSION, _OTHER_SESSIONS = " session ", " other sessions"
SESSIONS_TOLD = 1_000
"""Sessions that one process tells apart: functions and machines make a new one each time they start."""


@dataclass(frozen=True, slots=True)
class _Enrolled:
    """An identity that belongs to enrolled principals; ``keys`` is ``None`` where its session decides."""

    account: str
    principals: tuple[Principal, ...]
    keys: tuple[str, ...] | None


class Standing:
    """Sorts records.  Remembers identities, so that records of the many who are not enrolled are cheap."""

    def __init__(self, roster: Roster) -> None:
        """``roster`` says who is enrolled."""
        self._roster = roster
        self._known: dict[tuple[str | None, str | None, str], str | _Enrolled] = {}
        self._sessions: set[str] = set()
        self._residents: set[str] = set()

    def of(self, record: Record) -> str | tuple[str, ...]:
        """The keys of the principals that the record counts for, or the reason why it counts for nobody."""
        identity = record.user_identity or NOBODY
        who = actor(identity)
        known = self._known.get((record.event_type, identity.type, who)) or self._first_look(record, who)
        if isinstance(known, str):
            return known
        if record.event_category not in _AUTHORIZED_CATEGORIES:
            return "no API call (network activity or insight)"
        if record.recipient_account_id not in (None, known.account):
            return "another account's copy of a call"
        return known.keys or self._admitted(known.principals, identity) or "session not enrolled"

    def _first_look(self, record: Record, who: str) -> str | _Enrolled:
        identity = record.user_identity or NOBODY
        if record.event_type not in _CALLS:
            kind = record.event_type if record.event_type in _KNOWN_TYPES else "unknown type"
            return f"no API call ({kind})"
        if not who:
            return _without_arn(identity)
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        known = self._known[record.event_type, identity.type, who] = self._holder(identity, who)
        return known

    def _holder(self, identity: UserIdentity, who: str) -> str | _Enrolled:
        """Whose the permissions behind an ARN are."""
        account = account_of(who)
        candidates = (*self._roster.candidates(who), *self._resident(who))
        if who.endswith(":root") and not candidates:
            return _WITHOUT_ARN["Root"]
        if candidates:
            keys = tuple(dict.fromkeys(principal.key for principal in candidates))
            by_session = self._roster.by_session or any(map(has_filter, candidates))
            return _Enrolled(account, candidates, None if by_session else keys)
        if ":iam:" in who:
            return "principal not enrolled" if account in self._roster.accounts else "account not enrolled"
        return _without_arn(identity)

    def _resident(self, who: str) -> tuple[Principal, ...]:
        """An identity of a whole account; one and the same for all that come after ``RESIDENTS_TOLD``."""
        resident = self._roster.resident(who)
        if resident is None:
            return ()
        if len(self._residents) < RESIDENTS_TOLD:
            self._residents.add(who)
        if who in self._residents:
            return (resident,)
        (account,) = resident.accounts
        return (replace(resident, arn=f"{OTHER_RESIDENTS} {account}", name="others"),)

    def _admitted(self, principals: tuple[Principal, ...], identity: UserIdentity) -> tuple[str, ...]:
        """The keys of the principals whose session filters let the identity's session count."""
        session = identity.session_context
        name, source = session_name(identity), (session.source_identity if session else None) or ""
        keys = dict.fromkeys(principal.key for principal in principals if admits(principal, name, source))
        if not self._roster.by_session:
            return tuple(keys)
        return tuple(self._told_apart(key, name, source) for key in keys)

    def _told_apart(self, key: str, name: str, source_identity: str) -> str:
        """A key of its own for a session; the same one for all that come after ``SESSIONS_TOLD``."""
        by = f" set by {source_identity}" if source_identity else ""
        session = f"{key}{_SESSION}{name or '(none)'}{by}"
        if len(self._sessions) < SESSIONS_TOLD:
            self._sessions.add(session)
        return session if session in self._sessions else f"{key}{_OTHER_SESSIONS}"


def parted(key: str) -> tuple[str, str]:
    """The principal's key and the session's name, of a key that tells sessions apart; no session: empty."""
    if key.endswith(_OTHER_SESSIONS):
        return key.removesuffix(_OTHER_SESSIONS), "(others)"
    whole, _, session = key.partition(_SESSION)
    return whole, session


def _without_arn(identity: UserIdentity) -> str:
    if identity.type is None and identity.invoked_by:
        return _WITHOUT_ARN["AWSService"]
    return _WITHOUT_ARN.get(identity.type or "", "no identity recorded")


def is_tampering(record: Record) -> bool:
    """Whether the record is a call, not refused, that may have changed what a trail or a store logs."""
    return record.event_source == CLOUDTRAIL and record.event_name in TAMPERING and not record.error_code
