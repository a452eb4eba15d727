"""What a plan must know beside what is held: versions, quotas, and policies that exist and nobody holds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from leastwise.aws.iam import iam
from leastwise.live.reading import KINDS, as_policy, live_of, live_state
from leastwise.live.references import followed, is_reference
from leastwise.model.declared import PrincipalKind
from leastwise.model.live import named_only
from leastwise.model.policies import PolicyKind, policy_name
from leastwise.plan.desired import wanted_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from leastwise.aws.iam import Iam
    from leastwise.aws.sessions import Aws
    from leastwise.model.declared import IdentityCenter, Principal
    from leastwise.model.live import LivePolicy, LiveState
    from leastwise.model.policies import Policies


def live_for_plan(
    principal: Principal,
    policies: Policies,
    aws: Aws,
    center: IdentityCenter,
    also: Iterable[str] = (),
) -> LiveState:
    """What a user, role or permission set holds now, and what it could hold at once.

    ``also`` are names of customer managed policies that it may hold no longer.  Raises as ``live_of`` does.
    """
    if principal.kind is PrincipalKind.PERMISSION_SET:
        return _of_permission_set(principal, policies, aws, center)
    account = iam(aws, principal.accounts[0])
    live = live_state(principal, account)
    attached = {policy.name for policy in live.policies if policy.arn}
    names = tuple(dict.fromkeys((*wanted_names(principal, policies, live), *({*also} - attached))))
    known = account.customer_managed() if names else {}
    held = tuple(_with_versions(policy, account) for policy in live.policies)
    there = tuple(_existing(known[name], principal.folder, account) for name in names if name in known)
    most = live.most_attached
    if len(held) + len(names) + len(principal.attached) > most:
        most = account.most_attached(KINDS[principal.kind])
    return replace(live, policies=(*held, *there), most_attached=most)


def _of_permission_set(
    principal: Principal, policies: Policies, aws: Aws, center: IdentityCenter
) -> LiveState:
    """Its definition, and what the policies say that it refers to or is to refer to."""
    live = live_of(principal, aws, center)
    held = {policy.name for policy in live.policies}
    wanted = [
        replace(named_only(file.path, name, f"/{name}"), attached=False)
        for file in policies.elsewhere(principal)
        if file.kind is PolicyKind.SHARED and (name := policy_name(file.path)) not in held
    ]
    partition = live.arn.split(":")[1]
    found = (
        followed(policy, principal.accounts, lambda account, arn: iam(aws, account).managed(arn), partition)
        if is_reference(policy)
        else policy
        for policy in (*live.policies, *wanted)
    )
    return replace(live, policies=tuple(policy for policy in found if policy.attached or policy.is_read))


def _with_versions(held: LivePolicy, account: Iam) -> LivePolicy:
    return replace(held, versions=account.versions(held.arn)) if held.kind is PolicyKind.MANAGED else held


def _existing(arn: str, folder: str, account: Iam) -> LivePolicy:
    """A customer managed policy that the principal does not hold: nobody, or others."""
    held = account.managed(arn)
    found = as_policy(replace(held, attachments=1), folder)
    return replace(found, attached=False, attachments=held.attachments, versions=account.versions(arn))
