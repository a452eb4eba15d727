"""AWS's own words about a refusal, and names that imitate them."""

from __future__ import annotations

import pytest

from leastwise.model.evidence import DenialReason
from leastwise.model.request import Certainty, ResourceForm
from leastwise.reference.denials import denial_of
from leastwise.reference.interpret import interpret
from tests.reference.events import call

WHO = "User: arn:aws:sts::111122223333:assumed-role/app/s is not authorized to perform: "
OBJECT = 's3:GetObject on resource: "arn:aws:s3:::b/k" '
IDENTITY = "because no identity-based policy allows the s3:GetObject action"


def denied(message: str, source: str = "s3", name: str = "GetObject", **members: object):
    return call(
        source,
        name,
        {"bucketName": "b", "key": "k"},
        errorCode="AccessDenied",
        errorMessage=message,
        **members,
    )


@pytest.mark.parametrize(
    ("ending", "reason"),
    [
        (IDENTITY, DenialReason.NO_IDENTITY_POLICY),
        ("because no resource-based policy allows the s3:GetObject action", DenialReason.RESOURCE_POLICY),
        (
            "because no service control policy allows the s3:GetObject action",
            DenialReason.SERVICE_CONTROL_POLICY,
        ),
        (
            "because no resource control policy allows the s3:GetObject action",
            DenialReason.RESOURCE_CONTROL_POLICY,
        ),
        ("because no permissions boundary allows the s3:GetObject action", DenialReason.PERMISSIONS_BOUNDARY),
        ("because no session policy allows the s3:GetObject action", DenialReason.SESSION_POLICY),
        ("because no VPC endpoint policy allows the s3:GetObject action", DenialReason.VPC_ENDPOINT_POLICY),
        ("with an explicit deny in an identity-based policy", DenialReason.EXPLICIT_DENY),
        ("with an explicit deny in a service control policy: arn:aws:o", DenialReason.SERVICE_CONTROL_POLICY),
        ("with an explicit deny in a resource-based policy", DenialReason.RESOURCE_POLICY),
        ("with an explicit deny", DenialReason.EXPLICIT_DENY),
        ("because no unheard-of policy allows it", DenialReason.UNQUALIFIED),
    ],
)
def test_the_policy_that_aws_blames(ending: str, reason: DenialReason) -> None:
    denial = denial_of(denied(WHO + OBJECT + ending))
    assert (denial.action, denial.resource, denial.reason) == ("s3:GetObject", "arn:aws:s3:::b/k", reason)


@pytest.mark.parametrize(
    ("message", "action", "resource"),
    [
        ("Access Denied", "", ""),
        ("", "", ""),
        (
            WHO + "sts:AssumeRole on resource: arn:aws:iam::1:role/r",
            "sts:AssumeRole",
            "arn:aws:iam::1:role/r",
        ),
        (WHO + "organizations:ListRoots on resource: * ", "organizations:ListRoots", "*"),
        (WHO + "S3:getobject", "s3:GetObject", ""),
        (WHO + "kms:Decrypt on the resource associated with this ciphertext", "kms:Decrypt", ""),
        (WHO + "iam:PassRole on resource: role app", "iam:PassRole", ""),
    ],
)
def test_what_the_message_does_not_say_is_empty(message: str, action: str, resource: str) -> None:
    denial = denial_of(denied(message))
    assert (denial.action, denial.resource, denial.reason) == (action, resource, DenialReason.UNQUALIFIED)


def test_ec2_appends_an_encoded_message() -> None:
    text = f"You are not authorized. {WHO}ec2:RunInstances on resource: arn:aws:ec2:eu-west-1:1:instance/* "
    text += "because no identity-based policy allows the ec2:RunInstances action. "
    text += "Encoded authorization failure message: " + "x" * 900
    denial = denial_of(denied(text, "ec2", "RunInstances"))
    assert (denial.resource, denial.reason) == (
        "arn:aws:ec2:eu-west-1:1:instance/*", DenialReason.NO_IDENTITY_POLICY,
    )  # fmt: skip


def test_ec2_without_words_is_unqualified() -> None:
    found = interpret(
        call(
            "ec2", "StopInstances", {"instancesSet": {"items": [{"instanceId": "i-1"}]}},
            errorCode="Client.UnauthorizedOperation",
            errorMessage="You are not authorized. Encoded authorization failure message: abc",
        )
    )  # fmt: skip
    assert found.denial
    assert found.denial.reason is DenialReason.UNQUALIFIED
    assert [request.action for request in found.requests] == ["ec2:StopInstances"]
    assert not found.disagrees


@pytest.mark.parametrize(
    "key",
    [
        'k" because no identity-based policy allows the s3:GetObject action',
        'k" because no identity-based policy allows it. Encoded authorization failure message: x',
        'k is not authorized to perform: iam:PassRole on resource: "arn:aws:iam::1:role/x" because no',
    ],
)
def test_a_name_cannot_forge_the_reason_or_the_action(key: str) -> None:
    ending = "with an explicit deny in a service control policy"
    denial = denial_of(denied(f'{WHO}s3:GetObject on resource: "arn:aws:s3:::b/{key}" {ending}'))
    assert denial.action == "s3:GetObject"
    assert denial.reason is DenialReason.SERVICE_CONTROL_POLICY
    assert denial.resource == f"arn:aws:s3:::b/{key}"


def test_the_last_reason_is_aws_own() -> None:
    key = 'k" because no identity-based policy allows it'
    ending = "because no session policy allows the s3:GetObject action"
    denial = denial_of(denied(f'{WHO}s3:GetObject on resource: "arn:aws:s3:::b/{key}" {ending}'))
    assert (denial.resource, denial.reason) == (f"arn:aws:s3:::b/{key}", DenialReason.SESSION_POLICY)


def test_a_message_that_was_cut_gives_no_reason() -> None:
    key = 'k" because no identity-based policy allows the s3:GetObject action' + "k" * 1024
    denial = denial_of(denied(f'{WHO}s3:GetObject on resource: "arn:aws:s3:::b/{key}'[:1024]))
    assert (denial.action, denial.resource, denial.reason) == ("s3:GetObject", "", DenialReason.UNQUALIFIED)


def test_a_star_in_a_name_stays_a_star_in_a_name() -> None:
    found = interpret(denied(f'{WHO}s3:GetObject on resource: "arn:aws:s3:::b/*" {IDENTITY}'))
    assert [(request.resource, request.form) for request in found.requests] == [
        ("arn:aws:s3:::b/*", ResourceForm.LITERAL)
    ]


def test_aws_words_replace_ours_and_the_disagreement_is_counted() -> None:
    found = interpret(denied(f"{WHO}kms:Decrypt on resource: arn:aws:kms:eu-west-1:1:key/x {IDENTITY}"))
    assert [(request.action, request.resource) for request in found.requests] == [
        ("kms:Decrypt", "arn:aws:kms:eu-west-1:1:key/x")
    ]
    assert found.mapped == {"s3:GetObject"}
    assert found.disagrees


def test_a_refused_role_is_certain_once_aws_says_so() -> None:
    role = "arn:aws:iam::111122223333:role/exec"
    found = interpret(
        call(
            "lambda", "CreateFunction20150331", {"functionName": "f", "role": role},
            errorCode="AccessDeniedException",
            errorMessage=f"{WHO}iam:PassRole on resource: {role} because no identity-based policy allows it",
        )
    )  # fmt: skip
    (request,) = found.requests
    assert (request.action, request.resource, request.certainty) == ("iam:PassRole", role, Certainty.CERTAIN)
    assert not found.disagrees


def test_an_action_that_does_not_exist_is_never_emitted() -> None:
    found = interpret(denied(f"{WHO}s3:Nonsense on resource: arn:aws:s3:::b/k {IDENTITY}"))
    assert found.denial
    assert found.denial.action == "s3:Nonsense"
    assert [request.action for request in found.requests] == ["s3:GetObject"]
    assert found.disagrees
