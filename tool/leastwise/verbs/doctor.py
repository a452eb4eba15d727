"""``leastwise doctor``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from leastwise.aws.sessions import Aws
from leastwise.aws.sso_admin import sso_admin
from leastwise.collect.connections import Connections
from leastwise.collect.roster import Roster
from leastwise.doctor.apply import apply_boundary, apply_policies, partition_of, reading_policy
from leastwise.doctor.checks import Doctor
from leastwise.doctor.policy import (
    Needed,
    policies_for,
    policies_for_opinions,
    policy_for_sending,
    policy_for_state,
)
from leastwise.errors import AwsError, UsageError
from leastwise.model.check import Health
from leastwise.model.declared import Ownership, PrincipalKind
from leastwise.model.policies import PolicyKind, policy_name
from leastwise.render.checks import check_lines, check_objects
from leastwise.second_look import asks_aws
from leastwise.workspace import read_committed, read_working_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime
    from pathlib import Path

    from leastwise.aws.sso_admin import PermissionSet
    from leastwise.model.declared import Declaration, Source
    from leastwise.workspace import Workspace

FOUND = 1
S3 = "s3://"
MANAGED = PolicyKind.MANAGED
BY_NAME = (MANAGED, PolicyKind.SHARED)
"""Kinds of which there is one of a name in an account."""
OURSELVES = "the identity that leastwise runs as"


def run(root: Path, names: Iterable[str], now: datetime, form: str, show: Callable[[str], object]) -> int:
    """Ask every source, or those named; 1 where one gives no evidence."""
    declaration = read_working_tree(root).declaration
    aws = Aws(declaration.account_roles)
    connections = Connections(root, aws, now)
    doctor = Doctor(aws, now, connections.store, connections.settings, connections.trail_settings)
    checks = [
        check
        for source in chosen(declaration, names)
        for check in doctor.checks(source, _roster(declaration, source))
    ]
    if form == "json":
        show(json.dumps(check_objects(checks), indent=2))
    else:
        for line in check_lines(checks):
            show(line)
    return FOUND if any(check.health is Health.BROKEN for check in checks) else 0


def show_policies(
    root: Path,
    names: Iterable[str],
    state: str | None,
    show: Callable[[str], object],
    tell: Callable[[str], object],
) -> None:
    """The policies that leastwise itself needs; who needs each goes to ``tell``, the JSON to ``show``."""
    names = tuple(names)
    declaration = read_working_tree(root).declaration
    for source in chosen(declaration, names):
        accounts = _roster(declaration, source).accounts
        for needed in policies_for(source, declaration.account_roles, accounts):
            tell(f"source {source.name}: {needed.holder or OURSELVES}")
            show(needed.policy)
    if not names:
        tell("what is live (`leastwise plan`, drift): each role of `accounts:`, or " + OURSELVES)
        show(reading_policy())
        for needed in _for_opinions(declaration):
            tell(f"second_opinion: {needed.holder or OURSELVES}")
            show(needed.policy)
        _show_sending(declaration, show, tell)
    if state and state.startswith(S3):
        tell(f"--state {state}: {OURSELVES}")
        show(policy_for_state(state, partition_of(declaration)))


def _show_sending(
    declaration: Declaration, show: Callable[[str], object], tell: Callable[[str], object]
) -> None:
    """What the jobs that tell people need, if anybody is told by AWS."""
    channels = (declaration.notify, declaration.audit)
    mails = list(dict.fromkeys(each.email for each in channels if each.email))
    topics = list(dict.fromkeys(each.topic for each in channels if each.topic))
    if mails or topics:
        tell("`notify:` and `audit:`: the role of the jobs that send")
        show(policy_for_sending(mails, topics))


def show_apply_policies(
    root: Path, state: str | None, show: Callable[[str], object], tell: Callable[[str], object]
) -> None:
    """The policies that ``leastwise apply`` needs and its boundary; who needs each goes to ``tell``."""
    workspace = read_committed(root)
    declaration = workspace.declaration
    if not any(principal.ownership is Ownership.APPLY for principal in declaration.principals):
        raise UsageError(
            "nobody in principals.yaml is written by leastwise: `ownership: apply`, for one or in `defaults`"
        )
    for needed in apply_policies(declaration, _own_policies(workspace), _permission_sets(declaration, tell)):
        tell(f"apply: {needed.holder or OURSELVES}")
        show(needed.policy)
    if state and state.startswith(S3):
        tell(f"--state {state}: {OURSELVES}")
        show(policy_for_state(state, partition_of(declaration)))
    tell("the permissions boundary of each applying role")
    show(apply_boundary(declaration))


def _permission_sets(declaration: Declaration, tell: Callable[[str], object]) -> dict[str, PermissionSet]:
    """The ARNs of those that leastwise writes to, as far as AWS tells them; the others go to ``tell``."""
    found = {}
    center = sso_admin(Aws(declaration.account_roles), declaration.identity_center)
    for principal in declaration.principals:
        if principal.kind is PrincipalKind.PERMISSION_SET and principal.ownership is Ownership.APPLY:
            try:
                found[principal.name] = center.permission_set(principal.name)
            except AwsError as error:
                tell(f"put in the ARN of the permission set {principal.name} by hand: {error}")
    return found


def _own_policies(workspace: Workspace) -> dict[str, tuple[str, ...]]:
    """The names of each principal's own managed policies; those too that git knows it once had.

    But for those that are somebody else's by now, such as a policy that was moved to ``shared/``.
    """
    every = workspace.policies.files.values()
    return {
        principal.key: tuple(
            sorted(
                {policy_name(path) for path in workspace.paths_ever(principal.folder)}
                - {policy_name(file.path) for file in every if file.kind in BY_NAME}
                | {
                    policy_name(file.path)
                    for file in workspace.policies.own(principal)
                    if file.kind is MANAGED
                }
            )
        )
        for principal in workspace.declaration.principals
        if principal.kind in (PrincipalKind.USER, PrincipalKind.ROLE)
    }


def _for_opinions(declaration: Declaration) -> tuple[Needed, ...]:
    """Of the checks that a run makes of proposals; none where nothing is declared to be in AWS."""
    if not asks_aws(declaration):
        return ()
    accounts = Roster(declaration.principals).accounts
    return policies_for_opinions(declaration.second_opinion, declaration.account_roles, accounts)


def chosen(declaration: Declaration, names: Iterable[str]) -> list[Source]:
    """The sources with these names, or all of them; ``UsageError`` for one that is not declared."""
    names = list(names)
    unknown = [name for name in names if name not in declaration.sources]
    if unknown:
        known = ", ".join(declaration.sources) or "none"
        raise UsageError(f"{unknown[0]} is no source of principals.yaml; there are: {known}")
    return [declaration.sources[name] for name in names or declaration.sources]


def _roster(declaration: Declaration, source: Source) -> Roster:
    return Roster(tuple(p for p in declaration.principals if source.name in p.sources))
