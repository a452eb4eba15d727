"""``leastwise propose``."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rich.console import Console

from leastwise.aws.sessions import Aws
from leastwise.errors import LeastwiseError
from leastwise.evidence_file import evidence_text
from leastwise.pipeline import assess_all, hand_over, publish
from leastwise.publish.actions import ActionsRun
from leastwise.publish.git import GitPublisher
from leastwise.publish.handover import Record, write_handover
from leastwise.publish.preview import DEFAULT_FOLDER, PreviewPublisher
from leastwise.render import as_json, text
from leastwise.render.reports import report_of
from leastwise.repo import Repository
from leastwise.second_look import SecondLook
from leastwise.verbs.common import chosen, evidence_of
from leastwise.verbs.hub import (
    HubOptions,
    annotate,
    close_run,
    declined,
    publisher_on,
    show_dashboard,
    tell_people,
)
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
    from leastwise.verbs.common import Scope
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
class Found:
    """A workspace, the evidence of its principals, and what it suggests."""

    workspace: Workspace
    evidence: Evidence
    assessments: tuple[Assessment, ...]


def run(scope: Scope, target: Target, form: str, show: Callable[[str], None]) -> int:
    """Propose, and publish what is proposed; the exit code."""
    actions = ActionsRun.of(os.environ)
    try:
        return _run(scope, target, form, actions, show)
    except LeastwiseError as error:
        annotate(actions, error, show)
        raise


def _run(scope: Scope, target: Target, form: str, actions: ActionsRun, show: Callable[[str], None]) -> int:
    base = Repository.open(scope.root).base(target.remote, target.base) if target.to == "git" else None
    workspace = read_committed(scope.root, base)
    forge = target.hub.forge(os.environ) if target.asks_github else None
    hub = publisher_on(forge, workspace.declaration, scope.now, target.hub.limits) if forge else None
    if target.to == "handover":
        scope = replace(scope, hand_on=target.out or workspace.root / DEFAULT_FOLDER)
    found = _found(workspace, scope, hub)
    say = show if form == "text" else _silent
    record, complaint = Record(tuple(map(report_of, found.assessments)), ()), ""
    if target.to == "handover":
        _hand_over(found, scope)
    elif forge and hub:
        record, complaint = _on_github(found, scope, forge, hub)
    else:
        publisher = _publisher(workspace, base, scope, target.out, say)
        record = replace(record, outcomes=publish(found.assessments, publisher))
    if target.site:
        write_site(workspace, found.assessments, scope, target.site, say)
    _print(found.assessments, record.outcomes, form, show)
    if target.to == "github":
        repository = target.hub.repository or os.environ.get("GITHUB_REPOSITORY", "")
        tell_people(workspace.declaration, record, repository, actions, say)
    return close_run(actions, record, scope.now, complaint, say)


def _found(workspace: Workspace, scope: Scope, hub: GitHubPublisher | None) -> Found:
    principals = chosen(workspace, scope.only)
    refused = declined(hub, principals) if hub else {}
    evidence = evidence_of(workspace, principals, scope)
    assessments = assess_all(workspace, principals, evidence, scope.now, refused)
    aws = Aws(workspace.declaration.account_roles)
    look = SecondLook.of(aws, workspace.declaration, workspace.texts_before)
    if look:
        assessments = tuple(look.on(assessment, evidence) for assessment in assessments)
        if look.purse.spent:
            Console(stderr=True).print(str(look.purse), markup=False)
    return Found(workspace, evidence, assessments)


def _hand_over(found: Found, scope: Scope) -> None:
    """Write everything into a folder; nothing was published, and nothing is said to be."""
    folder = scope.hand_on or found.workspace.root / DEFAULT_FOLDER
    write_handover(folder, hand_over(found.assessments, scope.now, complete=not scope.only))
    everything = json.dumps(as_json.proposals(found.assessments, ()), indent=1)
    (folder / PROPOSALS_FILE).write_text(everything + "\n", "utf-8")
    (folder / EVIDENCE_FILE).write_text(evidence_text(found.evidence), "utf-8")


def _on_github(found: Found, scope: Scope, forge: Forge, hub: GitHubPublisher) -> tuple[Record, str]:
    """What was done, and what kept the dashboard from being shown."""
    declaration = found.workspace.declaration
    reports, outcomes = tuple(map(report_of, found.assessments)), publish(found.assessments, hub)
    if scope.only:
        return Record(reports, outcomes), ""
    outcomes += hub.withdraw_others(principal.key for principal in declaration.principals)
    return show_dashboard(forge, declaration, Record(reports, outcomes), scope.now)


def _publisher(
    workspace: Workspace, base: Base | None, scope: Scope, out: Path | None, show: Callable[[str], None]
) -> Publisher:
    if base and workspace.repository:
        return GitPublisher.connect(workspace.repository, base, scope.now)
    prefix = workspace.repository.prefix if workspace.repository else ""
    return PreviewPublisher(out or workspace.root / DEFAULT_FOLDER, show, f"{prefix}policies/")


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
