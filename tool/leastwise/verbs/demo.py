"""``leastwise demo``."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from leastwise.audit.month import Month
from leastwise.demo.build import DAYS, DEMO_NOW, build_demo
from leastwise.errors import UsageError
from leastwise.pipeline import assess_all, publish
from leastwise.publish.git import GitPublisher
from leastwise.publish.preview import PreviewPublisher
from leastwise.queries_folder import FOLDER
from leastwise.render import text
from leastwise.render.words import counted
from leastwise.repo import Repository
from leastwise.verbs import demo_live
from leastwise.verbs.audit import of_evidence, write
from leastwise.verbs.audit_evidence import Whom
from leastwise.verbs.common import chosen, evidence_of
from leastwise.verbs.query import Asking
from leastwise.verbs.query import run as run_queries
from leastwise.verbs.report import write_site
from leastwise.verbs.scope import Scope
from leastwise.workspace import read_committed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def run(folder: Path, records: int, show: Callable[[str], None]) -> None:
    """Build the demo account, run the whole pipeline on it, and say where to look."""
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is there already and not empty: remove it, or give another --folder")
    places = build_demo(folder, DEMO_NOW, records)
    show(f"Made an account with {counted(places.records, 'record')} of 95 days in {places.logs}")
    show(f"and a repository with its policies in {places.root} (remote: {places.remote}).")
    base = Repository.open(places.root).base()
    workspace = read_committed(places.root, base)
    principals = chosen(workspace, ())
    scope = Scope(places.root, DEMO_NOW)
    evidence = evidence_of(workspace, principals, scope)
    assessments = assess_all(workspace, principals, evidence, DEMO_NOW, {})
    for assessment in assessments:
        show("")
        for line in text.compared(assessment):
            show(line)
    previews = folder / "proposals"
    publish(assessments, PreviewPublisher(previews, lambda _: None))
    repository = Repository.open(places.root)
    outcomes = publish(assessments, GitPublisher.connect(repository, base, DEMO_NOW))
    show("")
    for line in text.proposed(assessments, outcomes):
        show(line)
    show("")
    write_site(workspace, assessments, scope, folder / "site", show)
    show(f"Read the proposals in {previews}, or as branches: git -C {places.remote} branch")
    month = Month.of(DEMO_NOW.date()).earlier(1)
    audit = of_evidence(evidence, workspace.declaration, Whom(), month, scope)
    write(audit, folder / "audit", "", workspace.declaration.audit.email)
    show(f"The audit of {month.title}: {folder / 'audit' / 'audit.html'}, as a mail audit.eml beside it.")
    show("")
    show(f"Saved queries in {places.root / FOLDER}, asked about the same logs:")
    show("")
    run_queries(
        Asking(places.root, DEMO_NOW, start=DEMO_NOW - timedelta(days=DAYS), out=folder / FOLDER),
        "text",
        None,
        show,
    )
    demo_live.run(folder, places, assessments, DEMO_NOW, show)
