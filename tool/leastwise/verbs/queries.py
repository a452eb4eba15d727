"""What is asked of CloudTrail Lake and Athena before it is asked: ``observe --dry-run``, ``athena-table``."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from rich.console import Console

from leastwise.aws.sessions import Aws
from leastwise.collect.athena_table import REACH, table_statement
from leastwise.collect.roster import Roster
from leastwise.errors import UsageError
from leastwise.model.declared import AthenaSource, LakeSource
from leastwise.pipeline import window_up_to
from leastwise.verbs.common import chosen, connections_of, of_sources
from leastwise.workspace import read_committed, read_working_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import timedelta
    from pathlib import Path

    from leastwise.verbs.scope import Scope


def show_plans(scope: Scope, sources: Sequence[str], show: Callable[[str], object]) -> None:
    """Show the SQL of Lake and Athena sources (empty: all) and what it would scan; nothing is run."""
    workspace = read_committed(scope.root)
    principals = of_sources(workspace.declaration, chosen(workspace, scope.only), sources)
    aws = Aws(workspace.declaration.account_roles)
    connections = connections_of(workspace, scope, aws, Console(stderr=True))
    window = window_up_to(scope.now, scope.since)
    for name in dict.fromkeys(name for principal in principals for name in principal.sources):
        source = workspace.declaration.sources[name]
        roster = Roster(tuple(principal for principal in principals if name in principal.sources))
        if isinstance(source, LakeSource):
            show(connections.lake(source).plan(roster, window))
        elif isinstance(source, AthenaSource):
            show(connections.athena(source).plan(roster, window))
        else:
            show(f"{name}: {source.kind} runs no SQL")


def table(
    root: Path, name: str, location: str, regions: tuple[str, ...], since: datetime | timedelta | None
) -> str:
    """The statement that makes the table of a declared Athena source, for the accounts that are enrolled."""
    declaration = read_working_tree(root).declaration
    source = declaration.sources.get(name)
    if not isinstance(source, AthenaSource):
        known = [found.name for found in declaration.sources.values() if isinstance(found, AthenaSource)]
        raise UsageError(
            f"{name} is no source of kind athena in principals.yaml; there is {', '.join(known) or 'none'}"
        )
    accounts = sorted(Roster(declaration.principals).accounts)
    first = since.date() if isinstance(since, datetime) else since or REACH
    return table_statement((source.database, source.table), location, accounts, regions, first)
