"""AWS's checks: errors at their line, a cap on what costs money, and what a contradiction does."""

from __future__ import annotations

import pytest

from leastwise.aws.access_analyzer import SERVICE, policy_checks
from leastwise.aws.sessions import Aws
from leastwise.model.declared import SecondOpinion
from leastwise.model.proposal import Proposal, Withheld, WithheldReason
from leastwise.opinions.second import Opinions, Purse
from tests.builders import NOW, added, allow, case, denied, saw, tightened
from tests.fakes.access_analyzer import RestWire
from tests.fakes.aws_wire import Fault, TestClock

BUCKET = "arn:aws:s3:::b"


class Checks:
    """Answers that the test chooses."""

    def __init__(self):
        self.findings, self.verdict = [], "PASS"
        answer = {"ValidatePolicy": self.validate, "CheckNoNewAccess": self.check}
        self.wire = RestWire({SERVICE: {**answer, "CheckAccessNotGranted": self.check}})

    def validate(self, request):
        first = int(request.get("nextToken", 0))
        told = {"findings": self.findings[first : first + 1]}
        return {**told, "nextToken": str(first + 1)} if first + 1 < len(self.findings) else told

    def check(self, _request):
        reasons = [{"description": "New access in the statement with index: 0."}]
        return {"result": self.verdict, **({"reasons": reasons} if self.verdict == "FAIL" else {})}

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
