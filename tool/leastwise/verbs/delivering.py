"""What the verbs that propose share: where proposals go, and bringing them there."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from leastwise.errors import LeastwiseError
from leastwise.evidence_file import evidence_text
from leastwise.pipeline import hand_over, publish
from leastwise.publish.actions import ActionsRun
from leastwise.publish.git import GitPublisher
from leastwise.publish.handover import Record, write_handover
from leastwise.publish.preview import DEFAULT_FOLDER, PreviewPublisher
from leastwise.render import as_json, text
from leastwise.render.reports import report_of
from leastwise.repo import Repository
from leastwise.verbs.common import chosen, sessions_told
from leastwise.verbs.hub import (
    annotate,
    close_run,
    publisher_on,
    show_dashboard,
    tell_people,
)
from leastwise.verbs.hub_options import HubOptions
from leastwise.verbs.people import shows_people
from leastwise.verbs.report import write_site
from leastwise.workspace import read_committed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from leastwise.assess import Assessment
    from leastwise.model.evidence import Evidence
    from leastwise.model.proposal import PublishOutcome
    from leastwise.publish.forge import Forge
    from leastwise.publish.github import GitHubPublisher
    from leastwise.publish.interface import Publisher
    from leastwise.repo import Base
    from leastwise.verbs.scope import Scope
    from leastwise.workspace import Workspace

PROPOSALS_FILE = "proposals.json"
EVIDENCE_FILE = "evidence.json"


@dataclass(frozen=True, slots=True)
class Target:
    """Where proposals go: ``to`` names the publisher; ``None`` stands for its default."""

    to: str
    out: Path | None = None
    remote: str | None = None
    base: str | None = None
    site: Path | None = None
    """The folder in which the site of ``leastwise report`` is made too; ``None``: it is not."""
    hub: HubOptions = field(default_factory=HubOptions)

    @property
    def asks_github(self) -> bool:
        """Whether GitHub is asked which grants people declined."""
        return self.to == "github" or (self.to == "handover" and self.hub.is_set(os.environ))


@dataclass(frozen=True, slots=True)
class Opened:
    """A run with all it needs: what it is about, the workspace, and how proposals get to where they go."""

    scope: Scope
    target: Target
    workspace: Workspace
    base: Base | None
    forge: Forge | None
    hub: GitHubPublisher | None


@dataclass(frozen=True, slots=True)
class Found:
    """The evidence of some principals, and what it suggests.

    ``complete``: they are all that are enrolled, judged in full; else the dashboard is none of its business.
    """

    evidence: Evidence
    assessments: tuple[Assessment, ...]
    complete: bool
    code: int = 0
    """The exit code for what went wrong before anything was published."""


def proposing(
    scope: Scope, target: Target, find: Callable[[Opened], Found], form: str, show: Callable[[str], None]
) -> int:
    """Have ``find`` propose, and publish what is proposed; the exit code."""
    actions = ActionsRun.of(os.environ)
    try:
        opened = _opened(scope, target)
        return _delivered(opened, find(opened), form, actions, show)
    except LeastwiseError as error:
        annotate(actions, error, show)
        raise


def _opened(scope: Scope, target: Target) -> Opened:
    base = Repository.open(scope.root).base(target.remote, target.base) if target.to == "git" else None
    workspace = read_committed(scope.root, base)
    forge = target.hub.forge(os.environ) if target.asks_github else None
    hub = publisher_on(forge, workspace.declaration, scope.now, target.hub.limits) if forge else None
    if target.to == "handover":
        scope = replace(scope, hand_on=target.out or workspace.root / DEFAULT_FOLDER)
    return Opened(scope, target, workspace, base, forge, hub)


def _delivered(
    opened: Opened, found: Found, form: str, actions: ActionsRun, show: Callable[[str], None]
) -> int:
    say = show if form == "text" else _silent
    record, complaint = Record(tuple(map(report_of, found.assessments)), ()), ""
    if opened.target.to == "handover":
        _hand_over(opened, found)
    elif opened.forge and opened.hub:
        record, complaint = _on_github(opened, found, opened.forge, opened.hub)
    else:
        record = replace(record, outcomes=publish(found.assessments, _publisher(opened, say)))
    if opened.target.site:
        _write_site(opened, found, opened.target.site, say)
    _print(found.assessments, record.outcomes, form, show)
    if opened.target.to == "github":
        repository = opened.target.hub.repository or os.environ.get("GITHUB_REPOSITORY", "")
        tell_people(opened.workspace.declaration, record, repository, actions, say)
    return max(found.code, close_run(actions, record, opened.scope.now, complaint, say))


def _write_site(opened: Opened, found: Found, folder: Path, show: Callable[[str], None]) -> None:
    workspace, scope = opened.workspace, opened.scope
    shows = shows_people(workspace.declaration, None, os.environ)
    sessions = sessions_told(workspace, chosen(workspace, scope.only), scope) if shows else None
    write_site(workspace, found.assessments, scope, folder, show, sessions)


def _hand_over(opened: Opened, found: Found) -> None:
    """Write everything into a folder; nothing was published, and nothing is said to be."""
    folder = opened.scope.hand_on or opened.workspace.root / DEFAULT_FOLDER
    write_handover(folder, hand_over(found.assessments, opened.scope.now, complete=found.complete))
    everything = json.dumps(as_json.proposals(found.assessments, ()), indent=1)
    (folder / PROPOSALS_FILE).write_text(everything + "\n", "utf-8")
    (folder / EVIDENCE_FILE).write_text(evidence_text(found.evidence), "utf-8")


def _on_github(opened: Opened, found: Found, forge: Forge, hub: GitHubPublisher) -> tuple[Record, str]:
    """What was done, and what kept the dashboard from being shown."""
    declaration = opened.workspace.declaration
    reports, outcomes = tuple(map(report_of, found.assessments)), publish(found.assessments, hub)
    if not found.complete:
        return Record(reports, outcomes), ""
    outcomes += hub.withdraw_others(principal.key for principal in declaration.principals)
    return show_dashboard(forge, declaration, Record(reports, outcomes), opened.scope.now)


def _publisher(opened: Opened, show: Callable[[str], None]) -> Publisher:
    workspace = opened.workspace
    if opened.base and workspace.repository:
        return GitPublisher.connect(workspace.repository, opened.base, opened.scope.now)
    prefix = workspace.repository.prefix if workspace.repository else ""
    folder = opened.target.out or workspace.root / DEFAULT_FOLDER
    return PreviewPublisher(folder, show, f"{prefix}policies/")


def _print(
    assessments: tuple[Assessment, ...],
    outcomes: tuple[PublishOutcome, ...],
    form: str,
    show: Callable[[str], None],
) -> None:
    if form == "json":
        show(json.dumps(as_json.proposals(assessments, outcomes), indent=2))
        return
    for line in text.proposed(assessments, outcomes):
        show(line)


def _silent(_: str) -> None:
    """Nobody reads along: the result is printed as JSON at the end."""
