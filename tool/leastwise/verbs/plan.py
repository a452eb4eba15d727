"""``leastwise plan``: what is committed against what is live, and what would be called."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from leastwise.apply.journal import FOLDER, again
from leastwise.aws.sessions import Aws
from leastwise.errors import AwsError, PolicySyntaxError, PublishError
from leastwise.live.for_plan import live_for_plan
from leastwise.model.declared import PrincipalKind
from leastwise.plan.file import plan_text
from leastwise.plan.planned import planned, prototype, unread
from leastwise.render.plan import plan_lines
from leastwise.render.plan_json import plans
from leastwise.render.plan_markdown import plan_markdown
from leastwise.render.redact import redacted
from leastwise.store.address import shelf_at
from leastwise.verbs.applied import records_of
from leastwise.verbs.common import chosen
from leastwise.workspace import declared_in, read_committed, read_revision

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from leastwise.model.declared import Principal
    from leastwise.plan.planned import Planned
    from leastwise.workspace import Workspace

NEXT = "to apply it: leastwise apply FINGERPRINT, with --state to say where what is written is kept"
DIFFERS = 1
UNREAD = 5


@dataclass(frozen=True, slots=True)
class PlanScope:
    """Whose plan, of which commit (``rev``; ``None``: the policies of ``HEAD``), as of when."""

    root: Path
    now: datetime
    only: tuple[str, ...] = ()
    rev: str | None = None
    state: str | None = None
    """Where the journal is, if it is to be asked whether what is live was brought back by a rollback."""


def run(
    scope: PlanScope,
    form: str,
    out: Path | None,
    show: Callable[[str], object],
    warn: Callable[[str], object],
) -> int:
    """Show the plan of each principal; 1 where something differs, 5 where AWS did not tell what is live."""
    workspace = workspace_of(scope)
    if scope.rev is None and workspace.commit and workspace.differs_on_disk():
        warn("policies/ has changes that are not committed: they are not in the plan")
    aws = Aws(_roles(workspace, scope))
    found = _noted(workspace, scope, aws, plans_of(workspace, scope, aws), warn)
    redact = workspace.declaration.redact
    if form == "json":
        show(json.dumps(plans(found, workspace.commit), indent=2))
    elif form == "markdown":
        show(plan_markdown(found, redact))
    else:
        show(redacted("\n".join(plan_lines(found)), redact))
        if any(each.plan for each in found):
            show(NEXT)
    if out:
        _write(out, plan_text((each.plan for each in found if each.plan), workspace.commit))
    if not all(each.is_read for each in found):
        return UNREAD
    return DIFFERS if any(each.differs for each in found) else 0


def _roles(workspace: Workspace, scope: PlanScope) -> Mapping[str, str]:
    """How accounts are entered; never by roles that a commit names which nobody has merged yet."""
    return declared_in(scope.root).account_roles if scope.rev else workspace.declaration.account_roles


def workspace_of(scope: PlanScope) -> Workspace:
    """The declaration and the committed policies that a plan is made from."""
    return read_revision(scope.root, scope.rev) if scope.rev else read_committed(scope.root)


def plans_of(workspace: Workspace, scope: PlanScope, aws: Aws) -> tuple[Planned, ...]:
    """The plan of every principal that is asked for; one that AWS tells nothing about hinders no other."""
    return tuple(plan_of(workspace, each, scope.now, aws) for each in chosen(workspace, scope.only))


def plan_of(workspace: Workspace, principal: Principal, now: datetime, aws: Aws) -> Planned:
    """The plan of one principal."""
    if principal.kind is PrincipalKind.GROUP:
        return prototype(principal)
    try:
        live = live_for_plan(principal, workspace.policies, aws, workspace.declaration.identity_center)
    except (AwsError, PolicySyntaxError) as error:
        return unread(principal, f"what is live could not be read: {error}")
    return planned(principal, workspace.policies, live, now.date())


def _noted(
    workspace: Workspace,
    scope: PlanScope,
    aws: Aws,
    found: tuple[Planned, ...],
    warn: Callable[[str], object],
) -> tuple[Planned, ...]:
    """The plans, with a word on those that would undo a rollback."""
    ready = [each.principal.key for each in found if each.plan]
    if scope.state is None or not ready:
        return found
    records = records_of(shelf_at(scope.state, workspace.root, aws, scope.now, FOLDER), ready, warn)
    return tuple(_with_note(each, again(records.get(each.principal.key, ()))) for each in found)


def _with_note(found: Planned, note: str) -> Planned:
    return replace(found, notes=(*found.notes, note)) if note else found


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    except OSError as error:
        raise PublishError(f"{file} could not be written: {error.strerror}; see --out") from error
