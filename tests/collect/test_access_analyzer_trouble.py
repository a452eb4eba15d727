"""Access Analyzer as a source: what goes wrong (a clear line each, and the others go on), and waiting."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from leastwise.aws.caller import ATTEMPTS
from leastwise.collect.access_analyzer import CONTROL_TOWER_TRAIL
from leastwise.errors import AwsError, SourceError
from leastwise.model.declared import Trial
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


@pytest.mark.parametrize(
    "operation", ["ListPolicyGenerations", "StartPolicyGeneration", "GetGeneratedPolicy"]
)
def test_lost_credentials_end_the_run_wherever_they_are_missed(operation):
    world = World((role("payments"), role("ledger"), role("third")))
    world.runs(2)
    world.wire.faults[operation] = [Fault("ExpiredTokenException", "expired")] * 2
    with pytest.raises(AwsError, match=f"{operation}.*renew your AWS credentials"):
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
    assert "no estimate yet" in world.words(world.runs(2), role("r09"))
    assert "no estimate" not in world.words(world.run(), role("r09"))
    world.clock.sleep(3600)
    seen = world.runs(1)
    assert world.wire.names().count("StartPolicyGeneration") == 4
    at_pace = "at the present pace of one in 60 minutes"
    assert world.words(seen, role("r04")) == f"waiting: position 1 of 6, about 2026-11-23 10:00Z {at_pace}"
    assert world.words(seen, role("r09")).startswith("waiting: position 6 of 6, about 2026-11-23 15:00Z")


def test_where_the_day_is_used_up_the_next_turn_comes_when_its_first_start_is_a_day_old():
    everybody = tuple(role(f"r{number}") for number in range(7))
    world = World(everybody, source=replace(SOURCE, region="eu-south-1"))
    seen = world.runs(8)
    assert len(world.fake.jobs) == 5
    assert world.words(seen, everybody[5]) == (
        "waiting: position 1 of 2, about 2026-11-24 06:00Z at the present pace of one in 5 hours"
    )
    assert world.words(seen, everybody[6]).startswith("waiting: position 2 of 2, about 2026-11-24 10:48Z")


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
