"""``leastwise report``, and the same site beside what other verbs do."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.errors import UsageError
from leastwise.pipeline import assess_all
from leastwise.publish import site_files
from leastwise.render.words import counted
from leastwise.verbs.common import chosen, evidence_of, sessions_told
from leastwise.verbs.hub import refuse_to_publish
from leastwise.verbs.people import shows_people
from leastwise.verbs.policies import evidence_at
from leastwise.workspace import read_committed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from types import ModuleType

    from leastwise.assess import Assessment
    from leastwise.model.evidence import Evidence
    from leastwise.verbs.scope import Scope
    from leastwise.workspace import Workspace

EVIDENCE = "evidence is what `leastwise observe --format json` prints"
INDEX = "index.html"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where the site goes, and what it is made from; without ``evidence`` it is collected."""

    out: Path
    evidence: Path | None = None
    people: bool | None = None
    """What the command line says of showing people."""


def run(scope: Scope, wanted: Wanted, show: Callable[[str], object]) -> None:
    """Make the site of the enrolled principals."""
    if wanted.evidence and wanted.people:
        raise UsageError("--show-people with --evidence: evidence names no session; leave one out")
    _builder()
    workspace = read_committed(scope.root)
    refuse_to_publish(workspace.declaration)
    principals = chosen(workspace, scope.only)
    shows = shows_people(workspace.declaration, wanted.people, os.environ) and not wanted.evidence
    sessions = sessions_told(workspace, principals, scope) if shows else None
    if wanted.evidence:
        evidence = evidence_at(wanted.evidence, EVIDENCE)
        evidence = evidence.since(scope.since.date()) if scope.since else evidence
    else:
        evidence = evidence_of(workspace, principals, scope)
    assessments = assess_all(workspace, principals, evidence, scope.now, {})
    write_site(workspace, assessments, scope, wanted.out, show, sessions)


def write_site(
    workspace: Workspace,
    assessments: Iterable[Assessment],
    scope: Scope,
    out: Path,
    show: Callable[[str], object],
    sessions: Evidence | None = None,
) -> None:
    """Write the pages of ``assessments`` into ``out``, and say where.

    Pages that an earlier run left there of other principals go; files of others stay.
    """
    texts = _builder().site_of(assessments, scope.now, workspace.declaration.redact, sessions)
    removed = site_files.write_site(out, texts)
    went = f", and removed {counted(removed, 'page')} of an earlier site" if removed else ""
    show(f"Wrote {counted(len(texts), 'page')}{went}: open {out / INDEX} in a browser.")


def _builder() -> ModuleType:
    """What makes the pages.  It draws with Matplotlib, which is large and an extra: so not at our import."""
    try:
        from leastwise.render.site import build  # noqa: PLC0415  see the docstring
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("matplotlib", "numpy"):
            raise
        raise UsageError(
            "the charts of the site need Matplotlib: python -m pip install 'leastwise[report]'"
        ) from None
    return build
