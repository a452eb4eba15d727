"""The generations of one account and region: look at the list, start the next one, fetch what is finished."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING

from leastwise.aws.access_analyzer import TAKEN, UNFIT, Job, JobState, Order
from leastwise.aws.advice import LOST_CREDENTIALS
from leastwise.collect.analyzer.queue import Queue
from leastwise.collect.analyzer.reading import days_between, told_by
from leastwise.collect.analyzer.wording import failed, failures, standing
from leastwise.errors import AwsError
from leastwise.model.window import Window, midnight
from leastwise.reference.policy_generation import longest_window

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime

    from leastwise.aws.access_analyzer import Generated, PolicyGeneration
    from leastwise.collect.analyzer.reading import Told
    from leastwise.model.declared import AccessAnalyzerSource

NO_TRIALS: Mapping[str, datetime] = MappingProxyType({})
TRAILS_TRIED = 3
"""Finished generations of one principal that are fetched to find one of this source's trail."""


@dataclass(frozen=True, slots=True)
class Result:
    """The newest finished generation of one user or role that looked at all of the source's trail.

    ``days`` are the UTC days that were looked at in full.
    """

    told: Told
    start: datetime
    end: datetime
    days: frozenset[date]


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
        begins: Mapping[str, datetime] = NO_TRIALS,
    ) -> None:
        """``a_day`` is the quota of the account in the source's region.

        ``obstacle`` says why no generation can serve this account; empty: nothing is known against it.
        ``begins`` bounds what is looked at for users and roles in a trial.
        """
        self._source = source
        self._account = account
        self._subjects = subjects
        self._api = api
        self._a_day = a_day
        self._begins = begins
        self.queue: Queue | None = None
        """``None`` where the list could not be read."""
        self.trouble = obstacle
        """What keeps everybody of the account from being served, in words."""
        self._obstacle = obstacle
        self._refused: dict[str, str] = {}
        """User or role -> why AWS would not even start its generation."""
        self._unread: dict[str, str] = {}
        """User or role -> why what was generated for it counts for nothing."""

    def look(self, now: datetime) -> None:
        """Read the list.  Raises ``AwsError`` where the credentials are lost."""
        self.trouble = self._obstacle
        able = tuple(
            arn for arn in self._subjects if arn not in self._refused and not self._is_too_young(arn, now)
        )
        try:
            self.queue = Queue(able, tuple(self._api.jobs()), now, self._a_day)
        except AwsError as error:
            if error.code in LOST_CREDENTIALS:
                raise
            self.queue, self.trouble = None, str(error)

    def start_next(self) -> None:
        """Start the generation whose turn it is.

        Whoever AWS refuses is passed over, so that the others go on.
        """
        queue = self.queue
        if queue is None or self._obstacle or queue.running or queue.is_used_up:
            return
        for arn in queue.waiting:
            try:
                job_id = self._api.start(self._order(arn, queue.now))
            except AwsError as error:
                if error.code != UNFIT:
                    self._hold(error)
                    break
                self._refused[arn] = str(error)
                queue = queue.without(arn)
            else:
                queue = queue.with_job(Job(job_id, arn, JobState.IN_PROGRESS, queue.now))
                break
        self.queue = queue

    def result(self, arn: str) -> Result | None:
        """The newest finished generation from all of this source's trail; ``None`` where there is none."""
        if self.queue is None or self._obstacle:
            return None
        done = [job for job in self.queue.jobs_of(arn) if job.state is JobState.SUCCEEDED]
        for job in done[:TRAILS_TRIED]:
            generated = self._fetched(job)
            if generated is None:
                continue
            why_not = unfit(generated, self._source.trail)
            if why_not:
                self._unread.setdefault(arn, f"the generation of {job.started:%Y-%m-%d} {why_not}")
            elif generated.start and generated.end:
                self._unread.pop(arn, None)
                days = days_between(generated.start, generated.end)
                return Result(told_by(generated), generated.start, generated.end, days)
        return None

    def standing(self, arn: str) -> Iterator[str]:
        """Where it is with one user or role, in sentences."""
        if self.queue is None:
            yield self.trouble
            return
        yield from self.failed(arn)
        if arn in self._unread:
            yield self._unread[arn]
        if arn in self._refused:
            yield self._refused[arn]
        elif self._is_too_young(arn, self.queue.now):
            yield f"its trial opens on {self._begins[arn]:%Y-%m-%d}: no whole day of it has passed yet"
        else:
            yield from standing(self.queue, arn, self.trouble)

    def failed(self, arn: str) -> Iterator[str]:
        """What became of the generations of a user or role that failed since the last that did not."""
        bad = failures(self.queue, arn) if self.queue else ()
        if bad:
            generated = self._fetched(bad[0]) if bad[0].state is JobState.FAILED else None
            failure = generated.failure if generated else None
            yield failed(bad, failure, role_in(self._source.access_role, self._account))

    def _fetched(self, job: Job) -> Generated | None:
        try:
            return self._api.generated(job.job_id)
        except AwsError as error:
            if error.code in LOST_CREDENTIALS:
                raise
            self._unread[job.principal] = str(error)
            return None

    def _hold(self, error: AwsError) -> None:
        """A start failed for a reason that is not about its principal: nobody else is tried."""
        if error.code in LOST_CREDENTIALS:
            raise error
        if error.code not in TAKEN:
            self.trouble = str(error)

    def _order(self, arn: str, now: datetime) -> Order:
        source, window = self._source, self._window(arn, now)
        return Order(
            principal=arn,
            trail=source.trail,
            access_role=role_in(source.access_role, self._account),
            window=window,
            token=token_of(source.trail, arn, window.end),
        )

    def _window(self, arn: str, now: datetime) -> Window:
        """What to look at: whole days up to last midnight, the same all day, so that a token serves again."""
        end = midnight(now)
        start = end - longest_window()
        return Window(max(start, self._begins.get(arn, start)), end)

    def _is_too_young(self, arn: str, now: datetime) -> bool:
        window = self._window(arn, now)
        return window.start >= window.end


def unfit(generated: Generated, trail: str) -> str:
    """Why a generation, which anybody may have started, does not tell what happened on all of a trail."""
    if generated.trail != trail:
        return "looked at another trail"
    if not generated.all_regions:
        return "looked at some regions only"
    return ""


def token_of(trail: str, arn: str, end: datetime) -> str:
    """The idempotency token of a principal's generation on one day: 64 characters."""
    return sha256(f"leastwise\n{trail}\n{arn}\n{end:%Y-%m-%d}".encode()).hexdigest()


def role_in(role: str, account: str) -> str:
    """The role of the same path and name in another account: a role can be passed in its own account only."""
    parts = role.split(":", 5)
    return ":".join((*parts[:4], account, parts[5]))
