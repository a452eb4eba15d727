"""Denied calls: which of them are a missing grant."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leastwise.assess import assess
from leastwise.model.evidence import HOURS_KEPT, DenialReason
from leastwise.model.finding import NotProposed
from leastwise.model.proposal import Proposal
from leastwise.model.request import ResourceForm
from tests.builders import added, after, allow, case, day, denied, last, policy, principal, saw

BUCKET = "arn:aws:s3:::b"
OWN = [allow("s3:ListBucket", BUCKET)]
WORK = saw("s3:ListBucket", BUCKET)
KEY = f"{BUCKET}/in"


def why_not(*observations, own=None, **rest):
    """Why the one request is not proposed; ``None``: it is."""
    subject = case(own or OWN, WORK, *observations, **rest)
    (found,) = {each.request: each for each in assess(subject).denied}.values()
    return found.why_not


def test_a_missing_grant_is_proposed_on_the_very_resource():
    proposal = added(case(OWN, WORK, denied("s3:GetObject", KEY)))
    assert isinstance(proposal, Proposal)
    assert after(proposal)[1] == {
        "Sid": "S3NeededB",
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": KEY,
    }
    assert (proposal.proof.allowed, proposal.proof.recorded) == (200, 200)


@pytest.mark.parametrize(
    "reason", [each for each in DenialReason if each is not DenialReason.NO_IDENTITY_POLICY]
)
def test_only_awss_own_words_for_a_missing_grant_make_one(reason):
    expected = NotProposed.UNQUALIFIED if reason is DenialReason.UNQUALIFIED else NotProposed.OTHER_POLICY
    assert why_not(denied("s3:GetObject", KEY, reason=reason)) is expected


def test_other_refusals_of_the_same_call_are_no_support():
    once = denied("s3:GetObject", KEY, days=[day(2)])
    often = denied("s3:GetObject", KEY, days=9, reason=DenialReason.UNQUALIFIED)
    assert why_not(once, often) is NotProposed.TOO_FEW_DAYS


@pytest.mark.parametrize(("days", "expected"), [(2, NotProposed.TOO_FEW_DAYS), (3, None)])
def test_three_days_are_a_need(days, expected):
    assert why_not(denied("s3:GetObject", KEY, days=days)) is expected


@pytest.mark.parametrize(
    ("sessions", "expected"), [(("one",), NotProposed.TOO_FEW_SESSIONS), (("one", "two"), None), ((), None)]
)
def test_two_sessions_are_a_need_and_users_have_none(sessions, expected):
    assert why_not(denied("s3:GetObject", KEY, sessions=sessions)) is expected


def test_a_call_refused_every_hour_for_weeks_is_a_need_though_only_its_first_hours_are_kept():
    found = denied("s3:GetObject", KEY, days=30)
    first = min(found.tally.days)
    hours = [f"{first + timedelta(days=n // 24)}T{n % 24:02}" for n in range(HOURS_KEPT)]
    object.__setattr__(found.tally, "hours", frozenset(hours))
    assert why_not(found) is None


def probing(count, days=5, hour=9):
    services = ("ec2", "rds", "sqs", "sns", "ecs", "eks", "kms", "ssm", "iam", "glue", "lambda", "logs", "s3")
    verbs = ("Alpha", "Beta")
    names = [f"{service}:{verb}" for service in services for verb in verbs][: count - 1]
    return [denied(name, "*", days=days, hour=hour) for name in names]


@pytest.mark.parametrize(("count", "expected"), [(19, None), (20, NotProposed.PROBING)])
def test_twenty_actions_in_an_hour_are_a_search(count, expected):
    subject = case(OWN, WORK, denied("s3:GetObject", KEY), *probing(count))
    (found,) = (each for each in assess(subject).denied if each.request.action == "s3:GetObject")
    assert found.why_not is expected


def test_a_need_stays_one_though_a_search_ran_beside_it_once():
    subject = case(OWN, WORK, denied("s3:GetObject", KEY, days=6), *probing(30, days=last(2)))
    (found,) = (each for each in assess(subject).denied if each.request.action == "s3:GetObject")
    assert found.why_not is None


@pytest.mark.parametrize("action", ["iam:PassRole", "iam:PutRolePolicy", "sts:AssumeRole", "kms:CreateGrant"])
def test_sensitive_actions_are_never_proposed(action):
    assert why_not(denied(action, "arn:aws:iam::111122223333:role/r")) is NotProposed.SENSITIVE


def test_never_means_never():
    assert why_not(denied("s3:GetObject", KEY), who=principal(never=("s3:Get*",))) is NotProposed.NEVER


@pytest.mark.parametrize("form", [ResourceForm.UNRECORDED, ResourceForm.ROLLED_UP])
def test_without_one_named_resource_there_is_nothing_to_grant(form):
    assert why_not(denied("s3:GetObject", KEY, form=form)) is NotProposed.NO_RESOURCE


def test_a_name_that_is_no_arn_is_not_granted():
    assert why_not(denied("s3:GetObject", "arn:nonsense")) is NotProposed.NO_RESOURCE


def test_what_the_policy_allows_already_is_not_granted_again():
    assert why_not(denied("s3:GetObject", KEY), own=[allow("s3:*")]) is NotProposed.ALREADY_ALLOWED


def test_what_a_condition_may_allow_is_left_to_a_person():
    own = [allow("s3:*", Condition={"Bool": {"aws:SecureTransport": "true"}})]
    assert why_not(denied("s3:GetObject", KEY), own=own) is NotProposed.UNDECIDED


def test_an_action_that_does_not_exist_is_not_granted():
    assert why_not(denied("s3:Frobnicate", KEY)) is NotProposed.UNKNOWN_ACTION


@pytest.mark.parametrize("name", ["plain", "a*", "a?", "${aws:username}"])
def test_what_a_reviewer_declined_is_not_proposed_again(name):
    found = denied("s3:GetObject", f"{BUCKET}/{name}")
    (change,) = added(case(OWN, WORK, found)).changes
    assert why_not(found, declined=frozenset({change.grant})) is NotProposed.DECLINED


def test_names_with_wildcards_are_granted_letter_for_letter():
    (_, statement) = after(added(case(OWN, WORK, denied("s3:GetObject", f"{BUCKET}/*/${{x}}?"))))
    assert statement["Resource"] == f"{BUCKET}/${{*}}/${{$}}{{x}}${{?}}"


def test_a_name_with_wildcards_is_not_added_to_a_policy_whose_version_has_no_escapes():
    subject = case(policy(*OWN, version="2008-10-17"), WORK, denied("s3:GetObject", f"{BUCKET}/*"))
    assert not isinstance(added(subject), Proposal)
