"""What was denied after an apply and allowed before it: which grant comes back, and when none does."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from leastwise.apply.journal import past_applies
from leastwise.assess import assess
from leastwise.denied.watch import losses
from leastwise.iam.document import parse
from leastwise.iam.includes import Included, includes
from leastwise.model.applied import Applied, PastApply
from leastwise.model.declared import Principal, PrincipalKind
from leastwise.model.evidence import DenialReason
from leastwise.model.finding import NotProposed, Unseen, Verdict
from leastwise.model.journal import AppliedRecord, Ending, Kind, StepOutcome, StepRecord
from leastwise.model.plan import Plan, PolicyChange
from leastwise.model.policies import PolicyFile, PolicyKind
from leastwise.model.proposal import ChangeKind, Proposal, ProposalKind, WithheldReason
from leastwise.model.request import Certainty, ResourceForm
from leastwise.render.pull_request import pull_request_text
from tests.builders import (
    FOLDER,
    NOW,
    SOURCE,
    TODAY,
    after,
    allow,
    case,
    day,
    denied,
    policy,
    policy_file,
    principal,
    saw,
)

APPLIED = Applied(datetime(2026, 11, 20, 8, 30, tzinfo=UTC), "1a2b3c4d5e6f", 41)
KEY = "arn:aws:s3:::receipts/2025/11/x.pdf"
BUCKET = "arn:aws:s3:::receipts/*"
BROAD = allow(["s3:GetObject", "s3:DeleteObjectTagging", "s3:PutObject"], BUCKET, Sid="Receipts")
LESS = allow(["s3:GetObject", "s3:PutObject"], BUCKET, Sid="Receipts")
NARROW = allow(["s3:GetObject"], "arn:aws:s3:::receipts/2026/*", Sid="Receipts")
SINCE = (day(2), day(1))


def files(content):
    named = content if isinstance(content, dict) and "Effect" not in content else {"main.json": content}
    return {
        f"{FOLDER}/{name}": policy_file(each, name) if each is not None else None
        for name, each in named.items()
    }


def past(before, now, applied=APPLIED):
    return PastApply(applied, files(before), files(now))


def changed(before, now, *observations, committed=..., **rest):
    """The principal after ``before`` was replaced by ``now``."""
    return case(now if committed is ... else committed, *observations, applies=(past(before, now),), **rest)


def restored(subject):
    return next(found for found in assess(subject).results if found.kind is ProposalKind.RESTORE)


def proved(proposal):
    assert isinstance(proposal, Proposal), proposal
    assert proposal.proof.holds
    return proposal


def test_one_denied_call_gives_a_removed_action_back_where_it_stood():
    found = proved(restored(changed(BROAD, LESS, denied("s3:DeleteObjectTagging", KEY, [day(1)]))))
    assert after(found) == [BROAD]
    (change,) = found.changes
    assert (change.kind, change.action, change.after) == (
        ChangeKind.RESTORED,
        "s3:DeleteObjectTagging",
        (BUCKET,),
    )
    assert change.statement.sid == "Receipts"
    assert found.undoes == (APPLIED,)


def test_the_title_says_what_was_denied_how_often_and_since_which_pull_request():
    subject = changed(BROAD, LESS, denied("s3:DeleteObjectTagging", KEY, SINCE))
    text = pull_request_text(restored(subject), subject)
    assert text.title == (
        "Restore s3:DeleteObjectTagging for role payments-api (111122223333): "
        "denied 2 times since #41 took it away"
    )
    assert "- #41, commit `1a2b3c4d5e6f`, applied 2026-11-20 08:30 UTC" in text.body
    assert "Allows nothing but what was allowed before: **proved**" in text.body
    assert "denied: 2 calls on 2 days" in text.body
    assert f"- `s3:DeleteObjectTagging` on `{KEY}`: 2 calls on 2 days" in text.body
    assert "AWS says: no identity-based policy allows it" in text.body
    assert "`event-s3:DeleteObjectTagging-2026-11-21`" in text.body


def test_what_is_denied_is_not_proposed_as_an_addition_beside_it():
    subject = changed(BROAD, LESS, denied("s3:DeleteObjectTagging", KEY, 5))
    kinds = [found.kind for found in assess(subject).results if isinstance(found, Proposal)]
    assert kinds == [ProposalKind.RESTORE]
    (call,) = assess(subject).denied
    assert call.why_not is NotProposed.RESTORED


def test_a_narrowed_grant_comes_back_by_the_smallest_rung_that_the_call_stands_on():
    wide = allow(["s3:GetObject"], BUCKET, Sid="Receipts")
    found = proved(restored(changed(wide, NARROW, denied("s3:GetObject", KEY, [day(1)]))))
    assert after(found) == [
        NARROW | {"Resource": ["arn:aws:s3:::receipts/2026/*", "arn:aws:s3:::receipts/2025/11/*"]}
    ]


def test_a_rung_never_leaves_the_pattern_that_granted_it():
    wide = allow(["s3:GetObject"], "arn:aws:s3:::receipts/2025/11/x*", Sid="Receipts")
    found = proved(
        restored(
            changed(
                wide,
                allow(["s3:GetObject"], "arn:aws:s3:::receipts/2025/11/xy*", Sid="Receipts"),
                denied("s3:GetObject", KEY, [day(1)]),
            )
        )
    )
    assert found.changes[0].after == (KEY,)


def test_other_actions_of_the_statement_get_no_more_than_they_have():
    wide = allow(["s3:GetObject", "s3:PutObject"], BUCKET, Sid="Receipts")
    less = allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::receipts/2026/*", Sid="Receipts")
    found = proved(restored(changed(wide, less, denied("s3:GetObject", KEY, [day(1)]))))
    assert after(found) == [
        less,
        allow("s3:GetObject", "arn:aws:s3:::receipts/2025/11/*", Sid="Receipts2"),
    ]


def test_a_table_comes_back_by_name():
    table = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
    wide = allow(["dynamodb:GetItem"], "arn:aws:dynamodb:eu-west-1:111122223333:table/*")
    less = allow(["dynamodb:GetItem"], "arn:aws:dynamodb:eu-west-1:111122223333:table/payments")
    found = proved(restored(changed(wide, less, denied("dynamodb:GetItem", table, [day(1)]))))
    assert found.changes[0].after == (table,)


def test_the_condition_comes_back_with_the_grant():
    condition = {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}
    wide = allow(["sqs:SendMessage", "sqs:PurgeQueue"], "*", Condition=condition)
    less = allow(["sqs:SendMessage"], "*")
    queue = "arn:aws:sqs:eu-west-1:111122223333:work"
    call = denied("sqs:PurgeQueue", queue, [day(1)], context=[("aws:RequestedRegion", "eu-west-1")])
    found = proved(restored(changed(wide, less, call)))
    assert after(found)[1] == allow("sqs:PurgeQueue", "*", Sid="Restored", Condition=condition)


def test_a_file_that_went_comes_back_with_what_is_needed_and_nothing_else():
    before = {"main.json": LESS, "old.json": allow(["sqs:SendMessage", "sqs:PurgeQueue"], "*", Sid="Old")}
    queue = "arn:aws:sqs:eu-west-1:111122223333:work"
    subject = case(
        LESS,
        denied("sqs:PurgeQueue", queue, [day(1)]),
        applies=(past(before, {"main.json": LESS, "old.json": None}),),
    )
    found = proved(restored(subject))
    (file,) = found.files
    assert (file.path, file.before) == (f"{FOLDER}/old.json", None)
    assert after(found) == [allow("sqs:PurgeQueue", "*", Sid="Old")]


SENSITIVE = allow(["iam:CreateAccessKey", "iam:GetUser"], "*", Sid="Keys")
GET_USER = allow(["iam:GetUser"], "*", Sid="Keys")
ALICE = "arn:aws:iam::111122223333:user/alice"


def test_a_sensitive_action_comes_back_on_the_very_names():
    found = proved(restored(changed(SENSITIVE, GET_USER, denied("iam:CreateAccessKey", ALICE, [day(1)]))))
    assert found.changes[0].after == (ALICE,)
    assert after(found) == [GET_USER, allow("iam:CreateAccessKey", ALICE, Sid="Keys2")]


def test_a_sensitive_action_without_a_name_is_withheld():
    call = denied("iam:CreateAccessKey", "*", [day(1)], form=ResourceForm.UNRECORDED)
    withheld = restored(changed(SENSITIVE, GET_USER, call))
    assert withheld.reason is WithheldReason.NOTHING_TO_CHANGE
    assert [call.why_not for call in withheld.denied] == [NotProposed.SENSITIVE]


def why_not(*observations, before=BROAD, now=LESS, **rest):
    found = losses(changed(before, now, *observations, **rest))
    assert not found.grants
    return {call.request.action: call.why_not for call in found.others}


@pytest.mark.parametrize(
    "reason",
    [
        DenialReason.EXPLICIT_DENY,
        DenialReason.SERVICE_CONTROL_POLICY,
        DenialReason.RESOURCE_CONTROL_POLICY,
        DenialReason.PERMISSIONS_BOUNDARY,
        DenialReason.SESSION_POLICY,
        DenialReason.RESOURCE_POLICY,
        DenialReason.VPC_ENDPOINT_POLICY,
    ],
)
def test_what_another_policy_refused_is_never_restored(reason):
    call = denied("s3:DeleteObjectTagging", KEY, [day(1)], reason=reason)
    assert why_not(call) == {"s3:DeleteObjectTagging": NotProposed.OTHER_POLICY}


def test_where_aws_names_no_policy_it_may_be_ours():
    call = denied("s3:DeleteObjectTagging", KEY, [day(1)], reason=DenialReason.UNQUALIFIED)
    (grant,) = losses(changed(BROAD, LESS, call)).grants
    assert not grant.is_certain
    (grant,) = losses(changed(BROAD, LESS, denied("s3:DeleteObjectTagging", KEY, [day(1)]))).grants
    assert grant.is_certain
    inferred = denied("s3:DeleteObjectTagging", KEY, [day(1)], certainty=Certainty.INFERRED)
    (grant,) = losses(changed(BROAD, LESS, inferred)).grants
    assert not grant.is_certain


def test_what_was_never_allowed_was_not_lost():
    found = losses(changed(BROAD, LESS, denied("s3:PutObjectAcl", KEY, 5)))
    assert found.grants == found.others == ()


def test_what_was_denied_before_the_apply_does_not_count():
    assert losses(changed(BROAD, LESS, denied("s3:DeleteObjectTagging", KEY, [day(5)]))).grants == ()
    mixed = denied("s3:DeleteObjectTagging", KEY, [day(5), day(1)])
    (grant,) = losses(changed(BROAD, LESS, mixed)).grants
    (call,) = grant.calls
    assert call.observations[0].tally.days == {day(1): 1}


@pytest.mark.parametrize(("hour", "found"), [(7, 0), (8, 0), (9, 1), (23, 1)])
def test_on_the_day_of_the_apply_the_hours_decide(hour, found):
    call = denied("s3:DeleteObjectTagging", KEY, [APPLIED.when.date()], hour=hour)
    moment = f"{APPLIED.when.date()}T{hour:02}:10:00Z"
    call = replace(call, tally=replace(call.tally, first=moment, last=moment))
    assert len(losses(changed(BROAD, LESS, call)).grants) == found


def test_of_the_hour_of_the_apply_nobody_can_tell_and_later_days_count():
    """The call of 08:10 came before the apply of 08:30; that of the day after did not."""
    call = denied("s3:DeleteObjectTagging", KEY, [APPLIED.when.date(), day(1)], hour=8)
    call = replace(call, tally=replace(call.tally, first=f"{APPLIED.when.date()}T08:10:00Z"))
    (grant,) = losses(changed(BROAD, LESS, call)).grants
    (found,) = grant.calls
    assert found.observations[0].tally.days == {day(1): 1}


def test_what_an_apply_left_allowed_was_not_lost_by_it():
    """Denied by something else, and taken away since in a commit that waits to be applied."""
    least = allow(["s3:GetObject"], BUCKET, Sid="Receipts")
    call = denied("s3:PutObject", KEY, [day(1)], reason=DenialReason.UNQUALIFIED)
    found = losses(changed(BROAD, LESS, call, committed=least))
    assert found.grants == found.others == ()


def test_a_burst_of_probing_is_shown_and_not_restored():
    actions = [f"ec2:{name}" for name in PROBED]
    calls = [denied(action, "*", [day(1)], hour=3) for action in actions]
    call = denied("s3:DeleteObjectTagging", KEY, [day(1)], hour=3)
    assert why_not(call, *calls) == {"s3:DeleteObjectTagging": NotProposed.PROBING}
    at_work = denied("s3:DeleteObjectTagging", KEY, [day(1)], hour=9)
    assert losses(changed(BROAD, LESS, at_work, *calls)).grants


PROBED = [
    f"Describe{name}s"
    for name in (
        *("Instance", "Vpc", "Subnet", "Image", "Volume", "Snapshot", "KeyPair", "Region", "Host", "Tag"),
        *("Fleet", "NatGateway", "RouteTable", "NetworkAcl", "VpnGateway", "FlowLog", "InternetGateway"),
        *("SecurityGroup", "LaunchTemplate", "PlacementGroup"),
    )
]


def test_what_is_committed_again_waits_to_be_applied():
    call = denied("s3:DeleteObjectTagging", KEY, [day(1)])
    found = losses(changed(BROAD, LESS, call, committed=BROAD))
    assert [each.why_not for each in found.others] == [NotProposed.ALREADY_ALLOWED]


def test_what_a_committed_deny_refuses_is_meant():
    now = {"main.json": policy(LESS, {"Effect": "Deny", "Action": "s3:DeleteObjectTagging", "Resource": "*"})}
    call = denied("s3:DeleteObjectTagging", KEY, [day(1)])
    found = losses(changed({"main.json": BROAD}, {"main.json": LESS}, call, committed=now))
    assert [each.why_not for each in found.others] == [NotProposed.OTHER_POLICY]


def test_a_condition_that_the_record_does_not_show_is_not_supposed():
    wide = BROAD | {"Condition": {"StringEquals": {"aws:PrincipalTag/team": "payments"}}}
    call = denied("s3:DeleteObjectTagging", KEY, [day(1)])
    assert why_not(call, before=wide) == {"s3:DeleteObjectTagging": NotProposed.UNDECIDED}


def test_a_statement_with_not_action_is_not_rewritten():
    wide = {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}
    call = denied("s3:DeleteObjectTagging", KEY, [day(1)])
    assert why_not(call, before=wide) == {"s3:DeleteObjectTagging": NotProposed.OPAQUE}


def test_never_means_never():
    call = denied("s3:DeleteObjectTagging", KEY, [day(1)])
    assert why_not(call, who=principal(never=("s3:Delete*",))) == {
        "s3:DeleteObjectTagging": NotProposed.NEVER
    }


def test_a_restoration_that_people_closed_is_not_proposed_again():
    call = denied("s3:DeleteObjectTagging", KEY, [day(1)])
    (change,) = restored(changed(BROAD, LESS, call)).changes
    assert change.grant == f"restored s3:DeleteObjectTagging on {BUCKET}"
    refused = why_not(call, declined=frozenset({change.grant}))
    assert refused == {"s3:DeleteObjectTagging": NotProposed.DECLINED}


def test_each_call_is_tied_to_the_apply_that_took_its_grant():
    second = Applied(APPLIED.when + timedelta(days=1), "ffff0000", 0)
    least = allow(["s3:GetObject"], BUCKET, Sid="Receipts")
    calls = [denied(action, KEY, SINCE) for action in ("s3:DeleteObjectTagging", "s3:PutObject")]
    subject = case(least, *calls, applies=(past(BROAD, LESS), past(LESS, least, second)))
    assert {grant.action: grant.applied.name for grant in losses(subject).grants} == {
        "s3:DeleteObjectTagging": "#41",
        "s3:PutObject": "commit ffff0000",
    }
    found = proved(restored(subject))
    assert after(found) == [BROAD]
    assert "since #41 and commit ffff0000 took them away" in pull_request_text(found, subject).title


def test_one_pull_request_gives_back_everything_that_was_lost():
    wide = allow(
        ["s3:GetObject", "s3:PutObject", "s3:DeleteObjectTagging", "s3:AbortMultipartUpload"], BUCKET
    )
    least = allow(["s3:GetObject"], BUCKET)
    calls = [denied(action, KEY, [day(1)]) for action in ("s3:PutObject", "s3:AbortMultipartUpload")]
    found = proved(restored(changed(wide, least, *calls)))
    assert after(found) == [allow(["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"], BUCKET)]


SET = Principal(
    PrincipalKind.PERMISSION_SET, "DataEngineer", 1, accounts=("111122223333",), sources=(SOURCE,)
)
QUEUES = allow(["sqs:SendMessage", "sqs:PurgeQueue"], "*", Sid="Queues")
FEWER = allow(["sqs:SendMessage"], "*", Sid="Queues")


def of_set(name, *statements):
    path, text = f"{SET.folder}/{name}.json", policy(*statements)
    return PolicyFile(path, text, parse(text, path), PolicyKind.INLINE, SET.folder)


def of_several_files(*observations, before, applied, committed):
    """A permission set: the journal knows its one inline policy, the repository has several files."""
    record = journal_record(policy(*before), policy(*applied))
    own = tuple(of_set(name, *statements) for name, statements in committed.items())
    applies = past_applies(SET, [record], {})
    return replace(case(LESS, *observations, who=SET), own=own, applies=applies)


def journal_record(before, now):
    path = f"{SET.folder}/{SET.name}.json"
    change = PolicyChange(path, SET.name, "", before, now, True, True)
    plan = Plan(SET.key, (), (), (change,), "f" * 64)
    done = (StepRecord(StepOutcome.DONE),)
    return AppliedRecord(Kind.APPLY, plan, "c" * 40, 41, "x", APPLIED.when, Ending.DONE, APPLIED.when, done)


@pytest.mark.parametrize("order", [("a-receipts", "b-queues"), ("b-receipts", "a-queues")])
def test_of_several_files_of_a_permission_set_each_gets_back_its_own(order):
    receipts, queues = order
    queue = "arn:aws:sqs:eu-west-1:111122223333:work"
    subject = of_several_files(
        denied("s3:DeleteObjectTagging", KEY, [day(1)], principal=SET.key),
        denied("sqs:PurgeQueue", queue, [day(1)], principal=SET.key),
        before=[BROAD, QUEUES],
        applied=[LESS, FEWER],
        committed={receipts: [LESS], queues: [FEWER]},
    )
    found = proved(restored(subject))
    said = {file.path.rpartition("/")[2]: json.loads(file.after)["Statement"] for file in found.files}
    assert said == {f"{receipts}.json": [BROAD], f"{queues}.json": [QUEUES]}


def test_of_several_files_what_is_committed_and_not_applied_yet_is_not_taken_to_be_live():
    """Another merge gave the grant back already; it waits to be applied."""
    call = denied("s3:DeleteObjectTagging", KEY, [day(1)], principal=SET.key)
    subject = of_several_files(
        call, before=[BROAD, FEWER], applied=[LESS, FEWER], committed={"a": [BROAD], "b": [FEWER]}
    )
    assert [each.why_not for each in losses(subject).others] == [NotProposed.ALREADY_ALLOWED]


def test_a_permission_set_whose_files_are_more_or_fewer_now_is_still_known():
    call = denied("s3:DeleteObjectTagging", KEY, [day(1)], principal=SET.key)
    subject = of_several_files(call, before=[BROAD], applied=[LESS], committed={"only": [LESS]})
    (grant,) = losses(subject).grants
    assert grant.path == f"{SET.folder}/only.json"


def test_without_a_journal_nothing_is_said_of_restoring():
    call = denied("s3:DeleteObjectTagging", KEY, [day(1)])
    found = assess(case(LESS, call))
    assert ProposalKind.RESTORE not in found.kinds
    assert ProposalKind.RESTORE not in {result.kind for result in found.results}
    empty = assess(case(LESS, call, applies=()))
    assert ProposalKind.RESTORE in empty.kinds


def test_what_was_restored_is_not_proposed_for_removal_again():
    """Its statement is younger than the window; and were it not, the denied calls have touched it."""
    call = denied("s3:DeleteObjectTagging", KEY, SINCE)
    young = case(
        BROAD, call, saw("s3:GetObject", KEY), saw("s3:PutObject", KEY), since=NOW - timedelta(days=1)
    )
    old = case(BROAD, call, saw("s3:GetObject", KEY), saw("s3:PutObject", KEY))
    reasons = []
    for subject in (young, old):
        (finding,) = [
            each for each in assess(subject).findings if each.atom.action == "s3:DeleteObjectTagging"
        ]
        assert finding.verdict is Verdict.UNKNOWN
        reasons.append(finding.reason)
    assert reasons == [Unseen.TOUCHED, Unseen.TOUCHED]
    quiet = case(BROAD, saw("s3:GetObject", KEY), since=NOW - timedelta(days=1))
    verdicts = {each.atom.action: each.reason for each in assess(quiet).findings}
    assert verdicts["s3:DeleteObjectTagging"] is Unseen.STATEMENT_TOO_YOUNG


def test_a_name_from_a_log_stays_a_name():
    wide, less = allow(["s3:GetObject"], BUCKET), NARROW
    found = proved(
        restored(changed(wide, less, denied("s3:GetObject", "arn:aws:s3:::receipts/a*/${x}?.pdf", [day(1)])))
    )
    (change,) = found.changes
    assert change.after == ("arn:aws:s3:::receipts/a${*}/*",)


def test_what_comes_back_lies_inside_what_was_held():
    before, now = policy_file(BROAD), policy_file(LESS)
    found = restored(changed(BROAD, LESS, denied("s3:DeleteObjectTagging", KEY, [TODAY])))
    whole = policy_file(found.files[0].after).document
    assert isinstance(includes([whole], [now.document]), Included)
    assert isinstance(includes([before.document, now.document], [whole]), Included)


POWER = {
    "aws/PowerUserAccess.json": policy({"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*"}),
    "shared/everyone.json": policy(allow("sqs:*", "*", Condition={"Bool": {"aws:SecureTransport": "true"}})),
}


def first_policy_applied(*observations):
    """A trial on policies of others is over: the first policy of its own took their place."""
    others = {
        path: PolicyFile(path, text, parse(text, path), PolicyKind.AWS_MANAGED)
        for path, text in POWER.items()
    }
    own = files(LESS)
    past_apply = PastApply(APPLIED, {**others, **dict.fromkeys(own)}, {**dict.fromkeys(others), **own})
    return case(LESS, *observations, applies=(past_apply,))


def test_what_a_policy_of_others_granted_comes_back_in_the_least_of_it_to_a_file_of_its_own():
    subject = first_policy_applied(
        denied("s3:DeleteObjectTagging", KEY, [day(1)]),
        denied("dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:111122223333:table/orders", [day(1)]),
    )
    found = proved(restored(subject))
    assert [file.path for file in found.files] == [f"{FOLDER}/main.json"]
    assert after(found) == [
        LESS,
        allow("dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:111122223333:table/orders", Sid="Restored"),
        allow("s3:DeleteObjectTagging", "arn:aws:s3:::receipts/2025/11/*", Sid="Restored2"),
    ]


def test_its_conditions_come_back_with_it():
    queue = "arn:aws:sqs:eu-west-1:111122223333:work"
    secure = [("aws:SecureTransport", "true")]
    found = losses(first_policy_applied(denied("sqs:PurgeQueue", queue, [day(1)], context=secure)))
    (grant,) = found.grants
    assert (grant.patterns, grant.path) == ((queue,), f"{FOLDER}/main.json")


def test_of_a_policy_of_others_nothing_comes_back_that_no_record_names():
    unnamed = denied("s3:DeleteObjectTagging", "*", [day(1)], form=ResourceForm.UNRECORDED)
    found = losses(first_policy_applied(unnamed))
    assert [call.why_not for call in found.others] == [NotProposed.NO_RESOURCE]
    outside = denied("iam:CreateAccessKey", ALICE, [day(1)])
    assert losses(first_policy_applied(outside)).grants == ()
