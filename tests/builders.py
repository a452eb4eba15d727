"""Cases in a few words: a policy, what was seen, and a source that sees everything unless told not to."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from leastwise.assess import assess
from leastwise.case import Case
from leastwise.iam.document import parse
from leastwise.model.declared import Keep, Principal, PrincipalKind, Trial
from leastwise.model.event import Outcome
from leastwise.model.evidence import (
    Coverage,
    DataSelector,
    DenialReason,
    Evidence,
    Observation,
    ObservationKey,
    Selectors,
    Tally,
)
from leastwise.model.finding import StatementRef
from leastwise.model.policies import PolicyFile, PolicyKind
from leastwise.model.proposal import ProposalKind
from leastwise.model.request import AuthorizationRequest, Certainty, ResourceForm
from leastwise.visibility import views_of

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
TODAY = NOW.date()
ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/payments-api"
FOLDER = f"{ACCOUNT}/role/payments-api"
SOURCE = "logs"
LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)
DATA_TYPES = ("AWS::S3::Object", "AWS::DynamoDB::Table", "AWS::Lambda::Function", "AWS::SQS::Queue")
EVERYTHING_LOGGED = Selectors(
    management_read=True,
    management_write=True,
    data=frozenset(DataSelector(name, read=True, write=True) for name in DATA_TYPES),
)
MANAGEMENT_ONLY = replace(EVERYTHING_LOGGED, data=frozenset())


def day(back: int) -> date:
    """The UTC day ``back`` days ago."""
    return TODAY - timedelta(days=back)


def last(days: int) -> tuple[date, ...]:
    """That many days up to yesterday."""
    return tuple(day(back) for back in range(days, 0, -1))


def request(action, resource="*", form=None, context=(), certainty=Certainty.CERTAIN) -> AuthorizationRequest:
    """A request: on ``*`` it is one without a resource, else a literal, unless ``form`` says otherwise."""
    usual = ResourceForm.NONE if resource == "*" else ResourceForm.LITERAL
    return AuthorizationRequest(action, resource, form or usual, tuple(context), certainty)


def saw(  # one keyword for each thing a record can say
    action,
    resource="*",
    days=20,
    *,
    calls=10,
    form=None,
    context=(),
    certainty=Certainty.CERTAIN,
    outcome=Outcome.SUCCEEDED,
    denial=None,
    sessions=("s1", "s2"),
    hour=9,
    source=SOURCE,
    principal=ROLE,
    error="",
    proves=False,
    via="",
) -> Observation:
    """``calls`` a day on each of the last ``days`` (or on the days given)."""
    when = last(days) if isinstance(days, int) else tuple(days)
    asked = request(action, resource, form, context, certainty)
    hours = frozenset(f"{each}T{hour:02}" for each in when) if outcome is Outcome.DENIED else frozenset()
    tally = Tally(
        days=dict.fromkeys(sorted(when), calls),
        first=f"{min(when)}T09:00:00Z",
        last=f"{max(when)}T09:00:00Z",
        samples=(f"event-{action}-{min(when)}",),
        regions=frozenset({"eu-west-1"}),
        sessions=frozenset(sessions),
        hours=hours,
    )
    key = ObservationKey(source, principal, asked, outcome, denial, error, proves, via)
    return Observation(key, tally)


def denied(action, resource="*", days=5, reason=DenialReason.NO_IDENTITY_POLICY, **rest) -> Observation:
    """Refused once a day, in AWS's words for a missing grant unless told otherwise."""
    return saw(action, resource, days, calls=1, outcome=Outcome.DENIED, denial=reason, **rest)


def failed(action, resource="*", days=5, *, proves=False, **rest) -> Observation:
    """Failed for another reason than authorization; ``proves``: only after AWS had authorized it."""
    return saw(action, resource, days, outcome=Outcome.FAILED, error="Failed", proves=proves, **rest)


def evidence(*observations, coverage=None) -> Evidence:
    """The observations, and a source that saw them."""
    seen = coverage or sees_everything()
    return Evidence({found.key: found.tally for found in observations}, {seen.source: seen})


def sees_everything(days=120, **changed) -> Coverage:
    """A source that delivered every day, from every region, with every kind of event."""
    full = Coverage(
        source=SOURCE,
        kind="trail-files",
        start=NOW - timedelta(days=days),
        end=NOW,
        selectors=EVERYTHING_LOGGED,
        regions=frozenset({"eu-west-1"}),
        all_regions=True,
        delivered=frozenset((ACCOUNT, each) for each in last(days)),
        records=100_000,
    )
    return replace(full, **changed)


def principal(**changed) -> Principal:
    """The role payments-api, enrolled with one source and no trial."""
    usual = Principal(PrincipalKind.ROLE, "payments-api", 1, arn=ROLE, accounts=(ACCOUNT,), sources=(SOURCE,))
    return replace(usual, **changed)


def trial(opened_back=100, days=90, policy=None) -> Trial:
    """A trial that opened so many days ago."""
    return Trial(day(opened_back), days, policy)


def keep(action, resource, until=None, why="restore drill") -> Keep:
    """A ``keep:`` entry, in force for another month unless told otherwise."""
    return Keep(action, resource, until or TODAY + timedelta(days=30), why)


def policy_file(content, name="main.json", kind=PolicyKind.MANAGED) -> PolicyFile:
    """A policy file from its text, from the statements of one, or from one statement."""
    text = (
        content if isinstance(content, str) else policy(*content if isinstance(content, list) else [content])
    )
    folder = FOLDER if kind in (PolicyKind.MANAGED, PolicyKind.INLINE) else ""
    path = f"{folder}/{name}" if folder else f"shared/{name}"
    return PolicyFile(path, text, parse(text, path), kind, folder)


def policy(*statements, version="2012-10-17") -> str:
    """The text of a policy, in the format AWS's console writes."""
    return json.dumps({"Version": version, "Statement": list(statements)}, indent=4) + "\n"


def allow(actions, resources="*", **members) -> dict:
    """One Allow statement."""
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **members}


def case(own, *observations, seen=None, who=None, elsewhere=None, bound=None, since=LONG_AGO, **rest) -> Case:
    """All that is known of payments-api.

    ``own`` is one policy or a dict of name -> policy (``None``: none is committed), ``since`` when each of
    their statements last changed (or a dict of index -> time).
    """
    named = (
        {} if own is None else own if isinstance(own, dict) and "Effect" not in own else {"main.json": own}
    )
    files = tuple(policy_file(content, name) for name, content in named.items())
    subject = who or principal()
    found = evidence(*observations, coverage=seen).of(subject.key)
    ages = {
        StatementRef(file.path, index, statement.sid or ""): (
            since.get(index) if isinstance(since, dict) else since
        )
        for file in files
        for index, statement in enumerate(file.document.statements)
    }
    return Case(
        principal=subject,
        own=files,
        elsewhere=(policy_file(elsewhere, "everyone.json", PolicyKind.SHARED),) if elsewhere else (),
        bound=policy_file(bound, "bound.json", PolicyKind.SHARED) if bound else None,
        evidence=found,
        views=views_of(subject, found, NOW),
        unchanged_since=ages,
        now=NOW,
        **rest,
    )


def tightened(subject: Case):
    """The tightening, or why there is none."""
    return _result(subject, ProposalKind.TIGHTEN)


def added(subject: Case):
    """The addition, or why there is none."""
    return _result(subject, ProposalKind.ADD)


def first_policy(subject: Case):
    """The initial proposal, or why there is none."""
    return _result(subject, ProposalKind.INITIAL)


def _result(subject: Case, kind: ProposalKind):
    return next(result for result in assess(subject).results if result.kind is kind)


def after(proposal) -> list[dict]:
    """The statements of the one file that a proposal leaves behind."""
    (change,) = proposal.files
    statements = json.loads(change.after)["Statement"]
    return statements if isinstance(statements, list) else [statements]


def verdicts(subject: Case) -> dict[str, str]:
    """Action -> verdict of the grants of the principal's own policies."""
    return {
        finding.atom.action: finding.verdict.value for finding in assess(subject).findings if finding.atom
    }


def findings(subject: Case) -> dict:
    """Action -> finding of the grants of the principal's own policies."""
    return {finding.atom.action: finding for finding in assess(subject).findings if finding.atom}
