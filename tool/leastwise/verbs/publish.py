"""``leastwise publish`` and ``leastwise notify``: the jobs after ``propose --publish handover``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from leastwise.errors import LeastwiseError
from leastwise.pipeline import publish_handover
from leastwise.publish.actions import ActionsRun
from leastwise.publish.handover import Record, accepted, read_handover, read_record, write_record
from leastwise.render import text
from leastwise.store.branch import BRANCH, BranchShelf
from leastwise.store.handed_on import put_back
from leastwise.verbs.hub import annotate, close_run, publisher_on, show_dashboard, tell_people
from leastwise.workspace import read_committed

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from leastwise.verbs.hub_options import HubOptions
    from leastwise.workspace import Workspace


def run(folder: Path, root: Path, now: datetime, hub: HubOptions, show: Callable[[str], None]) -> int:
    """Publish on GitHub what another job proposed, and write down what came of it."""
    actions = ActionsRun.of(os.environ)
    try:
        return _run(folder, root, now, hub, actions, show)
    except LeastwiseError as error:
        annotate(actions, error, show)
        raise


def notify(folder: Path, root: Path, repository: str, warn: Callable[[str], None]) -> int:
    """Tell people what was published; how many channels were reached."""
    declaration = read_committed(root).declaration
    actions = ActionsRun.of(os.environ)
    try:
        record = read_record(folder)
    except LeastwiseError as error:
        warn(str(error))
        return 0
    return tell_people(declaration, record, repository, actions, warn)


def _run(
    folder: Path,
    root: Path,
    now: datetime,
    hub: HubOptions,
    actions: ActionsRun,
    show: Callable[[str], None],
) -> int:
    workspace = read_committed(root)
    declaration = workspace.declaration
    handover = accepted(read_handover(folder), declaration, workspace.policies)
    forge = hub.forge(os.environ)
    publisher = publisher_on(forge, declaration, now, hub.limits)
    outcomes = publish_handover(handover, publisher)
    record, complaint = Record(handover.reports, outcomes), ""
    if handover.complete:
        outcomes += publisher.withdraw_others(principal.key for principal in declaration.principals)
        record, complaint = show_dashboard(forge, declaration, Record(handover.reports, outcomes), now)
    write_record(folder, record)
    unkept = _keep_evidence(folder, workspace, now, show)
    for line in text.published(outcomes):
        show(line)
    return close_run(actions, record, now, complaint or unkept, show)


def _keep_evidence(folder: Path, workspace: Workspace, now: datetime, show: Callable[[str], None]) -> str:
    """Put evidence that was handed over onto its branch; what kept it from being put there."""
    if workspace.repository is None:
        return ""
    try:
        shelf = BranchShelf(workspace.repository, workspace.repository.remote(), BRANCH, now)
        late = put_back(folder, shelf)
    except LeastwiseError as error:
        return f"evidence was not kept: {error}"
    if late:
        show(late)
    return ""
