"""Ask AWS what a user, role or permission set holds now."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from leastwise.aws.iam import iam
from leastwise.aws.sso_admin import BEHIND, sso_admin
from leastwise.iam.document import parse
from leastwise.iam.size import PERMISSION_SET_MANAGED_POLICIES
from leastwise.model.declared import PrincipalKind
from leastwise.model.live import LivePolicy, LiveState, named_only
from leastwise.model.policies import PolicyKind, policy_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leastwise.aws.iam import Held, Iam
    from leastwise.aws.sessions import Aws
    from leastwise.aws.sso_admin import PermissionSet, Reference, SsoAdmin
    from leastwise.model.declared import IdentityCenter, Principal

KINDS = {PrincipalKind.USER: "User", PrincipalKind.ROLE: "Role"}
"""How IAM's operations spell the kinds."""


def live_of(principal: Principal, aws: Aws, center: IdentityCenter, region: str = "") -> LiveState:
    """What a user, role or permission set holds now; ``region``: any of its partition.

    Raises as ``live_state`` and ``live_permission_set`` do.
    """
    if principal.kind is PrincipalKind.PERMISSION_SET:
        return live_permission_set(
            principal, sso_admin(aws, center), iam(aws, center.account, center.region or region)
        )
    return live_state(principal, iam(aws, principal.accounts[0], region))


def live_state(principal: Principal, iam: Iam) -> LiveState:
    """What a user or role holds now; ``iam`` is that of its account.

    Raises ``AwsError`` (with code ``NoSuchEntity`` where the principal is gone, or only one of its name on
    another path is there), and ``PolicySyntaxError``
    for a policy that cannot be understood.
    """
    kind = KINDS[principal.kind]
    boundary = iam.boundary_of(principal.arn or "")
    return LiveState(
        principal=principal.key,
        policies=tuple(as_policy(held, principal.folder) for held in iam.held_by(kind, principal.name)),
        groups=iam.groups_of(principal.name) if principal.kind is PrincipalKind.USER else (),
        boundary=boundary,
    )


def live_permission_set(principal: Principal, center: SsoAdmin, iam: Iam) -> LiveState:
    """The definition of a permission set now, and which accounts hold an older one.

    ``iam`` is that of any account: it tells what AWS-managed policies say.  Raises as ``live_state`` does,
    ``AwsError`` with code ``ResourceNotFoundException`` where there is no such permission set.
    """
    found = center.permission_set(principal.name)
    return LiveState(
        principal=principal.key,
        policies=tuple(_of_permission_set(principal, found, center, iam)),
        boundary=center.boundary(found),
        arn=found.arn,
        provisioned=center.accounts(found),
        behind=center.accounts(found, BEHIND),
        most_attached=PERMISSION_SET_MANAGED_POLICIES,
    )


def _of_permission_set(
    principal: Principal, found: PermissionSet, center: SsoAdmin, iam: Iam
) -> Iterator[LivePolicy]:
    for arn in center.managed(found):
        yield as_policy(iam.managed(arn), principal.folder)
    for reference in center.references(found):
        yield _referred(reference)
    inline = center.inline_policy(found)
    if inline is not None:
        path = f"{principal.folder}/{principal.name}.json"
        text = _text(inline)
        yield LivePolicy(path, text, parse(text, path), PolicyKind.INLINE, principal.name)


def _referred(reference: Reference) -> LivePolicy:
    return named_only(f"shared/{reference.name}.json", reference.name, f"{reference.path}{reference.name}")


def as_policy(held: Held, folder: str) -> LivePolicy:
    """A policy of IAM where its file belongs below ``policies/``."""
    kind, path = _place(held, folder)
    text = _text(held.document)
    return LivePolicy(
        path=path,
        text=text,
        document=parse(text, path),
        kind=kind,
        name=held.name,
        arn=held.arn,
        version=held.version,
        attachments=held.attachments,
        boundaries=held.boundaries,
    )


def _text(document: object) -> str:
    return json.dumps(document, indent=2) + "\n"


def _place(held: Held, folder: str) -> tuple[PolicyKind, str]:
    """Where the policy's file belongs: one that others hold too is nobody's own."""
    if not held.arn:
        return PolicyKind.INLINE, f"{folder}/inline/{held.name}.json"
    if held.arn.split(":")[4] == "aws":
        return PolicyKind.AWS_MANAGED, policy_path(held.arn)
    if held.attachments > 1:
        return PolicyKind.SHARED, f"shared/{held.name}.json"
    return PolicyKind.MANAGED, f"{folder}/{held.name}.json"
