"""The contestants: policies made of the same recorded calls, by leastwise and by simpler means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from bench.quality.needs import ACCOUNT, REGION, Person, days_from
from leastwise.assess import assess
from leastwise.case import Case
from leastwise.iam.document import parse, render
from leastwise.iam.glob import escape
from leastwise.iam.statement import Effect, PolicyDocument, Statement
from leastwise.model.declared import Principal, PrincipalKind, Trial
from leastwise.model.event import Outcome
from leastwise.model.evidence import (
    Coverage,
    DataSelector,
    Evidence,
    ObservationKey,
    Selectors,
    Tally,
)
from leastwise.model.finding import StatementRef
from leastwise.model.policies import PolicyFile, PolicyKind
from leastwise.model.proposal import Proposal, ProposalKind
from leastwise.model.request import ResourceForm
from leastwise.visibility import views_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from leastwise.model.request import AuthorizationRequest

SOURCE = "simulated"
DATA_TYPES = (
    "AWS::S3::Object",
    "AWS::DynamoDB::Table",
    "AWS::Lambda::Function",
    "AWS::SQS::Queue",
    "AWS::SNS::Topic",
)
ALL_LOGGED = Selectors(
    management_read=True,
    management_write=True,
    data=frozenset(DataSelector(name, read=True, write=True) for name in DATA_TYPES),
)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Learned:
    """What one contestant makes of the calls: files before (none: it starts anew) and after."""

    after: tuple[PolicyDocument, ...]
    before_text: str
    after_text: str
    withheld: str = ""
    """Why nothing is proposed, so that all stays as it is; empty if something is."""


@dataclass(frozen=True)
class Lesson:
    """The calls of one principal on the ``days`` days before ``today``."""

    person: Person
    today: date
    days: int
    calls: dict[AuthorizationRequest, dict[date, int]]


def lesson(person: Person, today: date, days: int) -> Lesson:
    """Watch a principal."""
    calls: dict[AuthorizationRequest, dict[date, int]] = {}
    for day in days_from(today - timedelta(days=days), days):
        for need, request in person.calls(day):
            of_request = calls.setdefault(request, {})
            of_request[day] = of_request.get(day, 0) + need.calls
    return Lesson(person, today, days, calls)


def committed(learnt: Lesson) -> Learned:
    """Everything stays as it is."""
    text = render(_held(learnt.person))
    return Learned((_held(learnt.person),), text, text)


def exact_replay(learnt: Lesson) -> Learned:
    """Each action on exactly the names that were recorded."""
    names: dict[str, list[str]] = {}
    for request in learnt.calls:
        names.setdefault(request.action, []).append(_exactly(request))
    return _new(
        Statement(Effect.ALLOW, actions=(action,), resources=tuple(dict.fromkeys(found)))
        for action, found in sorted(names.items())
    )


def used_actions(learnt: Lesson) -> Learned:
    """The actions that were recorded, on everything."""
    actions = tuple(sorted({request.action for request in learnt.calls}))
    return _new([Statement(Effect.ALLOW, actions=actions, resources=("*",))] if actions else [])


def used_services(learnt: Lesson) -> Learned:
    """All actions of the services that were used, on everything."""
    actions = tuple(sorted({f"{request.service}:*" for request in learnt.calls}))
    return _new([Statement(Effect.ALLOW, actions=actions, resources=("*",))] if actions else [])


def initial(learnt: Lesson) -> Learned:
    """What leastwise proposes as a first policy, inside the one held during the trial."""
    trial = Trial(learnt.today - timedelta(days=learnt.days), learnt.days, "shared/held.json")
    return _proposed(_case(learnt, trial, own=False), ProposalKind.INITIAL)


def tightened(learnt: Lesson) -> Learned:
    """What leastwise leaves of the committed policy."""
    return _proposed(_case(learnt, None, own=True), ProposalKind.TIGHTEN)


CONTESTANTS: Mapping[str, Callable[[Lesson], Learned]] = {
    "committed policy": committed,
    "service-level": used_services,
    "action-level, Resource *": used_actions,
    "exact replay": exact_replay,
    "leastwise initial": initial,
    "leastwise tighten": tightened,
}


def _new(statements: Iterable[Statement]) -> Learned:
    document = PolicyDocument(tuple(statements))
    return Learned((document,), "", render(document))


def _exactly(request: AuthorizationRequest) -> str:
    return "*" if request.form is ResourceForm.NONE else escape(request.resource)


def _held(person: Person) -> PolicyDocument:
    """The committed policy: one statement for each service, on everything."""
    return PolicyDocument(
        tuple(
            Statement(Effect.ALLOW, actions=(f"{service}:*",), resources=("*",), sid=service.capitalize())
            for service in person.services
        )
    )


def _proposed(case: Case, kind: ProposalKind) -> Learned:
    """The policies after the proposal is merged, or the committed ones where it is withheld."""
    before = "".join(file.text for file in case.own)
    result = next(found for found in assess(case).results if found.kind is kind)
    if not isinstance(result, Proposal):
        held = case.own or ((case.bound,) if case.bound else ())
        text = "".join(file.text for file in held)
        why = re.sub(r"^\d+ of \d+ ", "", result.detail)
        return Learned(tuple(file.document for file in held), text, text, f"{result.reason.value}: {why}")
    texts = [change.after for change in result.files if change.after is not None]
    return Learned(tuple(map(parse, texts)), before, "".join(texts))


def _case(learnt: Lesson, trial: Trial | None, *, own: bool) -> Case:
    now = datetime.combine(learnt.today, time(6), UTC)
    principal = Principal(
        PrincipalKind.ROLE,
        learnt.person.name,
        1,
        arn=f"arn:aws:iam::{ACCOUNT}:role/{learnt.person.name}",
        accounts=(ACCOUNT,),
        sources=(SOURCE,),
        trial=trial,
    )
    evidence = _evidence(learnt, principal.key, now)
    document = _held(learnt.person)
    text = render(document)
    mine = PolicyFile(f"{principal.folder}/main.json", text, document, PolicyKind.MANAGED, principal.folder)
    bound = PolicyFile("shared/held.json", text, document, PolicyKind.SHARED)
    return Case(
        principal=principal,
        own=(mine,) if own else (),
        elsewhere=(),
        bound=bound if trial else None,
        evidence=evidence,
        views=views_of(principal, evidence, now),
        unchanged_since={
            StatementRef(mine.path, index, statement.sid or ""): LONG_AGO
            for index, statement in enumerate(document.statements)
        },
        now=now,
    )


def _evidence(learnt: Lesson, principal: str, now: datetime) -> Evidence:
    """The calls as a source would have counted them that sees everything."""
    days = days_from(learnt.today - timedelta(days=learnt.days), learnt.days)
    coverage = Coverage(
        source=SOURCE,
        kind="trail-files",
        start=datetime.combine(days[0], time(), UTC),
        end=now,
        selectors=ALL_LOGGED,
        regions=frozenset({REGION}),
        all_regions=True,
        delivered=frozenset((ACCOUNT, day) for day in days),
        records=sum(sum(of_days.values()) for of_days in learnt.calls.values()),
    )
    tallies = {
        ObservationKey(SOURCE, principal, request, Outcome.SUCCEEDED): _tally(of_days)
        for request, of_days in learnt.calls.items()
    }
    return Evidence(tallies, {SOURCE: coverage})


def _tally(days: Mapping[date, int]) -> Tally:
    return Tally(
        days=days,
        first=f"{min(days)}T09:00:00Z",
        last=f"{max(days)}T09:00:00Z",
        regions=frozenset({REGION}),
        sessions=frozenset({"s1", "s2"}),
    )
