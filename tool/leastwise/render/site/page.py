"""All that the page of one principal shows, and its row in the index."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from leastwise.model.declared import PrincipalKind
from leastwise.model.finding import Unseen as WhyUnseen
from leastwise.model.finding import Verdict
from leastwise.render.site import coverage, people
from leastwise.render.site.granted import granted, use_of, used
from leastwise.render.site.proposed import proposed, refused
from leastwise.render.site.told import summary
from leastwise.render.site.watch import calls_by_service, uses_by_day, watch_of
from leastwise.saturation import first_uses, growth, saturation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from leastwise.assess import Assessment
    from leastwise.model.declared import Principal
    from leastwise.model.evidence import Evidence, Observation
    from leastwise.model.finding import Denied, Finding
    from leastwise.render.site.granted import Granted, Use
    from leastwise.render.site.people import Sessions
    from leastwise.render.site.proposed import Proposed, Refused
    from leastwise.render.site.told import Summary
    from leastwise.render.site.watch import Watch
    from leastwise.saturation import Saturation

HEAT_DAYS = 130
"""Columns of the heat map: the last of the window."""
HEAT_ROWS = 24
STEPS_SHOWN = 40
LINES_SHOWN = 40
_UNSAFE = re.compile(r"[^A-Za-z0-9]+")
_DIGEST = 10


@dataclass(frozen=True, slots=True)
class Curve:
    """Distinct permissions of one kind over days."""

    saturation: Saturation
    steps: tuple[tuple[date, int], ...]


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days or what the window has of them; ``looked`` of its ``days`` were looked at."""

    first: date
    days: int
    looked: int


@dataclass(frozen=True, slots=True)
class Heat:
    """Calls by service: ``rows`` by day for the drawing, ``weekly`` by week for the table."""

    watch: Watch
    rows: Mapping[str, Mapping[date, int]]
    weeks: tuple[Week, ...]
    weekly: tuple[tuple[str, tuple[int, ...], int], ...]
    """(service, calls of each week, all its calls)."""
    services_cut: int
    days_cut: int
    not_logged: tuple[str, ...]
    """Granted services of which some calls are not logged at all: their rows say less than they seem to."""


@dataclass(frozen=True, slots=True)
class Refusals:
    """Calls that were refused or that no policy explains, for one reason."""

    why: str
    actions: tuple[str, ...]
    cut: int
    use: Use | None


@dataclass(frozen=True, slots=True)
class PrincipalPage:
    """One principal."""

    principal: Principal
    kind: str
    file: str
    now: date
    watch: Watch
    summary: Summary
    actions: Curve
    places: Curve
    new: tuple[tuple[date, tuple[str, ...]], ...]
    """The latest days on which an action was used for the first time, and which."""
    heat: Heat
    granted: Granted
    sources: tuple[tuple[str, coverage.Facts], ...]
    disagreements: tuple[str, ...]
    sessions: Sessions
    proposals: tuple[Proposed, ...]
    refusals: tuple[Refused, ...]
    denied: tuple[Refusals, ...]
    denied_cut: int
    """Reasons for refusals that did not fit."""
    unexplained: tuple[Refusals, ...]

    @property
    def may_be_shared(self) -> bool:
        """Whether several people or programs can be behind it."""
        return self.principal.kind is not PrincipalKind.USER

    @property
    def last_call(self) -> date | None:
        """The last day with a recorded call."""
        return max(self.watch.at_work, default=None)


def page_of(assessment: Assessment, told_apart: Evidence | None) -> PrincipalPage:
    """The page of one principal; ``told_apart`` names sessions, where people may be shown."""
    case = assessment.case
    watch = watch_of(case)
    by_action, by_place = (uses_by_day(watch, places=places) for places in (False, True))
    actions = saturation(by_action)
    proposals, refusals = proposed(assessment), refused(assessment)
    denied = _denied(assessment.denied)
    return PrincipalPage(
        principal=case.principal,
        kind=case.principal.kind.value.replace("-", " "),
        file=file_name(case.principal),
        now=case.now.date(),
        watch=watch,
        summary=summary(case, watch, actions, proposals, refusals),
        actions=Curve(actions, growth(by_action)),
        places=Curve(saturation(by_place), growth(by_place)),
        new=_new(by_action),
        heat=_heat(watch, assessment.findings),
        granted=granted(assessment.findings) if case.own else used(watch.observations),
        sources=coverage.sources(case),
        disagreements=coverage.disagreements(case),
        sessions=people.sessions_of(case, told_apart),
        proposals=proposals,
        refusals=refusals,
        denied=denied[:LINES_SHOWN],
        denied_cut=max(0, len(denied) - LINES_SHOWN),
        unexplained=_unexplained(assessment.findings),
    )


def file_name(principal: Principal) -> str:
    """A name for files and addresses, safe everywhere; the digest keeps like names apart."""
    readable = _UNSAFE.sub("-", f"{principal.kind.value}-{principal.name}").strip("-").lower()[:60]
    digest = hashlib.sha256(principal.key.encode(errors="surrogatepass")).hexdigest()
    return f"{readable}-{digest[:_DIGEST]}.html"


def _new(by_action: Mapping[date, frozenset[str]]) -> tuple[tuple[date, tuple[str, ...]], ...]:
    days: dict[date, list[str]] = defaultdict(list)
    for action, day in first_uses(by_action).items():
        days[day].append(action)
    return tuple((day, tuple(sorted(days[day]))) for day in sorted(days, reverse=True)[:STEPS_SHOWN])


def _heat(watch: Watch, findings: Iterable[Finding]) -> Heat:
    days = watch.days[-HEAT_DAYS:]
    calls = calls_by_service(watch)
    shown = dict(list(calls.items())[:HEAT_ROWS])
    weeks = _weeks(watch, days)
    return Heat(
        watch=_narrowed(watch, days),
        rows=shown,
        weeks=weeks,
        weekly=tuple(
            (service, tuple(_in_week(by_day, week) for week in weeks), sum(by_day.values()))
            for service, by_day in shown.items()
        ),
        services_cut=len(calls) - len(shown),
        days_cut=len(watch.days) - len(days) + watch.days_before,
        not_logged=tuple(
            sorted(
                {
                    finding.atom.action.partition(":")[0]
                    for finding in findings
                    if finding.atom and finding.reason is WhyUnseen.NOT_LOGGED
                }
            )
        ),
    )


def _narrowed(watch: Watch, days: tuple[date, ...]) -> Watch:
    shown = frozenset(days)
    return replace(watch, days=days, looked_at=watch.looked_at & shown, at_work=watch.at_work & shown)


def _weeks(watch: Watch, days: Sequence[date]) -> tuple[Week, ...]:
    """The weeks of the days, each from Monday on."""
    by_monday: dict[date, list[date]] = defaultdict(list)
    for day in days:
        by_monday[day - timedelta(days=day.weekday())].append(day)
    return tuple(
        Week(found[0], len(found), sum(day in watch.looked_at for day in found))
        for found in by_monday.values()
    )


def _in_week(calls: Mapping[date, int], week: Week) -> int:
    return sum(calls.get(week.first + timedelta(days=number), 0) for number in range(week.days))


def _denied(denied: Iterable[Denied]) -> tuple[Refusals, ...]:
    reasons: dict[str, list[Denied]] = defaultdict(list)
    for found in denied:
        why = found.why_not.value if found.why_not else "missing: proposed as an addition"
        reasons[f"{why} ({found.detail})" if found.detail else why].append(found)
    return tuple(
        _refusals(
            why,
            [each.request.action for each in found],
            [seen for each in found for seen in each.observations],
        )
        for why, found in sorted(reasons.items())
    )


def _unexplained(findings: Iterable[Finding]) -> tuple[Refusals, ...]:
    by_verdict: dict[Verdict, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.request and finding.verdict in (Verdict.UNEXPLAINED_ALLOW, Verdict.CONTRADICTION):
            by_verdict[finding.verdict].append(finding)
    return tuple(
        _refusals(
            verdict.value,
            [each.request.action for each in found if each.request],
            [seen for each in found for seen in each.observations],
        )
        for verdict, found in by_verdict.items()
    )


def _refusals(why: str, actions: Iterable[str], observations: Iterable[Observation]) -> Refusals:
    names = sorted(set(actions))
    return Refusals(why, tuple(names[:LINES_SHOWN]), max(0, len(names) - LINES_SHOWN), use_of(observations))
