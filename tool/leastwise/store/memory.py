"""What earlier runs saw, and how a run adds to it.

A reading is known to be complete from ``since`` to ``until``, for one principal in one source.  The next one
begins ``OVERLAP`` before ``until``: CloudTrail delivers some files late, and a day read twice counts once.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from leastwise.model.evidence import Coverage, Evidence
from leastwise.model.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from leastwise.model.declared import Principal, Source

    Merge = Callable[[Evidence, Evidence], Evidence]
    """(kept, fresh) -> both; in production ``leastwise.collect.fold.folded``."""

OVERLAP = timedelta(days=2)
PATIENCE = timedelta(days=92)
"""How far back a run reads again because files could not be read: longer than any decision looks back."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How far one principal was looked for in one source, as what (``fingerprint``), and by which version."""

    since: datetime
    until: datetime
    fingerprint: str
    reader: str


@dataclass(frozen=True, slots=True)
class Memory:
    """Everything kept.

    ``set_aside`` holds texts that were no evidence, by name: they are kept for a person to look at.
    """

    evidence: Evidence = field(default_factory=Evidence)
    readings: Mapping[tuple[str, str], Reading] = field(default_factory=dict)
    """(source, principal's key) -> reading."""
    set_aside: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Task:
    """One source to be read for some principals, by one version of leastwise, up to a moment."""

    source: Source
    principals: tuple[Principal, ...]
    reader: str
    whole: Window
    """The window without any memory."""


def fingerprint(source: Source, principal: Principal) -> str:
    """Changes when what was read for a principal is no longer what would be read."""
    looked_for = (
        source.kind, source.place, principal.arn, sorted(principal.accounts), sorted(principal.members),
        sorted(principal.session_names), sorted(principal.source_identities),
    )  # fmt: skip
    return sha256(repr(looked_for).encode()).hexdigest()[:16]


def window_of(memory: Memory, task: Task) -> Window:
    """What must be read: from the beginning for somebody new, else from shortly before the last end.

    Another version of leastwise reads everything that is still there again: it may know what a call means
    that the one before did not.
    """
    begins = [_begins(memory, task, principal) for principal in task.principals]
    return Window(max(task.whole.start, min(begins, default=task.whole.start)), task.whole.end)


def remember(memory: Memory, fresh: Evidence, done: Iterable[tuple[Task, Window]], merge: Merge) -> Memory:
    """The memory with a run's reading added; ``done`` holds each task with the window that was read."""
    done = tuple(done)
    kept = _still_meant(memory, [task for task, _ in done])
    merged = merge(Evidence(kept.tallies), Evidence(fresh.tallies))
    coverage = dict(kept.coverage)
    readings = dict(memory.readings)
    for task, window in done:
        name = task.source.name
        seen = _bounded(fresh.coverage[name], window, memory, task)
        for principal in task.principals:
            readings[name, principal.key] = _reading(memory, task, principal, seen)
        coverage[name] = _joined(coverage[name], seen) if name in coverage else seen
    return replace(memory, evidence=Evidence(merged.tallies, coverage), readings=readings)


def recalled(memory: Memory, principals: Iterable[Principal], sources: Iterable[str]) -> Evidence:
    """The kept evidence of these principals and sources, each looked for since its own beginning."""
    keys, names = {principal.key for principal in principals}, set(sources)
    kept = memory.evidence
    return Evidence(
        {key: tally for key, tally in kept.tallies.items() if key.principal in keys},
        {name: seen for name, seen in kept.coverage.items() if name in names},
        {pair: reading.since for pair, reading in memory.readings.items() if pair[1] in keys},
    )


def _known(memory: Memory, task: Task, principal: Principal) -> Reading | None:
    """The reading of a principal, if it was of what is declared now."""
    reading = memory.readings.get((task.source.name, principal.key))
    return reading if reading and reading.fingerprint == fingerprint(task.source, principal) else None


def _begins(memory: Memory, task: Task, principal: Principal) -> datetime:
    reading = _known(memory, task, principal)
    if reading is None or reading.reader != task.reader:
        return task.whole.start
    begin = _midnight(reading.until - OVERLAP)
    seen = memory.evidence.coverage.get(task.source.name)
    if seen and seen.unreadable_count:
        return max(begin, _midnight(task.whole.end - PATIENCE))
    return begin


def _still_meant(memory: Memory, tasks: Iterable[Task]) -> Evidence:
    """The kept evidence without what was read for a principal or source that now is declared otherwise."""
    changed = {
        (task.source.name, principal.key)
        for task in tasks
        for principal in task.principals
        if (task.source.name, principal.key) in memory.readings and not _known(memory, task, principal)
    }
    kept = memory.evidence
    tallies = {
        key: tally for key, tally in kept.tallies.items() if (key.source, key.principal) not in changed
    }
    coverage = {
        name: replace(
            seen, examined={key: found for key, found in seen.examined.items() if (name, key) not in changed}
        )
        for name, seen in kept.coverage.items()
    }
    return Evidence(tallies, coverage)


def _bounded(fresh: Coverage, window: Window, memory: Memory, task: Task) -> Coverage:
    """What was read; where files of before were given up as unreadable, only what came after them counts."""
    kept = memory.evidence.coverage.get(task.source.name)
    if kept is None or not kept.unreadable_count or window.start <= task.whole.start:
        return fresh
    gives_up = any(
        (reading := _known(memory, task, principal)) and reading.until < window.start
        for principal in task.principals
    )
    return replace(fresh, logging_since=_later(fresh.logging_since, window.start)) if gives_up else fresh


def _reading(memory: Memory, task: Task, principal: Principal, seen: Coverage) -> Reading:
    """How far a principal now was looked for.

    What an engine no longer holds was not looked at: without a day in common with the last reading, looking
    begins anew.  While files cannot be read, ``until`` stays, so that the next run tries them again.
    """
    before = _known(memory, task, principal)
    days = [day for account, day in seen.delivered if account in principal.accounts]
    first = _midnight(datetime.combine(min(days), time(), UTC)) if days else seen.end
    since = before.since if before and first <= before.until else first
    tried_again = before.until if before else seen.start
    until = tried_again if seen.unreadable_count else max(seen.end, before.until if before else seen.end)
    return Reading(since, until, fingerprint(task.source, principal), task.reader)


def _joined(kept: Coverage, fresh: Coverage) -> Coverage:
    """What was *seen* adds up; what a source is *set* to log is as it is now.

    Settings that changed without a recorded change hold from now on only.  What could not be read before was
    tried again: it is as the fresh reading says.
    """
    changed = kept.selectors is not None and (kept.selectors, kept.all_regions) != (
        fresh.selectors,
        fresh.all_regions,
    )
    explained = fresh.logging_since is not None and fresh.logging_since >= kept.end
    bound = fresh.end if changed and not explained else None
    return replace(
        kept.merge(fresh),
        selectors=fresh.selectors,
        all_regions=fresh.all_regions,
        logged_regions=fresh.logged_regions,
        logging_since=_later(bound, _later(kept.logging_since, fresh.logging_since)),
        unreadable=fresh.unreadable,
        unreadable_count=fresh.unreadable_count,
    )


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max(filter(None, (one, other)), default=None)
