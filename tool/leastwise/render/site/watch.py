"""The days that a page is about, which of them were looked at, and what was used on each."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from leastwise.model.evidence import Examined, calls_by_day
from leastwise.model.request import ResourceForm
from leastwise.reference.ephemeral import lasting_name
from leastwise.render.words import days_of
from leastwise.visibility import first_whole_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from leastwise.case import Case
    from leastwise.model.declared import Principal
    from leastwise.model.evidence import Observation
    from leastwise.model.request import AuthorizationRequest
    from leastwise.visibility import View

DAYS_SHOWN = 400
"""The last so many days of the window; a page says how many lie before them."""


@dataclass(frozen=True, slots=True)
class Watch:
    """The UTC days of the trial up to now, or of all evidence where there is no trial.

    ``at_work`` holds the days on which any call was recorded, ``observations`` those that bear on these
    days.  A day that is not in ``looked_at`` tells nothing, whether or not it has calls.
    """

    days: tuple[date, ...]
    looked_at: frozenset[date]
    at_work: frozenset[date]
    observations: tuple[Observation, ...]
    days_before: int = 0
    """Days of the window that lie before ``days``."""

    @property
    def used(self) -> frozenset[str]:
        """Every action that got past authorization, or was called where no more than that is told."""
        return frozenset(
            seen.key.request.action for seen in self.observations if seen.is_authorized or seen.is_attempt
        )

    @property
    def tells_days(self) -> bool:
        """Whether days at work are known: Access Analyzer sees calls and does not tell when."""
        return bool(self.at_work) or not self.observations

    @property
    def gaps(self) -> tuple[tuple[date, date], ...]:
        """Runs of days that were not looked at, both ends included."""
        return runs(day for day in self.days if day not in self.looked_at)


def watch_of(case: Case) -> Watch:
    """What the principal's sources looked at, and what they saw, day by day."""
    trial = case.principal.trial
    evidence = case.evidence.since(trial.opens) if trial else case.evidence
    today = case.now.date()
    looked_at = {day for view in case.views for day in _looked_at(case.principal, view) if day <= today}
    at_work = frozenset(days_of(evidence.observations))
    known = looked_at | at_work
    first = trial.opens if trial else min(known, default=today)
    last = max(today - timedelta(days=1), max(known, default=first))
    days = tuple(first + timedelta(days=number) for number in range((last - first).days + 1))
    shown = days[-DAYS_SHOWN:]
    return Watch(
        days=shown,
        looked_at=frozenset(looked_at & set(shown)),
        at_work=at_work & set(shown),
        observations=evidence.observations,
        days_before=len(days) - len(shown),
    )


def uses_by_day(watch: Watch, *, places: bool) -> dict[date, frozenset[str]]:
    """UTC day -> the actions that got past authorization on it; with ``places`` each with where."""
    uses: dict[date, set[str]] = defaultdict(set)
    shown = set(watch.days)
    for seen in watch.observations:
        if seen.is_authorized:
            request = seen.key.request
            used = f"{request.action} on {place_of(request)}" if places else request.action
            for day in shown & set(seen.tally.days):
                uses[day].add(used)
    return {day: frozenset(uses[day]) for day in sorted(uses)}


def place_of(request: AuthorizationRequest) -> str:
    """The resource without what no policy would name: keys below their bucket, names that services invent.

    Every new object would else be a new permission, and no trial ever long enough.
    """
    if request.form in (ResourceForm.NONE, ResourceForm.UNRECORDED):
        return request.resource
    lasting = lasting_name(request.resource)
    *head, name = (lasting or request.resource).split(":", 5)
    kept = 1 if "s3" in head[2:3] else 2
    names = name.split("/")
    return lasting or ":".join([*head, "/".join(names[:kept] + ["*"] * (len(names) > kept))])


def calls_by_service(watch: Watch) -> dict[str, Mapping[date, int]]:
    """Service -> UTC day -> calls of whatever outcome, the busiest service first."""
    grouped: dict[str, list[Observation]] = defaultdict(list)
    for seen in watch.observations:
        if seen.tally.days:
            grouped[seen.key.request.service].append(seen)
    counted = {service: calls_by_day(found) for service, found in grouped.items()}
    shown = set(watch.days)
    days = {
        service: {day: count for day, count in calls.items() if day in shown}
        for service, calls in counted.items()
    }
    return dict(sorted(days.items(), key=lambda item: (-sum(item[1].values()), item[0])))


def runs(days: Iterable[date]) -> tuple[tuple[date, date], ...]:
    """Days that follow each other as (first, last); ``days`` are in order."""
    found = []
    for _, group in groupby(enumerate(days), lambda item: item[1].toordinal() - item[0]):
        run = [day for _, day in group]
        found.append((run[0], run[-1]))
    return tuple(found)


def _looked_at(principal: Principal, view: View) -> frozenset[date]:
    """The days on which one source saw every account of the principal, as it logs now."""
    seen = view.coverage
    if seen.tells_actions_only:
        return seen.examined.get(principal.key, Examined()).days
    by_account = [
        {day for account, day in seen.delivered if account == wanted} for wanted in principal.accounts
    ]
    days = frozenset.intersection(*map(frozenset, by_account)) if by_account else frozenset()
    since = first_whole_day(seen.logging_since) if seen.logging_since else date.min
    return frozenset(day for day in days if day >= since)
