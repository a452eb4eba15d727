"""Do the recorded calls agree with the committed policies?"""

from __future__ import annotations

import pytest

from leastwise.assess import judge
from leastwise.model.finding import Unseen, Verdict
from leastwise.model.request import Certainty, ResourceForm
from tests.builders import allow, case, denied, failed, findings, saw

BUCKET = "arn:aws:s3:::b"
KEY = f"{BUCKET}/x"
DAILY = allow("s3:ListBucket", BUCKET)
PUT = allow("s3:PutObject", f"{BUCKET}/*")
WORK = saw("s3:ListBucket", BUCKET)


def unexplained(own, *observations):
    """(verdict, action) of the calls that the policies do not explain."""
    judged = judge(case(own, WORK, *observations))
    return [(each.verdict, each.request.action) for each in judged if each.request]


def test_a_call_that_no_statement_allows_is_unexplained():
    assert unexplained([DAILY], saw("s3:GetObject", KEY)) == [(Verdict.UNEXPLAINED_ALLOW, "s3:GetObject")]


def test_a_call_that_a_statement_denies_is_a_contradiction():
    deny = {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}
    assert unexplained([DAILY, deny], saw("s3:GetObject", KEY)) == [(Verdict.CONTRADICTION, "s3:GetObject")]


def test_a_call_that_another_policy_allows_is_explained():
    judged = judge(case([DAILY], WORK, saw("s3:GetObject", KEY), elsewhere=allow("s3:GetObject")))
    assert not [each for each in judged if each.request]


def test_a_call_whose_condition_records_omit_is_explained():
    own = [DAILY, allow("s3:GetObject", Condition={"Bool": {"aws:SecureTransport": "true"}})]
    assert unexplained(own, saw("s3:GetObject", KEY)) == []


@pytest.mark.parametrize("call", [denied("s3:GetObject", KEY), failed("s3:GetObject", KEY)])
def test_what_was_not_authorized_needs_no_explanation(call):
    assert unexplained([DAILY], call) == []


def test_a_roll_up_that_no_statement_reaches_is_unexplained():
    rolled = saw("s3:GetObject", "arn:aws:s3:::other/*", form=ResourceForm.ROLLED_UP)
    assert unexplained([DAILY, allow("s3:GetObject", f"{BUCKET}/*")], rolled)


def test_one_unexplained_call_leaves_its_service_alone_and_no_other():
    own = [DAILY, PUT, allow("sqs:SendMessage")]
    judged = findings(case(own, WORK, saw("s3:GetObject", KEY)))
    assert judged["s3:PutObject"].reason is Unseen.CALIBRATION
    assert "s3:GetObject on arn:aws:s3:::b/x" in judged["s3:PutObject"].detail
    assert judged["sqs:SendMessage"].verdict is Verdict.UNUSED


def test_an_inferred_permission_is_shown_and_stops_nothing():
    passed = saw("s3:GetObject", KEY, certainty=Certainty.INFERRED)
    subject = case([DAILY, PUT], WORK, passed)
    assert findings(subject)["s3:PutObject"].verdict is Verdict.UNUSED
    assert [each.verdict for each in judge(subject) if each.request] == [Verdict.UNEXPLAINED_ALLOW]
