"""Could it have been seen?  Coverage, and the reasons why an action that was not seen is not thereby unused.

A grant is UNUSED only where a source could have shown its use: the call is of a kind that CloudTrail
records, the trail recorded that kind, in every region, on every day of at least ``WINDOW_DAYS`` days up to
now, while the principal was at work on at least ``ACTIVE_DAYS`` of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from leastwise.model.evidence import Examined
from leastwise.model.finding import Unseen
from leastwise.reference.calls import service_of
from leastwise.reference.loggable import logged
from leastwise.reference.policy_generation import tells

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from leastwise.model.declared import Principal
    from leastwise.model.evidence import Coverage, Evidence

WINDOW_DAYS = 90
ACTIVE_DAYS = 14
EXAMINED_WITHIN = timedelta(days=7)
"""How long ago the last day that Access Analyzer looked at may be: it keeps results so long, and its queue
may need as much; a shorter time would open and withdraw the same pull request in turns."""
DELIVERY_LAG = timedelta(days=1)
"""CloudTrail delivers within minutes as a rule, without a promise: today and yesterday prove nothing.
(https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html, 2026)"""


@dataclass(frozen=True, slots=True)
class Blind:
    """A reason why something could not be seen, with the detail a person needs to mend it."""

    reason: Unseen
    detail: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """What one source could see of one principal: ``blind`` holds for every action, if set."""

    coverage: Coverage
    blind: Blind | None
    unmapped: Mapping[str, str] = field(default_factory=dict)
    """Service -> one of its recorded calls that no permission is known for: it may be the use of any."""
    vague: frozenset[str] = frozenset()
    """Services that were used by actions which the source does not tell; ``*``: not even the service."""


def views_of(principal: Principal, evidence: Evidence, now: datetime) -> tuple[View, ...]:
    """One view for every source of the principal, in the order of the declaration."""
    return tuple(
        View(
            coverage,
            _blind_to_all(principal, evidence, coverage, now),
            unmapped_services(coverage),
            coverage.examined.get(principal.key, Examined()).vague,
        )
        for coverage in (evidence.coverage.get(name) for name in principal.sources)
        if coverage is not None
    )


def why_unseen(action: str, resources: Sequence[str], views: Iterable[View]) -> Blind | None:
    """Why ``action`` could be in use unseen; ``None`` where one source would have shown it.

    ``resources`` are the patterns on which it is granted: data events may be logged for some only.
    """
    blinds = []
    for view in views:
        blind = view.blind or _blind_to_action(action, resources, view)
        if blind is None:
            return None
        blinds.append(blind)
    return blinds[0] if blinds else Blind(Unseen.NO_SELECTORS, "no source was read")


def seen_since(coverage: Coverage, accounts: Iterable[str], now: datetime) -> date:
    """The first day of the unbroken run of days, up to now, on which *every* account delivered records.

    It begins with the first whole day after ``logging_since``.
    """
    newest = (now - DELIVERY_LAG).date()
    since = max((_run_start(coverage, account, newest) for account in accounts), default=newest)
    return max(since, first_whole_day(coverage.logging_since)) if coverage.logging_since else since


def _run_start(coverage: Coverage, account: str, newest: date) -> date:
    """The first day of the run that ends on ``newest``; the day after it where the run is empty."""
    day = newest
    while (account, day) in coverage.delivered:
        day -= timedelta(days=1)
    return day + timedelta(days=1)


def first_whole_day(moment: datetime) -> date:
    """The first UTC day that lies after a moment from beginning to end."""
    return (moment + timedelta(days=1) - timedelta(microseconds=1)).date()


def _blind_to_all(
    principal: Principal, evidence: Evidence, coverage: Coverage, now: datetime
) -> Blind | None:
    """The first reason that holds for every action of the principal, whatever it is."""
    of_records: tuple[Callable[[], Blind | None], ...] = (
        lambda: _blind_by_window(principal, coverage, now),
        lambda: _blind_by_activity(principal, evidence, coverage, now),
    )
    of_actions: tuple[Callable[[], Blind | None], ...] = (
        lambda: _blind_by_examination(principal, coverage, now),
        lambda: _blind_by_silence(principal, evidence, coverage),
    )
    checks: tuple[Callable[[], Blind | None], ...] = (
        lambda: _blind_by_trial(principal, now),
        lambda: _blind_by_selectors(coverage),
        lambda: _blind_by_regions(coverage),
        lambda: _blind_by_damage(coverage),
        *(of_actions if coverage.tells_actions_only else of_records),
    )
    return next((blind for blind in (check() for check in checks) if blind), None)


def _blind_by_trial(principal: Principal, now: datetime) -> Blind | None:
    trial = principal.trial
    if trial and trial.is_open(now.date()):
        return Blind(Unseen.TRIAL_OPEN, f"until {trial.closes}")
    return None


def _blind_by_selectors(coverage: Coverage) -> Blind | None:
    if coverage.selectors is not None:
        return None
    return Blind(
        Unseen.NO_SELECTORS,
        f"source {coverage.source}: save what 'aws cloudtrail get-event-selectors' prints, and name the file "
        "in 'selectors:'",
    )


def _blind_by_regions(coverage: Coverage) -> Blind | None:
    if coverage.all_regions:
        return None
    seen = ", ".join(sorted(coverage.regions)) or "no region"
    return Blind(
        Unseen.REGIONS_UNKNOWN,
        f"source {coverage.source} delivered records from {seen} only; say 'regions: all' if the trail is a "
        "multi-region trail",
    )


def _blind_by_damage(coverage: Coverage) -> Blind | None:
    # What was changed before logging began anew, in its present form, is bounded by that beginning already.
    since = coverage.logging_since.strftime("%Y-%m-%dT%H:%M:%SZ") if coverage.logging_since else ""
    tampering = [change for change in coverage.tampering if change.partition(" ")[0] > since]
    if tampering:
        return Blind(Unseen.TAMPERING, min(tampering))
    if coverage.unreadable_count:
        first = coverage.unreadable[0]
        return Blind(
            Unseen.UNREADABLE, f"{coverage.unreadable_count}, the first: {first.path} ({first.reason})"
        )
    return None


def _blind_by_window(principal: Principal, coverage: Coverage, now: datetime) -> Blind | None:
    days = sorted(day for account, day in coverage.delivered if account in principal.accounts)
    if not days:
        return Blind(Unseen.GAPS, f"no record of account {', '.join(principal.accounts)} was delivered")
    since = seen_since(coverage, principal.accounts, now)
    unbroken = (now.date() - since).days
    if unbroken >= WINDOW_DAYS:
        return None
    if coverage.logging_since and since == first_whole_day(coverage.logging_since):
        began = f"{coverage.logging_since:%Y-%m-%d %H:%M}Z"
        return Blind(
            Unseen.WINDOW_TOO_SHORT, f"{max(unbroken, 0)} days, for logging began or changed at {began}"
        )
    if days[0] < since:
        gap = since - timedelta(days=1)
        return Blind(Unseen.GAPS, f"no record at all on {gap}; {unbroken} unbroken days up to now")
    return Blind(Unseen.WINDOW_TOO_SHORT, f"{unbroken} days, from {since}")


def _blind_by_activity(
    principal: Principal, evidence: Evidence, coverage: Coverage, now: datetime
) -> Blind | None:
    since = seen_since(coverage, principal.accounts, now)
    active = {
        day
        for key, tally in evidence.tallies.items()
        if key.principal == principal.key and key.source == coverage.source
        for day in tally.days
        if day >= since
    }
    if len(active) >= ACTIVE_DAYS:
        return None
    return Blind(Unseen.TOO_LITTLE_ACTIVITY, f"on {len(active)} since {since}")


def _blind_by_examination(principal: Principal, coverage: Coverage, now: datetime) -> Blind | None:
    """Whether a source that looks at one principal at a time looked at this one, lately and long enough."""
    seen = coverage.examined.get(principal.key)
    if seen is None or not seen.days:
        return Blind(Unseen.NOT_EXAMINED, seen.words[0] if seen and seen.words else "")
    newest = max(seen.days)
    if newest < (now - DELIVERY_LAG - EXAMINED_WITHIN).date():
        return Blind(Unseen.NOT_EXAMINED, f"up to {newest} only")
    since = newest
    while since - timedelta(days=1) in seen.days:
        since -= timedelta(days=1)
    if coverage.logging_since:
        since = max(since, first_whole_day(coverage.logging_since))
    length = (newest - since).days + 1
    if length >= WINDOW_DAYS:
        return None
    return Blind(Unseen.WINDOW_TOO_SHORT, f"{max(length, 0)} days, from {since} to {newest}")


def _blind_by_silence(principal: Principal, evidence: Evidence, coverage: Coverage) -> Blind | None:
    """A principal of which nothing at all was seen may not have been at work; days are not told."""
    if any(key.principal == principal.key and key.source == coverage.source for key in evidence.tallies):
        return None
    return Blind(Unseen.TOO_LITTLE_ACTIVITY, "Access Analyzer saw no call at all")


def _blind_to_action(action: str, resources: Sequence[str], view: View) -> Blind | None:
    """Why this action could be in use unseen although the source saw everything else."""
    service = action.partition(":")[0]
    if view.unmapped.get(service):
        return Blind(Unseen.UNMAPPED, view.unmapped[service])
    if view.coverage.tells_actions_only and ({service, "*"} & view.vague or not tells(action)):
        return Blind(Unseen.EVIDENCE_HAS_NO_ACTIONS, f"source {view.coverage.source}: {service}")
    visibility = logged(action, resources, view.coverage.selectors)
    return visibility and Blind(*visibility)


def unmapped_services(coverage: Coverage) -> dict[str, str]:
    """Service -> one of its recorded calls that no permission is known for."""
    return {service_of(call.partition(":")[0]): call for call in sorted(coverage.unmapped, reverse=True)}
