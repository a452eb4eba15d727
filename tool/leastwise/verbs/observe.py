"""``leastwise observe``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from leastwise.render import as_json, text
from leastwise.verbs.common import chosen, evidence_of
from leastwise.workspace import read_committed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path


def run(
    root: Path,
    now: datetime,
    since: datetime | None,
    only: Sequence[str],
    form: str,
    show: Callable[[str], object],
) -> None:
    """Collect and show the evidence of the enrolled principals."""
    workspace = read_committed(root)
    evidence = evidence_of(workspace, chosen(workspace, only), now, since)
    if form == "json":
        show(json.dumps(as_json.evidence(evidence), indent=2))
        return
    for line in text.observed(evidence):
        show(line)
