"""Whose records count, and in which words the others are left out."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from leastwise.collect.decode import decode_record
from leastwise.collect.roster import Roster
from leastwise.collect.standing import Standing, is_tampering
from tests.collect.logs import ACCOUNT, ALICE, PAYMENTS, ROLE, ROSTER, USER, record, session

OTHER = "999988887777"


def _standing(roster: Roster = ROSTER, **members: Any) -> str | tuple[str, ...]:
    return Standing(roster).of(decode_record(json.dumps(record(**members)).encode()))


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        (session(), (ROLE,)),
        ({"type": "IAMUser", "arn": USER}, (USER,)),
        ({"type": "IAMUser", "arn": USER, "sessionContext": {"attributes": {}}}, (USER,)),
        ({"type": "FederatedUser", "sessionContext": {"sessionIssuer": {"arn": USER}}}, (USER,)),
        (session() | {"invokedBy": "athena.amazonaws.com"}, (ROLE,)),
        ({"type": "Root", "arn": f"arn:aws:iam::{ACCOUNT}:root"}, "root"),
        (session(f"arn:aws:iam::{ACCOUNT}:root"), "root"),
        ({"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}, "AWS service"),
        ({"invokedBy": "ec2.amazonaws.com"}, "AWS service"),
        ({"type": "AWSAccount", "accountId": OTHER}, "another account's identity, without an ARN"),
        ({"type": "IdentityCenterUser"}, "Identity Center user, without a role"),
        ({"type": "WebIdentityUser", "userName": "x"}, "federated user, without a role"),
        (
            {"type": "AssumedRole", "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/payments/x"},
            "no identity recorded",
        ),
        (None, "no identity recorded"),
        ({}, "no identity recorded"),
        (session(f"arn:aws:iam::{ACCOUNT}:role/payments"), "principal not enrolled"),
        (session(f"arn:aws:iam::{OTHER}:role/app/payments"), "account not enrolled"),
    ],
)
def test_identities(identity, expected):
    assert _standing(userIdentity=identity) == expected


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"eventType": "AwsServiceEvent"}, "no API call (AwsServiceEvent)"),
        ({"eventType": "AwsConsoleSignIn"}, "no API call (AwsConsoleSignIn)"),
        ({"eventType": "AwsVpceEvent"}, "no API call (AwsVpceEvent)"),
        ({"eventType": "made up by <b>somebody</b>"}, "no API call (unknown type)"),
        ({"eventCategory": "NetworkActivity"}, "no API call (network activity or insight)"),
        ({"eventType": None, "eventCategory": None}, (ROLE,)),
    ],
)
def test_only_api_calls_count(members, expected):
    assert _standing(**members) == expected


def test_one_nameless_identity_is_not_taken_for_the_next():
    standing = Standing(ROSTER)
    calls = [record(userIdentity={"invokedBy": "ec2.amazonaws.com"}), record(userIdentity={})]
    reasons = [standing.of(decode_record(json.dumps(call).encode())) for call in calls]
    assert reasons == ["AWS service", "no identity recorded"]


def test_the_callers_copy_of_a_cross_account_call_counts_and_the_other_does_not():
    assert _standing(recipientAccountId=ACCOUNT, sharedEventID="s") == (ROLE,)
    assert _standing(recipientAccountId=OTHER, sharedEventID="s") == "another account's copy of a call"
    assert _standing(recipientAccountId=None) == (ROLE,)


def test_sessions_outside_a_filter_are_left_out():
    roster = Roster((replace(PAYMENTS, session_names=("etl",)), ALICE))
    assert _standing(roster, userIdentity=session(name="etl")) == (ROLE,)
    assert _standing(roster, userIdentity=session(name="etl2")) == "session not enrolled"
    sourced = Roster((replace(PAYMENTS, source_identities=("alice",)),))
    assert _standing(sourced, userIdentity=session(sourceIdentity="alice")) == (ROLE,)
    assert _standing(sourced) == "session not enrolled"


@pytest.mark.parametrize(
    ("name", "error", "expected"),
    [("StopLogging", None, True), ("StopLogging", "AccessDenied", False), ("GetTrailStatus", None, False)],
)
def test_tampering_is_a_call_that_went_through(name, error, expected):
    call = record(eventSource="cloudtrail.amazonaws.com", eventName=name, errorCode=error)
    assert is_tampering(decode_record(json.dumps(call).encode())) is expected
