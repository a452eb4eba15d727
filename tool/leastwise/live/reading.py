"""Ask AWS what a user, role or permission set holds now."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from leastwise.iam.document import parse
from leastwise.live.state import LivePolicy, LiveState
from leastwise.model.declared import PrincipalKind
from leastwise.model.policies import PolicyKind, policy_path

if TYPE_CHECKING:
    from leastwise.aws.iam import Held, Iam
    from leastwise.model.declared import Principal

_KINDS = {PrincipalKind.USER: "User", PrincipalKind.ROLE: "Role"}


def live_state(principal: Principal, iam: Iam) -> LiveState:
    """What a user or role holds now; ``iam`` is that of its account.

    Raises ``AwsError`` (with code ``NoSuchEntity`` where the principal is gone), and ``PolicySyntaxError``
    for a policy that cannot be understood.
    """
    kind = _KINDS[principal.kind]
    return LiveState(
        principal=principal.key,
        policies=tuple(_policy(held, principal.folder) for held in iam.held_by(kind, principal.name)),
        groups=iam.groups_of(principal.name) if principal.kind is PrincipalKind.USER else (),
        boundary=iam.boundary_of(kind, principal.name),
    )


def live_permission_set(principal: Principal, role: str, iam: Iam) -> LiveState:
    """What a permission set grants in one account now: what IAM Identity Center wrote to its ``role`` there.

    A permission set has one inline policy; in the role it has a name that Identity Center chose.
    """
    policies = []
    for held in iam.held_by("Role", role.rpartition("/")[2]):
        policy = _policy(held, principal.folder)
        if policy.kind is PolicyKind.INLINE:
            path = f"{principal.folder}/{principal.name}.json"
            policy = LivePolicy(path, policy.text, policy.document, policy.kind, principal.name)
        policies.append(policy)
    return LiveState(principal.key, tuple(policies))


def _policy(held: Held, folder: str) -> LivePolicy:
    kind, path = _place(held, folder)
    text = json.dumps(held.document, indent=2) + "\n"
    return LivePolicy(path, text, parse(text, path), kind, held.name, held.arn, held.version)


def _place(held: Held, folder: str) -> tuple[PolicyKind, str]:
    """Where the policy's file belongs: one that others hold too is nobody's own."""
    if not held.arn:
        return PolicyKind.INLINE, f"{folder}/inline/{held.name}.json"
    if held.arn.split(":")[4] == "aws":
        return PolicyKind.AWS_MANAGED, policy_path(held.arn)
    if held.attachments > 1:
        return PolicyKind.SHARED, f"shared/{held.name}.json"
    return PolicyKind.MANAGED, f"{folder}/{held.name}.json"
