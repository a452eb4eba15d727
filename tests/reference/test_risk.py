"""Risk of actions, and combinations."""

from __future__ import annotations

import pytest

from leastwise.reference.risk import escalations, is_sensitive, risks_of


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        ("iam:PutRolePolicy", "permissions management"),
        ("IAM:putrolepolicy", "permissions management"),
        ("s3:PutBucketPolicy", "permissions management"),
        ("sts:AssumeRole", "returns credentials"),
        ("ec2:GetPasswordData", "returns credentials"),
        ("secretsmanager:GetSecretValue", "reads secrets"),
        ("iam:PassRole", "hands a role's permissions to a service"),
        ("lambda:UpdateFunctionCode", "privilege escalation: EditExistingLambdaFunctionWithRole"),
        ("cloudtrail:StopLogging", "switches off what watches the account"),
        ("cloudtrail:DeleteEventDataStore", "switches off what watches the account"),
        ("ssm:SendCommand", "runs commands on instances, with their roles"),
        ("iam:CreateUser", "makes an identity that stays when its maker is gone"),
        ("s3:GetObject", None),
        ("ec2:RunInstances", None),
        ("nonsense:Get", None),
    ],
)
def test_the_gravest_reason(action: str, reason: str | None) -> None:
    assert is_sensitive(action) == reason


def test_reading_data_is_shown_and_is_no_reason_to_refuse() -> None:
    assert risks_of("s3:GetObject") == ("reads data",)


def test_combinations_are_of_known_actions_and_have_a_source() -> None:
    found = {escalation.name: escalation for escalation in escalations()}
    assert found["CreateEC2WithExistingIP"].actions == {"iam:PassRole", "ec2:RunInstances"}
    assert all(
        escalation.actions and escalation.source.startswith("https://") for escalation in found.values()
    )
    assert len(found) > 50
