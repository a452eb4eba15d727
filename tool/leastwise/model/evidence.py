"""What was seen of a principal, and what could have been seen: observations and coverage.

``Evidence.merge`` is a join in a lattice: commutative, associative and idempotent.  The same day of the
same source takes the maximum (a day read twice is still one day), days add up, sources never do.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from leastwise.model.event import Outcome
from leastwise.model.joining import greater, joined, later, smallest, weaker
from leastwise.model.window import begin_of
from leastwise.model.word import Word

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from leastwise.model.request import AuthorizationRequest

SAMPLES_KEPT = 3
SESSIONS_KEPT = 8
HOURS_KEPT = 48
UNREADABLE_KEPT = 20
ACTIONS_ONLY = "access-analyzer"
"""The kind of source that tells which actions were called, and nothing else of them."""


class DenialReason(Word):
    """Why AWS refused, in AWS's own words
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html)."""

    NO_IDENTITY_POLICY = "no identity-based policy allows"
    EXPLICIT_DENY = "explicit deny"
    SERVICE_CONTROL_POLICY = "service control policy"
    RESOURCE_CONTROL_POLICY = "resource control policy"
    PERMISSIONS_BOUNDARY = "permissions boundary"
    SESSION_POLICY = "session policy"
    RESOURCE_POLICY = "resource-based policy"
    VPC_ENDPOINT_POLICY = "VPC endpoint policy"
    UNQUALIFIED = "unqualified"
    """The message names no policy type: it may be any of the above."""


@dataclass(frozen=True, slots=True)
class ObservationKey:
    """What an observation is of."""

    source: str
    """The name of the source in ``principals.yaml``."""
    principal: str
    """The enrolled principal's key (``Principal.key``)."""
    request: AuthorizationRequest
    outcome: Outcome
    denial: DenialReason | None = None
    """Set for denied calls only."""
    error_code: str = ""
    """Set for failed calls only."""
    proves_authorization: bool = False
    """For failed calls: AWS gives this error code only after it has authorized the call."""
    via_service: str = ""
    """``invokedBy`` where an AWS service made the call with the principal's permissions (forward access
    sessions); empty for direct calls."""

    @property
    def sort_key(self) -> tuple[object, ...]:
        """A total order for stable output."""
        denial = self.denial.value if self.denial else ""
        return (
            self.principal,
            *self.request.sort_key,
            self.outcome.value,
            denial,
            self.error_code,
            self.proves_authorization,
            self.via_service,
            self.source,
        )


@dataclass(frozen=True, slots=True)
class Tally:
    """How often, when, where and in how many sessions.

    ``days`` is empty where a source does not count: the call was at some time from ``first`` to ``last``.
    ``sessions`` holds short hashes of session names, the smallest ``SESSIONS_KEPT`` of them; ``hours`` the
    UTC hours of *denied* calls (``2026-11-23T14``), for telling a burst of probing from a need.
    """

    days: Mapping[date, int]
    first: str
    last: str
    samples: tuple[str, ...] = ()
    """The smallest ``SAMPLES_KEPT`` event IDs: a choice that no order of reading can change."""
    regions: frozenset[str] = frozenset()
    sessions: frozenset[str] = frozenset()
    hours: frozenset[str] = frozenset()

    @property
    def count(self) -> int:
        """Calls on all days."""
        return sum(self.days.values())

    def merge(self, other: Tally) -> Tally:
        """Join two readings of one source: the same day takes the maximum."""
        one, two = self.days, other.days
        return self._with({day: max(one.get(day, 0), two.get(day, 0)) for day in {*one, *two}}, other)

    def plus(self, other: Tally) -> Tally:
        """Join with calls of which none is counted here: the same day adds up."""
        one, two = self.days, other.days
        return self._with({day: one.get(day, 0) + two.get(day, 0) for day in {*one, *two}}, other)

    def _with(self, days: Mapping[date, int], other: Tally) -> Tally:
        return Tally(
            days=dict(sorted(days.items())),
            first=min(self.first, other.first),
            last=max(self.last, other.last),
            samples=smallest(self.samples + other.samples, SAMPLES_KEPT),
            regions=self.regions | other.regions,
            sessions=frozenset(smallest((*self.sessions, *other.sessions), SESSIONS_KEPT)),
            hours=frozenset(smallest((*self.hours, *other.hours), HOURS_KEPT)),
        )


@dataclass(frozen=True, slots=True)
class Observation:
    """A key and its tally: one line of evidence."""

    key: ObservationKey
    tally: Tally

    @property
    def is_attempt(self) -> bool:
        """Whether nothing is known but that it was called: no ground to grant more, one not to take away."""
        return self.key.outcome is Outcome.ATTEMPTED

    @property
    def is_authorized(self) -> bool:
        """Whether the calls got past authorization: they succeeded, or failed after it."""
        key = self.key
        return key.outcome is Outcome.SUCCEEDED or (
            key.outcome is Outcome.FAILED and key.proves_authorization
        )


@dataclass(frozen=True, order=True, slots=True)
class DataSelector:
    """Data events of one ``resources.type`` that are logged.

    ``arn_prefixes`` empty means every resource of the type; ``read`` and ``write`` say which calls.
    """

    resource_type: str
    read: bool
    write: bool
    arn_prefixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Selectors:
    """What a trail or event data store is set to log, read from its event selectors."""

    management_read: bool
    management_write: bool
    excluded_sources: frozenset[str] = frozenset()
    """Event sources whose management events are left out (``kms.amazonaws.com``)."""
    data: frozenset[DataSelector] = frozenset()
    trail_arn: str = ""
    unread: tuple[str, ...] = ()
    """Selectors we do not understand; what they touch counts as not logged."""


@dataclass(frozen=True, order=True, slots=True)
class Unreadable:
    """A file, or a record of it, that could not be read, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Examined:
    """How far a source that looks at one principal at a time (Access Analyzer) has come with one of them.

    Merges like ``Evidence``; of what was said of it, the latest counts.
    """

    days: frozenset[date] = frozenset()
    """UTC days that were looked at in full, in every account and for every role of the principal."""
    vague: frozenset[str] = frozenset()
    """Services that were used by actions which the source does not tell; ``*``: not even the service."""
    as_of: str = ""
    """When ``words`` were said, ISO 8601 in UTC."""
    words: tuple[str, ...] = ()
    """Where it stands: its turn, its job, what failed; a sentence each, without a full stop."""

    def merge(self, other: Examined) -> Examined:
        """Join two readings of the same principal."""
        as_of, words = max((self.as_of, self.words), (other.as_of, other.words))
        return Examined(self.days | other.days, self.vague | other.vague, as_of, words)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What one source could see.  Merges like ``Evidence``.

    ``delivered`` holds the (account, UTC day) pairs with at least one record of anybody: a day of the window
    without one is a gap.  ``selectors`` is ``None`` where nobody told us, and then nothing counts as unused.
    """

    source: str
    kind: str
    """The source's ``kind`` in ``principals.yaml``, such as ``trail-files``."""
    start: datetime
    end: datetime
    """The window that was asked for: ``start`` inclusive, ``end`` exclusive, UTC."""
    selectors: Selectors | None = None
    regions: frozenset[str] = frozenset()
    """Regions from which at least one record came."""
    all_regions: bool | None = None
    """Whether the source is known to log every region; ``None``: nobody told us."""
    logged_regions: frozenset[str] = frozenset()
    """Regions that the user declares to be logged, where it is not all of them; empty: nobody told us."""
    logging_since: datetime | None = None
    """When AWS says that logging as it is set now began (a trail's ``StartLoggingTime``, a store's
    ``CreatedTimestamp``): what lies before proves nothing.  ``None``: AWS was not asked."""
    delivered: frozenset[tuple[str, date]] = frozenset()
    tampering: frozenset[str] = frozenset()
    """``time name event-id`` of StopLogging, PutEventSelectors and the like inside the window."""
    unreadable: tuple[Unreadable, ...] = ()
    """The first ``UNREADABLE_KEPT`` by path; ``unreadable_count`` counts them all."""
    unreadable_count: int = 0
    excluded: Mapping[str, int] = field(default_factory=dict)
    """Records left out, by reason (``root``, ``AWS service``, ``account not enrolled`` ...)."""
    unmapped: Mapping[str, int] = field(default_factory=dict)
    """Calls of enrolled principals that no permission is known for: ``source:event`` -> count."""
    disagreements: Mapping[str, int] = field(default_factory=dict)
    """Denied calls where AWS's own message names another action than our mapping: our defects."""
    records: int = 0
    duplicates: int = 0
    limits: frozenset[str] = frozenset()
    """What the engine cannot see by its nature or what cut the reading short, in words."""
    examined: Mapping[str, Examined] = field(default_factory=dict)
    """Principal's key -> how far the source is with it, for a source that looks at one principal at a time;
    ``delivered`` then holds the days on which it looked at anybody of the account."""

    @property
    def tells_actions_only(self) -> bool:
        """Whether the source tells neither counts, outcomes nor resources: Access Analyzer."""
        return self.kind == ACTIONS_ONLY

    def since(self, first: date) -> Coverage:
        """Without the days before a UTC day: they are taken as not looked at."""
        return replace(
            self,
            start=max(self.start, min(self.end, begin_of(first))),
            delivered=frozenset((account, day) for account, day in self.delivered if day >= first),
            examined={
                key: replace(seen, days=frozenset(day for day in seen.days if day >= first))
                for key, seen in self.examined.items()
            },
        )

    def merge(self, other: Coverage) -> Coverage:
        """Join two readings of the same source."""
        return Coverage(
            source=self.source,
            kind=self.kind,
            start=min(self.start, other.start),
            end=max(self.end, other.end),
            selectors=_agreed(self.selectors, other.selectors),
            regions=self.regions | other.regions,
            all_regions=weaker(self.all_regions, other.all_regions),
            logged_regions=self.logged_regions & other.logged_regions,
            logging_since=later(self.logging_since, other.logging_since),
            delivered=self.delivered | other.delivered,
            tampering=self.tampering | other.tampering,
            unreadable=tuple(sorted({*self.unreadable, *other.unreadable}))[:UNREADABLE_KEPT],
            unreadable_count=max(self.unreadable_count, other.unreadable_count),
            excluded=greater(self.excluded, other.excluded),
            unmapped=greater(self.unmapped, other.unmapped),
            disagreements=greater(self.disagreements, other.disagreements),
            records=max(self.records, other.records),
            duplicates=max(self.duplicates, other.duplicates),
            limits=self.limits | other.limits,
            examined=joined(self.examined, other.examined),
        )


@dataclass(frozen=True, slots=True)
class Evidence:
    """Observations and coverage of any number of principals and sources."""

    tallies: Mapping[ObservationKey, Tally] = field(default_factory=dict)
    coverage: Mapping[str, Coverage] = field(default_factory=dict)
    looked_since: Mapping[tuple[str, str], datetime] = field(default_factory=dict)
    """(source, principal's key) -> when looking for that principal began, where it is later than for others:
    somebody enrolled yesterday was not looked for in what an earlier run read."""

    @property
    def observations(self) -> tuple[Observation, ...]:
        """Every observation, in an order that depends on nothing but the evidence."""
        keys = sorted(self.tallies, key=lambda key: key.sort_key)
        return tuple(Observation(key, self.tallies[key]) for key in keys)

    def merge(self, other: Evidence) -> Evidence:
        """Join two evidences: commutative, associative, idempotent."""
        looked = dict(self.looked_since)
        for pair, moment in other.looked_since.items():
            looked[pair] = max(moment, looked.get(pair, moment))
        return Evidence(joined(self.tallies, other.tallies), joined(self.coverage, other.coverage), looked)

    def of(self, principal: str) -> Evidence:
        """The part that concerns one principal; coverage begins when looking for that principal began."""
        tallies = {key: tally for key, tally in self.tallies.items() if key.principal == principal}
        coverage = {
            name: replace(seen, logging_since=later(seen.logging_since, self._looked(name, principal)))
            for name, seen in self.coverage.items()
        }
        return Evidence(tallies, coverage, self.looked_since)

    def since(self, first: date) -> Evidence:
        """Without what was seen before a UTC day, which then nobody looked at; first sightings, samples and
        regions stay as they are."""
        kept = {
            key: replace(tally, days={day: count for day, count in tally.days.items() if day >= first})
            for key, tally in self.tallies.items()
            if any(day >= first for day in tally.days)
            or (not tally.days and tally.first >= first.isoformat())
        }
        coverage = {name: seen.since(first) for name, seen in self.coverage.items()}
        return Evidence(kept, coverage, self.looked_since)

    def _looked(self, source: str, principal: str) -> datetime | None:
        return self.looked_since.get((source, principal))


def calls_by_day(observations: Iterable[Observation]) -> dict[date, int]:
    """UTC day -> calls, in order.

    Two sources may have recorded the same call, so on every day the source that saw most speaks for all.
    """
    by_source: dict[date, Counter[str]] = defaultdict(Counter)
    for observation in observations:
        for day, count in observation.tally.days.items():
            by_source[day][observation.key.source] += count
    return {day: max(by_source[day].values()) for day in sorted(by_source)}


def calls_of(observations: Iterable[Observation]) -> int:
    """Calls on all days, none counted twice because two sources recorded it."""
    return sum(calls_by_day(observations).values())


def _agreed(one: Selectors | None, other: Selectors | None) -> Selectors | None:
    """Only what both readings say is logged."""
    if one is None or other is None:
        return None
    return Selectors(
        management_read=one.management_read and other.management_read,
        management_write=one.management_write and other.management_write,
        excluded_sources=one.excluded_sources | other.excluded_sources,
        data=one.data & other.data,
        trail_arn=min(one.trail_arn, other.trail_arn),
        unread=tuple(sorted({*one.unread, *other.unread})),
    )
