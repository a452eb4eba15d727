"""Evidence -> JSON: the same evidence always gives the same bytes."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from leastwise.evidence_file import wire

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from leastwise.model.evidence import Coverage, Evidence, Examined, Observation, Selectors

BROKEN_LEVELS = 3
"""How deep the text has one member a line: an observation, or a member of a coverage, is one line."""


def evidence_object(evidence: Evidence) -> dict[str, object]:
    """All of an evidence as a JSON object."""
    return _builtins(_file(evidence))


def _looked_since(evidence: Evidence) -> dict[str, dict[str, datetime]]:
    by_source: dict[str, dict[str, datetime]] = defaultdict(dict)
    for (source, principal), moment in sorted(evidence.looked_since.items()):
        by_source[source][principal] = moment
    return dict(by_source)


def coverage_object(seen: Coverage) -> dict[str, object]:
    """One source's coverage as it stands in an evidence."""
    return _builtins(coverage_struct(seen))


def evidence_text(evidence: Evidence) -> str:
    """The evidence as ASCII text, one line for each observation: small in git, easy to compare."""
    file = _file(evidence)
    members = {
        "format": file.format,
        "version": file.version,
        "coverage": {source: _builtins(seen) for source, seen in file.coverage.items()},
        "principals": file.principals,
        **({"looked_since": file.looked_since} if file.looked_since else {}),
    }
    return _laid_out(members, BROKEN_LEVELS) + "\n"


def coverage_struct(seen: Coverage) -> wire.Coverage:
    """Sets sorted, and delivered days as runs."""
    return wire.Coverage(
        kind=seen.kind,
        start=seen.start,
        end=seen.end,
        selectors=_selectors(seen.selectors) if seen.selectors else None,
        regions=_sorted(seen.regions),
        all_regions=seen.all_regions,
        logged_regions=_sorted(seen.logged_regions),
        logging_since=seen.logging_since,
        delivered=_runs_by_account(seen.delivered),
        tampering=_sorted(seen.tampering),
        unreadable=tuple(wire.Unreadable(path=each.path, reason=each.reason) for each in seen.unreadable),
        unreadable_count=seen.unreadable_count,
        excluded=dict(sorted(seen.excluded.items())),
        unmapped=dict(sorted(seen.unmapped.items())),
        disagreements=dict(sorted(seen.disagreements.items())),
        records=seen.records,
        duplicates=seen.duplicates,
        limits=_sorted(seen.limits),
        examined={key: _examined(found) for key, found in sorted(seen.examined.items())},
    )


def context_object(context: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Condition key -> its values: a key may have several."""
    values: dict[str, tuple[str, ...]] = {}
    for key, value in context:
        values[key] = (*values.get(key, ()), value)
    return values


def _file(evidence: Evidence) -> wire.EvidenceFile:
    principals: dict[str, list[wire.Observation]] = defaultdict(list)
    for observation in evidence.observations:
        principals[observation.key.principal].append(_observation(observation))
    return wire.EvidenceFile(
        format=wire.FORMAT,
        version=wire.VERSION,
        coverage={source: coverage_struct(seen) for source, seen in sorted(evidence.coverage.items())},
        principals={principal: tuple(found) for principal, found in principals.items()},
        looked_since=_looked_since(evidence),
    )


def _observation(observation: Observation) -> wire.Observation:
    key, tally = observation.key, observation.tally
    return wire.Observation(
        source=key.source,
        action=key.request.action,
        resource=key.request.resource,
        form=key.request.form,
        certainty=key.request.certainty,
        context=context_object(key.request.context),
        outcome=key.outcome,
        denial=key.denial,
        error_code=key.error_code,
        proves_authorization=key.proves_authorization,
        via_service=key.via_service,
        days=dict(sorted(tally.days.items())),
        first=tally.first,
        last=tally.last,
        samples=tally.samples,
        regions=_sorted(tally.regions),
        sessions=_sorted(tally.sessions),
        hours=_sorted(tally.hours),
    )


def _selectors(selectors: Selectors) -> wire.Selectors:
    return wire.Selectors(
        management_read=selectors.management_read,
        management_write=selectors.management_write,
        excluded_sources=_sorted(selectors.excluded_sources),
        data=tuple(
            wire.DataSelector(
                resource_type=data.resource_type,
                read=data.read,
                write=data.write,
                arn_prefixes=data.arn_prefixes,
            )
            for data in sorted(selectors.data)
        ),
        trail_arn=selectors.trail_arn,
        unread=selectors.unread,
    )


def _examined(found: Examined) -> wire.Examined:
    return wire.Examined(
        days=_runs(found.days), vague=_sorted(found.vague), as_of=found.as_of, words=found.words
    )


def _runs_by_account(delivered: Iterable[tuple[str, date]]) -> dict[str, tuple[tuple[date, date], ...]]:
    days: dict[str, list[date]] = defaultdict(list)
    for account, day in sorted(delivered):
        days[account].append(day)
    return {account: _runs(found) for account, found in days.items()}


def _runs(days: Iterable[date]) -> tuple[tuple[date, date], ...]:
    """The days as runs without a gap, each by its first and its last day."""
    runs: list[tuple[date, date]] = []
    for day in sorted(days):
        if runs and day - runs[-1][1] == timedelta(days=1):
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return tuple(runs)


def _sorted(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(texts))


def _builtins(struct: msgspec.Struct) -> dict[str, object]:
    built: dict[str, object] = msgspec.to_builtins(struct, str_keys=True)
    return built


def _laid_out(value: object, levels: int) -> str:
    """JSON with one member a line down to ``levels``, and without any space below."""
    if levels and isinstance(value, dict) and value:
        members = (f"{json.dumps(key)}:{_laid_out(below, levels - 1)}" for key, below in value.items())
        return "{\n" + ",\n".join(members) + "\n}"
    if levels and isinstance(value, list | tuple) and value:
        return "[\n" + ",\n".join(_laid_out(below, levels - 1) for below in value) + "\n]"
    try:
        return msgspec.json.encode(value).decode("ascii").replace("\x7f", "\\u007f")  # ASCII, not printable
    except UnicodeError:  # more than ASCII, or half a character, which a log may hold
        return json.dumps(msgspec.to_builtins(value, str_keys=True), separators=(",", ":"))
