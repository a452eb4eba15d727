"""AWS's word on proposals: noted, or the proposal is withheld; runs without AWS ask nobody."""

from __future__ import annotations

import json

from leastwise.assess import assess
from leastwise.aws.caller import Caller, Refusal
from leastwise.model.declared import AccessAnalyzerSource, Declaration, SecondOpinion, TrailFilesSource
from leastwise.model.proposal import Proposal, Withheld, WithheldReason
from leastwise.second_look import SecondLook
from tests.builders import ACCOUNT, NOW, allow, case, policy, saw
from tests.fakes.aws_wire import TestClock

GRANTED = allow(["s3:CreateBucket", "s3:DeleteBucket"])
ANALYZER = AccessAnalyzerSource("analyzer", f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/org", "role")


class FakeAws:
    """Accounts whose answers the test chooses: operation -> answer, or the code of a refusal."""

    def __init__(self, **answers):
        self._answers = {"ValidatePolicy": {"findings": []}, **answers}
        self.asked = []

    def caller(self, service, region, *_):
        return Caller(service, region, lambda: self, TestClock(NOW), {})

    def call(self, operation, _parameters):
        self.asked.append(operation)
        answer = self._answers.get(operation, "AccessDenied")
        if isinstance(answer, str):
            raise Refusal(answer, "no")
        return answer


def looked(aws, **opinion):
    declaration = Declaration({"analyzer": ANALYZER}, (), second_opinion=SecondOpinion(**opinion))
    subject = assess(case(GRANTED, saw("s3:CreateBucket", "arn:aws:s3:::b")))
    return SecondLook.of(aws, declaration).on(subject).results[0]


def live(document):
    """What IAM answers for a role with one managed policy."""
    return {
        "ListAttachedRolePolicies": {
            "AttachedPolicies": [{"PolicyName": "main", "PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/main"}]
        },
        "GetPolicy": {"Policy": {"PolicyName": "main", "DefaultVersionId": "v3"}},
        "GetPolicyVersion": {"PolicyVersion": {"Document": document}},
        "ListRolePolicies": {"PolicyNames": []},
        "GetRole": {"Role": {}},
    }


def test_a_run_without_aws_asks_nobody():
    local = Declaration({"logs": TrailFilesSource("logs", "logs/")}, ())
    assert SecondLook.of(FakeAws(), local) is None
    assert SecondLook.of(FakeAws(), Declaration({}, (), {ACCOUNT: "arn:aws:iam::1:role/r"})) is not None


def test_what_is_live_and_not_committed_is_noted():
    statement = {"Effect": "Allow", "Action": ["s3:*"], "Resource": "*"}
    found = looked(FakeAws(**live({"Version": "2012-10-17", "Statement": [statement]})))
    assert isinstance(found, Proposal)
    (note,) = [note for note in found.notes if note.startswith("Declared is not what is live")]
    assert "main.json: the live one grants more" in note


def test_what_is_live_as_committed_needs_no_word():
    found = looked(FakeAws(**live(json.loads(policy(GRANTED)))))
    assert not [note for note in found.notes if "live" in note]


def test_what_cannot_be_read_is_said_and_does_not_stop_the_proposal():
    found = looked(FakeAws())
    assert isinstance(found, Proposal)
    assert any(note.startswith("What is live could not be read") for note in found.notes)


def test_a_contradiction_withholds():
    aws = FakeAws(CheckNoNewAccess={"result": "FAIL", "reasons": [{"description": "New access."}]})
    found = looked(aws, custom_checks=3)
    assert isinstance(found, Withheld)
    assert found.reason is WithheldReason.SECOND_OPINION


def test_a_principal_without_a_proposal_costs_no_call():
    aws = FakeAws()
    subject = assess(case(GRANTED))
    declaration = Declaration({"analyzer": ANALYZER}, ())
    assert SecondLook.of(aws, declaration).on(subject) == subject
    assert aws.asked == []
