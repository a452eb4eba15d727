"""What Access Analyzer tells, and what must not be made of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from leastwise.agreement import OneSided, one_sided
from leastwise.assess import assess
from leastwise.collect.analyzer.reading import Told, observations
from leastwise.model.declared import Trial
from leastwise.model.derivation import Flag
from leastwise.model.evidence import ACTIONS_ONLY, Evidence, Examined
from leastwise.model.finding import Unseen, Verdict
from leastwise.model.proposal import Proposal, ProposalKind, WithheldReason
from leastwise.render.pull_request import pull_request_text
from leastwise.visibility import views_of
from tests.builders import (
    MANAGEMENT_ONLY,
    NOW,
    ROLE,
    SOURCE,
    TODAY,
    allow,
    denied,
    evidence,
    principal,
    saw,
    sees_everything,
)
from tests.builders import case as built

ANALYZER = "analyzer"


def called(*actions):
    """What Access Analyzer tells of these actions, as its collector writes it down."""
    end = NOW.replace(hour=0)
    told = Told(frozenset(actions), frozenset())
    return dict(observations(told, ANALYZER, ROLE, end - timedelta(days=90), end))


def looked(days=90, back=1, **changed):
    """A coverage that looked at the role for so many days up to so many days ago."""
    newest = TODAY - timedelta(days=back)
    examined = Examined(
        frozenset(newest - timedelta(days=n) for n in range(days)), **{"vague": frozenset(), **changed}
    )
    return sees_everything(
        source=ANALYZER, kind=ACTIONS_ONLY, selectors=MANAGEMENT_ONLY, delivered=frozenset(),
        examined={ROLE: examined},
    )  # fmt: skip


def case(own, *actions, coverage=None, records=None, **enrolled):
    """The role with this policy judged by what Access Analyzer (and another source) tell of it."""
    seen = Evidence(called(*actions), {ANALYZER: coverage or looked()})
    sources = (ANALYZER,)
    if records is not None:
        seen, sources = seen.merge(records), (ANALYZER, SOURCE)
    who = principal(sources=sources, **enrolled)
    found = seen.of(ROLE)
    return assess(replace(built(own, who=who), evidence=found, views=views_of(who, found, NOW)))


def verdicts(assessment):
    return {finding.atom.action: finding.verdict for finding in assessment.findings if finding.atom}


def proposal(assessment, kind):
    return next(result for result in assessment.results if result.kind is kind)


MIXED = allow(["s3:CreateBucket", "s3:DeleteBucket", "s3:GetObject", "iam:PassRole", "sns:CreateTopic"])


def test_a_tightening_removes_only_what_would_have_been_told():
    found = case(MIXED, "s3:CreateBucket")
    assert verdicts(found) == {
        "s3:CreateBucket": Verdict.USED,
        "s3:DeleteBucket": Verdict.UNUSED,
        "s3:GetObject": Verdict.UNKNOWN,  # a data event
        "iam:PassRole": Verdict.UNKNOWN,  # never recorded
        "sns:CreateTopic": Verdict.UNKNOWN,  # a service whose actions are not told
    }
    tightening = proposal(found, ProposalKind.TIGHTEN)
    assert isinstance(tightening, Proposal)
    assert [change.action for change in tightening.changes] == ["s3:DeleteBucket"]


def test_its_pull_request_names_the_evidence_and_its_limits():
    found = case(MIXED, "s3:CreateBucket")
    text = pull_request_text(proposal(found, ProposalKind.TIGHTEN), found.case).body
    assert "Evidence: Access Analyzer alone (source analyzer), from management events of" in text
    assert "denied calls are among them" in text
    assert "Every action that was seen keeps all it had: **proved** (1 of 1 actions" in text
    assert "recorded call is still allowed" not in text


def test_what_was_called_keeps_all_its_resources():
    two = allow(["s3:CreateBucket", "s3:DeleteBucket"], ["arn:aws:s3:::a-*", "arn:aws:s3:::b-*"])
    tightening = proposal(case(two, "s3:CreateBucket"), ProposalKind.TIGHTEN)
    after = tightening.files[0].after
    assert "s3:CreateBucket" in after
    assert "s3:DeleteBucket" not in after
    assert "arn:aws:s3:::a-*" in after
    assert "arn:aws:s3:::b-*" in after
    assert "Unseen" not in after


def test_a_call_that_the_policies_do_not_allow_is_no_contradiction_for_it_may_have_been_denied():
    found = case(MIXED, "s3:CreateBucket", "ec2:RunInstances")
    assert not [finding for finding in found.findings if finding.request]


def test_an_addition_never_comes_from_it():
    found = case(MIXED, "s3:CreateBucket", "ec2:StartInstances")
    addition = proposal(found, ProposalKind.ADD)
    assert addition.reason is WithheldReason.NOTHING_TO_CHANGE
    assert found.denied == ()


@pytest.mark.parametrize(
    ("coverage", "reason"),
    [
        (looked(days=89), Unseen.WINDOW_TOO_SHORT),
        (looked(back=10), Unseen.NOT_EXAMINED),
        (looked(days=0), Unseen.NOT_EXAMINED),
        (looked(vague=frozenset({"s3"})), Unseen.EVIDENCE_HAS_NO_ACTIONS),
        (looked(vague=frozenset({"*"})), Unseen.EVIDENCE_HAS_NO_ACTIONS),
        (replace(looked(), selectors=None), Unseen.NO_SELECTORS),
        (replace(looked(), all_regions=None), Unseen.REGIONS_UNKNOWN),
        (replace(looked(), logging_since=NOW - timedelta(days=20)), Unseen.WINDOW_TOO_SHORT),
    ],
)
def test_nothing_is_removed_where_it_could_not_see(coverage, reason):
    found = case(MIXED, "s3:CreateBucket", coverage=coverage)
    unused = next(
        finding for finding in found.findings if finding.atom and finding.atom.action == "s3:DeleteBucket"
    )
    assert (unused.verdict, unused.reason) == (Verdict.UNKNOWN, reason)


def test_a_principal_of_whom_nothing_was_seen_may_not_have_been_at_work():
    found = case(MIXED)
    assert Verdict.UNUSED not in verdicts(found).values()


def test_who_still_waits_is_told_so():
    waiting = looked(days=0, words=("waiting: position 14 of 63",), as_of="2026-11-23T06:00:00Z")
    found = case(MIXED, coverage=waiting)
    withheld = proposal(found, ProposalKind.TIGHTEN)
    assert (withheld.reason, withheld.detail) == (WithheldReason.NO_EVIDENCE, "waiting: position 14 of 63")


# A first policy


def initial(*actions, **rest):
    return proposal(case(None, *actions, **rest), ProposalKind.INITIAL)


def test_a_first_policy_from_it_is_marked():
    made = initial("logs:CreateLogGroup", "ec2:DescribeInstances")
    assert isinstance(made, Proposal)
    assert {change.flags for change in made.changes} >= {(Flag.ATTEMPTED,)}
    assert any("Access Analyzer alone" in note and "denied calls" in note for note in made.notes)
    assert "Grants 2 actions that were called" in pull_request_text(made, built(None)).body
    assert made.proof.obligations[0].name == "every action that was seen is allowed"
    assert not any(note.startswith("Short window") for note in made.notes)


def test_sensitive_actions_of_unknown_resources_are_left_to_a_person():
    made = initial("logs:CreateLogGroup", "iam:CreateAccessKey")
    assert "iam:CreateAccessKey" not in made.files[0].after
    assert [omission.observation.key.request.action for omission in made.omissions] == ["iam:CreateAccessKey"]


def test_what_was_looked_at_before_the_trial_opened_counts_for_nothing_in_it():
    made = initial("logs:CreateLogGroup", trial=Trial(TODAY - timedelta(days=50), 30))
    assert made.reason is WithheldReason.NO_EVIDENCE


# Beside another source


def recorded(*observations, **coverage):
    return evidence(*observations, coverage=sees_everything(**coverage))


BUCKET = "arn:aws:s3:::payments-logs"


def test_records_say_on_what_and_narrow_although_the_analyzer_saw_the_action_too():
    wide = allow(["s3:PutBucketVersioning", "s3:DeleteBucket"], "arn:aws:s3:::*")
    found = case(wide, "s3:PutBucketVersioning", records=recorded(saw("s3:PutBucketVersioning", BUCKET)))
    assert verdicts(found)["s3:PutBucketVersioning"] is Verdict.BROADER_THAN_USED
    tightening = proposal(found, ProposalKind.TIGHTEN)
    assert isinstance(tightening, Proposal)
    assert not any("Access Analyzer alone" in note for note in tightening.notes)


def test_what_records_could_have_missed_is_not_narrowed():
    wide = allow(["s3:PutBucketVersioning", "s3:DeleteBucket"], "arn:aws:s3:::*")
    blind = recorded(saw("s3:PutBucketVersioning", BUCKET), selectors=None)
    found = case(wide, "s3:PutBucketVersioning", records=blind)
    assert verdicts(found)["s3:PutBucketVersioning"] is Verdict.USED
    assert verdicts(found)["s3:DeleteBucket"] is Verdict.UNUSED


def test_what_one_source_saw_and_the_other_did_not_is_listed_and_a_contradiction_is_named():
    records = recorded(saw("s3:CreateBucket", BUCKET), saw("s3:GetObject", f"{BUCKET}/x"))
    found = case(MIXED, "s3:CreateBucket", "s3:PutBucketTagging", records=records)
    assert one_sided(found.case) == (
        OneSided(ANALYZER, SOURCE, ("s3:PutBucketTagging",), contradiction=True),
        OneSided(SOURCE, ANALYZER, ("s3:GetObject",), contradiction=False),
    )
    text = pull_request_text(proposal(found, ProposalKind.TIGHTEN), found.case).body
    assert "disagree**: `analyzer` saw `s3:PutBucketTagging`; `logs` should have, and did not." in text
    assert "Seen by `logs` and not by `analyzer`: `s3:GetObject`." in text


def test_what_was_seen_before_the_other_looked_is_no_contradiction():
    old = recorded(saw("s3:PutBucketTagging", BUCKET, [TODAY - timedelta(days=110)]))
    found = case(MIXED, "s3:CreateBucket", records=old)
    assert OneSided(SOURCE, ANALYZER, ("s3:PutBucketTagging",), contradiction=False) in one_sided(found.case)


def test_one_source_agrees_with_itself():
    assert one_sided(case(MIXED, "s3:CreateBucket").case) == ()


def test_a_first_policy_takes_the_resource_from_records_and_no_call_that_was_only_refused():
    records = recorded(saw("s3:GetBucketVersioning", BUCKET), denied("ec2:StartInstances"))
    made = initial("s3:GetBucketVersioning", "ec2:StartInstances", "logs:CreateLogGroup", records=records)
    text = made.files[0].after
    assert BUCKET in text
    assert "ec2:StartInstances" not in text
    assert "logs:CreateLogGroup" in text
    assert {claim.name for claim in made.proof.obligations} >= {
        "every recorded call is allowed", "every action that was seen is allowed",
    }  # fmt: skip
