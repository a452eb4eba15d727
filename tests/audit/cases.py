"""Audits in a few words: October 2026, and a source that saw every day of a year unless told not to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from leastwise.audit.making import Question, audited
from leastwise.audit.month import Month
from leastwise.audit.values import Audit, Kind, Subject
from leastwise.model.event import Outcome
from leastwise.model.evidence import ACTIONS_ONLY, Coverage, Evidence, Examined, Tally
from leastwise.model.request import Certainty
from tests.builders import ACCOUNT, EVERYTHING_LOGGED, ROLE, SOURCE, denied, saw
from tests.evidence_file.cases import FULL

OCTOBER = Month(2026, 10)
NOW = datetime(2026, 11, 1, 5, 17, tzinfo=UTC)
YEAR = OCTOBER.year_up_to.each()
IN = date(2026, 10, 7)
EARLIER = date(2026, 3, 7)
LONG_AGO = date(2025, 10, 31)
"""The day before the year."""
AFTER = date(2026, 11, 1)
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
WHO = Subject(ROLE, Kind.ROLE, "payments-api", (ACCOUNT,), (SOURCE,), enrolled=True)


def used(action, *days, calls=10, **rest):
    return saw(action, "arn:aws:s3:::bucket", days, calls=calls, **rest)


def covered(days=YEAR, **changed) -> Coverage:
    whole = Coverage(
        source=SOURCE,
        kind="trail-files",
        start=datetime(2025, 11, 1, tzinfo=UTC),
        end=datetime(2026, 11, 1, tzinfo=UTC),
        selectors=EVERYTHING_LOGGED,
        regions=frozenset({"eu-west-1"}),
        all_regions=True,
        delivered=frozenset((ACCOUNT, day) for day in days),
        records=1_000,
    )
    return replace(whole, **changed)


def attempt(action, first: str, last: str):
    """What Access Analyzer tells of an action."""
    seen = used(action, IN, outcome=Outcome.ATTEMPTED, source="analyzer")
    return replace(seen, tally=Tally({}, f"{first}T00:00:00Z", f"{last}T00:00:00Z"))


def analyzer(days=YEAR) -> Coverage:
    """What Access Analyzer could see, which looked at these days of the role."""
    examined = {ROLE: Examined(frozenset(days))}
    return covered(source="analyzer", kind=ACTIONS_ONLY, delivered=frozenset(), examined=examined)


def since(first: date) -> tuple[date, ...]:
    """The days of the year from that one on."""
    return tuple(day for day in YEAR if day >= first)


def without(*gaps: date) -> tuple[date, ...]:
    return tuple(day for day in YEAR if day not in gaps)


def evidence(*observations, seen=None, looked_since=None) -> Evidence:
    coverage = seen or covered()
    return Evidence(
        {each.key: each.tally for each in observations}, {coverage.source: coverage}, looked_since or {}
    )


def audit(*observations, seen=None, subjects=(WHO,), now=NOW, month=OCTOBER, notes=(), **rest) -> Audit:
    return audited(evidence(*observations, seen=seen), Question(month, now, subjects, **rest), notes)


def changes(found: Audit) -> dict[str, str]:
    """Action -> what became of it, of the first principal."""
    return {use.action: use.change.value for use in found.principals[0].uses}


def whys(found: Audit) -> dict[str, str]:
    return {use.action: use.why for use in found.principals[0].uses if use.why}


EVERYTHING = audit(
    used("s3:GetObject", IN, EARLIER),
    used("s3:PutObject", EARLIER),
    used("iam:PassRole", IN, certainty=Certainty.INFERRED),
    used("secretsmanager:GetSecretValue", IN),
    used("sts:AssumeRole", EARLIER, calls=2),
    denied("ec2:RunInstances", "arn:aws:ec2:eu-west-1:111122223333:instance/*", (IN,)),
    seen=replace(FULL.coverage["trail"], source=SOURCE, delivered=frozenset((ACCOUNT, day) for day in YEAR)),
    notes=("Sessions are told apart, by names of people.",),
    subjects=(
        replace(WHO, session="rosa"),
        replace(WHO, key=ROOT, kind=Kind.ROOT, name="root", enrolled=False),
    ),
    whole_accounts=(ACCOUNT,),
)
"""An audit that has something of everything."""
