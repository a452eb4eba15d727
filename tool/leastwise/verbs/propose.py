"""``leastwise propose``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.pipeline import assess_all, publish
from leastwise.publish.git import GitPublisher
from leastwise.publish.preview import DEFAULT_FOLDER, PreviewPublisher
from leastwise.render import as_json, text
from leastwise.repo import Repository
from leastwise.verbs.common import chosen, evidence_of
from leastwise.workspace import read_committed

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from leastwise.publish.interface import Publisher
    from leastwise.repo import Base
    from leastwise.verbs.common import Scope
    from leastwise.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Target:
    """Where proposals go: ``to`` names the publisher; ``None`` stands for its default."""

    to: str
    out: Path | None = None
    remote: str | None = None
    base: str | None = None


def run(scope: Scope, target: Target, form: str, show: Callable[[str], None]) -> None:
    """Propose, and publish what is proposed."""
    base = Repository.open(scope.root).base(target.remote, target.base) if target.to == "git" else None
    workspace = read_committed(scope.root, base)
    principals = chosen(workspace, scope.only)
    evidence = evidence_of(workspace, principals, scope)
    assessments = assess_all(workspace, principals, evidence, scope.now, {})
    publisher = _publisher(workspace, base, scope.now, target.out, show if form == "text" else _silent)
    outcomes = publish(assessments, publisher)
    if form == "json":
        show(json.dumps(as_json.proposals(assessments, outcomes), indent=2))
        return
    for line in text.proposed(assessments, outcomes):
        show(line)


def _publisher(
    workspace: Workspace,
    base: Base | None,
    now: datetime,
    out: Path | None,
    show: Callable[[str], None],
) -> Publisher:
    if base and workspace.repository:
        return GitPublisher.connect(workspace.repository, base, now)
    prefix = workspace.repository.prefix if workspace.repository else ""
    return PreviewPublisher(out or workspace.root / DEFAULT_FOLDER, show, f"{prefix}policies/")


def _silent(_: str) -> None:
    """Nobody reads along: the result is printed as JSON at the end."""
