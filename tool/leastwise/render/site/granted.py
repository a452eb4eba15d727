"""What is granted against what was used, service by service, in bounded tables."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from leastwise.model.evidence import calls_of
from leastwise.model.finding import Verdict
from leastwise.reference.actions import access_levels
from leastwise.reference.risk import is_sensitive
from leastwise.render.words import days_of, longest_pause

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from leastwise.case import Case
    from leastwise.model.evidence import Observation
    from leastwise.model.finding import Finding

ROWS_SHOWN = 400
"""Rows of a page's tables of grants, all services together."""
NAMES_SHOWN = 300
"""Actions listed in one row; ``NAMES_ON_PAGE`` in all rows together."""
NAMES_ON_PAGE = 4_000
RESOURCES_SHOWN = 12
SERVICES_SHOWN = 150
_ONE_BY_ONE = frozenset({Verdict.USED, Verdict.BROADER_THAN_USED, Verdict.KEPT})


@dataclass(frozen=True, slots=True)
class Use:
    """How something was used: calls, days and the longest time from one use to the next."""

    calls: int
    days: int
    first: date
    last: date
    pause: int
    """Days; 0 where it was used on one day only."""


@dataclass(frozen=True, slots=True)
class ResourceUse:
    """One resource, and how it was used."""

    name: str
    note: str
    """How to read the name, where it is no plain name."""
    use: Use | None


@dataclass(frozen=True, slots=True)
class GrantRow:
    """Actions that share a verdict, a reason and the entry that grants them; used ones stand alone."""

    verdict: Verdict
    actions: tuple[str, ...]
    """Without their service prefix, the most sensitive first."""
    actions_cut: int
    levels: tuple[str, ...]
    sensitive: tuple[str, ...]
    """Those of them that are sensitive, as ``action: why``."""
    entry: str
    """The Action entry that grants them; empty where no policy is committed."""
    statement: str
    reason: str
    detail: str
    needed: tuple[str, ...]
    use: Use | None
    resources: tuple[ResourceUse, ...] = ()
    resources_cut: int = 0

    @property
    def total(self) -> int:
        """How many actions the row stands for."""
        return len(self.actions) + self.actions_cut


@dataclass(frozen=True, slots=True)
class ServiceGrants:
    """Everything of one service."""

    service: str
    counts: Mapping[Verdict, int]
    """Distinct actions by verdict."""
    sensitive: int
    use: Use | None
    rows: tuple[GrantRow, ...]


@dataclass(frozen=True, slots=True)
class Granted:
    """All services of a page; ``rows_cut`` and ``services_cut`` tell what did not fit."""

    services: tuple[ServiceGrants, ...]
    counts: Mapping[Verdict, int] = field(default_factory=dict)
    rows_cut: int = 0
    services_cut: int = 0
    sensitive: int = 0
    """Distinct sensitive actions granted; of them ``sensitive_unused`` are UNUSED."""
    sensitive_unused: int = 0
    is_committed: bool = True
    """Whether there is a policy; without one this is what was used."""


def granted(case: Case, findings: Sequence[Finding]) -> Granted:
    """The findings on every grant, or every use where no policy is committed yet."""
    rows = list(_rows(findings) if case.own else _used_rows(case.evidence.observations))
    by_service: dict[str, list[tuple[GrantRow, Iterable[str]]]] = defaultdict(list)
    for service, row, actions in rows:
        by_service[service].append((row, actions))
    made = sorted((_service(name, found) for name, found in by_service.items()), key=_order)
    shown = _fitting(made[:SERVICES_SHOWN])
    sensitive = {(name, row.verdict) for _, row, actions in rows for name in _sensitive(actions)}
    return Granted(
        services=tuple(shown),
        counts=_counts((row, actions) for _, row, actions in rows),
        rows_cut=len(rows) - sum(len(each.rows) for each in shown),
        services_cut=max(0, len(made) - SERVICES_SHOWN),
        sensitive=len({name for name, _ in sensitive}),
        sensitive_unused=len({name for name, verdict in sensitive if verdict is Verdict.UNUSED}),
        is_committed=bool(case.own),
    )


def use_of(observations: Iterable[Observation]) -> Use | None:
    """How often and when; ``None`` without a dated call."""
    found = tuple(observations)
    days = days_of(found)
    return Use(calls_of(found), len(days), days[0], days[-1], longest_pause(found)) if days else None


_Row = tuple[str, GrantRow, tuple[str, ...]]


def _rows(findings: Iterable[Finding]) -> Iterator[_Row]:
    """(service, row, its actions): used grants one by one, the others by what they share."""
    alike: dict[tuple[str, tuple[object, ...]], list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.atom is None:
            continue
        atom = finding.atom
        alone = atom.action if finding.verdict in _ONE_BY_ONE or finding.observations else ""
        service = (atom.action or atom.pattern).partition(":")[0]
        shared = (finding.verdict, alone, atom.statement, atom.pattern, finding.reason, finding.detail)
        alike[service, shared].append(finding)
    for (service, _), found in alike.items():
        yield service, _row(found), tuple(dict.fromkeys(_name(each) for each in found))


def _row(found: Sequence[Finding]) -> GrantRow:
    first = found[0]
    atom = first.atom
    actions = sorted({_name(each) for each in found}, key=lambda name: (is_sensitive(name) is None, name))
    observations = [seen for finding in found for seen in finding.observations]
    resources = _resources(observations)
    return GrantRow(
        verdict=first.verdict,
        actions=tuple(map(_short, actions[:NAMES_SHOWN])),
        actions_cut=max(0, len(actions) - NAMES_SHOWN),
        levels=tuple(sorted({level.value for action in actions for level in access_levels(action)})),
        sensitive=tuple(f"{_short(name)}: {why}" for name in actions if (why := is_sensitive(name))),
        entry=atom.pattern if atom else "",
        statement=str(atom.statement) if atom else "",
        reason=first.reason.value if first.reason else "",
        detail=first.detail,
        needed=first.needed[:RESOURCES_SHOWN],
        use=use_of(observations),
        resources=resources[:RESOURCES_SHOWN],
        resources_cut=max(0, len(resources) - RESOURCES_SHOWN),
    )


def _used_rows(observations: Iterable[Observation]) -> Iterator[_Row]:
    by_action: dict[str, list[Observation]] = defaultdict(list)
    for seen in observations:
        if seen.is_authorized or seen.is_attempt:
            by_action[seen.key.request.action].append(seen)
    for action, found in sorted(by_action.items()):
        risk = is_sensitive(action)
        resources = _resources(found)
        yield (
            action.partition(":")[0],
            GrantRow(
                verdict=Verdict.USED,
                actions=(_short(action),),
                actions_cut=0,
                levels=tuple(sorted(level.value for level in access_levels(action))),
                sensitive=(f"{_short(action)}: {risk}",) if risk else (),
                entry="",
                statement="",
                reason="",
                detail="",
                needed=(),
                use=use_of(found),
                resources=resources[:RESOURCES_SHOWN],
                resources_cut=max(0, len(resources) - RESOURCES_SHOWN),
            ),
            (action,),
        )


def _service(name: str, found: Sequence[tuple[GrantRow, Iterable[str]]]) -> ServiceGrants:
    rows = sorted((row for row, _ in found), key=_row_order)
    uses = [row.use for row in rows if row.use]
    use = (
        Use(
            sum(each.calls for each in uses),
            max(each.days for each in uses),
            min(each.first for each in uses),
            max(each.last for each in uses),
            0,
        )
        if uses
        else None
    )
    sensitive = {each for _, actions in found for each in _sensitive(actions)}
    return ServiceGrants(name, _counts(found), len(sensitive), use, tuple(rows))


def _fitting(services: Iterable[ServiceGrants]) -> list[ServiceGrants]:
    """The services with as many of their rows, and names in them, as fit on a page."""
    shown: list[ServiceGrants] = []
    rows, names = ROWS_SHOWN, NAMES_ON_PAGE
    for service in services:
        kept = []
        for row in service.rows[: max(rows, 0)]:
            listed = row.actions[: max(names, 1)]
            kept.append(replace(row, actions=listed, actions_cut=row.total - len(listed)))
            names -= len(listed)
        rows -= len(kept)
        shown.append(replace(service, rows=tuple(kept)))
    return shown


def _counts(found: Iterable[tuple[GrantRow, Iterable[str]]]) -> dict[Verdict, int]:
    """Distinct actions by verdict; one that two statements grant counts once for each verdict."""
    actions = {(row.verdict, action) for row, names in found for action in names}
    counts = Counter(verdict for verdict, _ in actions)
    return {verdict: counts[verdict] for verdict in Verdict if counts[verdict]}


def _resources(observations: Iterable[Observation]) -> tuple[ResourceUse, ...]:
    grouped: dict[tuple[str, str], list[Observation]] = defaultdict(list)
    for seen in observations:
        request = seen.key.request
        grouped[request.resource, _NOTES.get(request.form.value, "")].append(seen)
    found = [ResourceUse(name, note, use_of(seen)) for (name, note), seen in grouped.items()]
    return tuple(sorted(found, key=lambda each: (-(each.use.calls if each.use else 0), each.name)))


_NOTES = {
    "unrecorded": "the record does not say which",
    "rolled-up": "many names, counted as one pattern",
    "none": "the action takes no resource",
}


def _sensitive(actions: Iterable[str]) -> set[str]:
    return {action for action in actions if is_sensitive(action)}


def _name(finding: Finding) -> str:
    return (finding.atom.action or finding.atom.pattern) if finding.atom else ""


def _short(action: str) -> str:
    return action.partition(":")[2] or action


def _order(service: ServiceGrants) -> tuple[bool, int, str]:
    """Used services first, the busiest at the top."""
    return (service.use is None, -(service.use.calls if service.use else 0), service.service)


def _row_order(row: GrantRow) -> tuple[int, int, str]:
    return (list(Verdict).index(row.verdict), -(row.use.calls if row.use else 0), row.actions[0])
