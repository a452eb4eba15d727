"""``leastwise watch``: was anything denied since it was applied that was allowed before?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from leastwise.assess import watched
from leastwise.model.evidence import Evidence
from leastwise.pipeline import case_of
from leastwise.verbs.applied import applies_of
from leastwise.verbs.common import chosen, evidence_of
from leastwise.verbs.delivering import Found, proposing
from leastwise.verbs.hub import declined

if TYPE_CHECKING:
    from collections.abc import Callable

    from leastwise.verbs.common import Scope
    from leastwise.verbs.delivering import Opened, Target

WATCH_DAYS = 14
"""For so many days after an apply a principal is watched between two full runs; these look back for good."""


def run(
    scope: Scope, target: Target, form: str, show: Callable[[str], None], warn: Callable[[str], None]
) -> int:
    """Propose to restore what was denied since it was taken away, and publish that; the exit code."""
    return proposing(scope, target, lambda opened: _found(opened, warn), form, show)


def _found(opened: Opened, warn: Callable[[str], None]) -> Found:
    workspace, scope = opened.workspace, opened.scope
    applies = applies_of(workspace, chosen(workspace, scope.only), scope, warn)
    since = scope.now - timedelta(days=WATCH_DAYS)
    principals = tuple(
        principal
        for principal in chosen(workspace, scope.only)
        if any(past.applied.when >= since for past in applies.get(principal.key, ()))
    )
    if not principals:
        warn(f"nothing was applied within {WATCH_DAYS} days: there is nobody to watch")
        return Found(Evidence(), (), complete=False)
    refused = declined(opened.hub, principals) if opened.hub else {}
    evidence = evidence_of(workspace, principals, scope)
    assessments = tuple(
        watched(
            case_of(
                workspace,
                principal,
                evidence,
                scope.now,
                refused.get(principal.key, frozenset()),
                applies[principal.key],
            )
        )
        for principal in principals
    )
    return Found(evidence, assessments, complete=False)
