"""From event source and name to actions."""

from __future__ import annotations

import pytest

from leastwise.reference import actions
from leastwise.reference.calls import call_of, service_of, sources_of


@pytest.mark.parametrize(
    ("source", "name", "found"),
    [
        ("kms", "Decrypt", ("kms:Decrypt",)),
        ("s3", "GetBucketCors", ("s3:GetBucketCORS",)),  # AWS's spelling, whatever the event's
        ("lambda", "CreateFunction20150331", ("lambda:CreateFunction",)),
        ("lambda", "UpdateFunctionCode20150331v2", ("lambda:UpdateFunctionCode",)),
        ("cloudfront", "CreateDistribution2020_05_31", ("cloudfront:CreateDistribution",)),
        ("kafka", "CreateClusterV2", ("kafka:CreateClusterV2",)),  # digits that belong to the name
        ("monitoring", "PutMetricAlarm", ("cloudwatch:PutMetricAlarm",)),
        ("tagging", "GetResources", ("tag:GetResources",)),
        ("streams.dynamodb", "GetRecords", ("dynamodb:GetRecords",)),
        ("sts", "GetCallerIdentity", ()),
    ],
)
def test_an_event_is_authorized_by(source: str, name: str, found: tuple[str, ...]) -> None:
    call = call_of(f"{source}.amazonaws.com", name)
    assert call.actions == found
    assert call.unmapped is None


@pytest.mark.parametrize(
    ("source", "name", "reason"),
    [
        ("ec2.amazonaws.com", "Bogus", "no permission is known for ec2:Bogus"),
        ("ec2.amazonaws.com", "RunInstances2", "no permission is known for ec2:RunInstances2"),
        ("bogus.amazonaws.com", "GetX", "no IAM service is known for the event source bogus.amazonaws.com"),
        ("", "", "no IAM service is known for the event source (none)"),
    ],
)
def test_what_is_not_known_is_said_and_never_guessed(source: str, name: str, reason: str) -> None:
    call = call_of(source, name)
    assert (call.actions, call.unmapped) == ((), reason)


def test_sources_in_china_have_a_longer_ending() -> None:
    assert service_of("s3.amazonaws.com.cn") == "s3"


def test_sources_of_a_service_lead_back_to_it() -> None:
    assert sources_of("cloudwatch") == ("cloudwatch.amazonaws.com", "monitoring.amazonaws.com")
    for service in actions.services():
        assert {service_of(source) for source in sources_of(service)} == {service}
