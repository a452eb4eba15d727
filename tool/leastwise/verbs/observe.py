"""``leastwise observe``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from leastwise.render import as_json, text
from leastwise.verbs.common import chosen, evidence_of
from leastwise.workspace import read_committed

if TYPE_CHECKING:
    from collections.abc import Callable

    from leastwise.verbs.common import Scope


def run(scope: Scope, form: str, show: Callable[[str], object]) -> None:
    """Collect and show the evidence of the enrolled principals."""
    workspace = read_committed(scope.root)
    evidence = evidence_of(workspace, chosen(workspace, scope.only), scope)
    if form == "json":
        show(json.dumps(as_json.evidence(evidence), indent=2))
        return
    for line in text.observed(evidence):
        show(line)
