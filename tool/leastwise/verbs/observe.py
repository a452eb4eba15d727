"""``leastwise observe``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from leastwise.render import as_json, text
from leastwise.verbs.common import chosen, evidence_of, of_sources, sessions_of
from leastwise.workspace import read_committed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from leastwise.verbs.common import Scope


def run(
    scope: Scope,
    sources: Sequence[str],
    form: str,
    show: Callable[[str], object],
    *,
    show_people: bool = False,
) -> None:
    """Collect and show the evidence of the enrolled principals, or of each of their sessions.

    ``sources`` are the only ones that are read; empty: all.
    """
    workspace = read_committed(scope.root)
    principals = of_sources(workspace.declaration, chosen(workspace, scope.only), sources)
    collect = sessions_of if show_people else evidence_of
    evidence = collect(workspace, principals, scope)
    if form == "json":
        show(json.dumps(as_json.evidence(evidence), indent=2))
        return
    for line in text.observed(evidence):
        show(line)
