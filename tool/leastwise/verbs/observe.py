"""``leastwise observe``."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from leastwise.errors import UsageError
from leastwise.render import as_json, text
from leastwise.verbs.common import chosen, evidence_of, of_sources, sessions_of
from leastwise.verbs.people import shows_people
from leastwise.workspace import read_committed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from leastwise.verbs.scope import Scope


def run(
    scope: Scope,
    sources: Sequence[str],
    form: str,
    show: Callable[[str], object],
    *,
    people: bool | None = None,
) -> None:
    """Collect and show the evidence of the enrolled principals, or of each of their sessions.

    ``sources`` are the only ones that are read; empty: all.  Sessions are told apart only where ``people``
    asks for it: what is printed is otherwise what ``report --evidence`` reads, and speaks of principals.
    """
    workspace = read_committed(scope.root)
    principals = of_sources(workspace.declaration, chosen(workspace, scope.only), sources)
    tells_apart = people and shows_people(workspace.declaration, people, os.environ)
    if tells_apart and scope.state is not None:
        raise UsageError("--show-people with --state: sessions name people and are never kept; leave one out")
    collect = sessions_of if tells_apart else evidence_of
    evidence = collect(workspace, principals, scope)
    if form == "json":
        show(json.dumps(as_json.evidence(evidence), indent=2))
        return
    for line in text.observed(evidence):
        show(line)
