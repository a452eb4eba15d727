"""What is said of each grant of a committed policy."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leastwise.model.finding import Unseen, Verdict
from leastwise.model.request import ResourceForm
from tests.builders import (
    MANAGEMENT_ONLY,
    NOW,
    TODAY,
    allow,
    case,
    day,
    denied,
    failed,
    findings,
    keep,
    policy,
    principal,
    saw,
    sees_everything,
    tightened,
    trial,
    verdicts,
)

BUCKET = "arn:aws:s3:::b"
OBJECTS = f"{BUCKET}/*"
WORK = saw("s3:ListBucket", BUCKET)
READ = saw("s3:GetObject", f"{BUCKET}/x")


def of(action, *observations, own=None, **rest):
    """The finding about one action that stands beside the daily work."""
    subject = own or [allow("s3:ListBucket", BUCKET), allow(action, OBJECTS)]
    return findings(case(subject, WORK, *observations, **rest))[action]


def test_what_was_never_used_is_unused():
    assert of("s3:PutObject").verdict is Verdict.UNUSED


def test_what_was_used_on_less_is_broader_than_used():
    found = of("s3:GetObject", READ)
    assert found.verdict is Verdict.BROADER_THAN_USED
    assert found.needed == (f"{BUCKET}/x",)


def test_a_call_credits_every_statement_that_could_have_allowed_it():
    own = [allow("s3:ListBucket", BUCKET), allow("s3:GetObject", OBJECTS), allow("s3:Get*", OBJECTS)]
    judged = tightened(case(own, WORK, READ))
    assert [change.action for change in judged.changes if not change.after].count("s3:GetObject") == 0


@pytest.mark.parametrize("reading_apart", ["arn:aws:sqs:*:q", "arn:aws:sqs"])
def test_a_call_credits_a_grant_that_only_one_reading_lets_allow_it(reading_apart):
    own = [allow("sqs:SendMessage", reading_apart), allow("sqs:SendMessage", "*")]
    call = saw("sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:q")
    assert tightened(case(own, call)).changes[0].statement.index == 1


def test_a_rolled_up_call_credits_what_it_may_have_touched():
    rolled = saw("s3:GetObject", f"{BUCKET}/in/*", form=ResourceForm.ROLLED_UP)
    assert of("s3:GetObject", rolled).needed == (f"{BUCKET}/in/*",)


def test_a_call_without_a_recorded_resource_leaves_the_grant_as_it_is():
    unrecorded = saw("s3:GetObject", "*", days=1, calls=1, form=ResourceForm.UNRECORDED)
    found = of("s3:GetObject", unrecorded, READ)
    assert found.verdict is Verdict.USED
    assert found.detail == (
        "the records of 1 of 201 calls do not say which resource was used, e.g. event "
        "event-s3:GetObject-2026-11-22"
    )


@pytest.mark.parametrize(
    "other", [denied("s3:PutObject", f"{BUCKET}/x"), failed("s3:PutObject", f"{BUCKET}/x")]
)
def test_what_was_asked_for_in_vain_is_not_unused(other):
    found = of("s3:PutObject", other)
    assert (found.verdict, found.reason) == (Verdict.UNKNOWN, Unseen.TOUCHED)


def test_a_failure_after_authorization_is_a_use():
    assert of("s3:GetObject", failed("s3:GetObject", f"{BUCKET}/x", proves=True)).needed == (f"{BUCKET}/x",)


def test_narrowing_leaves_room_for_a_call_that_failed_for_another_reason():
    throttled = failed("s3:GetObject", f"{BUCKET}/y")
    assert of("s3:GetObject", READ, throttled).needed == (f"{BUCKET}/x", f"{BUCKET}/y")


@pytest.mark.parametrize(
    ("action", "name"),
    [
        ("s3:PutObject", f"{BUCKET}/closing/{TODAY:%Y-%m}.json"),
        ("dynamodb:PutItem", f"arn:aws:dynamodb:eu-west-1:111122223333:table/log-{TODAY:%Y_%m}"),
    ],
)
def test_a_name_that_holds_the_date_of_its_use_narrows_nothing(action, name):
    """The next one has another name: the narrowed grant would break within a month."""
    found = of(action, saw(action, name), own=[allow("s3:ListBucket", BUCKET), allow(action)])
    assert found.verdict is Verdict.USED
    assert "hold the date" in found.detail


def test_a_name_with_a_date_of_long_ago_is_a_name():
    old = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders-2019-05"
    found = of("dynamodb:PutItem", saw("dynamodb:PutItem", old), own=[allow("s3:*"), allow("dynamodb:*")])
    assert found.needed == (old,)


def test_dates_below_a_prefix_are_the_prefix():
    keys = [saw("s3:PutObject", f"{BUCKET}/in/{day(back)}.csv", [day(back)]) for back in (1, 2, 3)]
    assert of("s3:PutObject", *keys, own=[allow("s3:*")]).needed == (f"{BUCKET}/in/*",)


def test_what_the_trail_does_not_log_is_unknown():
    found = of("s3:PutObject", seen=sees_everything(selectors=MANAGEMENT_ONLY))
    assert (found.verdict, found.reason) == (Verdict.UNKNOWN, Unseen.NOT_LOGGED)


def test_what_the_trail_does_not_log_is_not_narrowed():
    assert of("s3:GetObject", READ, seen=sees_everything(selectors=MANAGEMENT_ONLY)).verdict is Verdict.USED


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        (NOW - timedelta(days=90), Verdict.UNUSED),
        (NOW - timedelta(days=89), Verdict.UNKNOWN),
        (None, Verdict.UNKNOWN),
    ],
)
def test_a_statement_must_have_stood_for_the_whole_window(changed, verdict):
    assert of("s3:PutObject", since={0: NOW - timedelta(days=400), 1: changed}).verdict is verdict


def test_nothing_of_an_opaque_statement_is_called_unused():
    for statement in (
        {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "s3:*", "NotResource": OBJECTS},
        allow("s3:*", f"{BUCKET}/${{aws:username}}/*"),
    ):
        assert set(verdicts(case([allow("s3:ListBucket", BUCKET), statement], WORK)).values()) == {
            "used",
            "unknown",
        }


def test_nothing_of_an_old_version_is_called_unused():
    assert verdicts(case(policy(allow("s3:*"), version="2008-10-17"), WORK)) == {"": "unknown"}


def test_a_kept_grant_is_kept_until_its_day_has_passed():
    entry = keep("s3:Put*", OBJECTS, until=TODAY)
    assert of("s3:PutObject", who=principal(keep=(entry,))).verdict is Verdict.KEPT
    past = keep("s3:Put*", OBJECTS, until=day(1))
    assert of("s3:PutObject", who=principal(keep=(past,))).verdict is Verdict.UNUSED


@pytest.mark.parametrize(
    "resource", ["*", OBJECTS, f"{BUCKET}/drill/*", "arn:aws:s3:::*", "arn:aws:s3:::b*/drill/?"]
)
def test_a_keep_entry_protects_every_statement_it_may_overlap(resource):
    assert of("s3:PutObject", who=principal(keep=(keep("s3:*", resource),))).verdict is Verdict.KEPT


def test_a_keep_entry_for_something_else_protects_nothing():
    for entry in (keep("s3:*", "arn:aws:s3:::other/*"), keep("s3:Get*", OBJECTS)):
        assert of("s3:PutObject", who=principal(keep=(entry,))).verdict is Verdict.UNUSED


def test_what_a_reviewer_declined_is_kept():
    text = f"removed s3:PutObject on {OBJECTS}"
    assert of("s3:PutObject", declined=frozenset({text})).verdict is Verdict.KEPT
    assert of("s3:GetObject", READ, declined=frozenset({text})).verdict is Verdict.BROADER_THAN_USED


def test_nothing_is_unused_while_the_trial_is_open():
    found = of("s3:PutObject", who=principal(trial=trial(opened_back=10)))
    assert (found.verdict, found.reason) == (Verdict.UNKNOWN, Unseen.TRIAL_OPEN)


def test_a_call_that_no_permission_is_known_for_leaves_its_service_unknown():
    seen = sees_everything(unmapped={"s3.amazonaws.com:SomethingNew": 3})
    found = of("s3:PutObject", seen=seen)
    assert (found.verdict, found.reason) == (Verdict.UNKNOWN, Unseen.UNMAPPED)
    assert "SomethingNew" in found.detail


def test_a_service_whose_calls_the_policy_does_not_explain_is_left_alone():
    foreign = saw("s3:DeleteObject", f"{BUCKET}/x")
    found = of("s3:PutObject", foreign)
    assert (found.verdict, found.reason) == (Verdict.UNKNOWN, Unseen.CALIBRATION)
