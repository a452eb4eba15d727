"""``leastwise diff``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from leastwise.pipeline import assess_all
from leastwise.render import as_json, text
from leastwise.verbs.common import chosen, evidence_of
from leastwise.workspace import read_committed

if TYPE_CHECKING:
    from collections.abc import Callable

    from leastwise.verbs.scope import Scope


def run(scope: Scope, form: str, show: Callable[[str], object]) -> None:
    """Compare the committed policies with the evidence."""
    workspace = read_committed(scope.root)
    principals = chosen(workspace, scope.only)
    evidence = evidence_of(workspace, principals, scope)
    for assessment in assess_all(workspace, principals, evidence, scope.now, {}):
        if form == "json":
            show(json.dumps(as_json.assessment(assessment)))
            continue
        for line in text.compared(assessment):
            show(line)
