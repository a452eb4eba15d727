"""``watch: rollback``: at once back to what was held before, where the declaration says so.

Nobody reviews this plan, so it is bound to what the declaration allows in advance: the very last write to
the principal took a grant away, and AWS's own words say that a recorded call was denied for want of it.  And
since others may write to where the journal is kept, it brings back only what was committed once or is a
version that AWS still has, and takes nothing away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.denied.watch import losses
from leastwise.errors import AwsError, PlanError
from leastwise.iam.includes import Included
from leastwise.model.declared import OnDenial
from leastwise.model.journal import Kind
from leastwise.model.policies import policy_path
from leastwise.plan.rollback import unreviewed
from leastwise.render.plan import plan_lines
from leastwise.render.redact import redacted
from leastwise.verbs.apply import carry_out
from leastwise.verbs.rollback import git_differs, last_write, way_back
from leastwise.verbs.writing import writer_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from leastwise.case import Case
    from leastwise.model.applied import LostGrant
    from leastwise.model.declared import Principal
    from leastwise.model.journal import AppliedRecord
    from leastwise.model.plan import Plan
    from leastwise.plan.planned import Planned
    from leastwise.verbs.scope import Scope
    from leastwise.verbs.writing import Writer
    from leastwise.workspace import Workspace

REFUSED = 5


def lost_for_certain(case: Case) -> tuple[LostGrant, ...]:
    """The grants for want of which the declaration has the policies before brought back."""
    if case.principal.on_denial is not OnDenial.ROLLBACK:
        return ()
    return tuple(grant for grant in losses(case).grants if grant.is_certain)


def returned(
    workspace: Workspace,
    cases: Iterable[Case],
    scope: Scope,
    show: Callable[[str], object],
    warn: Callable[[str], object],
) -> int:
    """Roll back everybody of whom that is to be done; the exit code."""
    asked = [(case.principal, lost) for case in cases if (lost := lost_for_certain(case))]
    if not asked:
        return 0
    writer = writer_of(workspace, scope.now, scope.state, 0, warn)
    return max(_returned(writer, principal, lost, show, warn) for principal, lost in asked)


def _returned(
    writer: Writer,
    principal: Principal,
    lost: Iterable[LostGrant],
    show: Callable[[str], object],
    warn: Callable[[str], object],
) -> int:
    last = last_write(writer, principal)
    took = {(grant.applied.when, grant.applied.commit) for grant in lost}
    if last is None or last.kind is not Kind.APPLY or (last.ended or last.began, last.commit) not in took:
        warn(f"{principal.key} is not rolled back: the last write to it is not what took the grant away")
        return 0
    try:
        carry_out(writer, [_plan(writer, principal, last, show)], Kind.ROLLBACK, show)
    except (AwsError, PlanError) as error:
        warn(f"{principal.key} could not be rolled back: {error}")
        return REFUSED
    show(git_differs(principal, last))
    return 0


def _plan(writer: Writer, principal: Principal, last: AppliedRecord, show: Callable[[str], object]) -> Plan:
    """The way back, shown first with what it means."""
    found = way_back(writer, principal, last)
    show(redacted("\n".join(plan_lines((found,))), writer.workspace.declaration.redact))
    if found.plan is None:
        raise PlanError("; ".join(found.why_not) or "what is live is what was before")
    _check(writer.workspace, principal, found)
    return found.plan


def _check(workspace: Workspace, principal: Principal, found: Planned) -> None:
    """Raises ``PlanError`` where a person has to look at the way back first."""
    by_hand = f"look at it, and go it by hand: `leastwise rollback {principal.key}`"
    if not isinstance(found.effect.losses, Included):
        raise PlanError(f"it would take something away too: {by_hand}")
    declared = set(map(policy_path, principal.references))
    foreign = unreviewed(found.plan, declared, workspace.texts_ever) if found.plan else ()
    if foreign:
        raise PlanError(f"it would write what was never committed ({', '.join(foreign)}): {by_hand}")
