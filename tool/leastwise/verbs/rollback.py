"""``leastwise rollback``: back to what a principal held before, with the same plan and proof shown first."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from leastwise.apply.journal import last_write as newest
from leastwise.aws.iam import iam
from leastwise.errors import PlanError
from leastwise.live.for_plan import live_for_plan
from leastwise.live.reading import as_policy
from leastwise.model.declared import Ownership, PrincipalKind
from leastwise.model.journal import Kind
from leastwise.plan.desired import sides
from leastwise.plan.planned import of_sides
from leastwise.plan.rollback import (
    Texts,
    Version,
    of_others,
    targets,
    to_before,
    to_versions,
    versions_before,
)
from leastwise.render.journal import told
from leastwise.render.plan import plan_lines
from leastwise.render.plan_json import plans
from leastwise.render.redact import redacted
from leastwise.verbs.apply import carry_out
from leastwise.verbs.common import chosen
from leastwise.verbs.plan import PlanScope, workspace_of
from leastwise.verbs.writing import writer_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from leastwise.aws.iam import Iam
    from leastwise.model.declared import Principal
    from leastwise.model.journal import AppliedRecord
    from leastwise.model.plan import Plan
    from leastwise.plan.desired import Sides
    from leastwise.plan.planned import Planned
    from leastwise.verbs.writing import Writer

FOUND = 1


@dataclass(frozen=True, slots=True)
class Return:
    """What is asked for: to which versions (none: to what was before the last write), and the fingerprint."""

    versions: tuple[Version, ...] = ()
    fingerprint: str = ""
    state: str | None = None


def run(
    scope: PlanScope, asked: Return, form: str, show: Callable[[str], object], warn: Callable[[str], object]
) -> int:
    """Show the way back; with its fingerprint go it.  1 where it was only shown and there is one."""
    workspace = workspace_of(scope)
    (principal,) = chosen(workspace, scope.only)
    writer = writer_of(workspace, scope.now, asked.state, 0, warn)
    undone = None if asked.versions else last_write(writer, principal)
    if asked.fingerprint:
        writer.warn_unwritten(warn)
        carry_out(writer, [_wanted(writer, principal, undone, asked)], Kind.ROLLBACK, show)
        show(git_differs(principal, undone))
        return 0
    found = way_back(writer, principal, undone, asked.versions)
    if form == "json":
        show(json.dumps(plans((found,), workspace.commit), indent=2))
        return FOUND if found.differs else 0
    show(_aim(undone, asked))
    show(redacted("\n".join(plan_lines((found,))), workspace.declaration.redact))
    if found.plan:
        show(f"\nto do so, with the same options: leastwise rollback {principal.key} FINGERPRINT")
    return FOUND if found.differs else 0


def _aim(undone: AppliedRecord | None, asked: Return) -> str:
    """What the way back leads to, in a line."""
    if undone:
        return f"back to what was live before: {told(undone)}"
    aim = ", ".join(str(each) for each in asked.versions)
    return f"back to {aim or 'the version before the default, for no journal tells more'}"


def _wanted(writer: Writer, principal: Principal, undone: AppliedRecord | None, asked: Return) -> Plan:
    """The plan with that fingerprint: as it would be made now, or as an earlier run began it."""
    earlier = writer.earlier([asked.fingerprint], Kind.ROLLBACK).get(asked.fingerprint)
    if earlier and earlier.principal == principal.key:
        return earlier
    found = way_back(writer, principal, undone, asked.versions)
    if found.plan is None or found.plan.fingerprint != asked.fingerprint:
        now = found.plan.fingerprint if found.plan else "; ".join(found.why_not) or "nothing to go back to"
        raise PlanError(f"{asked.fingerprint} is not the way back (any more); it is now: {now}")
    return found.plan


def way_back(
    writer: Writer, principal: Principal, undone: AppliedRecord | None, versions: tuple[Version, ...] = ()
) -> Planned:
    """The plan that brings back what a principal held, and the proof of what that means.

    To what was live before ``undone``, the last write in the journal; else to the versions that are named, or
    to the version before the default of its only managed policy.  Raises ``PlanError`` where none of that is
    there, ``AwsError`` where what is live cannot be read.
    """
    if principal.kind is PrincipalKind.GROUP:
        raise PlanError(f"{principal.key} is a prototype: AWS has nothing that could be rolled back")
    both = _now(writer, principal, undone)
    account = iam(writer.aws, _account(writer, principal))
    if undone:
        back = to_before(both, undone.plan.changes, _texts_before(both, undone, principal, account))
    else:
        aims = targets(both, versions)
        texts = _texts(((policy.arn, version) for policy, version in aims), account)
        back = to_versions(both, aims, Texts(of_versions=texts))
    return of_sides(back, writable=principal.ownership is Ownership.APPLY)


def last_write(writer: Writer, principal: Principal) -> AppliedRecord | None:
    """The last run of the journal that wrote something to the principal."""
    return newest(writer.journal.of(principal.key) if writer.journal else ())


def _now(writer: Writer, principal: Principal, record: AppliedRecord | None) -> Sides:
    workspace = writer.workspace
    names = [change.name for change in record.plan.changes] if record else []
    center = workspace.declaration.identity_center
    live = live_for_plan(principal, workspace.policies, writer.aws, center, also=names)
    return sides(principal, workspace.policies, live, writer.now.date())


def _account(writer: Writer, principal: Principal) -> str:
    if principal.kind is PrincipalKind.PERMISSION_SET:
        return writer.workspace.declaration.identity_center.account
    return principal.accounts[0]


def _texts(versions: Iterable[tuple[str, str]], account: Iam) -> dict[tuple[str, str], str]:
    return {
        (arn, version): json.dumps(account.document(arn, version), indent=2) + "\n"
        for arn, version in versions
    }


def _texts_before(both: Sides, record: AppliedRecord, principal: Principal, account: Iam) -> Texts:
    """Versions from before, and policies of many that it held then and holds no longer."""
    versions = _texts(versions_before(both, record.plan.changes), account)
    changes = [change for change in record.plan.changes if change.path not in both.before]
    paths = {change.arn: change.path for change in changes}
    others = {
        arn: replace(as_policy(account.managed(arn), principal.folder), path=paths[arn])
        for arn in of_others(changes)
        if arn.startswith("arn:")
    }
    return Texts(versions, others)


def git_differs(principal: Principal, undone: AppliedRecord | None) -> str:
    """What a person has to do now; ``undone`` is the write that was taken back, where it is known."""
    by = "the merge"
    if undone and undone.kind is Kind.APPLY and undone.commit:
        by = f"pull request #{undone.pull}" if undone.pull else f"commit {undone.commit[:12]}"
    return (
        f"git says something else now than what is live for {principal.key}: revert {by}, or the next "
        "`leastwise apply` brings it back"
    )
