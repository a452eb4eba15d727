"""Principals, a trail, and a fake of Access Analyzer in each account, with a collector for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from leastwise.aws.access_analyzer import SERVICE, policy_generation
from leastwise.aws.sessions import Aws
from leastwise.collect.access_analyzer import AccessAnalyzer
from leastwise.collect.interface import Silent
from leastwise.collect.roster import Roster
from leastwise.collect.settings import Settings
from leastwise.errors import AwsError
from leastwise.model.declared import AccessAnalyzerSource, Principal, PrincipalKind
from leastwise.model.evidence import DataSelector, Selectors
from leastwise.model.window import Window
from tests.fakes.access_analyzer import FakeAccessAnalyzer, RestWire
from tests.fakes.aws_wire import TestClock

if TYPE_CHECKING:
    from leastwise.model.evidence import Coverage, Evidence

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)
ACCOUNT, OTHER = "111122223333", "444455556666"
NAME = "analyzer"
TRAIL = f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/org"
ACCESS_ROLE = f"arn:aws:iam::{ACCOUNT}:role/service-role/AccessAnalyzerMonitor"
SOURCE = AccessAnalyzerSource(NAME, TRAIL, ACCESS_ROLE)
SELECTORS = Selectors(True, True, data=frozenset({DataSelector("AWS::S3::Object", True, True)}))
SETTINGS = Settings(SELECTORS, all_regions=True, since=datetime(2025, 1, 1, tzinfo=UTC))


def role(name: str, account: str = ACCOUNT, **changed) -> Principal:
    """An enrolled role."""
    arn = f"arn:aws:iam::{account}:role/{name}"
    return Principal(PrincipalKind.ROLE, name, 1, arn=arn, accounts=(account,), sources=(NAME,), **changed)


@dataclass
class World:
    """What is enrolled, what AWS has, and what a run makes of it."""

    principals: tuple[Principal, ...] = (role("payments"),)
    source: AccessAnalyzerSource = SOURCE
    settings: Settings = SETTINGS
    reserved: dict[str, list[str]] = field(default_factory=dict)
    made: dict[str, datetime | AwsError] = field(default_factory=dict)
    """User or role -> when it was made; others long ago."""
    page: int = 5

    def __post_init__(self):
        self.clock = TestClock(NOW)
        self.fakes = {
            account: FakeAccessAnalyzer(self.clock, account, page=self.page) for account in (ACCOUNT, OTHER)
        }
        self.wires = {account: RestWire({SERVICE: fake.operations()}) for account, fake in self.fakes.items()}
        self.apis = {
            account: policy_generation(Aws({}, self.clock, wire.session()), "eu-west-1", account)
            for account, wire in self.wires.items()
        }
        self.watched = []

    @property
    def fake(self) -> FakeAccessAnalyzer:
        return self.fakes[ACCOUNT]

    @property
    def wire(self) -> RestWire:
        return self.wires[ACCOUNT]

    def collector(self, *, watch: bool = False) -> AccessAnalyzer:
        return AccessAnalyzer(
            self.source,
            self.apis.__getitem__,
            lambda account: self.reserved.get(account, []),
            self._made,
            self._settings,
            self.clock,
            self.watched.append if watch else None,
        )

    def run(self, *, watch: bool = False) -> Evidence:
        """One run of the tool."""
        now = self.clock.moment()
        window = Window(now - timedelta(days=400), now)
        return self.collector(watch=watch).collect(Roster(self.principals), window, Silent())

    def runs(self, number: int, every: timedelta = timedelta(hours=1)) -> Evidence:
        """So many runs; the evidence of the last."""
        for _ in range(number):
            seen = self.run()
            self.clock.sleep(every.total_seconds())
        return seen

    def words(self, evidence: Evidence, principal: Principal | None = None) -> str:
        """What the coverage says of where a principal stands."""
        key = (principal or self.principals[0]).key
        return " | ".join(coverage_of(evidence).examined[key].words)

    def _made(self, arn: str) -> datetime:
        found = self.made.get(arn, LONG_AGO)
        if isinstance(found, AwsError):
            raise found
        return found

    def _settings(self) -> Settings:
        if isinstance(self.settings, Exception):
            raise self.settings
        return self.settings


def coverage_of(evidence: Evidence) -> Coverage:
    return evidence.coverage[NAME]


def actions_of(evidence: Evidence, principal: Principal) -> set[str]:
    return {key.request.action for key in evidence.tallies if key.principal == principal.key}
