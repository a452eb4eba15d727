"""``leastwise propose``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rich.console import Console

from leastwise.aws.sessions import Aws
from leastwise.model.declared import OnDrift
from leastwise.pipeline import assess_all
from leastwise.second_look import SecondLook
from leastwise.verbs.applied import applies_of
from leastwise.verbs.common import chosen, evidence_of
from leastwise.verbs.delivering import Found, proposing
from leastwise.verbs.hub import declined
from leastwise.verbs.plan import plan_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from leastwise.assess import Assessment
    from leastwise.verbs.delivering import Opened, Target
    from leastwise.verbs.scope import Scope
    from leastwise.workspace import Workspace


def run(
    scope: Scope, target: Target, form: str, show: Callable[[str], None], warn: Callable[[str], None]
) -> int:
    """Propose, and publish what is proposed; the exit code."""
    return proposing(scope, target, lambda opened: _found(opened, warn), form, show)


def _found(opened: Opened, warn: Callable[[str], None]) -> Found:
    workspace, scope = opened.workspace, opened.scope
    principals = chosen(workspace, scope.only)
    refused = declined(opened.hub, principals) if opened.hub else {}
    evidence = evidence_of(workspace, principals, scope)
    applies = applies_of(workspace, principals, scope, warn)
    assessments = assess_all(workspace, principals, evidence, scope.now, refused, applies)
    aws = Aws(workspace.declaration.account_roles)
    look = SecondLook.of(aws, workspace.declaration, workspace.texts_before)
    if look:
        looked = (look.on(assessment, evidence) for assessment in assessments)
        assessments = tuple(_to_undo(workspace, assessment, scope.now, aws) for assessment in looked)
        if look.purse.spent:
            Console(stderr=True).print(str(look.purse), markup=False)
    return Found(evidence, assessments, complete=not scope.only)


def _to_undo(workspace: Workspace, assessment: Assessment, now: datetime, aws: Aws) -> Assessment:
    """With the plan that undoes what was changed by hand, where the declaration wants it undone.

    What only waits to be applied was changed by nobody.
    """
    standing, principal = assessment.standing, assessment.case.principal
    if standing is None or principal.on_drift is not OnDrift.UNDO:
        return assessment
    if all(found.path in standing.waiting for found in standing.drifts):
        return assessment
    plan = plan_of(workspace, principal, now, aws).plan
    undone = replace(standing, undone_by=plan.fingerprint if plan else "")
    return replace(assessment, standing=undone)
