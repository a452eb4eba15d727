"""Error codes and event types."""

from __future__ import annotations

import pytest

from leastwise.model.event import Outcome
from leastwise.reference.interpret import interpret
from leastwise.reference.outcomes import outcome_of, proves_authorization
from tests.reference.events import call


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("", Outcome.SUCCEEDED),
        ("AccessDenied", Outcome.DENIED),
        ("AccessDeniedException", Outcome.DENIED),
        ("Client.UnauthorizedOperation", Outcome.DENIED),
        ("UnauthorizedOperation", Outcome.DENIED),
        ("AuthorizationErrorException", Outcome.DENIED),
        ("VpceAccessDenied", Outcome.DENIED),
        ("NoSuchKey", Outcome.FAILED),
        ("ThrottlingException", Outcome.FAILED),
    ],
)
def test_what_became_of_a_call(code: str, outcome: Outcome) -> None:
    assert outcome_of(code) is outcome


def test_a_wrong_password_of_an_end_user_is_no_refused_caller() -> None:
    assert outcome_of("NotAuthorizedException", "cognito-idp") is Outcome.FAILED
    assert outcome_of("NotAuthorizedException", "s3") is Outcome.DENIED


def test_only_listed_failures_prove_authorization() -> None:
    assert proves_authorization("", "s3")
    assert proves_authorization("NoSuchKey", "s3")
    assert proves_authorization("Client.DryRunOperation", "ec2")
    assert not proves_authorization("NoSuchKey", "glacier")
    assert not proves_authorization("ResourceNotFoundException", "lambda")
    assert not proves_authorization("AccessDenied", "s3")


@pytest.mark.parametrize(
    ("event_type", "category", "says"),
    [
        ("AwsServiceEvent", "Management", "a service reports something"),
        ("AwsConsoleSignIn", "Management", "a person signed in"),
        ("AwsVpceEvent", "NetworkActivity", "the view of a VPC endpoint's owner"),
        ("AwsApiCall", "NetworkActivity", "the view of a VPC endpoint's owner"),
        ("AwsCloudTrailInsight", "Insight", "unusual activity"),
        ("AwsSomethingNew", "Management", "an event type that leastwise does not know"),
    ],
)
def test_what_is_no_call_has_no_requests_but_a_reason(event_type: str, category: str, says: str) -> None:
    found = interpret(call("kms", "Decrypt", eventType=event_type, eventCategory=category))
    assert found.requests == ()
    assert says in (found.unmapped or "")


def test_old_records_without_a_type_are_calls() -> None:
    assert interpret(call("kms", "ListKeys", eventType="")).requests
