"""IAM Access Analyzer's policy generation as a source of evidence.

A generation takes minutes to hours, and an account may run one at a time, so a run does not wait: it fetches
what is finished, starts the next, and ends.  The runs of a schedule together serve everybody in turn.  Facts:
https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-policy-generation.html (2026-11-23).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from leastwise.collect.analyzer.age import since_made
from leastwise.collect.analyzer.desk import Desk
from leastwise.collect.analyzer.reading import observations
from leastwise.collect.analyzer.subjects import subjects_of
from leastwise.collect.analyzer.wording import at_work
from leastwise.collect.roster import account_of
from leastwise.collect.settings import NOTHING_TOLD
from leastwise.errors import AwsError, SourceError
from leastwise.model.declared import region_of
from leastwise.model.evidence import Coverage, Evidence, Examined
from leastwise.reference.policy_generation import jobs_a_day, list_as_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date

    from leastwise.aws.access_analyzer import PolicyGeneration
    from leastwise.aws.caller import Clock
    from leastwise.collect.analyzer.age import Aged, Made
    from leastwise.collect.analyzer.desk import Result
    from leastwise.collect.analyzer.subjects import ReservedRoles, Subjects
    from leastwise.collect.interface import Progress
    from leastwise.collect.roster import Roster
    from leastwise.collect.settings import Settings
    from leastwise.model.declared import AccessAnalyzerSource
    from leastwise.model.window import Window

    Desks = Mapping[str, Desk]
    """Account -> its desk."""

POLL = 60.0
"""Seconds between two looks of somebody who waits."""
LIMITS = frozenset(
    {
        "Access Analyzer tells which actions were called, not how often, when or on what",
        "it includes calls that were denied",
        "it sees no data events, and never iam:PassRole",
        "a change of the trail's event selectors inside the window goes unseen",
    }
)
CONTROL_TOWER_TRAIL = "aws-controltower-BaselineCloudTrail"
"""https://docs.aws.amazon.com/controltower/latest/userguide/configure-kms-keys.html (2026-11-23)"""
CONTROL_TOWER = (
    "Access Analyzer cannot read a trail that Control Tower made: name another trail in `trail`, or use a "
    "cloudtrail-lake, athena or trail-files source"
)
_NO_TRAIL = frozenset(
    {"TrailNotFoundException", "CloudTrailARNInvalidException", "InvalidTrailNameException"}
)


@dataclass(frozen=True, slots=True)
class AccessAnalyzer:
    """The generations of every account in which somebody is enrolled, in one region.

    ``made`` tells when a user or role was made, ``settings`` what the trail logs.  ``watch`` hears how it
    goes on, and makes ``collect`` wait until everybody was served whose turn can come today; ``None``: it
    does not wait.
    """

    source: AccessAnalyzerSource
    generations: Callable[[str], PolicyGeneration]
    """Account -> its generations in the source's region."""
    reserved_roles: ReservedRoles
    made: Made
    settings: Callable[[], Settings]
    clock: Clock
    watch: Callable[[str], object] | None = None

    def collect(self, roster: Roster, window: Window, progress: Progress) -> Evidence:  # noqa: ARG002  nothing is read by files or bytes
        """See ``Collector``.

        A generation always looks back 90 days (to the beginning of the trial, if that is later), whatever
        the ``window``.  Raises ``AwsError`` where the credentials are lost, and ``SourceError`` where Access
        Analyzer could not be asked in any account.
        """
        trail = self._trail()
        subjects = subjects_of(roster, self.reserved_roles)
        desks = {
            account: self._desk(account, arns, subjects.begins, trail)
            for account, arns in subjects.by_account().items()
        }
        self._work(desks)
        if desks and all(desk.queue is None for desk in desks.values()):
            raise SourceError(f"source {self.source.name}: {next(iter(desks.values())).trouble}")
        aged = self._aged(desks, subjects)
        results = {arn: each.result for arn, each in aged.items() if each.result}
        examined = dict(self._examined(desks, subjects, aged, results))
        limits = LIMITS | {_of_other_services(), *_of_unknown_age(aged)}
        coverage = self._coverage(trail.settings, window, examined, results, limits)
        return Evidence(self._seen(subjects, results).tallies, {self.source.name: coverage})

    def _trail(self) -> Trail:
        """What the trail is set to log; and why no generation can read it, if none can."""
        if is_of_control_tower(self.source.trail):
            return Trail(NOTHING_TOLD, CONTROL_TOWER)
        try:
            return Trail(self.settings())
        except AwsError as error:
            words = f"what the trail logs is not known: {error}"
            told = replace(NOTHING_TOLD, words=frozenset({words}))
            return Trail(told, words if error.code in _NO_TRAIL else "")

    def _desk(
        self, account: str, arns: tuple[str, ...], begins: Mapping[str, datetime], trail: Trail
    ) -> Desk:
        api, a_day = self.generations(account), jobs_a_day(region_of(self.source))
        return Desk(self.source, account, arns, api, a_day, trail.obstacle_in(account), begins)

    def _work(self, desks: Desks) -> None:
        """Look and start, once; again and again while somebody waits and something is under way."""
        while True:
            now = self._now()
            for desk in desks.values():
                desk.look(now)
                desk.start_next()
            busy = [desk.queue for desk in desks.values() if desk.queue and desk.queue.running]
            if self.watch is None or not busy:
                return
            for queue in busy:
                self.watch(f"{self.source.name}: {at_work(queue)}")
            self.clock.sleep(POLL)

    def _aged(self, desks: Desks, subjects: Subjects) -> dict[str, Aged]:
        """User or role -> its newest result, as far as it is about who is there now."""
        arns = (arn for arns in subjects.by_account().values() for arn in arns)
        found = ((arn, desks[account_of(arn)].result(arn)) for arn in arns)
        return {arn: since_made(result, arn, self.made) for arn, result in found if result}

    def _seen(self, subjects: Subjects, results: Mapping[str, Result]) -> Evidence:
        seen = Evidence()
        for key, arns in subjects.of.items():
            for result in (results[arn] for arn in arns if arn in results):
                found = observations(result.told, self.source.name, key, result.start, result.end)
                seen = seen.merge(Evidence(dict(found)))
        return seen

    def _examined(
        self, desks: Desks, subjects: Subjects, aged: Mapping[str, Aged], results: Mapping[str, Result]
    ) -> Iterator[tuple[str, Examined]]:
        """How far it is with everybody; of several users or roles only what was looked at for all counts."""
        as_of = f"{self._now():%Y-%m-%dT%H:%M:%SZ}"
        for key in dict.fromkeys((*subjects.of, *subjects.words)):
            arns = subjects.of.get(key, ())
            looked_at = [results[arn].days if arn in results else frozenset() for arn in arns]
            vague = {service for arn in arns if arn in results for service in results[arn].told.vague}
            words = (*subjects.words.get(key, ()), *_standing(desks, aged, arns))
            days = frozenset.intersection(*looked_at) if looked_at else frozenset()
            yield key, Examined(days, frozenset(vague), as_of, words)

    def _coverage(
        self,
        settings: Settings,
        window: Window,
        examined: Mapping[str, Examined],
        results: Mapping[str, Result],
        limits: frozenset[str],
    ) -> Coverage:
        """Data events are taken out of the trail's selectors: Access Analyzer does not read them."""
        selectors = settings.selectors
        return Coverage(
            source=self.source.name,
            kind=self.source.kind,
            start=window.start,
            end=window.end,
            selectors=replace(selectors, data=frozenset()) if selectors else None,
            all_regions=settings.all_regions,
            logging_since=settings.since,
            delivered=_delivered(results),
            limits=limits | settings.words,
            examined=examined,
        )

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self.clock.now(), UTC)


@dataclass(frozen=True, slots=True)
class Trail:
    """What the source's trail logs, and why nobody can be served from it, if that is so."""

    settings: Settings
    obstacle: str = ""

    def obstacle_in(self, account: str) -> str:
        """Why nobody of an account can be served."""
        only = self.settings.only_account
        if self.obstacle or only in ("", account):
            return self.obstacle
        return f"the trail logs account {only} only: name one that logs account {account}"


def is_of_control_tower(trail: str) -> bool:
    """Whether a trail's ARN has the name that Control Tower gives its own."""
    return trail.endswith(f"/{CONTROL_TOWER_TRAIL}")


def _of_other_services() -> str:
    return (
        f"of services that are not in AWS's list of {list_as_of()}, the newest in public, it tells at most "
        "that they were used: nothing of them counts as unused"
    )


def _of_unknown_age(aged: Mapping[str, Aged]) -> Iterator[str]:
    """One sentence, however many it is about."""
    unknown = [each.unknown for each in aged.values() if each.unknown]
    if unknown:
        yield (
            f"it is not known when users and roles were made ({len(unknown)} of them), so what an earlier "
            f"one of the same name did counts too: {unknown[0]}"
        )


def _delivered(results: Mapping[str, Result]) -> frozenset[tuple[str, date]]:
    days: dict[str, set[date]] = {}
    for arn, result in results.items():
        days.setdefault(account_of(arn), set()).update(result.days)
    return frozenset((account, day) for account, looked_at in days.items() for day in looked_at)


def _standing(desks: Desks, aged: Mapping[str, Aged], arns: tuple[str, ...]) -> Iterator[str]:
    for arn in arns:
        name = f"{arn}: " if len(arns) > 1 else ""
        if arn in aged and aged[arn].words:
            yield f"{name}{aged[arn].words}"
        for words in desks[account_of(arn)].standing(arn):
            yield f"{name}{words}"
