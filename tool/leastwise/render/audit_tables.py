"""An audit as tables of text: what the mail's two parts have in common.  Every cell is harmless text."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.audit.values import Change, Kind
from leastwise.render.audit_words import WORDS, fresh, name, shown
from leastwise.render.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from leastwise.audit.values import Audit, Count, DeniedAction, PrincipalAudit, Use

ROWS = 12
"""Of one table in a mail; everything is in the CSV."""
ROWS_OF_CALLS = 20
OVERVIEW = ("Principal", "Calls", "Denied", "Sensitive", "First seen", "Silent")


@dataclass(frozen=True, slots=True)
class Table:
    """A table: the first column names, ``numbers`` of those after it are figures and days.

    ``more`` says what was cut; empty: nothing.
    """

    title: str
    note: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: int
    more: str = ""


@dataclass(frozen=True, slots=True)
class Chapter:
    """What there is to read of one principal.  ``anchor`` is unique in the page."""

    title: str
    anchor: str
    lines: tuple[str, ...]
    tables: tuple[Table, ...]


def overview(audit: Audit, rows: int) -> Table:
    """One row for each principal, those with most to look at first."""
    shown_ones = audit.principals[:rows]
    return Table(
        title="Who did what",
        note="Calls that were not denied, and those that were: a call that needs two permissions, or one on "
        "two resources, counts at each. The other figures are of actions; ? where they cannot be told.",
        head=OVERVIEW,
        rows=tuple(_overview_row(each) for each in shown_ones),
        numbers=5,
        more=_cut(len(audit.principals) - len(shown_ones), "principal"),
    )


def chapter(audit: Audit, principal: PrincipalAudit, number: int) -> Chapter:
    """All that a mail shows of a principal; ``number`` counts the chapters."""
    return Chapter(
        title=name(principal.subject),
        anchor=f"p{number}",
        lines=tuple(_lines(audit, principal)),
        tables=tuple(table for table in _tables(audit, principal) if table.rows),
    )


def _overview_row(each: PrincipalAudit) -> tuple[str, ...]:
    figures = (each.calls, each.denied_calls, len(each.sensitive), fresh(each))
    silent = "?" if each.unsure_month else f"{len(each.that(Change.SILENT)):,}"
    return (name(each.subject), *(f"{figure:,}" for figure in figures), silent)


def _lines(audit: Audit, each: PrincipalAudit) -> Iterator[str]:
    title = audit.month.title
    if not each.subject.enrolled and each.subject.kind is not Kind.ROOT:
        yield "Not enrolled in principals.yaml."
    if each.is_seen_in_month:
        yield f"In {title}: {'; '.join(_at_work(each))}."
        nothing = ", ".join(_nothing(each))
        if nothing:
            yield f"{'Not on record' if each.unsure_month else 'Nothing to show of'}: {nothing}."
    else:
        last = f"the last record of it in the year is of {each.last_seen}" if each.last_seen else "nor before"
        yield f"No record in {title}; {last}."
    if each.used and len(each.used) == fresh(each):
        why = _why_not_new(each)
        doubt = f"; whether it is new cannot be told: {shown(why, WORDS)}" if why else ""
        yield f"None of it is on record in the eleven months before{doubt}."
    yield from _doubt(audit, each)


def _doubt(audit: Audit, each: PrincipalAudit) -> Iterator[str]:
    """Why there may be more; what the sources said already is said again only where nothing was seen."""
    said = {source.unsure_month for source in audit.sources}
    if each.unsure_month and (each.unsure_month not in said or not each.is_seen_in_month):
        what = (
            "It may have called more than is shown" if each.is_seen_in_month else "It may have been at work"
        )
        yield f"{what}: {shown(each.unsure_month, WORDS)}."


def _at_work(each: PrincipalAudit) -> Iterator[str]:
    """How many calls of how many actions; what a source tells without counts is said to be so."""
    if each.calls:
        yield f"{counted(each.calls, 'call')} of {counted(len(each.used), 'action')}"
    elif each.used:
        yield f"{counted(len(each.used), 'action')} called, no source tells how often"
    if each.denied_in_month:
        actions = len({found.action for found in each.denied_in_month})
        more = "more call" if each.used else "call"
        yield f"{counted(each.denied_calls, more)} denied, of {counted(actions, 'action')}"


def _nothing(each: PrincipalAudit) -> Iterator[str]:
    """What is empty; never what could not be told."""
    if not fresh(each):
        yield "actions seen for the first time"
    if not each.sensitive:
        yield "sensitive actions"
    if not each.denied_in_month:
        yield "denials"
    if not each.unsure_month and not each.that(Change.SILENT, Change.NOT_SEEN):
        yield "actions gone silent"


def _tables(audit: Audit, each: PrincipalAudit) -> Iterator[Table]:
    title = audit.month.title
    if len(each.used) > fresh(each):
        yield from _fresh_tables(each, title)
    yield _sensitive(each, title)
    yield _denied(each, title)
    yield _silent(each, title)
    yield _not_seen(each, title)
    yield _calls(each, title)


def _fresh_tables(each: PrincipalAudit, title: str) -> Iterator[Table]:
    head = ("Action", "Calls", "Days", "First")
    new, first_seen = each.that(Change.NEW), each.that(Change.FIRST_SEEN)
    note = "Not used in the eleven months before; a use would have been recorded."
    yield _table(f"New in {title}", note, head, [_fresh_row(use) for use in new], 3)
    note = f"Whether they are new cannot be told: {shown(_why_not_new(each), WORDS)}."
    yield _table(f"First seen in {title}", note, head, [_fresh_row(use) for use in first_seen], 3)


def _why_not_new(each: PrincipalAudit) -> str:
    """Why it cannot be told of what was seen first; empty where it can of all of it."""
    return each.unsure_before or next((use.why for use in each.that(Change.FIRST_SEEN)), "")


def _fresh_row(use: Use) -> tuple[str, ...]:
    return (_action(use), *_figures(use, use.month), _day(use.month.first))


def _sensitive(each: PrincipalAudit, title: str) -> Table:
    rows = [
        (_action(use), _figures(use, use.month)[0], use.sensitive + _on(use.resources, use.more))
        for use in each.sensitive
    ]
    head = ("Action", "Calls", "Why it is sensitive, and what it was used on")
    return _table(f"Sensitive actions in {title}", "", head, rows, 1)


def _denied(each: PrincipalAudit, title: str) -> Table:
    rows = [_denied_row(found) for found in each.denied_in_month]
    note = "By which kind of policy, in AWS's words; unqualified: its message does not say."
    head = ("Action", "Times", "Days", "By what, and on what")
    return _table(f"Denied in {title}", note, head, rows, 2)


def _denied_row(found: DeniedAction) -> tuple[str, ...]:
    mark = " (sensitive)" if found.sensitive else ""
    on = _on(found.resources, found.more)
    times, days = f"{found.month.calls:,}", f"{found.month.days:,}"
    return f"{shown(found.action)}{mark}", times, days, f"{found.reason.value}{on}"


def _silent(each: PrincipalAudit, title: str) -> Table:
    rows = [_past_row(use) for use in each.that(Change.SILENT)]
    note = "Used in the eleven months before, and not in this one; a use would have been recorded."
    return _table(f"Gone silent in {title}", note, ("Action", "Calls before", "Last use"), rows, 2)


def _not_seen(each: PrincipalAudit, title: str) -> Table:
    found = each.that(Change.NOT_SEEN)
    rows = [(*_past_row(use), shown(use.why, WORDS)) for use in found]
    note = "Used before. Whether they were used in this month cannot be told."
    head = ("Action", "Calls before", "Last use", "Why it cannot be told")
    return _table(f"Not seen in {title}", note, head, rows, 2)


def _past_row(use: Use) -> tuple[str, ...]:
    return _action(use), _figures(use, use.year)[0], _day(use.year.last)


def _calls(each: PrincipalAudit, title: str) -> Table:
    services: Counter[str] = Counter()
    for use in each.used:
        services[_service(use)] += use.month.calls
    ordered = sorted(each.used, key=lambda use: (-services[_service(use)], _service(use)))
    rows = [
        (_action(use), *_figures(use, use.month), _day(use.year.first), _day(use.year.last))
        for use in ordered
    ]
    head = ("Action", "Calls", "Days", "First", "Last")
    note = "First: in the year that ends with this month."
    return _table(f"All it called in {title}", note, head, rows, 4, ROWS_OF_CALLS)


def _table(
    title: str,
    note: str,
    head: tuple[str, ...],
    rows: Sequence[tuple[str, ...]],
    numbers: int,
    most: int = ROWS,
) -> Table:
    return Table(title, note, head, tuple(rows[:most]), numbers, _cut(len(rows) - most, "row"))


def _cut(count: int, noun: str) -> str:
    return f"and {counted(count, f'more {noun}')}" if count > 0 else ""


def _action(use: Use) -> str:
    return shown(use.action) + (" (inferred)" if use.inferred else "")


def _figures(use: Use, counts: Count) -> tuple[str, str]:
    """Calls and days; what a source tells without counts is said to be called, and not how often."""
    if counts.calls:
        return f"{counts.calls:,}{'+' if use.uncounted else ''}", f"{counts.days:,}"
    return ("called", "") if use.uncounted else ("0", "0")


def _on(resources: Sequence[str], more: int) -> str:
    """``: arn:…, arn:… and 3 more``; empty where no name is on record."""
    listed = ", ".join(shown(each, 100) for each in resources)
    return (f": {listed}" if listed else "") + (f" and {more:,} more" if more else "")


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _service(use: Use) -> str:
    return use.action.partition(":")[0]
