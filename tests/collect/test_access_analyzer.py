"""Access Analyzer as a source: what is asked, what is believed, and what is said of everything else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from leastwise.aws.iam import GONE
from leastwise.collect.access_analyzer import LIMITS
from leastwise.errors import AwsError
from leastwise.model.declared import PrincipalKind, Trial
from leastwise.model.event import Outcome
from leastwise.model.request import ResourceForm
from tests.collect.analyzer_world import (
    ACCESS_ROLE,
    ACCOUNT,
    NOW,
    OTHER,
    SETTINGS,
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


def test_an_incomplete_policy_that_names_no_service_leaves_every_service_open():
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
        "its trial opens on 2026-11-23: no whole day of it has passed yet"
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


def test_a_trial_of_the_future_takes_no_turn():
    world = World((role("later", trial=Trial(TODAY + timedelta(days=10), 30)), role("payments")))
    seen = world.run()
    assert [job.principal for job in world.fake.jobs] == [PAYMENTS.arn]
    assert "opens on 2026-12-03" in world.words(seen)


def of_days(number: int) -> World:
    """Somebody with a generation on each of so many days, all of which AWS keeps."""
    world = World()
    world.fake.replaces = False
    world.fake.uses = {PAYMENTS.arn: ("s3:CreateBucket",)}
    world.runs(number, every=timedelta(days=1))
    return world


def test_an_older_generation_counts_where_the_newest_cannot_be_fetched():
    world = of_days(3)
    world.wire.faults["GetGeneratedPolicy"] = [Fault("ValidationException", "no such job")]
    assert actions_of(world.run(), PAYMENTS) == {"s3:CreateBucket"}


@pytest.mark.parametrize(("foreign", "found"), [(2, True), (3, False)])
def test_three_generations_of_a_principal_are_fetched_and_no_more(foreign, found):
    world = of_days(4)
    for job in world.fake.jobs[4 - foreign :]:
        job.trail = {"cloudTrailArn": TRAIL, "regions": ["eu-west-1"]}
    assert bool(actions_of(world.run(), PAYMENTS)) is found


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


@pytest.mark.parametrize("hour", [0, 6])
def test_what_was_generated_for_an_earlier_one_of_the_same_name_is_nobodys_now(hour):
    seen, days, words = served(at=datetime(2026, 11, 23, hour, tzinfo=UTC))
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
        "it is not known when users and roles were made (1 of them), so what an earlier one of the same name "
        "did counts too: iam:GetRole: not allowed"
    ) in coverage_of(seen).limits


def test_lost_credentials_end_the_run_when_that_is_asked_too():
    with pytest.raises(AwsError, match="expired"):
        served(at=AwsError("ExpiredToken", "expired"))
