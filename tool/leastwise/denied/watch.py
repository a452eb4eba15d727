"""Denied calls after an apply that the policies before it allowed: which grant was lost, and by which apply.

One denied call is enough here, where an addition needs three days of them: that the principal may do this
was decided before, and it was an apply of ours that took it away on the ground that nobody does it.  The
call refutes that ground.  Why no more than the lost grant comes back is said in ``docs/decisions``.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from leastwise.denied.restored import patterns_of, smallest_of
from leastwise.denied.triage import bursts_of
from leastwise.drift.matching import as_held, inline_path
from leastwise.grants import grants_of, is_resource, literal_pattern, names
from leastwise.holdings import Holdings
from leastwise.iam.evaluate import Decision
from leastwise.iam.includes import covers
from leastwise.iam.statement import PolicyDocument
from leastwise.model.applied import Losses, LostGrant
from leastwise.model.declared import PrincipalKind
from leastwise.model.event import Outcome
from leastwise.model.evidence import DenialReason, Observation
from leastwise.model.finding import Denied, NotProposed
from leastwise.model.policies import PolicyKind
from leastwise.model.proposal import ChangeKind, grant_text
from leastwise.model.request import ResourceForm
from leastwise.reference.actions import exists

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from leastwise.case import Case
    from leastwise.grants import Granted
    from leastwise.model.applied import Applied, PastApply
    from leastwise.model.finding import StatementRef
    from leastwise.model.policies import PolicyFile
    from leastwise.model.request import AuthorizationRequest

EXPLICIT = "an explicit Deny of the committed policies"


def losses(case: Case) -> Losses:
    """What the principal was denied since something was applied, and held before; stable order."""
    steps = _steps(case)
    if not steps:
        return Losses()
    refused = [seen for seen in case.evidence.observations if seen.key.outcome is Outcome.DENIED]
    grouped: dict[AuthorizationRequest, list[Observation]] = defaultdict(list)
    for seen in refused:
        grouped[seen.key.request].append(seen)
    judge = _Judge(case, Holdings.of(_documents(case)), bursts_of(refused))
    found = [
        lost
        for request, group in sorted(grouped.items(), key=lambda item: item[0].sort_key)
        if (lost := _lost(request, group, steps, judge))
    ]
    return _gathered(case, found)


class _Step(NamedTuple):
    """One apply: what the principal held before and after it."""

    applied: Applied
    files: tuple[PolicyFile, ...]
    before: Holdings
    after: Holdings


class _Lost(NamedTuple):
    """A denied call, and the statement that allowed it before the apply."""

    denied: Denied
    step: _Step
    granted: Granted


def _steps(case: Case) -> list[_Step]:
    """The applies, newest first.  What no apply of the journal changed is taken to be live as committed."""
    applies = case.applies or ()
    live: dict[str, PolicyFile | None] = {file.path: file for file in _as_applied(case)}
    for past in applies:
        live.update(past.after)
    steps = []
    for past in reversed(applies):
        after = dict(live)
        live.update(past.before)
        steps.append(_step(past, case, live, after))
    return steps


def _as_applied(case: Case) -> tuple[PolicyFile, ...]:
    """The committed policies under the paths of the journal: a permission set holds one, of all its files."""
    held = as_held(case.principal, case.own)
    if case.principal.kind is not PrincipalKind.PERMISSION_SET:
        return held
    return tuple(replace(file, path=inline_path(case.principal)) for file in held)


def _step(
    past: PastApply,
    case: Case,
    before: Mapping[str, PolicyFile | None],
    after: Mapping[str, PolicyFile | None],
) -> _Step:
    files = tuple(file for _, file in sorted(before.items()) if file)
    left = tuple(file for file in after.values() if file)
    held, holds = (Holdings.of(file.document for file in (*some, *case.elsewhere)) for some in (files, left))
    return _Step(past.applied, files, held, holds)


def _documents(case: Case) -> Iterator[PolicyDocument]:
    yield from (file.document for file in (*case.own, *case.elsewhere))


def _lost(
    request: AuthorizationRequest, group: Sequence[Observation], steps: Sequence[_Step], judge: _Judge
) -> _Lost | None:
    """The newest apply after which the call was denied that took its grant away; ``None``: none did."""
    for step in steps:
        later = tuple(filter(None, (_after(seen, step.applied.when) for seen in group)))
        if not later or step.after.decide(request) is not Decision.NONE:
            continue
        held = step.before.decide(request)
        granted = _granting(step.files, request) if held in (Decision.ALLOW, Decision.UNKNOWN) else None
        if granted:
            why_not, detail = judge.why_not(request, later, held, granted)
            return _Lost(Denied(request, later, why_not, detail), step, granted)
    return None


def _granting(files: Iterable[PolicyFile], request: AuthorizationRequest) -> Granted | None:
    """The statement that allowed the call: one that surely did and can be written again, if there is one."""
    versions = {file.path: file.document.version for file in files}
    ranked = []
    for place, granted in enumerate(grants_of(files)):
        alone = PolicyDocument((granted.statement,), versions[granted.ref.path])
        decision = Holdings.of([alone]).decide(request)
        if decision in (Decision.ALLOW, Decision.UNKNOWN):
            ranked.append((decision is not Decision.ALLOW, bool(granted.opaque), place, granted))
    return min(ranked, key=lambda each: each[:3])[3] if ranked else None


@dataclass(frozen=True, slots=True)
class _Judge:
    """What speaks against restoring what a denied call asked for."""

    case: Case
    held: Holdings
    bursts: Mapping[str, int]

    def why_not(
        self, request: AuthorizationRequest, later: Sequence[Observation], before: Decision, granted: Granted
    ) -> tuple[NotProposed | None, str]:
        """The first reason, if there is one, with its words."""
        checks: tuple[Callable[[], tuple[NotProposed, str] | None], ...] = (
            lambda: _by_words(later),
            lambda: self._by_policy(request, before),
            lambda: self._by_statement(granted),
            lambda: self._by_declaration(request, granted),
            lambda: self._by_burst(later),
        )
        return next((found for found in (check() for check in checks) if found), (None, ""))

    def _by_policy(self, request: AuthorizationRequest, before: Decision) -> tuple[NotProposed, str] | None:
        now = self.held.decide(request)
        if now is Decision.ALLOW:
            return NotProposed.ALREADY_ALLOWED, ""
        if now is Decision.DENY:
            return NotProposed.OTHER_POLICY, EXPLICIT
        if Decision.UNKNOWN in (now, before):
            return NotProposed.UNDECIDED, ""
        return None

    def _by_statement(self, granted: Granted) -> tuple[NotProposed, str] | None:
        """A statement of its own must be one that can be written again; others are not written anyway."""
        return (NotProposed.OPAQUE, granted.opaque) if granted.opaque and is_own(self.case, granted) else None

    def _by_declaration(
        self, request: AuthorizationRequest, granted: Granted
    ) -> tuple[NotProposed, str] | None:
        if not exists(request.action):
            return NotProposed.UNKNOWN_ACTION, request.action
        never = next(
            (pattern for pattern in self.case.principal.never if names(pattern, request.action)), None
        )
        if never:
            return NotProposed.NEVER, never
        return None if self._is_named(request, granted) else (NotProposed.NO_RESOURCE, "")

    def _is_named(self, request: AuthorizationRequest, granted: Granted) -> bool:
        """Whether the record says enough of the resource; of an action that is gone it need say nothing."""
        if request.form is ResourceForm.UNRECORDED:
            return is_own(self.case, granted) and not self.held.grants_somewhere(request.action)
        return is_resource(literal_pattern(request)) or request.form is ResourceForm.ROLLED_UP

    def _by_burst(self, later: Sequence[Observation]) -> tuple[NotProposed, str] | None:
        """Whether every hour that is known of these calls was one of probing."""
        hours = {hour for seen in later for hour in seen.tally.hours}
        if not hours or hours - self.bursts.keys():
            return None
        busiest = max(hours, key=lambda hour: (self.bursts[hour], hour))
        return NotProposed.PROBING, f"{self.bursts[busiest]} different actions in the hour of {busiest}"


def _by_words(later: Sequence[Observation]) -> tuple[NotProposed, str] | None:
    """Whether AWS names another kind of policy; where it names none, it may be the identity policy."""
    reasons = {seen.key.denial for seen in later}
    if DenialReason.NO_IDENTITY_POLICY in reasons or reasons <= {DenialReason.UNQUALIFIED, None}:
        return None
    named = sorted(reason.value for reason in reasons if reason and reason is not DenialReason.UNQUALIFIED)
    return NotProposed.OTHER_POLICY, ", ".join(named)


def _gathered(case: Case, found: Sequence[_Lost]) -> Losses:
    """Calls of one action under one statement together: they are one grant."""
    groups: dict[tuple[Applied, StatementRef, str], list[_Lost]] = defaultdict(list)
    others = [lost.denied for lost in found if lost.denied.why_not]
    for lost in found:
        if not lost.denied.why_not:
            groups[lost.step.applied, lost.granted.ref, lost.denied.request.action].append(lost)
    grants = []
    for group in groups.values():
        grant = _grant(case, group)
        if isinstance(grant, LostGrant):
            grants.append(grant)
        else:
            others += [replace(lost.denied, why_not=grant[0], detail=grant[1]) for lost in group]
    return Losses(tuple(grants), tuple(sorted(others, key=lambda each: each.request.sort_key)))


def _grant(case: Case, group: Sequence[_Lost]) -> LostGrant | tuple[NotProposed, str]:
    """The grant that these calls lost, or why it is not restored."""
    step, granted = group[0].step, group[0].granted
    calls = tuple(lost.denied for lost in group)
    action, path = calls[0].request.action, _target(case, granted)
    refused = [seen for call in calls for seen in call.observations]
    if path is None:
        return NotProposed.OPAQUE, "no policy is committed that could take the grant"
    if is_own(case, granted):
        wanted = patterns_of(case.own, granted, action, refused)
    else:
        wanted = smallest_of(action, refused, lambda pattern: _held(step, action, pattern))
    if wanted.patterns is None:
        return NotProposed.SENSITIVE, wanted.why_not
    if grant_text(ChangeKind.RESTORED, action, wanted.patterns) in case.declined:
        return NotProposed.DECLINED, ""
    return LostGrant(
        step.applied, step.files, path, granted.ref, granted.statement, action, wanted.patterns, calls
    )


def is_own(case: Case, granted: Granted) -> bool:
    """Whether a statement stood in a policy of the principal's own, and not in a shared one or AWS's."""
    return granted.ref.path.startswith(f"{case.principal.folder}/")


def _target(case: Case, granted: Granted) -> str | None:
    """The file that the grant comes back to: the one it was in, or else the first that takes additions."""
    if is_own(case, granted):
        return _file_of(case, granted)
    managed = [file for file in case.own if file.kind is PolicyKind.MANAGED]
    return next((file.path for file in managed or case.own), None)


def _file_of(case: Case, granted: Granted) -> str:
    """The file that a statement of its own stood in, as far as the files of today tell.

    Of a permission set with several files the journal knows their union: a statement that lost some of its
    actions still stands in its file, under its Sid, or else on the same resources.
    """
    if case.principal.kind is not PrincipalKind.PERMISSION_SET or not case.own:
        return granted.ref.path
    likeness = {file.path: _likeness(file, granted) for file in case.own}
    return max(case.own, key=lambda file: likeness[file.path]).path


def _likeness(file: PolicyFile, granted: Granted) -> tuple[bool, bool, int]:
    """How much a file looks like the one that held a statement."""
    lost = granted.statement
    alike = [each for each in grants_of([file]) if each.statement.conditions == lost.conditions]
    return (
        any(each.ref.sid and each.ref.sid == lost.sid for each in alike),
        any({*each.statement.resources} == {*lost.resources} for each in alike),
        sum(len({*each.statement.actions} & {*lost.actions}) for each in alike),
    )


def _held(step: _Step, action: str, pattern: str) -> bool:
    """Whether every resource of a pattern was granted before the apply."""
    return covers(step.before.evaluator, action, pattern) is Decision.ALLOW


def _after(seen: Observation, when: datetime) -> Observation | None:
    """What of an observation came after a moment; ``None``: nothing did.

    Days are counted, not moments: the day of the apply itself counts as the hours after it in which calls
    are known to have been denied, and as one where only the last call is known to be later.
    """
    tally, moment = seen.tally, f"{when:%Y-%m-%dT%H:%M:%SZ}"
    if tally.first >= moment:
        return seen
    if tally.last < moment:
        return None
    hours = frozenset(hour for hour in tally.hours if hour > moment[:13])
    days = {day: count for day, count in tally.days.items() if day > when.date()}
    on_the_day = _calls_on(when.date(), hours, tally.last, days)
    if on_the_day:
        days = {when.date(): on_the_day, **days}
    if not days:
        return None
    return Observation(seen.key, replace(tally, days=days, first=max(tally.first, moment), hours=hours))


def _calls_on(day: date, hours: Iterable[str], last: str, later: Mapping[date, int]) -> int:
    known = sum(hour.startswith(day.isoformat()) for hour in hours)
    return known or int(not later and last.startswith(day.isoformat()))
