"""One principal's observations -> what it used and what it was denied, each beside the months before."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from leastwise.audit.values import RESOURCES_KEPT, Change, Count, DeniedAction, Use
from leastwise.model.event import Outcome
from leastwise.model.evidence import DenialReason, calls_by_day
from leastwise.model.request import Certainty
from leastwise.reference.risk import is_sensitive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from leastwise.audit.month import Days
    from leastwise.model.evidence import Observation

IN_USE_BUT_DENIED = "it was called in the month, and denied"


@dataclass(frozen=True, slots=True)
class Spans:
    """The days of the month, the days before it, and both."""

    month: Days
    before: Days
    year: Days


@dataclass(frozen=True, slots=True)
class Doubts:
    """For an action: why a use before the month, or in it, may not have been recorded; empty: it would."""

    before: Callable[[str], str]
    month: Callable[[str], str]


def denied_actions(
    observations: Iterable[Observation], spans: Spans, hide: Callable[[str], str]
) -> tuple[DeniedAction, ...]:
    """What was denied on days of the year, by action and reason."""
    groups: dict[tuple[str, DenialReason], list[Observation]] = defaultdict(list)
    for seen in observations:
        if seen.key.outcome is Outcome.DENIED:
            reason = seen.key.denial or DenialReason.UNQUALIFIED
            groups[seen.key.request.action, reason].append(seen)
    found = (_denied(*key, groups[key], spans, hide) for key in sorted(groups, key=_by_name))
    return tuple(each for each in found if each.year.calls)


def uses(
    observations: Iterable[Observation],
    denied: Iterable[DeniedAction],
    spans: Spans,
    doubts: Doubts,
    hide: Callable[[str], str],
) -> tuple[Use, ...]:
    """What was used on days of the year, by action."""
    groups: dict[str, list[Observation]] = defaultdict(list)
    for seen in observations:
        if seen.key.outcome is not Outcome.DENIED:
            groups[seen.key.request.action].append(seen)
    tried = {each.action for each in denied if each.month.calls}
    found = (
        _use(action, groups[action], spans, doubts, hide, tried=action in tried) for action in sorted(groups)
    )
    return tuple(use for use in found if use)


def count(by_day: Mapping[date, int], days: Days) -> Count:
    """The calls of a span."""
    inside = {day: calls for day, calls in by_day.items() if day in days and calls}
    return Count(sum(inside.values()), len(inside), min(inside, default=None), max(inside, default=None))


def _denied(
    action: str,
    reason: DenialReason,
    observations: Sequence[Observation],
    spans: Spans,
    hide: Callable[[str], str],
) -> DeniedAction:
    by_day = calls_by_day(observations)
    resources, more = _resources(observations, spans.month, hide)
    return DeniedAction(
        action=action,
        reason=reason,
        month=count(by_day, spans.month),
        year=count(by_day, spans.year),
        sensitive=is_sensitive(action) or "",
        resources=resources,
        more=more,
    )


def _use(
    action: str,
    observations: Sequence[Observation],
    spans: Spans,
    doubts: Doubts,
    hide: Callable[[str], str],
    *,
    tried: bool,
) -> Use | None:
    by_day = calls_by_day(observations)
    attempts = [seen for seen in observations if seen.is_attempt]
    month, year = _counted(by_day, attempts, spans.month), _counted(by_day, attempts, spans.year)
    told = _change(action, month, _counted(by_day, attempts, spans.before), doubts, tried=tried)
    if told is None:
        return None
    resources, more = _resources(observations, spans.month, hide)
    return Use(
        action=action,
        month=month,
        year=year,
        change=told[0],
        why=told[1],
        failed=_failed(observations, spans.month),
        inferred=all(seen.key.request.certainty is Certainty.INFERRED for seen in observations),
        uncounted=bool(attempts),
        sensitive=is_sensitive(action) or "",
        resources=resources,
        more=more,
    )


def _change(
    action: str, month: Count, before: Count, doubts: Doubts, *, tried: bool
) -> tuple[Change, str] | None:
    """What became of the use, and why it could not be told; ``None``: it was not used in the year."""
    if month.first and before.first:
        return Change.USED_BEFORE, ""
    if month.first:
        why = doubts.before(action)
        return (Change.FIRST_SEEN, why) if why else (Change.NEW, "")
    if before.first:
        why = IN_USE_BUT_DENIED if tried else doubts.month(action)
        return (Change.NOT_SEEN, why) if why else (Change.SILENT, "")
    return None


def _counted(by_day: Mapping[date, int], attempts: Iterable[Observation], days: Days) -> Count:
    """The calls of a span; what is told without counts may have been on any day of its own span."""
    counted = count(by_day, days)
    firsts, lasts = [], []
    for seen in attempts:
        first, last = (date.fromisoformat(time[:10]) for time in (seen.tally.first, seen.tally.last))
        if first < days.after and last >= days.first:
            firsts.append(max(first, days.first))
            lasts.append(min(last, days.last))
    firsts += [counted.first] if counted.first else []
    lasts += [counted.last] if counted.last else []
    return Count(counted.calls, counted.days, min(firsts, default=None), max(lasts, default=None))


def _failed(observations: Iterable[Observation], month: Days) -> int:
    failures = [seen for seen in observations if seen.key.outcome is Outcome.FAILED]
    return count(calls_by_day(failures), month).calls


def _resources(
    observations: Iterable[Observation], month: Days, hide: Callable[[str], str]
) -> tuple[tuple[str, ...], int]:
    """The names of the month, and how many more there are; a rolled-up name counts as one."""
    names = {
        seen.key.request.resource
        for seen in observations
        if seen.key.request.resource != "*" and any(day in month for day in seen.tally.days)
    }
    kept = sorted(names)[:RESOURCES_KEPT]
    return tuple(dict.fromkeys(map(hide, kept))), len(names) - len(kept)


def _by_name(key: tuple[str, DenialReason]) -> tuple[str, str]:
    return key[0], key[1].value
