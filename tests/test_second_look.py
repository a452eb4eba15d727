"""AWS's word on proposals: noted, or the proposal is withheld; runs without AWS ask nobody."""

from __future__ import annotations

import json

import pytest

from leastwise.assess import assess
from leastwise.aws.caller import Caller, Refusal
from leastwise.model.declared import (
    AccessAnalyzerSource,
    AthenaSource,
    Declaration,
    LakeSource,
    OnDrift,
    SecondOpinion,
    TrailFilesSource,
)
from leastwise.model.evidence import Evidence
from leastwise.model.proposal import ChangeKind, Proposal, ProposalKind, Withheld, WithheldReason
from leastwise.render.pull_request import pull_request_text
from leastwise.render.reports import report_of
from leastwise.second_look import SecondLook
from tests.builders import ACCOUNT, NOW, ROLE, allow, case, evidence, policy, principal, saw
from tests.fakes.aws_wire import TestClock

GRANTED = allow(["s3:CreateBucket", "s3:DeleteBucket"])
ANALYZER = AccessAnalyzerSource("analyzer", f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/org", "role")


class FakeAws:
    """Accounts whose answers the test chooses: operation -> answer, or the code of a refusal."""

    def __init__(self, **answers):
        self._answers = {"ValidatePolicy": {"findings": []}, **answers}
        self.asked = []
        self.places = set()

    def caller(self, service, region, *_):
        self.places.add((service, region))
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
    return SecondLook.of(aws, declaration, no_texts).on(subject, Evidence()).results[0]


def no_texts(_path):
    return ()


def live(document):
    """What IAM answers for a role with one managed policy."""
    return {
        "ListAttachedRolePolicies": {
            "AttachedPolicies": [{"PolicyName": "main", "PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/main"}]
        },
        "GetPolicy": {"Policy": {"PolicyName": "main", "DefaultVersionId": "v3"}},
        "GetPolicyVersion": {"PolicyVersion": {"Document": document}},
        "ListRolePolicies": {"PolicyNames": []},
        "GetRole": {"Role": {"Arn": ROLE}},
    }


def test_a_run_without_aws_asks_nobody():
    local = Declaration({"logs": TrailFilesSource("logs", "logs/")}, ())
    assert SecondLook.of(FakeAws(), local, no_texts) is None
    remote = Declaration({}, (), {ACCOUNT: "arn:aws:iam::1:role/r"})
    assert SecondLook.of(FakeAws(), remote, no_texts) is not None


def test_what_is_live_and_not_committed_is_noted():
    statement = {"Effect": "Allow", "Action": ["s3:*"], "Resource": "*"}
    found = looked(FakeAws(**live({"Version": "2012-10-17", "Statement": [statement]})))
    assert isinstance(found, Proposal)
    (note,) = [note for note in found.notes if note.startswith("Declared is not what is live")]
    assert "main.json: the live one grants more" in note


def test_it_is_noted_too_that_a_merge_waits_to_be_applied():
    declaration = Declaration({"analyzer": ANALYZER}, ())
    subject = assess(case(GRANTED, saw("s3:CreateBucket", "arn:aws:s3:::b")))
    look = SecondLook.of(FakeAws(**live(MORE)), declaration, lambda _: (json.dumps(MORE),))
    notes = look.on(subject, Evidence()).results[0].notes
    (note,) = [note for note in notes if note.startswith("Declared is not what is live")]
    assert note.endswith("; live is what was committed before.")


def test_what_is_live_as_committed_needs_no_word():
    found = looked(FakeAws(**live(json.loads(policy(GRANTED)))))
    assert not [note for note in found.notes if "live" in note]


def test_what_cannot_be_read_is_said_and_does_not_stop_the_proposal():
    found = looked(FakeAws())
    assert isinstance(found, Proposal)
    assert any(note.startswith("What is live could not be read") for note in found.notes)


@pytest.mark.parametrize(
    "source",
    [
        AccessAnalyzerSource("a", f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/org", "role"),
        AccessAnalyzerSource("a", f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/org", "role", "eu-west-1"),
        LakeSource("l", f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:eventdatastore/EXAMPLE"),
        AthenaSource("t", "primary", "audit", "logs", "eu-west-1"),
        TrailFilesSource("f", "s3://logs/", trail=f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/org"),
    ],
    ids=lambda source: source.kind + (source.region or "" if hasattr(source, "region") else ""),
)
def test_aws_is_asked_where_a_source_is_whatever_the_profile_says(source):
    aws = FakeAws()
    declaration = Declaration({source.name: source}, (), {ACCOUNT: "arn:aws:iam::1:role/r"})
    subject = assess(case(GRANTED, saw("s3:CreateBucket", "arn:aws:s3:::b")))
    SecondLook.of(aws, declaration, no_texts).on(subject, Evidence())
    assert aws.places == {("accessanalyzer", "eu-west-1"), ("iam", "eu-west-1")}


def test_a_contradiction_withholds():
    aws = FakeAws(CheckNoNewAccess={"result": "FAIL", "reasons": [{"description": "New access."}]})
    found = looked(aws, custom_checks=3)
    assert isinstance(found, Withheld)
    assert found.reason is WithheldReason.SECOND_OPINION


def standing(aws, written=GRANTED, before=no_texts, seen=(), **said):
    """The assessment of a principal of whom nothing is proposed, with what AWS said of it."""
    subject = assess(case(written, who=principal(**said)))
    look = SecondLook.of(aws, Declaration({"analyzer": ANALYZER}, ()), before)
    return look.on(subject, evidence(*seen))


def test_of_a_principal_without_a_proposal_only_what_is_live_is_asked():
    aws = FakeAws(**live(json.loads(policy(GRANTED))))
    found = standing(aws)
    assert found.standing.drifts == ()
    assert not {operation for operation in aws.asked if operation.startswith(("Validate", "Check"))}


def test_where_nothing_is_committed_yet_nothing_is_compared():
    aws = FakeAws()
    assert standing(aws, None).standing is None
    assert aws.asked == []


MORE = {"Version": "2012-10-17", "Statement": [allow(["s3:*"], "*")]}
PROPOSE = {"on_drift": OnDrift.PROPOSE}


def adopted(found):
    return next(result for result in found.results if result.kind is ProposalKind.ADOPT)


def test_what_was_changed_by_hand_is_imported_where_the_declaration_says_so():
    found = standing(FakeAws(**live(MORE)), **PROPOSE)
    proposal = adopted(found)
    assert [json.loads(file.after) for file in proposal.files] == [MORE]
    assert proposal.proof.holds
    assert {change.kind for change in proposal.changes} == {ChangeKind.ADOPTED}
    assert "s3:PutObject" in {change.action for change in proposal.changes}
    assert proposal.notes[0] == "Taken together with all that it holds: the live one grants more."
    assert proposal.notes[1].startswith("No recorded call of an enrolled principal changed it")
    assert ProposalKind.ADOPT in found.kinds
    text = pull_request_text(proposal, found.case)
    assert text.title.startswith("Adopt what is live for role payments-api (111122223333): gain ")
    assert "The files say what is live: **proved**" in text.body


def test_what_is_adopted_is_validated_too():
    finding = {"findingType": "ERROR", "issueCode": "INVALID_ARN", "findingDetails": "No.", "locations": []}
    aws = FakeAws(ValidatePolicy={"findings": [finding]}, **live(MORE))
    notes = adopted(standing(aws, **PROPOSE)).notes
    assert any(note.startswith(f"AWS says ERROR INVALID_ARN at {ACCOUNT}/role/") for note in notes)


def test_otherwise_it_is_reported_and_nothing_is_proposed():
    found = standing(FakeAws(**live(MORE)))
    assert ProposalKind.ADOPT not in found.kinds
    (line,) = report_of(found).live.differs
    assert line.endswith("main.json: the live one grants more")


def test_what_waits_to_be_applied_is_nobodys_change_by_hand():
    """Merged and not yet applied: what is live is what was committed before."""
    found = standing(FakeAws(**live(MORE)), before=lambda _: ("no json", json.dumps(MORE)), **PROPOSE)
    assert adopted(found).reason is WithheldReason.WAITING
    (line,) = report_of(found).live.differs
    assert line.endswith("(live is what was committed before)")


def test_when_it_was_changed_is_told_by_event_and_never_by_whom():
    write = saw("iam:CreatePolicyVersion", f"arn:aws:iam::{ACCOUNT}:policy/main", 1, sessions=("rosa",))
    read = saw("iam:GetPolicyVersion", f"arn:aws:iam::{ACCOUNT}:policy/main", 1)
    other = saw("iam:CreatePolicyVersion", f"arn:aws:iam::{ACCOUNT}:policy/other", 1)
    notes = adopted(standing(FakeAws(**live(MORE)), seen=(write, read, other), **PROPOSE)).notes
    (told,) = [note for note in notes if "was called" in note]
    assert "`iam:CreatePolicyVersion` was called: 10 calls on 2026-11-22, e.g. event `event-iam:" in told
    assert "rosa" not in "".join(notes)


def test_what_cannot_be_read_is_not_adopted():
    found = standing(FakeAws(), **PROPOSE)
    assert adopted(found).reason is WithheldReason.UNREADABLE
    assert report_of(found).live.unread


def test_a_policy_made_by_hand_gets_a_file():
    statement = allow(["s3:CreateBucket", "s3:DeleteBucket"])
    answers = live({"Version": "2012-10-17", "Statement": [statement]})
    answers["ListRolePolicies"] = {"PolicyNames": ["quick-fix"]}
    answers["GetRolePolicy"] = {"PolicyDocument": MORE}
    (file,) = adopted(standing(FakeAws(**answers), **PROPOSE)).files
    assert (file.path.rpartition("/")[2], file.before) == ("quick-fix.json", None)
