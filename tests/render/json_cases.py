"""Outputs to look at: one principal judged for real, and values made by hand for what it does not show."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from leastwise.assess import assess
from leastwise.case import Case
from leastwise.errors import Problem
from leastwise.evidence_file import evidence_object
from leastwise.iam.arn import Reading
from leastwise.iam.document import parse
from leastwise.iam.evaluate import Place, evaluate_both
from leastwise.iam.includes import Included, Undecided, Witness
from leastwise.iam.request import Request
from leastwise.model.declared import Principal, PrincipalKind
from leastwise.model.derivation import Flag, LeftOut, Omission
from leastwise.model.event import Event, Locator, Outcome
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
from leastwise.model.interpretation import Denial, Interpretation
from leastwise.model.policies import PolicyFile, PolicyKind
from leastwise.model.proposal import OutcomeKind, Proposal, ProposalKind, PublishOutcome
from leastwise.model.request import AuthorizationRequest, Certainty, ResourceForm
from leastwise.plan.planned import Effect, of_sides
from leastwise.propose.replay import Replay
from leastwise.render import as_json, plan_json, query_json
from leastwise.render.audit_json import audit_object
from leastwise.review import review
from leastwise.saved.results import Asked, Result, Standing
from leastwise.visibility import views_of
from tests.audit.cases import EVERYTHING
from tests.builders import allow
from tests.evidence_file.cases import FULL
from tests.plan.held import aws, both_sides, managed
from tests.saved.found import NOW as ASKED_AT
from tests.saved.found import found, report

ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/payments-api"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
FIRST = date(2026, 8, 15)
DAYS = tuple(FIRST + timedelta(days=number) for number in range((NOW.date() - FIRST).days))
PATH = f"{ACCOUNT}/role/payments-api/main.json"
POLICY = """{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Receipts",
      "Effect": "Allow",
      "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
      "Resource": "arn:aws:s3:::receipts/*"
    },
    {
      "Effect": "Allow",
      "Action": ["sqs:SendMessage", "sqs:PurgeQueue"],
      "Resource": "*"
    },
    {
      "Effect": "Deny",
      "Action": "s3:*",
      "Resource": "arn:aws:s3:::vault/*"
    }
  ]
}
"""
QUEUE = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:orders"


def observation(action, resource, days=DAYS, count=4, sessions=3, source="trail", **key) -> Observation:
    """Calls of the role, ``count`` on each day."""
    key.setdefault("outcome", Outcome.SUCCEEDED)
    return Observation(
        ObservationKey(source, ROLE, AuthorizationRequest(action, resource), **key),
        Tally(
            days=dict.fromkeys(days, count),
            first=f"{days[0]}T09:00:00Z",
            last=f"{days[-1]}T17:00:00Z",
            samples=(f"e-{action}-1", f"e-{action}-2"),
            regions=frozenset({"eu-west-1"}),
            sessions=frozenset(f"hash{number}" for number in range(sessions)),
            hours=frozenset(f"{day}T09" for day in days[:9]) if "denial" in key else frozenset(),
        ),
    )


COVERAGE = Coverage(
    source="trail",
    kind="trail-files",
    start=datetime(2026, 8, 15, tzinfo=UTC),
    end=NOW,
    selectors=Selectors(
        management_read=True,
        management_write=True,
        data=frozenset({DataSelector("AWS::S3::Object", read=True, write=True)}),
    ),
    regions=frozenset({"eu-west-1"}),
    all_regions=True,
    delivered=frozenset((ACCOUNT, day) for day in DAYS),
    records=1234,
)
SEEN = (
    observation("s3:GetObject", "arn:aws:s3:::receipts/2026/1.pdf"),
    observation("s3:PutObject", "arn:aws:s3:::receipts/2026/1.pdf"),
    observation(
        "dynamodb:GetItem",
        f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/orders",
        days=DAYS[-5:],
        outcome=Outcome.DENIED,
        denial=DenialReason.NO_IDENTITY_POLICY,
    ),
    observation(
        "sqs:PurgeQueue", QUEUE, days=DAYS[-1:], outcome=Outcome.DENIED, denial=DenialReason.EXPLICIT_DENY
    ),
)


def case(policy: str | None = POLICY, seen=SEEN, coverage=COVERAGE) -> Case:
    principal = Principal(PrincipalKind.ROLE, "payments-api", 1, ROLE, (ACCOUNT,), sources=("trail",))
    principal = replace(principal, owners=("@acme/payments",))
    evidence = Evidence({each.key: each.tally for each in seen}, {"trail": coverage})
    own = (PolicyFile(PATH, policy, parse(policy), PolicyKind.MANAGED, principal.folder),) if policy else ()
    return Case(
        principal=principal,
        own=own,
        elsewhere=(),
        bound=None,
        evidence=evidence,
        views=views_of(principal, evidence, NOW),
        unchanged_since={
            StatementRef(file.path, index, statement.sid or ""): datetime(2026, 1, 1, tzinfo=UTC)
            for file in own
            for index, statement in enumerate(file.document.statements)
        },
        now=NOW,
    )


def flagged(proposal: Proposal) -> Proposal:
    """The proposal with a flag, a note and an omission."""
    change = replace(proposal.changes[0], flags=(Flag.CLIMBED,))
    omission = Omission(LeftOut.NEVER, SEEN[0])
    return replace(proposal, changes=(change, *proposal.changes[1:]), omissions=(omission,), notes=("Note.",))


JUDGED = assess(case())
BLIND = assess(case(coverage=replace(COVERAGE, selectors=None)))
FIRST_POLICY = assess(case(policy=None))
EXPLAINED_BY_NOTHING = assess(case(seen=(observation("s3:ListBucket", "arn:aws:s3:::receipts"),)))
OUTCOMES = (
    PublishOutcome(OutcomeKind.OPENED, ProposalKind.TIGHTEN, ROLE, where="leastwise/tighten/payments-api"),
    PublishOutcome(OutcomeKind.WITHHELD, ProposalKind.ADD, ROLE, why="nothing to change"),
)
PASS_ROLE = AuthorizationRequest(
    "iam:PassRole",
    f"arn:aws:iam::{ACCOUNT}:role/worker",
    ResourceForm.LITERAL,
    (("iam:PassedToService", "lambda.amazonaws.com"),),
    Certainty.INFERRED,
)
EVENT = Event(
    event_id="11111111-1111-1111-1111-111111111111",
    time="2026-11-20T09:00:00Z",
    source="lambda.amazonaws.com",
    name="CreateFunction20150331",
    region="eu-west-1",
    account=ACCOUNT,
    recipient_account=ACCOUNT,
    actor=ROLE,
    identity_type="AssumedRole",
    session_name="maria",
    locator=Locator("logs/a.json.gz", 7),
)
REFUSED = Interpretation(
    Outcome.DENIED, (PASS_ROLE,), None, Denial("iam:PassRole", "", DenialReason.NO_IDENTITY_POLICY)
)
POLICY_FILE = case().own[0]
WIDENED = POLICY.replace('"s3:DeleteObject"', '"s3:ListBucket"').replace("receipts/*", "receipts*")
EDITED = review([POLICY_FILE], case(WIDENED).own, SEEN)


def decided(action: str, resource: str) -> dict[str, object]:
    documents = [POLICY_FILE.document]
    return as_json.decision(evaluate_both(documents, Request(action, resource)), [POLICY_FILE])


CHANGED = of_sides(
    both_sides(
        [
            managed("main", allow("s3:*"), versions=("v1", "v2", "v3", "v4", "v5")),
            aws("ReadOnly", allow("sqs:*")),
        ],
        [managed("main", allow("s3:GetObject"))],
        groups=("devs",),
    ),
    writable=True,
)
BEHIND = replace(CHANGED, behind=("111122223333",), why_not=("propose-only",))
UNDECIDED = replace(
    CHANGED,
    plan=None,
    effect=Effect(
        Undecided("not decided within 10 steps"),
        Witness("s3:GetObject", "*", Place(0, 0), Reading.FLAT),
        CHANGED.effect.removed,
        CHANGED.effect.removed,
        ("main.json NotAction",),
    ),
)
BAD = Problem("queries/bad.sql", 0, 3, "Trino SQL", "`FRM`")
ASKED = report(
    found(("2026-11-20", "root")),
    found(),
    Result(Asked("bad", BAD.path), Standing.WRONG, problems=(BAD, replace(BAD, line=9, column=0))),
    Result(
        Asked("lost", "queries/lost.sql"),
        Standing.FAILED,
        reason="AWS was busy",
        start=ASKED_AT,
        end=ASKED_AT,
    ),
    notes=("permission-set/Admin has no ARN of its own",),
)

CASES = {
    "trace": [
        as_json.traced(EVENT, REFUSED),
        as_json.traced(replace(EVENT, actor=""), Interpretation(Outcome.SUCCEEDED, unmapped="not known")),
    ],
    "evidence": [evidence_object(FULL)],
    "diff": [as_json.assessment(each) for each in (JUDGED, BLIND, FIRST_POLICY, EXPLAINED_BY_NOTHING)],
    "propose": [
        as_json.proposals(
            (replace(JUDGED, results=(flagged(JUDGED.results[0]), *JUDGED.results[1:])), FIRST_POLICY, BLIND),
            OUTCOMES,
        )
    ],
    "check": [
        as_json.problems((), principals=7, policies=9, notes=("policies/old.json counts for nobody",)),
        as_json.problems(
            (
                Problem("principals.yaml", 3, 7, "an ARN", "nothing"),
                Problem("principals.yaml", 0, 0, "a file", "none"),
            ),
            principals=None,
            policies=None,
        ),
        as_json.problems((), principals=1, policies=1, reviews=EDITED),
    ],
    "plan": [plan_json.plans((CHANGED, BEHIND), "0" * 40), plan_json.plans((UNDECIDED,), "")],
    "query": [query_json.report_object(ASKED)],
    "replay": [
        decided("s3:GetObject", "arn:aws:s3:::receipts/1"),
        decided("s3:GetObject", "arn:aws:s3:::vault/1"),
        decided("ec2:RunInstances", "*"),
    ],
    "audit": [audit_object(EVERYTHING)],
    "prove": [
        as_json.inclusion(Included(), Replay(10, 9, 2, SEEN[:1]), ()),
        as_json.inclusion(Undecided("not decided within 10 steps"), None, ("its counts differ",)),
        as_json.inclusion(
            Witness("s3:GetObject", "arn:aws:s3:::receipts/1", Place(0, 0), Reading.FLAT, (("a", True),)),
            None,
            (),
            [POLICY_FILE],
        ),
    ],
}
