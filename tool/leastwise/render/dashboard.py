"""The dashboard and a run's summary: every enrolled principal, what is open, what waits, and why.

The dashboard is an issue that is edited when its text changes, so nothing in it changes from day to day by
itself: a trial's progress moves in tenths, "in the last 7 days" stands for the date of yesterday, and counts
of calls are left to the pull requests.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING

from leastwise.model.proposal import OutcomeKind
from leastwise.render import standing
from leastwise.render.digest import changes
from leastwise.render.escape import code, plain
from leastwise.render.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from leastwise.model.proposal import PublishOutcome
    from leastwise.model.report import PrincipalReport, SourceReport

DASHBOARD_LIMIT = 64_000
"""Characters; GitHub allows 65,536 in an issue."""
SUMMARY_LIMIT = 1_000_000
"""Characters.  GitHub allows 1 MiB for each step
(https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands, 2026-11); what is
written is ASCII but for a few marks."""
RECENT = timedelta(days=7)
STEPS = 10

_OPEN = frozenset({OutcomeKind.OPENED, OutcomeKind.UPDATED, OutcomeKind.UNCHANGED})
_HEAD = "| Principal | Trial | Last call | Evidence | Proposals |\n|---|---|---|---|---|"


def dashboard(reports: Sequence[PrincipalReport], outcomes: Iterable[PublishOutcome], today: date) -> str:
    """The Markdown of the dashboard, cut visibly where it does not fit."""
    found = tuple(outcomes)
    return _cut(chain(standing.memory(reports), _overview(reports, found, today)), DASHBOARD_LIMIT)


def run_summary(
    reports: Sequence[PrincipalReport],
    outcomes: Iterable[PublishOutcome],
    today: date,
    news: Sequence[str] = (),
) -> str:
    """The Markdown of a run's page: what this run changed, the dashboard, and every refusal in detail.

    ``news`` are the principals of whom something else is live than the run before found.
    """
    found = tuple(outcomes)
    changed = [f"- {_linked(item.text, item.address)}" for item in changes(reports, found, news)]
    lines = chain(
        ["## leastwise", "", *(changed or ["Nothing changed."]), ""],
        _overview(reports, found, today),
        _refusals(reports),
    )
    return _cut(lines, SUMMARY_LIMIT)


def _overview(
    reports: Sequence[PrincipalReport], outcomes: tuple[PublishOutcome, ...], today: date
) -> Iterator[str]:
    waiting = [found for found in outcomes if found.kind is OutcomeKind.WITHHELD and found.where]
    failed = [found for found in outcomes if found.kind is OutcomeKind.FAILED]
    opened = sum(found.kind in _OPEN for found in outcomes)
    figures = (
        f"{counted(len(reports), 'principal')}, {counted(opened, 'proposal')} open, "
        f"{len(waiting)} waiting, {counted(len(failed), 'error')}"
    )
    yield f"**{figures}.** leastwise edits this text when something changes."
    names = {report.principal: report.name for report in reports}
    yield from _listed("Errors", failed, names)
    yield from _listed("Waiting", waiting, names)
    yield from standing.section(reports)
    yield from ["", "### Principals", "", _HEAD]
    by_principal: dict[str, list[PublishOutcome]] = defaultdict(list)
    for found in outcomes:
        by_principal[found.principal].append(found)
    for report in reports:
        yield _row(report, by_principal[report.principal], today)


def _listed(title: str, outcomes: list[PublishOutcome], names: Mapping[str, str]) -> Iterator[str]:
    if outcomes:
        yield from ["", f"### {title}", ""]
    for found in outcomes:
        who = names.get(found.principal) or plain(found.principal, 300)
        yield f"- {_linked(f'{found.proposal.value} of {who}', found.where)}: {plain(found.why, 400)}"


def _row(report: PrincipalReport, outcomes: list[PublishOutcome], today: date) -> str:
    last = "none seen" if report.last_call is None else _day(report.last_call, today)
    sources = "<br>".join(_source(source, today) for source in report.sources) or "no source was read"
    return (
        f"| {report.name} | {_trial(report, today)} | {last} | {sources} | {_proposals(report, outcomes)} |"
    )


def _day(day: date, today: date) -> str:
    return "in the last 7 days" if day > today - RECENT else f"{day}"


def _trial(report: PrincipalReport, today: date) -> str:
    if report.opens is None or report.closes is None:
        return "none"
    if today < report.opens:
        return f"opens {report.opens}"
    if today >= report.closes:
        return f"closed {report.closes}"
    done = (today - report.opens).days * STEPS // (report.closes - report.opens).days
    return f"{'▰' * done}{'▱' * (STEPS - done)} closes {report.closes}"


def _source(source: SourceReport, today: date) -> str:
    """``first`` by its month only: where old records expire it moves every day."""
    if source.first is None or source.last is None:
        return f"{code(source.name)}: no record"
    until = "" if source.last > today - RECENT else f" to {source.last}"
    words = [f"{code(source.name)} since {source.first:%Y-%m}{until}"]
    words += [f"{counted(source.missing, 'day')} missing"] if source.missing else []
    words += [f"{source.unreadable:,} unreadable"] if source.unreadable else []
    words += [f"nothing counts as unused: {plain(source.blind)}"] if source.blind else []
    return ", ".join(words)


def _proposals(report: PrincipalReport, outcomes: list[PublishOutcome]) -> str:
    shown = [
        _linked(found.proposal.value, found.where)
        + (" (waits)" if found.kind is OutcomeKind.WITHHELD else "")
        for found in outcomes
        if found.kind in _OPEN or (found.kind is OutcomeKind.WITHHELD and found.where)
    ]
    shown += [f"{refusal.kind.value}: {refusal.reason.value}" for refusal in report.withheld]
    return "<br>".join(shown) or "none"


def _refusals(reports: Iterable[PrincipalReport]) -> Iterator[str]:
    yield from ["", "### Why nothing more is proposed", ""]
    for report in reports:
        for refusal in report.withheld:
            detail = f": {plain(refusal.detail, 400)}" if refusal.detail else ""
            yield f"- {refusal.kind.value} of {report.name}: {refusal.reason.value}{detail}"


def _linked(text: str, address: str) -> str:
    """A link, where the address is one; addresses are GitHub's, but an artifact may have carried them."""
    is_address = address.startswith(("https://", "http://")) and plain(address, 500) == address
    return f"[{text}]({address})" if is_address and not {*address} & {*"() "} else text


def _cut(lines: Iterable[str], limit: int) -> str:
    """Whole lines up to ``limit`` characters, then how many there would have been."""
    kept: list[str] = []
    room = limit
    left_out = 0
    for line in lines:
        room -= len(line) + 1
        if room >= 0:
            kept.append(line)
        else:
            left_out += 1
    more = [f"\n*{counted(left_out, 'more line')} did not fit.*"] if left_out else []
    return "\n".join([*kept, *more]) + "\n"
