"""``leastwise report``, and the same site beside what other verbs do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.errors import UsageError
from leastwise.evidence_file import read_evidence
from leastwise.pipeline import assess_all
from leastwise.render.words import counted
from leastwise.verbs.common import chosen, evidence_of, sessions_of
from leastwise.verbs.policies import text_of
from leastwise.workspace import read_committed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from types import ModuleType

    from leastwise.assess import Assessment
    from leastwise.model.evidence import Evidence
    from leastwise.verbs.common import Scope
    from leastwise.workspace import Workspace

EVIDENCE = "evidence is what `leastwise observe --format json` prints"
INDEX = "index.html"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where the site goes, and what it is made from; without ``evidence`` it is collected."""

    out: Path
    evidence: Path | None = None
    show_people: bool = False


def run(scope: Scope, wanted: Wanted, show: Callable[[str], object]) -> None:
    """Make the site of the enrolled principals."""
    if wanted.evidence and wanted.show_people:
        raise UsageError("--show-people with --evidence: evidence names no session; leave one out")
    _builder()
    workspace = read_committed(scope.root)
    principals = chosen(workspace, scope.only)
    # Sessions first: what is asked for may be refused, and collecting takes long.
    sessions = sessions_of(workspace, principals, scope) if wanted.show_people else None
    if wanted.evidence:
        evidence = read_evidence(text_of(wanted.evidence, EVIDENCE), str(wanted.evidence))
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
    """Write the pages of ``assessments`` into ``out``, and say where; other files there stay."""
    texts = _builder().site_of(assessments, scope.now, workspace.declaration.redact, sessions)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (out / name).write_text(text, "utf-8", newline="\n")
    except OSError as error:
        raise UsageError(f"{out}: {error.strerror}: give another folder") from error
    show(f"Wrote {counted(len(texts), 'page')}: open {out / INDEX} in a browser.")


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
