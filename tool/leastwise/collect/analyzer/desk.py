"""The generations of one account and region: look at the list, start the next one, fetch what is finished."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from leastwise.aws.access_analyzer import TAKEN, UNFIT, Job, JobState, Order
from leastwise.aws.advice import LOST_CREDENTIALS
from leastwise.collect.analyzer.queue import Queue
from leastwise.collect.analyzer.reading import days_between, told_by
from leastwise.collect.analyzer.wording import failed, failures, standing
from leastwise.errors import AwsError
from leastwise.model.window import Window
from leastwise.reference.policy_generation import longest_window

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from leastwise.aws.access_analyzer import Generated, PolicyGeneration
    from leastwise.collect.analyzer.reading import Told
    from leastwise.model.declared import AccessAnalyzerSource

TRAILS_TRIED = 3
"""Finished generations of one principal that are fetched to find one of this source's trail."""


@dataclass(frozen=True, slots=True)
class Result:
    """The newest finished generation of one user or role that looked at the source's trail."""

    told: Told
    start: datetime
    end: datetime

    @property
    def days(self) -> frozenset[date]:
        """The UTC days that were looked at in full."""
        return days_between(self.start, self.end)


class Desk:
    """One account's part of the work.  It remembers nothing that AWS does not list again."""

    def __init__(
        self,
        source: AccessAnalyzerSource,
        account: str,
        subjects: tuple[str, ...],
        api: PolicyGeneration,
        a_day: int,
        obstacle: str = "",
    ) -> None:
        """``a_day`` is the quota of the account in the source's region.

        ``obstacle`` says why no generation can serve this account; empty: nothing is known against it.
        """
        self._source = source
        self._account = account
        self._subjects = subjects
        self._api = api
        self._a_day = a_day
        self.queue: Queue | None = None
        """``None`` where the list could not be read."""
        self.trouble = obstacle
        """What keeps everybody of the account from being served, in words."""
        self._obstacle = obstacle
        self._refused: dict[str, str] = {}
        """User or role -> why AWS would not even start its generation."""
        self._lost: dict[str, str] = {}
        """User or role -> why what was generated for it could not be fetched."""

    def look(self, now: datetime) -> None:
        """Read the list.  Raises ``AwsError`` where the credentials are lost."""
        try:
            self.queue = Queue(self._subjects, tuple(self._api.jobs()), now, self._a_day)
        except AwsError as error:
            if error.code in LOST_CREDENTIALS:
                raise
            self.queue, self.trouble = None, str(error)

    def start_next(self, begins: Mapping[str, datetime]) -> bool:
        """Start the generation whose turn it is; whether one was started.

        Whoever AWS refuses is passed over, so that the others go on.  ``begins`` bounds the windows of
        principals in a trial.
        """
        queue = self.queue
        if queue is None or self._obstacle or queue.running or queue.is_used_up:
            return False
        for arn in queue.waiting:
            order = self._order(arn, queue.now, begins.get(arn))
            if order is None or arn in self._refused:
                continue
            try:
                job_id = self._api.start(order)
            except AwsError as error:
                if error.code == UNFIT:
                    self._refused[arn] = str(error)
                    continue
                self._hold(error)
                return False
            self.queue = queue.with_job(Job(job_id, arn, JobState.IN_PROGRESS, queue.now))
            return True
        return False

    def result(self, arn: str) -> Result | None:
        """The newest finished generation from this source's trail; ``None`` where there is none."""
        if self.queue is None or self._obstacle:
            return None
        done = [job for job in self.queue.jobs_of(arn) if job.state is JobState.SUCCEEDED]
        for job in done[:TRAILS_TRIED]:
            generated = self._fetched(job)
            if generated and generated.trail == self._source.trail and generated.start and generated.end:
                return Result(told_by(generated), generated.start, generated.end)
        return None

    def standing(self, arn: str) -> Iterator[str]:
        """Where it is with one user or role, in sentences."""
        if self.queue is None:
            yield self.trouble
            return
        if arn in self._lost:
            yield self._lost[arn]
        yield from self.failed(arn)
        if arn in self._refused:
            yield self._refused[arn]
        else:
            yield from standing(self.queue, arn, self.trouble)

    def failed(self, arn: str) -> Iterator[str]:
        """What became of the generations of a user or role that failed since the last that did not."""
        bad = failures(self.queue, arn) if self.queue else ()
        if bad:
            generated = self._fetched(bad[0])
            failure = generated.failure if generated else None
            yield failed(bad, failure, role_in(self._source.access_role, self._account))

    def _fetched(self, job: Job) -> Generated | None:
        try:
            return self._api.generated(job.job_id)
        except AwsError as error:
            if error.code in LOST_CREDENTIALS:
                raise
            self._lost[job.principal] = str(error)
            return None

    def _hold(self, error: AwsError) -> None:
        """A start failed for a reason that is not about its principal: nobody else is tried."""
        if error.code in LOST_CREDENTIALS:
            raise error
        if error.code not in TAKEN:
            self.trouble = str(error)

    def _order(self, arn: str, now: datetime, begin: datetime | None) -> Order | None:
        """What to ask for: whole days up to last midnight, the same all day, so that a token serves again."""
        end = now.replace(hour=0, minute=0, second=0, microsecond=0)
        start = max(end - longest_window(), begin or end - longest_window())
        if start > end - timedelta(days=1):
            return None
        source = self._source
        return Order(
            principal=arn,
            trail=source.trail,
            access_role=role_in(source.access_role, self._account),
            window=Window(start, end),
            token=token_of(source.trail, arn, end),
        )


def token_of(trail: str, arn: str, end: datetime) -> str:
    """The idempotency token of a principal's generation on one day: 64 characters."""
    return sha256(f"leastwise\n{trail}\n{arn}\n{end:%Y-%m-%d}".encode()).hexdigest()


def role_in(role: str, account: str) -> str:
    """The role of the same path and name in another account: a role can be passed in its own account only."""
    parts = role.split(":", 5)
    return ":".join((*parts[:4], account, parts[5]))
