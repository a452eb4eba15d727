"""``leastwise watch``: was anything denied since it was applied that was allowed before?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from leastwise.assess import watched
from leastwise.errors import UsageError
from leastwise.model.evidence import Evidence
from leastwise.pipeline import case_of
from leastwise.verbs.applied import applies_of
from leastwise.verbs.common import chosen, evidence_of
from leastwise.verbs.delivering import Found, proposing
from leastwise.verbs.hub import declined
from leastwise.verbs.policies import evidence_at
from leastwise.verbs.returning import lost_for_certain, returned

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from leastwise.case import Case
    from leastwise.model.applied import PastApply
    from leastwise.model.declared import Principal
    from leastwise.verbs.delivering import Opened, Target
    from leastwise.verbs.scope import Scope

WATCH_DAYS = 14
"""For so many days after an apply a principal is watched between two full runs; these look back for good."""
EVIDENCE = "evidence is what `leastwise watch --publish handover` leaves in evidence.json"


@dataclass(frozen=True, slots=True)
class Watching:
    """How is watched: with evidence from a file (``None``: from the sources), and with what consequence.

    ``may_return``: whether ``watch: rollback`` is carried out, or only said to be due.
    """

    evidence: Path | None = None
    may_return: bool = True


def run(
    scope: Scope,
    target: Target,
    watching: Watching,
    form: str,
    show: Callable[[str], None],
    warn: Callable[[str], None],
) -> int:
    """Propose to restore what was denied since it was taken away, and publish that; the exit code.

    What is declared to be rolled back at once, is so before anything is published.
    """
    say = show if form == "text" else warn
    return proposing(scope, target, lambda opened: _found(opened, watching, say, warn), form, show)


def _found(
    opened: Opened, watching: Watching, say: Callable[[str], None], warn: Callable[[str], None]
) -> Found:
    workspace, scope = opened.workspace, opened.scope
    watched_ones = _watched(opened, warn)
    if not watched_ones:
        warn(f"nothing was applied within {WATCH_DAYS} days: there is nobody to watch")
        return Found(Evidence(), (), complete=False)
    principals = tuple(watched_ones)
    if watching.evidence:
        evidence = evidence_at(watching.evidence, EVIDENCE)
    else:
        evidence = evidence_of(workspace, principals, scope)
    refused = declined(opened.hub, principals) if opened.hub else {}
    cases = [
        case_of(workspace, principal, evidence, scope.now, refused.get(principal.key, frozenset()), applies)
        for principal, applies in watched_ones.items()
    ]
    code = _rolled_back(opened, cases, watching, say, warn)
    return Found(evidence, tuple(map(watched, cases)), complete=False, code=code)


def _watched(opened: Opened, warn: Callable[[str], None]) -> dict[Principal, tuple[PastApply, ...]]:
    """To whom something was applied lately, each with everything that the journal knows."""
    if opened.scope.state is None:
        raise UsageError("the journal says what was applied: say with --state where it is, as for `apply`")
    principals = chosen(opened.workspace, opened.scope.only)
    applies = applies_of(opened.workspace, principals, opened.scope, warn)
    since = opened.scope.now - timedelta(days=WATCH_DAYS)
    return {
        principal: applies[principal.key]
        for principal in principals
        if any(past.applied.when >= since for past in applies.get(principal.key, ()))
    }


def _rolled_back(
    opened: Opened,
    cases: list[Case],
    watching: Watching,
    say: Callable[[str], None],
    warn: Callable[[str], None],
) -> int:
    if watching.may_return:
        return returned(opened.workspace, cases, opened.scope, say, warn)
    for case in cases:
        if lost_for_certain(case):
            warn(f"{case.principal.key} is to be rolled back: `watch: rollback` is declared for it")
    return 0
