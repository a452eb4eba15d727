"""Where Access Analyzer is with one user or role, in sentences without full stops."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.aws.access_analyzer import JobState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, timedelta

    from leastwise.aws.access_analyzer import Failure, Job
    from leastwise.collect.analyzer.queue import Queue

LONG_HOURS = 24
"""A generation that takes longer than this may hang, and nobody else is served meanwhile."""

_MENDS = {
    "AUTHORIZATION_ERROR": "let access-analyzer.amazonaws.com assume {role}, and allow that role "
    "cloudtrail:GetTrail, iam:GenerateServiceLastAccessedDetails, iam:GetServiceLastAccessedDetails, and "
    "s3:GetObject and s3:ListBucket on the trail's bucket",
    "RESOURCE_NOT_FOUND_ERROR": "the principal, the trail or its bucket is gone: take the principal out of "
    "principals.yaml, or correct `trail` and `access_role`",
    "SERVICE_QUOTA_EXCEEDED_ERROR": "one generation reads at most 25 GB and 100,000 log files: use a "
    "cloudtrail-lake or athena source for this principal",
    "SERVICE_ERROR": "AWS failed by itself: it is tried again when its turn comes",
}
"""JobError.code -> what mends it.  Quotas:
https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-quotas.html; permissions:
https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-policy-generation.html (2026-11-23)."""


def standing(queue: Queue, arn: str, why_not: str = "") -> Iterator[str]:
    """Its job or its place in the queue; ``why_not`` says what keeps everybody from being served."""
    running = queue.running
    if running and running.principal == arn:
        yield _running(running, queue.now)
        return
    waiting = queue.waiting
    if arn not in waiting:
        return
    if why_not:
        yield why_not
        return
    position = waiting.index(arn) + 1
    yield f"waiting: position {position} of {len(waiting)}, {_when(queue, position)}"
    if running and position == 1 and hangs(running, queue.now):
        yield f"{running.principal} holds the only place: {_running(running, queue.now)}"


def failures(queue: Queue, arn: str) -> tuple[Job, ...]:
    """The generations that failed since the last that did not, the newest first."""
    found = []
    for job in queue.jobs_of(arn):
        if job.state is JobState.SUCCEEDED:
            break
        if job.state in (JobState.FAILED, JobState.CANCELED):
            found.append(job)
    return tuple(found)


def failed(jobs: tuple[Job, ...], failure: Failure | None, role: str) -> str:
    """What went wrong, how often, and what mends it."""
    newest = jobs[0]
    day = f"{newest.started:%Y-%m-%d}"
    what = f"the generation of {day}" if len(jobs) == 1 else f"{len(jobs)} generations, the last of {day},"
    if newest.state is JobState.CANCELED:
        return f"{what} came to nothing: somebody cancelled it; it comes again in its turn"
    if failure is None:
        return f"{what} failed, and AWS does not say why"
    said = f"{what} failed: {failure.code}: {failure.message.rstrip('. ')}"
    mend = _MENDS.get(failure.code, "").format(role=role)
    return f"{said}; {mend}" if mend else said


def at_work(queue: Queue) -> str:
    """What somebody who waits wants to hear."""
    job = queue.running
    doing = f"{job.principal}: {_running(job, queue.now)}" if job else "nothing is being generated"
    return f"{doing}; {len(queue.waiting)} wait"


def hangs(job: Job, now: datetime) -> bool:
    """Whether a generation takes so long that it may never end."""
    return _hours(job, now) >= LONG_HOURS


def _hours(job: Job, now: datetime) -> int:
    return int((now - job.started).total_seconds() // 3600)


def _running(job: Job, now: datetime) -> str:
    hours = _hours(job, now)
    words = f"being generated since {_moment(job.started)}"
    if not hangs(job, now):
        return words
    cancel = f"aws accessanalyzer cancel-policy-generation --job-id {job.job_id}"
    return f"{words}, {hours} hours ago; if it hangs: `{cancel}`"


def _when(queue: Queue, position: int) -> str:
    moment = queue.expected(position)
    if moment is None or queue.pace is None:
        return "no estimate yet: too few generations in the last 7 days"
    return f"about {_moment(moment)} at the present pace of one in {_span(queue.pace)}"


def _span(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    return f"{minutes} minutes" if minutes < 120 else f"{round(minutes / 60)} hours"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}Z"
