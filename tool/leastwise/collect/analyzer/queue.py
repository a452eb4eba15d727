"""Who waits for a generation, whose turn it is, and when the turn of the others will come.

There is no store: Access Analyzer itself lists the generations of the last seven days, and that list is the
whole memory.  Whoever is not in it has waited longest; among several of these turns go round in the order of
the ARNs, from the one that was served last, so that each is reached however many there are.  Nobody is served
twice on one UTC day, for a token that names the day makes AWS answer with the first job.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from leastwise.aws.access_analyzer import Job, JobState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DAY = timedelta(days=1)
GAPS_NEEDED = 2
"""Times between starts below which no pace can be told."""


@dataclass(frozen=True)
class Queue:
    """The generations of one account and region at one moment.

    ``subjects`` are the users and roles to be served, sorted; ``jobs`` every generation that AWS lists,
    whoever started it; ``a_day`` how many may start within a day.
    """

    subjects: tuple[str, ...]
    jobs: tuple[Job, ...]
    now: datetime
    a_day: int

    def with_job(self, job: Job) -> Queue:
        """The queue after a start."""
        return replace(self, jobs=(*self.jobs, job))

    def without(self, arn: str) -> Queue:
        """The queue without a user or role that cannot be served."""
        return replace(self, subjects=tuple(subject for subject in self.subjects if subject != arn))

    @property
    def running(self) -> Job | None:
        """The generation under way, whoever started it: there can be one."""
        return next((job for job in self.jobs if job.state is JobState.IN_PROGRESS), None)

    @property
    def is_used_up(self) -> bool:
        """Whether no more may start today: any 24 hours count, for AWS does not say when its day begins."""
        return sum(job.started > self.now - DAY for job in self.jobs) >= self.a_day

    @cached_property
    def waiting(self) -> tuple[str, ...]:
        """Everybody who was not served today, whoever has waited longest first."""
        newest = {arn: jobs[0].started for arn, jobs in self._by_principal.items()}
        last = max(newest.keys() & set(self.subjects), key=lambda arn: (newest[arn], arn), default="")
        listed = sorted((arn for arn in self.subjects if arn in newest), key=lambda arn: (newest[arn], arn))
        unlisted = sorted(set(self.subjects) - newest.keys(), key=lambda arn: (arn <= last, arn))
        today = self.now.date()
        return tuple(arn for arn in (*unlisted, *listed) if arn not in newest or newest[arn].date() != today)

    def jobs_of(self, arn: str) -> tuple[Job, ...]:
        """The generations of one user or role, the newest first."""
        return self._by_principal.get(arn, ())

    @cached_property
    def _by_principal(self) -> Mapping[str, tuple[Job, ...]]:
        found: dict[str, tuple[Job, ...]] = {}
        for job in sorted(self.jobs, key=lambda job: (job.started, job.job_id), reverse=True):
            found[job.principal] = (*found.get(job.principal, ()), job)
        return found

    @cached_property
    def pace(self) -> timedelta | None:
        """The usual time between two starts; ``None`` where there were too few to tell."""
        gaps = _gaps(sorted(job.started for job in self.jobs))
        if len(gaps) < GAPS_NEEDED:
            return None
        return max(timedelta(seconds=median(gap.total_seconds() for gap in gaps)), DAY / self.a_day)

    def expected(self, position: int) -> datetime | None:
        """When the turn of number ``position`` (from 1) of ``waiting`` will come at the present pace."""
        if self.pace is None:
            return None
        starts = sorted(job.started for job in self.jobs)
        free = starts[-self.a_day] + DAY if self.is_used_up else self.now
        return max(self.now, starts[-1] + self.pace, free) + (position - 1) * self.pace


def _gaps(starts: Iterable[datetime]) -> list[timedelta]:
    return [later - earlier for earlier, later in pairwise(starts)]
