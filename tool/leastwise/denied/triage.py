"""Denied calls: which of them show a missing grant, and which only show that somebody tried.

Only AWS's own words decide: an addition is thought of where the message says that *no identity-based policy*
allows the call.  What organizations, boundaries, resource policies or an explicit Deny refuse is no business
of the principal's policy, and an attacker who is refused on purpose must not be rewarded with a grant.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from leastwise.grants import is_resource, literal_pattern, names
from leastwise.iam.evaluate import Decision
from leastwise.model.event import Outcome
from leastwise.model.evidence import DenialReason
from leastwise.model.finding import DENIED_DAYS, DENIED_SESSIONS, Denied, NotProposed
from leastwise.model.proposal import ChangeKind, grant_text
from leastwise.model.request import ResourceForm
from leastwise.reference.actions import exists
from leastwise.reference.risk import is_sensitive

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping

    from leastwise.case import Case
    from leastwise.model.evidence import Observation
    from leastwise.model.request import AuthorizationRequest

PROBING_ACTIONS = 20
"""This many different actions denied to one principal within one hour are a search, not work."""


def triage(
    case: Case,
    decide: Callable[[AuthorizationRequest], Decision],
    restored: Container[AuthorizationRequest] = (),
) -> tuple[Denied, ...]:
    """Every denied request with the reason for which it is not proposed, if there is one; stable order.

    ``decide`` says what the committed policies say to a request.  Those in ``restored`` are answered already,
    by giving back what an apply took away.
    """
    observations = case.evidence.observations
    denied = [observation for observation in observations if observation.key.outcome is Outcome.DENIED]
    bursts = bursts_of(denied)
    grouped: dict[AuthorizationRequest, list[Observation]] = defaultdict(list)
    for observation in denied:
        grouped[observation.key.request].append(observation)
    return tuple(
        Denied(request, tuple(group), NotProposed.RESTORED)
        if request in restored
        else Denied(request, tuple(group), *_why_not(case, request, group, bursts, decide))
        for request, group in sorted(grouped.items(), key=lambda item: item[0].sort_key)
    )


def bursts_of(denied: Iterable[Observation]) -> Mapping[str, int]:
    """UTC hour -> number of different actions denied in it, for the hours of probing only."""
    actions: dict[str, set[str]] = defaultdict(set)
    for observation in denied:
        for hour in observation.tally.hours:
            actions[hour].add(observation.key.request.action)
    return {hour: len(tried) for hour, tried in actions.items() if len(tried) >= PROBING_ACTIONS}


def _why_not(
    case: Case,
    request: AuthorizationRequest,
    group: list[Observation],
    bursts: Mapping[str, int],
    decide: Callable[[AuthorizationRequest], Decision],
) -> tuple[NotProposed | None, str]:
    blamed = [found for found in group if found.key.denial is DenialReason.NO_IDENTITY_POLICY]
    checks: tuple[Callable[[], tuple[NotProposed, str] | None], ...] = (
        lambda: _by_words(group),
        lambda: _by_declaration(case, request),
        lambda: _by_resource(request),
        lambda: _by_policy(decide(request)),
        lambda: _by_support(blamed, bursts),
    )
    return next((found for found in (check() for check in checks) if found), (None, ""))


def _by_words(group: list[Observation]) -> tuple[NotProposed, str] | None:
    reasons = {observation.key.denial for observation in group}
    if DenialReason.NO_IDENTITY_POLICY in reasons:
        return None
    if reasons <= {DenialReason.UNQUALIFIED, None}:
        return NotProposed.UNQUALIFIED, ""
    named = sorted(reason.value for reason in reasons if reason and reason is not DenialReason.UNQUALIFIED)
    return NotProposed.OTHER_POLICY, ", ".join(named)


def _by_declaration(case: Case, request: AuthorizationRequest) -> tuple[NotProposed, str] | None:
    if not exists(request.action):
        return NotProposed.UNKNOWN_ACTION, request.action
    for pattern in case.principal.never:
        if names(pattern, request.action):
            return NotProposed.NEVER, pattern
    if grant_text(ChangeKind.ADDED, request.action, (literal_pattern(request),)) in case.declined:
        return NotProposed.DECLINED, ""
    reason = is_sensitive(request.action)
    return (NotProposed.SENSITIVE, reason) if reason else None


def _by_resource(request: AuthorizationRequest) -> tuple[NotProposed, str] | None:
    literal = request.form in (ResourceForm.LITERAL, ResourceForm.NONE)
    named = literal and is_resource(literal_pattern(request))
    return None if named else (NotProposed.NO_RESOURCE, "")


def _by_policy(decision: Decision) -> tuple[NotProposed, str] | None:
    if decision is Decision.NONE:
        return None
    if decision is Decision.UNKNOWN:
        return NotProposed.UNDECIDED, ""
    return NotProposed.ALREADY_ALLOWED, ""


def _by_support(group: list[Observation], bursts: Mapping[str, int]) -> tuple[NotProposed, str] | None:
    """Whether there were enough days and sessions, bursts of probing left aside.

    Only the first hours are kept of a call that is refused for weeks: its later days count too, unless the
    hours that are known show probing.
    """
    hours = {hour for observation in group for hour in observation.tally.hours}
    probing = hours & bursts.keys()
    quiet_days = {hour[:10] for hour in hours - probing}
    if not probing:
        quiet_days |= {day.isoformat() for observation in group for day in observation.tally.days}
    if probing and not quiet_days:
        busiest = max(probing, key=lambda hour: (bursts[hour], hour))
        return NotProposed.PROBING, f"{bursts[busiest]} different actions in the hour of {busiest}"
    if len(quiet_days) < DENIED_DAYS:
        return NotProposed.TOO_FEW_DAYS, f"{len(quiet_days)}"
    sessions = {session for observation in group for session in observation.tally.sessions}
    if 0 < len(sessions) < DENIED_SESSIONS:
        return NotProposed.TOO_FEW_SESSIONS, f"{len(sessions)}"
    return None
