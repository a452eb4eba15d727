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

    from leastwise.model.evidence import Observation
    from leastwise.model.finding import Finding

ROWS_SHOWN = 400
"""Rows of a page's tables of grants, all services together."""
NAMES_SHOWN = 300
"""Actions listed in one row; ``NAMES_ON_PAGE`` in all rows together."""
NAMES_ON_PAGE = 4_000
RESOURCES_SHOWN = 12
"""Resources listed in one row; ``RESOURCES_ON_PAGE`` in all rows together."""
RESOURCES_ON_PAGE = 600
WHOLE = "whole statements"
"""Stands in a service's place for statements that are not taken apart."""
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
    use: Use | None
    resources: tuple[ResourceUse, ...]
    resources_cut: int
    entry: str = ""
    """The Action entry that grants them; empty where no policy is committed."""
    statement: str = ""
    reason: str = ""
    detail: str = ""
    needed: tuple[str, ...] = ()

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
    opaque: int = 0
    """Statements whose actions are not taken apart, and so not counted."""
    is_committed: bool = True
    """Whether there is a policy; without one this is what was used."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A row, the service it belongs to, and all that it was made from."""

    service: str
    row: GrantRow
    actions: tuple[str, ...]
    observations: tuple[Observation, ...]


def granted(findings: Iterable[Finding]) -> Granted:
    """The findings on every grant."""
    judged = [finding for finding in findings if finding.atom]
    opaque = {finding.atom.statement for finding in judged if finding.atom and _is_opaque(finding)}
    return replace(_granted(list(_rows(judged))), opaque=len(opaque))


def used(observations: Iterable[Observation]) -> Granted:
    """What was used, where no policy is committed yet."""
    return replace(_granted(list(_used_rows(observations))), is_committed=False)


def _granted(found: Sequence[_Found]) -> Granted:
    by_service: dict[str, list[_Found]] = defaultdict(list)
    for each in found:
        by_service[each.service].append(each)
    made = sorted((_service(name, rows) for name, rows in by_service.items()), key=_order)
    shown = _fitting(made[:SERVICES_SHOWN])
    return Granted(
        services=tuple(shown),
        counts=_counts(found),
        rows_cut=len(found) - sum(len(each.rows) for each in shown),
        services_cut=max(0, len(made) - SERVICES_SHOWN),
        sensitive=len(_sensitive(found)),
        sensitive_unused=len(_sensitive(each for each in found if each.row.verdict is Verdict.UNUSED)),
    )


def use_of(observations: Iterable[Observation]) -> Use | None:
    """How often and when; ``None`` without a dated call."""
    found = tuple(observations)
    days = days_of(found)
    return Use(calls_of(found), len(days), days[0], days[-1], longest_pause(found)) if days else None


def _rows(findings: Iterable[Finding]) -> Iterator[_Found]:
    """Used grants one by one, the others by what they share."""
    alike: dict[tuple[str, tuple[object, ...]], list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.atom is None:
            continue
        atom = finding.atom
        alone = atom.action if finding.verdict in _ONE_BY_ONE or finding.observations else ""
        service = WHOLE if _is_opaque(finding) else atom.action.partition(":")[0]
        shared = (finding.verdict, alone, atom.statement, atom.pattern, finding.reason, finding.detail)
        alike[service, shared].append(finding)
    for (service, _), found in alike.items():
        actions = tuple(dict.fromkeys(each.atom.action or each.atom.pattern for each in found if each.atom))
        observations = tuple(seen for each in found for seen in each.observations)
        yield _Found(service, _row(found[0], actions, observations), actions, observations)


def _is_opaque(finding: Finding) -> bool:
    """Whether it is of a statement as a whole, whose actions are not taken apart."""
    return finding.atom is not None and ":" not in finding.atom.action


def _row(first: Finding, actions: Sequence[str], observations: Sequence[Observation]) -> GrantRow:
    """``first`` stands for all that it shares verdict, reason and entry with."""
    atom = first.atom
    return replace(
        _seen_row(first.verdict, actions, observations),
        entry=atom.pattern if atom else "",
        statement=str(atom.statement) if atom else "",
        reason=first.reason.value if first.reason else "",
        detail=first.detail,
        needed=first.needed[:RESOURCES_SHOWN],
    )


def _seen_row(verdict: Verdict, actions: Iterable[str], observations: Sequence[Observation]) -> GrantRow:
    names = sorted(set(actions), key=lambda name: (is_sensitive(name) is None, name))
    resources = _resources(observations)
    return GrantRow(
        verdict=verdict,
        actions=tuple(map(_short, names[:NAMES_SHOWN])),
        actions_cut=max(0, len(names) - NAMES_SHOWN),
        levels=tuple(sorted({level.value for name in names for level in access_levels(name)})),
        sensitive=tuple(f"{_short(name)}: {why}" for name in names if (why := is_sensitive(name))),
        use=use_of(observations),
        resources=resources[:RESOURCES_SHOWN],
        resources_cut=max(0, len(resources) - RESOURCES_SHOWN),
    )


def _used_rows(observations: Iterable[Observation]) -> Iterator[_Found]:
    by_action: dict[str, list[Observation]] = defaultdict(list)
    for seen in observations:
        if seen.is_authorized or seen.is_attempt:
            by_action[seen.key.request.action].append(seen)
    for action, found in sorted(by_action.items()):
        row = _seen_row(Verdict.USED, (action,), found)
        yield _Found(action.partition(":")[0], row, (action,), tuple(found))


def _service(name: str, found: Sequence[_Found]) -> ServiceGrants:
    """All rows of a service; a call that two statements allow counts once."""
    observations = {seen.key: seen for each in found for seen in each.observations}
    rows = sorted((each.row for each in found), key=_row_order)
    return ServiceGrants(
        name, _counts(found), len(_sensitive(found)), use_of(observations.values()), tuple(rows)
    )


def _fitting(services: Iterable[ServiceGrants]) -> list[ServiceGrants]:
    """The services with as many of their rows, and names in them, as fit on a page."""
    shown: list[ServiceGrants] = []
    rows, names, resources = ROWS_SHOWN, NAMES_ON_PAGE, RESOURCES_ON_PAGE
    for service in services:
        kept = []
        for row in service.rows[: max(rows, 0)]:
            kept.append(_cut(row, max(names, 1), max(resources, 0)))
            names -= len(kept[-1].actions)
            resources -= len(kept[-1].resources)
        rows -= len(kept)
        shown.append(replace(service, rows=tuple(kept)))
    return shown


def _cut(row: GrantRow, names: int, resources: int) -> GrantRow:
    actions, listed = row.actions[:names], row.resources[:resources]
    return replace(
        row,
        actions=actions,
        actions_cut=row.total - len(actions),
        resources=listed,
        resources_cut=row.resources_cut + len(row.resources) - len(listed),
    )


def _counts(found: Iterable[_Found]) -> dict[Verdict, int]:
    """Distinct actions by verdict; one that two statements grant counts once for each verdict."""
    actions = {(each.row.verdict, action) for each in found for action in each.actions}
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


def _sensitive(found: Iterable[_Found]) -> set[str]:
    return {action for each in found for action in each.actions if is_sensitive(action)}


def _short(action: str) -> str:
    return action.partition(":")[2] or action


def _order(service: ServiceGrants) -> tuple[bool, int, str]:
    """Used services first, the busiest at the top."""
    return (service.use is None, -(service.use.calls if service.use else 0), service.service)


def _row_order(row: GrantRow) -> tuple[int, int, str]:
    return (list(Verdict).index(row.verdict), -(row.use.calls if row.use else 0), row.actions[0])
