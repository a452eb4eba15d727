"""Which kind of event a use of an action leaves."""

from __future__ import annotations

import pytest

from leastwise.reference import actions
from leastwise.reference.calls import call_of
from leastwise.reference.facts import facts
from leastwise.reference.loggable import EventKind, Loggability, event_class, source_of
from tests.reference.events import REAL, real_events

MANAGEMENT, DATA = Loggability.MANAGEMENT, Loggability.DATA


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ("ec2:RunInstances", EventKind(MANAGEMENT, read=False, write=True)),
        ("EC2:describeinstances", EventKind(MANAGEMENT, read=True, write=False)),
        ("kms:Decrypt", EventKind(MANAGEMENT, read=True, write=True)),
        ("kms:ReEncryptFrom", EventKind(MANAGEMENT, read=True, write=True)),
        ("s3:GetEncryptionConfiguration", EventKind(MANAGEMENT, read=True, write=False)),
        ("s3:ListAllMyBuckets", EventKind(MANAGEMENT, read=True, write=False)),
        ("apigateway:PATCH", EventKind(MANAGEMENT, read=False, write=True)),
        ("s3:GetObject", EventKind(DATA, read=True, resource_type="AWS::S3::Object")),
        ("s3:PutObject", EventKind(DATA, write=True, resource_type="AWS::S3::Object")),
        ("sqs:SendMessage", EventKind(DATA, read=True, write=True, resource_type="AWS::SQS::Queue")),
        ("iam:PassRole", EventKind(Loggability.NEVER)),
        ("ec2:CreateTags", EventKind(Loggability.NEVER)),
        ("s3:BypassGovernanceRetention", EventKind(Loggability.NEVER)),
        ("sts:TagSession", EventKind(Loggability.NEVER)),
        ("apigateway:POST", EventKind(Loggability.UNKNOWN)),
        ("iot:Publish", EventKind(Loggability.UNKNOWN)),
        ("sagemaker:InvokeEndpoint", EventKind(Loggability.UNKNOWN)),
        ("s3:PutObjectAnnotation", EventKind(Loggability.UNKNOWN)),
        ("nonsense:Get", EventKind(Loggability.UNKNOWN)),
    ],
)
def test_the_event_that_a_use_leaves(action: str, kind: EventKind) -> None:
    assert event_class(action) == kind


def test_every_action_has_exactly_one_kind_and_management_events_are_calls() -> None:
    operations = facts("operations.json")["operations"]
    for action in actions.expand("*"):
        kind = event_class(action)
        assert (kind.loggability is DATA) == bool(kind.resource_type)
        assert (kind.read or kind.write) == (kind.loggability in (MANAGEMENT, DATA))
        if kind.loggability is MANAGEMENT:
            assert action.partition(":")[0] in operations


def test_sources_by_which_selectors_exclude() -> None:
    assert source_of("KMS:Decrypt") == ("kms.amazonaws.com",)
    assert "rdsdata.amazonaws.com" in source_of("rds-data:ExecuteStatement")


@pytest.mark.skipif(not REAL.is_dir(), reason="the real records lie beside the repository, and are not here")
def test_what_was_recorded_is_never_said_to_leave_no_event() -> None:
    recorded = {action for event in real_events() for action in call_of(event.source, event.name).actions}
    assert recorded
    assert [
        action for action in sorted(recorded) if event_class(action).loggability is Loggability.NEVER
    ] == []
