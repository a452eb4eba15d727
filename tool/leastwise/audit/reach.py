"""Could a call have been seen in a span of days?  ``visibility`` asks the same of the time up to now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.model.evidence import Examined
from leastwise.model.finding import Unseen
from leastwise.model.window import begin_of
from leastwise.visibility import Blind, View, unmapped_services, why_unseen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date

    from leastwise.audit.month import Days
    from leastwise.audit.values import Subject
    from leastwise.model.evidence import Coverage

EVERYTHING = ("*",)
"""Data events must be logged for every resource: nobody knows which one a call that was not seen was on."""
_IN_OUR_WORDS = frozenset({Unseen.GAPS, Unseen.WINDOW_TOO_SHORT, Unseen.NOT_EXAMINED})
"""Reasons whose detail is a whole clause."""


def views_in(subject: Subject, coverages: Iterable[Coverage], days: Days) -> tuple[View, ...]:
    """What each source could see of the subject on these days."""
    return tuple(
        View(
            seen,
            blind_in(seen, subject.accounts, subject.key, days),
            unmapped_services(seen),
            seen.examined.get(subject.key, Examined()).vague,
        )
        for seen in coverages
    )


def doubt_of(action: str, views: Iterable[View]) -> str:
    """Why a use of the action may not have been recorded; empty where some source would have."""
    blind = why_unseen(action, EVERYTHING, views)
    return in_words(blind) if blind else ""


def doubt_of_all(views: Sequence[View]) -> str:
    """The same of any action."""
    if any(view.blind is None for view in views):
        return ""
    return next((in_words(view.blind) for view in views if view.blind), "no source was read")


def in_words(blind: Blind) -> str:
    """A clause."""
    if blind.reason in _IN_OUR_WORDS and blind.detail:
        return blind.detail
    if blind.reason in (Unseen.NO_SELECTORS, Unseen.REGIONS_UNKNOWN) or not blind.detail:
        return blind.reason.value
    return f"{blind.reason.value} ({blind.detail})"


def blind_in(coverage: Coverage, accounts: Sequence[str], key: str, days: Days) -> Blind | None:
    """The first reason why calls of those days may not have been recorded, whatever the action."""
    checks: tuple[Callable[[], Blind | None], ...] = (
        lambda: Blind(Unseen.NO_SELECTORS) if coverage.selectors is None else None,
        lambda: None if coverage.all_regions else Blind(Unseen.REGIONS_UNKNOWN),
        lambda: _by_damage(coverage),
        lambda: _by_change(coverage, days),
        (lambda: _by_examination(coverage, key, days))
        if coverage.tells_actions_only
        else (lambda: _by_gaps(coverage, accounts, days)),
        lambda: _by_beginning(coverage, days),
    )
    return next((blind for blind in (check() for check in checks) if blind), None)


def _by_damage(coverage: Coverage) -> Blind | None:
    if not coverage.unreadable_count:
        return None
    first = coverage.unreadable[0]
    detail = f"{coverage.unreadable_count:,}, the first: {first.path} ({first.reason})"
    return Blind(Unseen.UNREADABLE, detail)


def _by_change(coverage: Coverage, days: Days) -> Blind | None:
    """Settings are known as they are now: a change since the first of the days leaves those days unknown.

    What was changed before logging began anew, in its present form, is bounded by that beginning already.
    """
    since = coverage.logging_since.strftime("%Y-%m-%dT%H:%M:%SZ") if coverage.logging_since else ""
    known_from = max(days.first.isoformat(), since)
    changes = [change for change in coverage.tampering if change.partition(" ")[0] > known_from]
    return Blind(Unseen.TAMPERING, min(changes)) if changes else None


def _by_beginning(coverage: Coverage, days: Days) -> Blind | None:
    since = coverage.logging_since
    if since is None or since <= begin_of(days.first):
        return None
    return Blind(Unseen.WINDOW_TOO_SHORT, f"logging as it is now began on {since:%Y-%m-%d %H:%M}Z only")


def _by_examination(coverage: Coverage, key: str, days: Days) -> Blind | None:
    seen = coverage.examined.get(key, Examined()).days
    missing = [day for day in days.each() if day not in seen]
    if not missing:
        return None
    return Blind(Unseen.NOT_EXAMINED, f"Access Analyzer has not looked at {_listed(missing, days)}")


def _by_gaps(coverage: Coverage, accounts: Sequence[str], days: Days) -> Blind | None:
    for account in accounts:
        missing = [day for day in days.each() if (account, day) not in coverage.delivered]
        if missing:
            whose = f" of account {account}" if len(accounts) > 1 else ""
            return Blind(Unseen.GAPS, f"no records{whose} {_when(missing, days)}")
    return Blind(Unseen.GAPS, "no account is known") if not accounts else None


def _when(missing: Sequence[date], days: Days) -> str:
    """``before 2026-08-20``, or which days."""
    if missing[0] == days.first and (missing[-1] - missing[0]).days + 1 == len(missing) < len(days):
        return f"before {_next(missing[-1])}"
    return f"on {_listed(missing, days)}"


def _listed(missing: Sequence[date], days: Days) -> str:
    if len(missing) == len(days):
        return f"any day from {days.first} to {days.last}"
    if len(missing) == 1:
        return f"{missing[0]}"
    return f"{len(missing)} of {len(days)} days, the first of them {missing[0]}"


def _next(day: date) -> date:
    return day.fromordinal(day.toordinal() + 1)
