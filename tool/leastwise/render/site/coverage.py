"""What a principal's sources could see, as terms and their descriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.agreement import one_sided
from leastwise.model.evidence import Examined
from leastwise.render.coverage import logged, window_words
from leastwise.render.site.watch import runs
from leastwise.render.words import seen_window

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from leastwise.case import Case
    from leastwise.model.evidence import Coverage
    from leastwise.visibility import View

LISTED = 8
"""Gaps, calls and the like that one line names."""

Facts = tuple[tuple[str, str], ...]


def sources(case: Case) -> tuple[tuple[str, Facts], ...]:
    """(the source's name and kind, its facts) for every source of the principal."""
    return tuple(
        (f"{view.coverage.source} ({view.coverage.kind})", tuple(_facts(case, view))) for view in case.views
    )


def disagreements(case: Case) -> tuple[str, ...]:
    """Where one source saw what another did not, a sentence each."""
    return tuple(
        f"{found.seen_by} saw {_first(found.actions)}; {found.missed_by} "
        + ("should have seen it, and did not." if found.contradiction else "did not.")
        for found in one_sided(case)
    )


def _facts(case: Case, view: View) -> Iterator[tuple[str, str]]:
    seen = view.coverage
    yield "Records", _examined(case, seen) if seen.tells_actions_only else window_words(seen)
    yield "Logged", logged(seen, str)
    if view.blind:
        detail = f" ({view.blind.detail})" if view.blind.detail else ""
        yield "Nothing counts as unused here", f"{view.blind.reason.value}{detail}"
    if gaps := _gaps(case, seen):
        yield "Days without any record", _first(tuple(map(_run, gaps)))
    if seen.logging_since:
        yield "Logged as it is now since", f"{seen.logging_since:%Y-%m-%d %H:%M}Z"
    yield from _damage(seen)


def _damage(seen: Coverage) -> Iterator[tuple[str, str]]:
    if seen.unreadable_count:
        first = seen.unreadable[0]
        yield "Could not be read", f"{seen.unreadable_count:,}, the first {first.path} ({first.reason})"
    if seen.tampering:
        yield "Logging was changed or stopped", _first(tuple(sorted(seen.tampering)))
    if seen.unmapped:
        calls = sorted(seen.unmapped.items(), key=lambda item: (-item[1], item[0]))
        yield (
            "Calls no permission is known for",
            _first(tuple(f"{name} ({count:,})" for name, count in calls)),
        )
    if seen.limits:
        yield "By its nature or cut short", "; ".join(sorted(seen.limits))


def _examined(case: Case, seen: Coverage) -> str:
    examined = seen.examined.get(case.principal.key, Examined())
    days = f"{min(examined.days)} to {max(examined.days)}" if examined.days else "no day yet"
    return "; ".join((days, *examined.words))


def _gaps(case: Case, seen: Coverage) -> tuple[tuple[date, date], ...]:
    """Runs of days between the first and the last record on which an account delivered none."""
    window = seen_window(seen)
    if window is None or seen.tells_actions_only:
        return ()
    first, last = (day.toordinal() for day in window)
    whole = {
        day.toordinal()
        for _, day in seen.delivered
        if all((account, day) in seen.delivered for account in case.principal.accounts)
    }
    return runs(type(window[0]).fromordinal(day) for day in range(first, last + 1) if day not in whole)


def _run(run: tuple[date, date]) -> str:
    first, last = run
    return f"{first}" if first == last else f"{first} to {last}"


def _first(names: tuple[str, ...]) -> str:
    more = len(names) - LISTED
    return ", ".join(names[:LISTED]) + (f" and {more:,} more" if more > 0 else "")
