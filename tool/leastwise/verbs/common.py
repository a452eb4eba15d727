"""What several verbs do first: find the principals that are asked for, and collect their evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console

from leastwise.aws.sessions import Aws
from leastwise.collect.progress import listener
from leastwise.errors import UsageError
from leastwise.pipeline import Connections, observe, window_up_to

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from leastwise.model.declared import Principal
    from leastwise.model.evidence import Evidence
    from leastwise.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Scope:
    """What a run is about: which folder, as of when, records from when on, and whom (empty: all)."""

    root: Path
    now: datetime
    since: datetime | None = None
    only: tuple[str, ...] = ()


def chosen(workspace: Workspace, only: Sequence[str]) -> tuple[Principal, ...]:
    """The principals with these keys, or all of them; ``UsageError`` for a key that is not enrolled."""
    enrolled = {principal.key: principal for principal in workspace.declaration.principals}
    unknown = [key for key in only if key not in enrolled]
    if unknown:
        known = ", ".join(enrolled) or "nobody"
        raise UsageError(f"{unknown[0]} is not enrolled in principals.yaml; enrolled: {known}")
    return tuple(enrolled[key] for key in only) if only else workspace.declaration.principals


def evidence_of(
    workspace: Workspace, principals: Sequence[Principal], now: datetime, since: datetime | None
) -> Evidence:
    """The evidence of these principals from all their sources, with progress on standard error."""
    connections = Connections(workspace.root, Aws(workspace.declaration.account_roles), now)
    window = window_up_to(now, since)
    progress = listener(Console(stderr=True))
    return observe(workspace.declaration, principals, connections.collector, window, progress)
