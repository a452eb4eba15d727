"""What the policies say that a permission set refers to by name: their texts lie in its accounts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from leastwise.errors import AwsError
from leastwise.live.reading import as_policy
from leastwise.model.policies import PolicyKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from leastwise.aws.iam import Held
    from leastwise.model.live import LivePolicy


def followed(
    policy: LivePolicy, accounts: Iterable[str], read: Callable[[str, str], Held], partition: str
) -> LivePolicy:
    """The policy with its text, if every account lets it be read and all hold the same; else as it is.

    ``read`` takes an account and the ARN of a policy in it, and raises ``AwsError``.
    """
    try:
        held = [read(account, f"arn:{partition}:iam::{account}:policy{policy.arn}") for account in accounts]
    except AwsError:
        return policy
    if not held or any(each.document != held[0].document for each in held):
        return policy
    found = as_policy(held[0], "")
    return replace(policy, text=found.text, document=found.document, is_read=True)


def is_reference(policy: LivePolicy) -> bool:
    """Whether it is named by IAM path and name only."""
    return policy.kind is PolicyKind.SHARED and policy.arn.startswith("/")
