"""``leastwise journal``: what was written to AWS, and bringing that from one place to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.apply.journal import FOLDER, TRIES
from leastwise.apply.journal_files import damaged, united
from leastwise.aws.sessions import Aws
from leastwise.errors import SourceError
from leastwise.render.journal import journal_lines
from leastwise.store.address import shelf_at
from leastwise.verbs.applied import records_of
from leastwise.verbs.common import chosen
from leastwise.workspace import read_committed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from leastwise.store.interface import Shelf
    from leastwise.workspace import Workspace


def run(
    root: Path,
    now: datetime,
    only: tuple[str, ...],
    state: str,
    show: Callable[[str], object],
    warn: Callable[[str], object],
) -> None:
    """Show what was applied to each principal, the newest last."""
    workspace = read_committed(root)
    keys = [principal.key for principal in chosen(workspace, only)]
    for line in journal_lines(records_of(_shelf(workspace, state, now), keys, warn)):
        show(line)


def copy(root: Path, now: datetime, state: str, to: str, warn: Callable[[str], object]) -> None:
    """Add every record of one place to those of another; what is there already stays."""
    workspace = read_committed(root)
    source, target = _shelf(workspace, state, now), _shelf(workspace, to, now)
    files = source.load().files
    for name in damaged(files):
        warn(f"{name} in {state} is damaged and is not copied")
    if not _added(target, {name: text for name, text in files.items() if name not in damaged(files)}):
        raise SourceError(f"other runs change the journal in {to} again and again: run again")


def _added(target: Shelf, files: Mapping[str, str]) -> bool:
    for _ in range(TRIES):
        before = target.load()
        after = united(before.files, files)
        if after == before.files or target.swap(after, before):
            return True
    return False


def _shelf(workspace: Workspace, state: str, now: datetime) -> Shelf:
    return shelf_at(state, workspace.root, Aws(workspace.declaration.account_roles), now, FOLDER)
