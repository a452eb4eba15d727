"""What Access Analyzer's policy generation needs, and how far it is: nothing is started."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.aws.advice import LOST_CREDENTIALS
from leastwise.aws.iam import is_gone
from leastwise.collect.access_analyzer import CONTROL_TOWER, is_of_control_tower
from leastwise.collect.analyzer.desk import Desk, role_in
from leastwise.collect.analyzer.queue import DAY
from leastwise.collect.analyzer.subjects import subjects_of
from leastwise.collect.analyzer.wording import at_work, hangs
from leastwise.doctor.findings import DATA_EVENTS, of_settings
from leastwise.errors import AwsError
from leastwise.model.check import Check, Health
from leastwise.model.declared import region_of
from leastwise.reference.policy_generation import jobs_a_day, results_kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from leastwise.aws.access_analyzer import PolicyGeneration
    from leastwise.aws.iam import Iam
    from leastwise.collect.analyzer.queue import Queue
    from leastwise.collect.roster import Roster
    from leastwise.collect.settings import Settings
    from leastwise.model.declared import AccessAnalyzerSource

READER = "access-analyzer.amazonaws.com"
"""Who assumes the access role
(https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-policy-generation.html, 2026-11-26)."""
_ASSUMING = frozenset({"sts:assumerole", "sts:*", "*"})


@dataclass(frozen=True, slots=True)
class AnalyzerDoctor:
    """Asks of one source.  ``generations`` and ``iam`` are those of an account, ``settings`` the trail's."""

    source: AccessAnalyzerSource
    roster: Roster
    settings: Callable[[], Settings]
    generations: Callable[[str], PolicyGeneration]
    iam: Callable[[str], Iam]

    def trail(self) -> Iterator[Check]:
        """Whether the trail is there and can be read by Access Analyzer, and what it logs."""
        trail = self.source.trail
        if is_of_control_tower(trail):
            found, _, mend = CONTROL_TOWER.partition(": ")
            yield Check(self.source.name, "trail", Health.BROKEN, found, mend)
            return
        settings = self.settings()
        yield Check(self.source.name, "trail", Health.GOOD, f"{trail} is there")
        told = of_settings(self.source.name, trail, settings)
        yield from (check for check in told if check.what != DATA_EVENTS)
        found = "Access Analyzer reads none, whatever the trail logs; a source with log records does"
        yield Check(self.source.name, DATA_EVENTS, Health.PARTIAL, found)

    def queues(self, now: datetime) -> Iterator[Check]:
        """For each account with somebody enrolled: the access role, the jobs, and the results."""
        subjects = subjects_of(self.roster, lambda account: self.iam(account).reserved_roles())
        for key, words in subjects.words.items():
            yield Check(self.source.name, key, Health.BROKEN, "; ".join(words))
        for account, arns in subjects.by_account().items():
            yield self._access_role(account)
            yield from self._jobs(account, arns, now)

    def _access_role(self, account: str) -> Check:
        arn = role_in(self.source.access_role, account)
        what = f"access role in {account}"
        try:
            trust = self.iam(account).trust_of(arn.rpartition("/")[2])
        except AwsError as error:
            if error.code in LOST_CREDENTIALS:
                raise
            if is_gone(error):
                return self._check(what, Health.BROKEN, f"{arn} does not exist", _making(arn, account))
            found, _, mend = str(error).partition("; ")
            return self._check(what, Health.PARTIAL, f"not known: {found}", mend)
        if _lets_in(trust):
            found = f"{arn} lets {READER} in; whether it may read the trail, the first generation tells"
            return self._check(what, Health.GOOD, found)
        return self._check(what, Health.BROKEN, f"{arn} does not let {READER} in", _trusting(arn, account))

    def _jobs(self, account: str, arns: tuple[str, ...], now: datetime) -> Iterator[Check]:
        desk = Desk(self.source, account, arns, self.generations(account), self._a_day)
        desk.look(now)
        what = f"policy generation in {account}"
        if desk.queue is None:
            found, _, mend = desk.trouble.partition("; ")
            yield self._check(what, Health.BROKEN, found, mend)
            return
        yield self._quota(what, desk.queue)
        for arn in arns:
            yield from (
                self._check(f"generation for {arn}", Health.BROKEN, *_split(words))
                for words in desk.failed(arn)
            )
        yield self._results(account, desk, arns)

    def _quota(self, what: str, queue: Queue) -> Check:
        used = sum(job.started > queue.now - DAY for job in queue.jobs)
        found = f"{used} of {self._a_day} started in the last 24 hours; {at_work(queue)}"
        if queue.running and hangs(queue.running, queue.now):
            cancel = f"aws accessanalyzer cancel-policy-generation --region {region_of(self.source)}"
            return self._check(what, Health.PARTIAL, found, f"{cancel} --job-id {queue.running.job_id}")
        if queue.is_used_up:
            return self._check(what, Health.PARTIAL, found, "nothing to mend: it goes on tomorrow")
        return self._check(what, Health.GOOD, found)

    def _results(self, account: str, desk: Desk, arns: tuple[str, ...]) -> Check:
        what = f"results in {account}"
        results = [result for result in map(desk.result, arns) if result]
        served = f"for {len(results)} of {len(arns)} users and roles"
        if not results:
            found = f"{served}: AWS keeps them for {results_kept().days} days"
            return self._check(what, Health.PARTIAL, found, "`leastwise observe` starts the first generation")
        oldest = min(result.end for result in results)
        found = f"{served}, the oldest up to {oldest:%Y-%m-%d}"
        return self._check(what, Health.GOOD if len(results) == len(arns) else Health.PARTIAL, found)

    @property
    def _a_day(self) -> int:
        return jobs_a_day(region_of(self.source))

    def _check(self, what: str, health: Health, found: str, mend: str = "") -> Check:
        return Check(self.source.name, what, health, found, mend)


def _lets_in(trust: object) -> bool:
    """Whether some statement of a trust policy lets Access Analyzer assume the role; conditions aside."""
    statements = trust.get("Statement") if isinstance(trust, dict) else None
    return any(map(_is_entrance, statements if isinstance(statements, list) else [statements]))


def _is_entrance(statement: object) -> bool:
    if not isinstance(statement, dict) or statement.get("Effect") != "Allow":
        return False
    principal = statement.get("Principal")
    services = _texts(principal.get("Service")) if isinstance(principal, dict) else []
    actions = {action.lower() for action in _texts(statement.get("Action"))}
    return READER in services and not _ASSUMING.isdisjoint(actions)


def _texts(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def _trust(account: str) -> str:
    """As AWS documents it, bound to the account against the confused deputy."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": READER},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": account}},
    }
    return shlex.quote(json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":")))


def _making(arn: str, account: str) -> str:
    path, _, name = arn.partition(":role")[2].rpartition("/")
    return f"aws iam create-role --role-name {name} --path {path}/ --assume-role-policy-document " + _trust(
        account
    )


def _trusting(arn: str, account: str) -> str:
    name = arn.rpartition("/")[2]
    return f"aws iam update-assume-role-policy --role-name {name} --policy-document {_trust(account)}"


def _split(words: str) -> tuple[str, str]:
    found, _, mend = words.partition("; ")
    return found, mend
