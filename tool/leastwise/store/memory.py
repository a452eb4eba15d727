"""What earlier runs saw, and how a run adds to it.

A reading is known to be complete from ``since`` to ``until``, for one principal in one source.  The next one
begins ``OVERLAP`` before ``until``: CloudTrail delivers some files late, and a day read twice counts once.
Where the files that were counted are known by name, of that time only the others are read.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from leastwise.collect.coverage import PROVEN_REGIONS
from leastwise.collect.sql.coverage import CUT_SHORT
from leastwise.model.evidence import Coverage, Evidence
from leastwise.model.joining import later
from leastwise.model.window import Window, begin_of, midnight

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from leastwise.model.declared import Principal, Source
    from leastwise.model.files_read import Collected, FilesRead

    Join = Callable[[Evidence, Evidence], Evidence]
    """(kept, fresh) -> both."""

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
    files: Mapping[str, FilesRead] = field(default_factory=dict)
    """Source -> its files that were counted, where the next run can go by them."""
    set_aside: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Task:
    """One source to be read for some principals, by one version of leastwise, up to a moment."""

    source: Source
    principals: tuple[Principal, ...]
    reader: str
    whole: Window
    """The window without any memory."""


class Joins(NamedTuple):
    """How observations of a run join those that are kept; in production the two of ``collect.fold``."""

    folded: Join
    """Days that may have been counted before."""
    added: Join
    """Calls that surely were not."""


@dataclass(frozen=True, slots=True)
class Done:
    """A task with the window that was read, and what came of it."""

    task: Task
    window: Window
    read: Collected


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


def files_before(memory: Memory, task: Task) -> FilesRead | None:
    """The files that need not be read again; ``None`` where some principal was not looked for in all."""
    read = memory.files.get(task.source.name)
    known = [_known(memory, task, principal) for principal in task.principals]
    if read is None or any(reading is None or reading.reader != task.reader for reading in known):
        return None
    return read if read.principals == {principal.key for principal in task.principals} else None


def remember(memory: Memory, done: Sequence[Done], joins: Joins) -> Memory:
    """The memory with a run's readings added."""
    kept = _still_meant(memory, [each.task for each in done])
    tallies = Evidence(kept.tallies)
    coverage, readings, files = dict(kept.coverage), dict(memory.readings), dict(memory.files)
    for each in done:
        task, name = each.task, each.task.source.name
        join = joins.added if each.read.adds else joins.folded
        tallies = join(tallies, Evidence(each.read.evidence.tallies))
        seen = _bounded(each.read.evidence.coverage[name], each.window, memory, task)
        for principal in task.principals:
            readings[name, principal.key] = _reading(memory, task, principal, seen, adds=each.read.adds)
        coverage[name] = _joined(coverage[name], seen, adds=each.read.adds) if name in coverage else seen
        files.pop(name, None)
        if each.read.files:
            files[name] = each.read.files
    return replace(memory, evidence=Evidence(tallies.tallies, coverage), readings=readings, files=files)


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
    begin = midnight(reading.until - OVERLAP)
    seen = memory.evidence.coverage.get(task.source.name)
    if seen and seen.unreadable_count:
        return max(begin, midnight(task.whole.end - PATIENCE))
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
    return replace(fresh, logging_since=later(fresh.logging_since, window.start)) if gives_up else fresh


def _reading(memory: Memory, task: Task, principal: Principal, seen: Coverage, *, adds: bool) -> Reading:
    """How far a principal now was looked for.

    What an engine no longer holds was not looked at: without a day in common with the last reading, looking
    begins anew.  (Who ``adds`` saw that every file of the last reading still is there.)  While files cannot
    be read, or a limit left nothing over to read, ``until`` stays, so that the next run tries again.
    """
    before = _known(memory, task, principal)
    days = [day for account, day in seen.delivered if account in principal.accounts]
    first = begin_of(min(days)) if days else seen.end
    since = before.since if before and (adds or first <= before.until) else first
    tried_again = before.until if before else seen.start
    came_to_nothing = not seen.delivered and any(words.endswith(CUT_SHORT) for words in seen.limits)
    again = came_to_nothing or seen.unreadable_count
    until = tried_again if again else max(seen.end, before.until if before else seen.end)
    return Reading(since, until, fingerprint(task.source, principal), task.reader)


def _joined(kept: Coverage, fresh: Coverage, *, adds: bool) -> Coverage:
    """What was *seen* adds up; what a source is *set* to log is as it is now.

    Settings that changed without a recorded change hold from now on only.  What could not be read before was
    tried again: it is as the fresh reading says.
    """
    all_regions = fresh.all_regions
    if all_regions is None and _is_proven(kept):
        all_regions = kept.all_regions
    changed = kept.selectors is not None and (kept.selectors, kept.all_regions) != (
        fresh.selectors,
        all_regions,
    )
    explained = fresh.logging_since is not None and fresh.logging_since >= kept.end
    bound = fresh.end if changed and not explained else None
    seen = _counted_together(kept, fresh) if adds else kept.merge(fresh)
    return replace(
        seen,
        selectors=fresh.selectors,
        all_regions=all_regions,
        logged_regions=fresh.logged_regions,
        logging_since=later(bound, later(kept.logging_since, fresh.logging_since)),
        unreadable=fresh.unreadable,
        unreadable_count=fresh.unreadable_count,
    )


def _counted_together(kept: Coverage, fresh: Coverage) -> Coverage:
    """Of different files what was counted adds up."""
    return replace(
        kept.merge(fresh),
        excluded=_summed(kept.excluded, fresh.excluded),
        unmapped=_summed(kept.unmapped, fresh.unmapped),
        disagreements=_summed(kept.disagreements, fresh.disagreements),
        records=kept.records + fresh.records,
        duplicates=kept.duplicates + fresh.duplicates,
    )


def _summed(one: Mapping[str, int], other: Mapping[str, int]) -> Mapping[str, int]:
    return {key: one.get(key, 0) + other.get(key, 0) for key in sorted({*one, *other})}


def _is_proven(kept: Coverage) -> bool:
    """Whether earlier records showed that every region is logged: a later reading may be too small for it."""
    return any(words.startswith(PROVEN_REGIONS) for words in kept.limits)
