"""What an audit says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from leastwise.audit.month import Days, Month
    from leastwise.model.evidence import Coverage, DenialReason

RESOURCES_KEPT = 3


class Kind(Enum):
    """What an audited principal is."""

    USER = "user"
    ROLE = "role"
    PERMISSION_SET = "permission set"
    GROUP = "group"
    ROOT = "root"
    OTHERS = "other identities"
    """Those of a whole account that are too many to tell apart."""


class Change(Enum):
    """A month's use of an action beside the eleven months before it."""

    USED_BEFORE = "used before"
    """Used in the month, and before it."""
    NEW = "new"
    """Used in the month and not before it, where an earlier use would have been recorded."""
    FIRST_SEEN = "first seen"
    """Used in the month and not seen before it; an earlier use may not have been recorded."""
    SILENT = "gone silent"
    """Used before the month and not in it, where a use would have been recorded."""
    NOT_SEEN = "not seen"
    """Used before the month and not seen in it; a use may not have been recorded."""


@dataclass(frozen=True, slots=True)
class Count:
    """Calls in a span of time, the UTC days with one, and the first and last of them."""

    calls: int = 0
    days: int = 0
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Use:
    """One action that a principal used in the year: calls that were not denied.

    ``failed`` counts the calls of the month that failed for another reason than authorization.
    """

    action: str
    month: Count
    year: Count
    change: Change
    why: str = ""
    """For FIRST_SEEN and NOT_SEEN: why it could not be told."""
    failed: int = 0
    inferred: bool = False
    """CloudTrail never records this permission; recorded calls show that it was used."""
    uncounted: bool = False
    """A source tells only that it was called: denied or not, and however often."""
    sensitive: str = ""
    """Why it is sensitive; empty: it is not known to be."""
    resources: tuple[str, ...] = ()
    """The smallest ``RESOURCES_KEPT`` names that it was used on in the month; ``more`` counts the others."""
    more: int = 0

    @property
    def in_month(self) -> bool:
        """Whether it was used in the month."""
        return self.change in (Change.USED_BEFORE, Change.NEW, Change.FIRST_SEEN)


@dataclass(frozen=True, slots=True)
class DeniedAction:
    """One action that a principal was denied in the year, and why, as far as AWS says."""

    action: str
    reason: DenialReason
    month: Count
    year: Count
    sensitive: str = ""
    resources: tuple[str, ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class Subject:
    """Who is audited.  ``sources`` are those that were read for it."""

    key: str
    kind: Kind
    name: str
    accounts: tuple[str, ...]
    sources: tuple[str, ...]
    enrolled: bool
    session: str = ""
    """One session of it, by a name of people; empty: all of them."""


@dataclass(frozen=True, slots=True)
class PrincipalAudit:
    """One principal's year.

    ``unsure_before`` says why what is new cannot be told of any action, ``unsure_month`` the same of what
    went silent; empty where it can.
    """

    subject: Subject
    uses: tuple[Use, ...]
    """By action."""
    denied: tuple[DeniedAction, ...]
    """By action and reason."""
    unsure_before: str
    unsure_month: str

    @property
    def calls(self) -> int:
        """Calls of the month that were not denied: the sum over its actions."""
        return sum(use.month.calls for use in self.uses)

    @property
    def denied_calls(self) -> int:
        """Calls of the month that were denied."""
        return sum(each.month.calls for each in self.denied)

    @property
    def used(self) -> tuple[Use, ...]:
        """What it used in the month, most calls first."""
        found = [use for use in self.uses if use.in_month]
        return tuple(sorted(found, key=lambda use: (-use.month.calls, use.action)))

    @property
    def denied_in_month(self) -> tuple[DeniedAction, ...]:
        """What it was denied in the month: sensitive actions first, then by most calls."""
        found = [each for each in self.denied if each.month.calls]

        def order(each: DeniedAction) -> tuple[object, ...]:
            return not each.sensitive, -each.month.calls, each.action, each.reason.value

        return tuple(sorted(found, key=order))

    @property
    def tried_in_vain(self) -> int:
        """How many sensitive actions it was denied in the month."""
        return len({each.action for each in self.denied_in_month if each.sensitive})

    @property
    def sensitive(self) -> tuple[Use, ...]:
        """The sensitive actions that it used in the month."""
        return tuple(use for use in self.used if use.sensitive)

    def that(self, *changes: Change) -> tuple[Use, ...]:
        """The uses with one of these changes; what was used last comes first."""
        found = [use for use in self.uses if use.change in changes]
        return tuple(sorted(found, key=lambda use: (-_number(use.year.last), use.action)))

    @property
    def last_seen(self) -> date | None:
        """The last day of the year on which it called anything, denied or not."""
        counts = [*(use.year for use in self.uses), *(each.year for each in self.denied)]
        return max((count.last for count in counts if count.last), default=None)

    @property
    def is_seen_in_month(self) -> bool:
        """Whether it called anything in the month, denied or not."""
        return bool(self.used or self.denied_in_month)


@dataclass(frozen=True, slots=True)
class SourceAudit:
    """What one source could show.  ``accounts`` counts those that were asked about.

    ``month`` and ``before`` count the days of the month, and of the eleven before it, with a record from
    every one of them; ``first`` is the first day with a record from any of them.
    """

    coverage: Coverage
    accounts: int
    month: int
    before: int
    first: date | None
    unsure_before: str
    unsure_month: str


@dataclass(frozen=True, slots=True)
class Audit:
    """A month's audit.

    ``made`` is when; ``month_days`` and ``days_before`` are what was asked for: a month that is not over ends
    with the day before ``made``.
    """

    month: Month
    made: datetime
    month_days: Days
    days_before: Days
    whole_accounts: tuple[str, ...]
    sources: tuple[SourceAudit, ...]
    principals: tuple[PrincipalAudit, ...]
    """Those with most to look at first."""
    notes: tuple[str, ...] = ()

    @property
    def calls(self) -> int:
        """Of all principals; a person who is in a group too counts at both."""
        return sum(each.calls for each in self.principals)

    @property
    def denied_calls(self) -> int:
        """Of all principals."""
        return sum(each.denied_calls for each in self.principals)


def _number(day: date | None) -> int:
    return day.toordinal() if day else 0
