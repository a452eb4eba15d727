"""AWS's checks: errors at their line, a cap on what costs money, and what a contradiction does."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from leastwise.aws.access_analyzer import SERVICE, policy_checks
from leastwise.aws.sessions import Aws
from leastwise.model.declared import SecondOpinion
from leastwise.model.proposal import FileChange, Proposal, ProposalKind, Withheld, WithheldReason
from leastwise.opinions.second import Opinions, Purse
from tests.builders import NOW, added, allow, case, denied, policy, saw, tightened
from tests.fakes.access_analyzer import RestWire
from tests.fakes.aws_wire import Fault, TestClock

BUCKET = "arn:aws:s3:::b"


class Checks:
    """Answers that the test chooses."""

    def __init__(self):
        self.findings, self.verdict = [], "PASS"
        self.reasons = [{"description": "New access in the statement with index: 0."}]
        answer = {"ValidatePolicy": self.validate, "CheckNoNewAccess": self.check}
        self.wire = RestWire({SERVICE: {**answer, "CheckAccessNotGranted": self.check}})

    def validate(self, request):
        first = int(request.get("nextToken", 0))
        told = {"findings": self.findings[first : first + 1]}
        return {**told, "nextToken": str(first + 1)} if first + 1 < len(self.findings) else told

    def check(self, _request):
        found = {"result": self.verdict, "message": "The modified permissions grant new access."}
        return {**found, "reasons": self.reasons} if self.verdict == "FAIL" else found

    def opinions(self, **allowed):
        choice = SecondOpinion(**allowed)
        api = policy_checks(Aws({}, TestClock(NOW), self.wire.session()), "eu-west-1", "111122223333")
        return Opinions(api, choice, Purse(choice.custom_checks))


def finding(kind, line):
    position = {"line": line, "column": 0, "offset": 0}
    return {
        "findingType": kind,
        "issueCode": "PASS_ROLE_WITH_STAR_IN_RESOURCE",
        "findingDetails": "Using the iam:PassRole action with wildcards is risky.",
        "learnMoreLink": "https://docs.aws.amazon.com/IAM/latest/UserGuide/",
        "locations": [{"path": [{"value": "Statement"}], "span": {"start": position, "end": position}}],
    }


@pytest.fixture
def checks():
    return Checks()


@pytest.fixture
def tightening():
    made = tightened(case(allow(["s3:CreateBucket", "s3:DeleteBucket"]), saw("s3:CreateBucket", BUCKET)))
    assert isinstance(made, Proposal)
    return made


def test_errors_and_security_warnings_are_shown_at_their_line(checks, tightening):
    checks.findings = [finding("SUGGESTION", 3), finding("SECURITY_WARNING", 7), finding("ERROR", 9)]
    notes = checks.opinions().on(tightening, ()).notes
    path = tightening.files[0].path
    assert [note for note in notes if note.startswith("AWS says")] == [
        f"AWS says {kind} PASS_ROLE_WITH_STAR_IN_RESOURCE at {path}:{line}: "
        "Using the iam:PassRole action with wildcards is risky."
        for kind, line in (("SECURITY_WARNING", 7), ("ERROR", 9))
    ]


def test_what_costs_money_is_off_by_default_and_validation_can_be_switched_off(checks, tightening):
    checks.opinions().on(tightening, ("iam:*",))
    assert set(checks.wire.names()) == {"ValidatePolicy"}
    checks.wire.calls.clear()
    assert checks.opinions(validate=False).on(tightening, ()) == tightening
    assert checks.wire.names() == []


def test_a_tightening_that_aws_agrees_with_says_so(checks, tightening):
    found = checks.opinions(custom_checks=5).on(tightening, ())
    assert "AWS agrees: nothing new is allowed (CheckNoNewAccess)." in found.notes
    asked = next(parameters for name, parameters in checks.wire.calls if name == "CheckNoNewAccess")
    assert "s3:DeleteBucket" in asked["existingPolicyDocument"]
    assert "s3:DeleteBucket" not in asked["newPolicyDocument"]


def test_a_contradiction_withholds_and_is_our_defect(checks, tightening):
    checks.verdict = "FAIL"
    found = checks.opinions(custom_checks=5).on(tightening, ())
    assert isinstance(found, Withheld)
    assert found.reason is WithheldReason.SECOND_OPINION
    assert "New access in the statement with index: 0." in found.detail
    assert "defect of leastwise" in found.reason.value


def test_an_addition_is_held_against_what_is_forbidden(checks):
    made = added(
        case(
            allow("s3:CreateBucket"),
            denied("ec2:StartInstances", "arn:aws:ec2:eu-west-1:111122223333:instance/i-1"),
        )
    )
    assert isinstance(made, Proposal)
    checks.opinions(validate=False, custom_checks=5).on(made, ("iam:*",) * 150)
    asked = [parameters for name, parameters in checks.wire.calls if name == "CheckAccessNotGranted"]
    assert [len(parameters["access"][0]["actions"]) for parameters in asked] == [100, 50]
    assert all("s3:CreateBucket" not in parameters["policyDocument"] for parameters in asked)


def asked_of(checks, kind, before, after, never=("iam:*",)):
    """The statements that AWS is asked about, of a proposal that changes one file like this."""
    made = tightened(case(allow(["s3:CreateBucket", "s3:DeleteBucket"]), saw("s3:CreateBucket", BUCKET)))
    change = FileChange(made.files[0].path, before and policy(*before), policy(*after))
    checks.opinions(validate=False, custom_checks=5).on(replace(made, kind=kind, files=(change,)), never)
    documents = [parameters["policyDocument"] for _, parameters in checks.wire.calls]
    return [json.loads(document)["Statement"] for document in documents]


def granted(actions, resources="*", **members):
    """A statement as it is sent."""
    return {**allow(actions, resources), **members}


@pytest.mark.parametrize(
    ("after", "gained"),
    [
        (granted(["iam:*", "s3:GetObject"]), granted("s3:GetObject")),
        (granted("iam:*", ["arn:aws:iam::1:role/a", "arn:aws:iam::1:role/b"]), None),
        (granted("s3:GetObject", BUCKET), None),
        (granted("iam:*", Condition={"Bool": {"aws:SecureTransport": "true"}}), None),
    ],
    ids=["more actions", "other resources", "another statement", "another condition"],
)
def test_what_stood_in_a_statement_before_is_the_teams_own_choice(checks, after, gained):
    """Otherwise AWS would find `iam:*`, which nobody added, and a sound proposal would be withheld."""
    sent = asked_of(checks, ProposalKind.RESTORE, [granted("iam:*")], [after])
    assert sent == [[gained or after]]


def test_more_resources_of_the_same_actions_are_what_a_statement_gained(checks):
    before, after = granted("s3:GetObject", BUCKET), granted("s3:GetObject", [BUCKET, "arn:aws:s3:::c"])
    sent = asked_of(checks, ProposalKind.RESTORE, [before], [after])
    assert sent == [[granted("s3:GetObject", "arn:aws:s3:::c")]]


def test_a_statement_in_another_order_gained_nothing(checks):
    before, after = granted(["s3:GetObject", "s3:PutObject"]), granted(["s3:PutObject", "s3:GetObject"])
    assert asked_of(checks, ProposalKind.RESTORE, [before], [after]) == []


def test_a_first_policy_is_asked_about_as_a_whole_and_an_adopted_one_not_at_all(checks):
    assert asked_of(checks, ProposalKind.INITIAL, None, [granted("s3:GetObject")]) == [
        [granted("s3:GetObject")]
    ]
    checks.wire.calls.clear()
    assert asked_of(checks, ProposalKind.ADOPT, None, [granted("iam:*")]) == []


def test_an_addition_to_one_of_two_versions_is_asked_about_as_ever(checks, tightening):
    older = FileChange("older.json", policy(allow("s3:*"), version="2008-10-17"), None)
    newer = FileChange("newer.json", None, policy(allow("s3:GetObject")))
    grants = replace(tightening, kind=ProposalKind.RESTORE, files=(older, newer))
    found = checks.opinions(validate=False, custom_checks=5).on(grants, ("iam:*",))
    assert checks.wire.names() == ["CheckAccessNotGranted"]
    assert "differ in `Version`" not in " ".join(found.notes)


def test_where_aws_gives_no_reasons_its_message_is_told(checks, tightening):
    checks.verdict, checks.reasons = "FAIL", []
    found = checks.opinions(custom_checks=5).on(tightening, ())
    assert found.detail.endswith("AWS says otherwise: The modified permissions grant new access.")


def test_policies_of_two_versions_cannot_be_compared_and_that_is_said(checks, tightening):
    (change,) = tightening.files
    older = FileChange("older.json", policy(allow("s3:*"), version="2008-10-17"), None)
    found = checks.opinions(validate=False, custom_checks=5).on(
        replace(tightening, files=(change, older)), ()
    )
    assert checks.wire.names() == []
    assert found.notes[-1] == "AWS was not asked whether it agrees: the policies differ in `Version`."


def test_the_cap_holds_for_all_proposals_of_a_run(checks, tightening):
    opinions = checks.opinions(validate=False, custom_checks=2)
    found = [opinions.on(tightening, ()) for _ in range(4)]
    assert checks.wire.names() == ["CheckNoNewAccess"] * 2
    assert str(opinions.purse) == "AWS bills 2 of at most 2 checks of this run (second_opinion)"
    assert [note for proposal in found[:2] for note in proposal.notes if "was not asked" in note] == []
    assert all("AWS was not asked whether it agrees" in proposal.notes[-1] for proposal in found[2:])
    never = checks.opinions(validate=False)
    assert never.on(tightening, ()).notes == ()


def test_a_check_that_cannot_be_asked_proves_nothing_either_way(checks, tightening):
    checks.wire.faults["ValidatePolicy"] = [Fault("AccessDeniedException", "not authorized")]
    found = checks.opinions().on(tightening, ())
    assert isinstance(found, Proposal)
    assert "could not be asked" in found.notes[-1]


def test_one_check_that_cannot_be_asked_keeps_no_other_from_being_asked(checks, tightening):
    checks.wire.faults["ValidatePolicy"] = [Fault("AccessDeniedException", "not authorized")]
    checks.verdict = "FAIL"
    assert isinstance(checks.opinions(custom_checks=5).on(tightening, ()), Withheld)


@pytest.mark.parametrize("code", ["InvalidParameterException", "UnprocessableEntityException"])
def test_a_policy_that_aws_cannot_compare_is_noted_and_the_call_counts(checks, tightening, code):
    checks.wire.faults["CheckNoNewAccess"] = [Fault(code, "too <b>complex</b>")]
    opinions = checks.opinions(validate=False, custom_checks=5)
    found = opinions.on(tightening, ())
    assert isinstance(found, Proposal)
    assert "could not be asked" in found.notes[-1]
    assert "<b>" not in found.notes[-1]
    assert opinions.purse.spent == 1
