"""Access Analyzer as a source: what is asked, what is believed, and what is said of everything else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from leastwise.aws.caller import ATTEMPTS
from leastwise.aws.iam import GONE
from leastwise.collect.access_analyzer import CONTROL_TOWER_TRAIL, LIMITS
from leastwise.errors import AwsError, SourceError
from leastwise.model.declared import PrincipalKind, Trial
from leastwise.model.event import Outcome
from leastwise.model.request import ResourceForm
from tests.collect.analyzer_world import (
    ACCESS_ROLE,
    ACCOUNT,
    NOW,
    OTHER,
    SETTINGS,
    SOURCE,
    TRAIL,
    World,
    actions_of,
    coverage_of,
    role,
)
from tests.fakes.aws_wire import Fault

PAYMENTS = role("payments")
TODAY = NOW.date()


def test_one_run_starts_a_generation_and_the_next_fetches_it():
    world = World()
    world.fake.uses = {PAYMENTS.arn: ("s3:CreateBucket", "ec2:RunInstances")}
    first = world.run()
    assert first.tallies == {}
    assert coverage_of(first).examined[PAYMENTS.key].days == frozenset()
    assert "being generated since 2026-11-23 06:00Z" in world.words(first)

    world.clock.sleep(3600)
    second = world.run()
    assert actions_of(second, PAYMENTS) == {"s3:CreateBucket", "ec2:RunInstances"}
    assert world.words(second) == ""
    assert len(coverage_of(second).examined[PAYMENTS.key].days) == 90
    assert world.wire.names().count("StartPolicyGeneration") == 1


def test_a_generation_is_asked_for_in_whole_days_with_a_token_of_the_day():
    world = World()
    world.run()
    asked = next(parameters for name, parameters in world.wire.calls if name == "StartPolicyGeneration")
    token = asked.pop("clientToken")
    assert len(token) == 64
    assert asked == {
        "policyGenerationDetails": {"principalArn": PAYMENTS.arn},
        "cloudTrailDetails": {
            "trails": [{"cloudTrailArn": TRAIL, "allRegions": True}],
            "accessRole": ACCESS_ROLE,
            "startTime": "2026-08-25T00:00:00Z",
            "endTime": "2026-11-23T00:00:00Z",
        },
    }


def test_an_action_is_evidence_that_it_was_called_and_of_nothing_else():
    world = World()
    world.fake.uses = {PAYMENTS.arn: ("s3:CreateBucket", "ec2:DescribeInstances")}
    world.run()
    world.clock.sleep(3600)
    (instances, tally), (bucket, _) = sorted(
        world.run().tallies.items(), key=lambda item: item[0].request.action
    )
    assert instances.outcome is bucket.outcome is Outcome.ATTEMPTED
    assert (instances.request.form, bucket.request.form) == (ResourceForm.NONE, ResourceForm.UNRECORDED)
    assert {instances.request.resource, bucket.request.resource} == {"*"}
    assert tally.days == {}
    assert (tally.first, tally.last) == ("2026-08-25T00:00:00Z", "2026-11-22T23:59:59Z")


def test_placeholders_are_not_asked_for_and_service_templates_name_services_only():
    world = World()
    world.fake.uses = {PAYMENTS.arn: ("s3:CreateBucket",)}
    world.fake.templates = {PAYMENTS.arn: ("dax", "brandnew")}
    world.run()
    world.clock.sleep(3600)
    seen = world.run()
    asked = next(parameters for name, parameters in world.wire.calls if name == "GetGeneratedPolicy")
    assert asked["includeResourcePlaceholders"] is False
    assert actions_of(seen, PAYMENTS) == {"s3:CreateBucket"}
    assert coverage_of(seen).examined[PAYMENTS.key].vague == {"dax", "brandnew"}


def test_an_incomplete_policy_that_names_no_service_leaves_every_service_open(monkeypatch):
    world = World()
    world.fake.uses = {PAYMENTS.arn: ("s3:CreateBucket",)}
    properties = world.fake._properties
    world.fake._properties = lambda job: {**properties(job), "isComplete": False}
    world.run()
    world.clock.sleep(3600)
    assert coverage_of(world.run()).examined[PAYMENTS.key].vague == {"*"}


def test_the_coverage_says_what_cannot_be_seen():
    seen = coverage_of(World().run())
    assert seen.limits >= LIMITS
    assert seen.selectors == replace(SETTINGS.selectors, data=frozenset())
    assert (seen.all_regions, seen.logging_since) == (True, SETTINGS.since)


def test_the_coverage_says_of_when_the_list_of_services_is():
    (said,) = [words for words in coverage_of(World().run()).limits if "June 2023" in words]
    assert "nothing of them counts as unused" in said


def test_a_generation_begins_no_earlier_than_the_trial():
    opened = Trial(date(2026, 11, 1), 90)
    world = World((role("payments", trial=opened), role("new", trial=replace(opened, opens=TODAY))))
    first = world.run()
    assert world.words(first, world.principals[1]) == (
        "its trial opened on 2026-11-23: no whole day of it has passed"
    )
    seen = world.runs(3)
    (asked,) = [parameters for name, parameters in world.wire.calls if name == "StartPolicyGeneration"]
    assert asked["cloudTrailDetails"]["startTime"] == "2026-11-01T00:00:00Z"
    assert min(coverage_of(seen).examined[PAYMENTS.key].days) == date(2026, 11, 1)


@pytest.mark.parametrize(
    ("trail", "words"),
    [
        ({"cloudTrailArn": TRAIL.replace("org", "other"), "allRegions": True}, "looked at another trail"),
        ({"cloudTrailArn": TRAIL, "allRegions": False, "regions": ["eu-west-1"]}, "some regions only"),
        ({"cloudTrailArn": TRAIL}, "some regions only"),
    ],
)
def test_a_generation_that_somebody_started_otherwise_is_not_ours(trail, words):
    world = World()
    world.fake.uses = {PAYMENTS.arn: ("s3:CreateBucket",)}
    world.run()
    world.fake.jobs[0].trail = trail
    world.clock.sleep(3600)
    seen = world.run()
    assert seen.tallies == {}
    assert coverage_of(seen).examined[PAYMENTS.key].days == frozenset()
    assert f"the generation of 2026-11-23 looked at {words.removeprefix('looked at ')}" in world.words(seen)


def test_an_older_generation_that_is_ours_counts_beside_a_newer_one_that_is_not():
    world = World()
    world.fake.replaces = False
    world.fake.uses = {PAYMENTS.arn: ("s3:CreateBucket",)}
    world.runs(26)
    world.fake.jobs[1].trail = {"cloudTrailArn": TRAIL, "regions": ["eu-west-1"]}
    seen = world.run()
    assert actions_of(seen, PAYMENTS) == {"s3:CreateBucket"}
    assert max(coverage_of(seen).examined[PAYMENTS.key].days) == date(2026, 11, 22)
    assert world.words(seen) == ""


# Users, roles, permission sets, groups, several accounts


def reserved(name: str, account: str, suffix: str = "0123456789abcdef") -> str:
    return f"arn:aws:iam::{account}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_{name}_{suffix}"


def permission_set(*accounts: str):
    return replace(
        PAYMENTS, kind=PrincipalKind.PERMISSION_SET, name="DataEngineer", arn=None, accounts=accounts
    )


def test_a_permission_set_was_looked_at_when_its_role_in_every_account_was():
    here, there = reserved("DataEngineer", ACCOUNT), reserved("DataEngineer", OTHER)
    other_set = reserved("DataEngineers", ACCOUNT)
    world = World((permission_set(ACCOUNT, OTHER),), reserved={ACCOUNT: [here, other_set], OTHER: [there]})
    world.fakes[ACCOUNT].uses = {here: ("s3:CreateBucket",)}
    world.fakes[OTHER].uses = {there: ("ec2:RunInstances",)}
    world.fakes[OTHER].takes = lambda: timedelta(hours=5)
    seen = world.runs(3)
    examined = coverage_of(seen).examined["permission-set/DataEngineer"]
    assert examined.days == frozenset()
    assert f"{there}: being generated" in " ".join(examined.words)
    assert [job.principal for job in world.fake.jobs] == [here]

    seen = world.runs(4)
    assert actions_of(seen, world.principals[0]) == {"s3:CreateBucket", "ec2:RunInstances"}
    assert len(coverage_of(seen).examined["permission-set/DataEngineer"].days) == 90


def test_the_access_role_is_the_one_of_the_same_name_in_each_account():
    world = World((role("payments"), role("other", OTHER)))
    world.run()
    asked = next(
        parameters for name, parameters in world.wires[OTHER].calls if name == "StartPolicyGeneration"
    )
    assert asked["cloudTrailDetails"]["accessRole"] == ACCESS_ROLE.replace(ACCOUNT, OTHER)


def test_a_permission_set_without_a_role_in_an_account_is_used_by_nobody_there():
    here = reserved("DataEngineer", ACCOUNT)
    world = World((permission_set(ACCOUNT, OTHER),), reserved={ACCOUNT: [here]})
    seen = world.runs(2)
    examined = coverage_of(seen).examined["permission-set/DataEngineer"]
    assert len(examined.days) == 90
    assert examined.words == (f"account {OTHER} has no role of permission set DataEngineer: nobody uses it",)


def test_a_principal_with_a_session_filter_cannot_be_told_from_the_others():
    world = World((role("payments", session_names=("alice",)), role("ledger")))
    seen = world.runs(2)
    assert "does not tell sessions apart" in world.words(seen)
    assert {job.principal for job in world.fake.jobs} == {world.principals[1].arn}


# Deleted, and made again with the same name


def served(**made):
    """A principal with a result of 90 days, of whom IAM says when it was made."""
    world = World()
    world.fake.uses = {PAYMENTS.arn: ("s3:CreateBucket",)}
    world.made = {PAYMENTS.arn: made["at"]}
    seen = world.runs(2)
    return seen, coverage_of(seen).examined[PAYMENTS.key].days, world.words(seen)


def test_days_before_a_principal_was_made_again_were_not_looked_at():
    seen, days, words = served(at=datetime(2026, 11, 20, 15, tzinfo=UTC))
    assert actions_of(seen, PAYMENTS) == {"s3:CreateBucket"}
    assert days == {date(2026, 11, 21), date(2026, 11, 22)}
    assert {day for _, day in coverage_of(seen).delivered} == days
    assert words == ("it was made on 2026-11-20: what was done before, an earlier one of the same name did")


def test_what_was_generated_for_an_earlier_one_of_the_same_name_is_nobodys_now():
    seen, days, words = served(at=datetime(2026, 11, 23, 6, tzinfo=UTC))
    assert (actions_of(seen, PAYMENTS), days) == (set(), frozenset())
    assert "an earlier one of the same name" in words


def test_what_was_generated_for_somebody_who_is_gone_is_nobodys():
    seen, days, words = served(at=AwsError(GONE, "there is no role payments"))
    assert (actions_of(seen, PAYMENTS), days) == (set(), frozenset())
    assert words == "there is no role payments"


def test_where_nobody_may_ask_when_it_was_made_the_coverage_says_what_that_means():
    seen, days, words = served(at=AwsError("AccessDenied", "iam:GetRole: not allowed"))
    assert (len(days), words) == (90, "")
    assert (
        "of 1 it is not known when they were made, so what an earlier one of the same name did counts too: "
        "iam:GetRole: not allowed"
    ) in coverage_of(seen).limits


def test_lost_credentials_end_the_run_when_that_is_asked_too():
    with pytest.raises(AwsError, match="expired"):
        served(at=AwsError("ExpiredToken", "expired"))


# What goes wrong: a clear line each, and the others go on


def test_a_deleted_principal_is_passed_over():
    world = World((role("gone"), role("payments")))
    world.fake.gone = frozenset({world.principals[0].arn})
    seen = world.runs(2)
    assert "does not exist" in world.words(seen)
    assert len(coverage_of(seen).examined[PAYMENTS.key].days) == 90


def test_who_cannot_be_served_takes_no_position_in_the_queue():
    world = World((role("a-gone"), role("b"), role("c"), role("d", trial=Trial(TODAY, 30))))
    world.fake.gone = frozenset({world.principals[0].arn})
    seen = world.run()
    assert world.words(seen, role("c")).startswith("waiting: position 1 of 1,")
    assert "does not exist" in world.words(seen)


def test_a_generation_that_fails_each_time_comes_again_in_its_turn():
    world = World((role("bad"), role("payments")))
    world.fake.fails = lambda arn: ("AUTHORIZATION_ERROR", "Cannot assume role.") if "bad" in arn else None
    seen = world.runs(24 * 3)
    words = world.words(seen)
    assert words.startswith(
        "4 generations, the last of 2026-11-26, failed: AUTHORIZATION_ERROR: Cannot assume role;"
    )
    assert f"let access-analyzer.amazonaws.com assume {ACCESS_ROLE}" in words
    starts = [job.principal for job in world.fake.jobs]
    assert starts.count(PAYMENTS.arn) == starts.count(world.principals[0].arn) == 4


@pytest.mark.parametrize(
    "code", ["RESOURCE_NOT_FOUND_ERROR", "SERVICE_QUOTA_EXCEEDED_ERROR", "SERVICE_ERROR"]
)
def test_every_failure_has_its_advice(code):
    world = World()
    world.fake.fails = lambda _arn: (code, "No.")
    said = world.words(world.runs(2))
    assert f"the generation of 2026-11-23 failed: {code}: No; " in said


def test_a_cancelled_generation_is_not_started_again_on_the_same_day():
    world = World()
    world.run()
    world.fake.cancel({"jobId": world.fake.jobs[0].job_id})
    seen = world.runs(5)
    assert len(world.fake.jobs) == 1
    assert "somebody cancelled it" in world.words(seen)


@pytest.mark.parametrize("code", ["ConflictException", "ServiceQuotaExceededException"])
def test_somebody_elses_start_in_the_same_moment_means_to_wait(code):
    world = World()
    world.wire.faults["StartPolicyGeneration"] = [Fault(code, "busy")]
    assert "waiting: position 1 of 1" in world.words(world.run())


def test_somebody_elses_generation_holds_the_only_place():
    world = World((role("foreign"),))
    world.fake.takes = lambda: timedelta(days=2)
    world.run()
    world.principals = (PAYMENTS,)
    seen = world.runs(30)
    assert len(world.fake.jobs) == 1
    assert "role/foreign holds the only place" in world.words(seen)
    assert "aws accessanalyzer cancel-policy-generation --job-id" in world.words(seen)


def test_throttling_is_waited_for():
    world = World()
    world.wire.faults["StartPolicyGeneration"] = [Fault("ThrottlingException")] * 3
    world.wire.faults["ListPolicyGenerations"] = [Fault("ThrottlingException")] * 2
    world.run()
    assert len(world.fake.jobs) == 1


def test_results_expire_after_seven_days_and_are_made_anew():
    world = World()
    world.fake.uses = {PAYMENTS.arn: ("s3:CreateBucket",)}
    world.runs(2)
    world.clock.sleep(8 * 86_400)
    assert world.run().tallies == {}
    world.clock.sleep(3600)
    assert actions_of(world.run(), PAYMENTS) == {"s3:CreateBucket"}


def test_a_result_that_expires_between_two_calls_is_said():
    world = World((role("payments"), role("ledger")))
    world.runs(3)
    world.wire.faults["GetGeneratedPolicy"] = [None, Fault("ValidationException", "no such job")]
    words = world.words(world.run())
    assert "no such job; a result is kept for 7 days, and until the next generation of" in words


def test_a_result_is_gone_while_the_next_one_is_made_and_that_is_said():
    world = World()
    world.fake.uses = {PAYMENTS.arn: ("s3:CreateBucket",)}
    world.runs(2)
    world.clock.sleep(86_400)
    seen = world.run()
    assert seen.tallies == {}
    assert coverage_of(seen).examined[PAYMENTS.key].days == frozenset()
    assert "being generated since 2026-11-24" in world.words(seen)
    world.clock.sleep(3600)
    assert actions_of(world.run(), PAYMENTS) == {"s3:CreateBucket"}


def test_a_trail_of_control_tower_cannot_be_read():
    world = World(source=replace(SOURCE, trail=TRAIL.replace("org", CONTROL_TOWER_TRAIL)))
    seen = world.run()
    assert "Control Tower" in world.words(seen)
    assert "StartPolicyGeneration" not in world.wire.names()


def test_a_trail_that_is_not_there_stops_the_starts_and_nothing_else():
    world = World()
    world.settings = AwsError("TrailNotFoundException", "cloudtrail:GetTrail: no such trail")
    seen = world.run()
    assert "no such trail" in world.words(seen)
    assert "StartPolicyGeneration" not in world.wire.names()
    assert coverage_of(seen).selectors is None


def test_settings_that_may_not_be_read_do_not_stop_the_generations():
    world = World()
    world.settings = AwsError("AccessDeniedException", "cloudtrail:GetTrail: not allowed")
    seen = world.run()
    assert len(world.fake.jobs) == 1
    assert any("not allowed" in limit for limit in coverage_of(seen).limits)


def test_a_trail_of_another_account_shows_nobody():
    world = World((role("payments"), role("other", OTHER)), settings=replace(SETTINGS, only_account=ACCOUNT))
    seen = world.run()
    assert f"logs account {ACCOUNT} only" in world.words(seen, world.principals[1])
    assert not world.fakes[OTHER].jobs
    assert len(world.fakes[ACCOUNT].jobs) == 1


def test_an_account_that_cannot_be_asked_does_not_stop_the_others():
    world = World((role("payments"), role("other", OTHER)))
    denied = Fault("AccessDeniedException", "not authorized to perform access-analyzer:ListPolicyGenerations")
    world.wires[OTHER].faults["ListPolicyGenerations"] = [denied] * 9
    seen = world.runs(2)
    assert "allow access-analyzer:ListPolicyGenerations" in world.words(seen, world.principals[1])
    assert len(coverage_of(seen).examined[PAYMENTS.key].days) == 90


def test_where_no_account_can_be_asked_there_is_no_evidence_at_all():
    world = World()
    world.wire.faults["ListPolicyGenerations"] = [Fault("AccessDeniedException", "not authorized")]
    with pytest.raises(SourceError, match=r"source analyzer: .*not authorized"):
        world.run()


def test_a_caller_that_may_not_start_is_told_what_to_allow():
    world = World((role("payments"), role("ledger")))
    world.wire.faults["StartPolicyGeneration"] = [
        Fault("AccessDeniedException", "not authorized: iam:PassRole")
    ] * 9
    seen = world.run()
    assert world.wire.names().count("StartPolicyGeneration") == 1
    assert "iam:PassRole on the source's `access_role`" in world.words(seen)


# Waiting


def test_who_waits_is_told_the_position_and_the_time():
    world = World(tuple(role(f"r{number:02}") for number in range(10)))
    seen = world.runs(4)
    at_pace = "at the present pace of one in 60 minutes"
    assert world.words(seen, role("r04")) == f"waiting: position 1 of 6, about 2026-11-23 10:00Z {at_pace}"
    assert world.words(seen, role("r09")).startswith("waiting: position 6 of 6, about 2026-11-23 15:00Z")
    assert "no estimate yet" in World(world.principals).words(World(world.principals).run(), role("r09"))


def test_somebody_who_wants_to_wait_is_told_how_it_goes_on():
    world = World(tuple(role(f"r{number}") for number in range(3)))
    seen = world.run(watch=True)
    assert len(world.fake.jobs) == 3
    assert all(len(found.days) == 90 for found in coverage_of(seen).examined.values())
    assert world.watched[0].startswith(
        f"analyzer: {world.principals[0].arn}: being generated since 2026-11-23"
    )
    assert world.watched[0].endswith("; 2 wait")
    assert world.clock.moment() - NOW == timedelta(minutes=60), "three of twenty minutes each"


def test_a_start_that_failed_while_somebody_waits_is_no_trouble_any_more_once_one_succeeds():
    """Of two accounts: the one that could start keeps the other's looks going."""
    here, there = tuple(role(f"r{number}") for number in range(6)), role("other", OTHER)
    world = World((*here, there), source=replace(SOURCE, region="eu-south-1"))
    world.wire.faults["StartPolicyGeneration"] = [Fault("InternalServerException")] * ATTEMPTS
    seen = world.run(watch=True)
    assert len(world.fake.jobs) == 5
    assert world.words(seen, here[-1]).startswith("waiting: position 1 of 1")


def test_waiting_ends_when_the_day_is_used_up():
    world = World(
        tuple(role(f"r{number}") for number in range(9)), source=replace(SOURCE, region="eu-south-1")
    )
    world.fake.a_day = 5
    world.run(watch=True)
    assert len(world.fake.jobs) == 5
