"""What several verbs do first: find the principals that are asked for, and collect their evidence."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rich.console import Console

from leastwise.aws.sessions import Aws
from leastwise.collect.connections import Connections
from leastwise.collect.progress import listener
from leastwise.collect.sql.queries import GIGABYTE
from leastwise.errors import UsageError
from leastwise.model.declared import tells_sessions
from leastwise.pipeline import (
    Kept,
    observe,
    observe_and_keep,
    observe_sessions,
    window_up_to,
)
from leastwise.store.address import BRANCH_STATE, shelf_at
from leastwise.store.handed_on import HandedOn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leastwise.model.declared import Declaration, Principal
    from leastwise.model.evidence import Evidence
    from leastwise.verbs.scope import Scope
    from leastwise.workspace import Workspace


def chosen(workspace: Workspace, only: Sequence[str]) -> tuple[Principal, ...]:
    """The principals with these keys, or all of them; ``UsageError`` for a key that is not enrolled."""
    enrolled = {principal.key: principal for principal in workspace.declaration.principals}
    unknown = [key for key in only if key not in enrolled]
    if unknown:
        known = ", ".join(enrolled) or "nobody"
        raise UsageError(f"{unknown[0]} is not enrolled in principals.yaml; enrolled: {known}")
    return tuple(enrolled[key] for key in only) if only else workspace.declaration.principals


def of_sources(
    declaration: Declaration, principals: Sequence[Principal], names: Sequence[str]
) -> tuple[Principal, ...]:
    """The principals as if they named these sources only; without names, as they are.

    Whoever names none of them is left out.  ``UsageError`` for a name that is not declared.
    """
    unknown = [name for name in names if name not in declaration.sources]
    if unknown:
        known = ", ".join(declaration.sources) or "none"
        raise UsageError(f"{unknown[0]} is no source of principals.yaml; there are: {known}")
    if not names:
        return tuple(principals)
    narrowed = (
        replace(principal, sources=tuple(name for name in principal.sources if name in names))
        for principal in principals
    )
    return tuple(principal for principal in narrowed if principal.sources)


def of_tellers(declaration: Declaration, principals: Sequence[Principal]) -> tuple[Principal, ...]:
    """The principals as if they named only those of their sources that tell sessions apart."""
    tellers = [name for name, source in declaration.sources.items() if tells_sessions(source)]
    return of_sources(declaration, principals, tellers) if tellers else ()


def sessions_of(workspace: Workspace, principals: Sequence[Principal], scope: Scope) -> Evidence:
    """The evidence of each of their sessions, by name: shown, and never kept."""
    console = Console(stderr=True)
    aws = Aws(workspace.declaration.account_roles)
    connect = connections_of(workspace, scope, aws, console).collector
    window = window_up_to(scope.now, scope.since)
    return observe_sessions(workspace.declaration, principals, connect, window, listener(console))


def sessions_told(workspace: Workspace, principals: Sequence[Principal], scope: Scope) -> Evidence:
    """The same, from all their sources but Access Analyzer."""
    return sessions_of(workspace, of_tellers(workspace.declaration, principals), scope)


def connections_of(workspace: Workspace, scope: Scope, aws: Aws, console: Console) -> Connections:
    """How the sources are reached; what waiting and scanning there is to tell goes to ``console``."""

    def say(words: object) -> None:
        console.print(str(words), markup=False)

    most = int(scope.most_gigabytes * GIGABYTE) if scope.most_gigabytes is not None else None
    watch = say if scope.wait else None
    return Connections(workspace.root, aws, scope.now, watch=watch, told=say, most_bytes=most)


def evidence_of(workspace: Workspace, principals: Sequence[Principal], scope: Scope) -> Evidence:
    """The evidence of these principals from all their sources, with progress on standard error."""
    console = Console(stderr=True)
    aws = Aws(workspace.declaration.account_roles)
    connect = connections_of(workspace, scope, aws, console).collector
    progress = listener(console)
    declaration = workspace.declaration
    if scope.state is None:
        window = window_up_to(scope.now, scope.since)
        return observe(declaration, principals, connect, window, progress)
    shelf = shelf_at(scope.state, workspace.root, aws, scope.now)
    if scope.hand_on and scope.state == BRANCH_STATE:
        shelf = HandedOn(shelf, scope.hand_on)
    kept = Kept(shelf, lambda words: console.print(words, markup=False))
    evidence = observe_and_keep(declaration, principals, connect, window_up_to(scope.now), progress, kept)
    return evidence.since(scope.since.date()) if scope.since else evidence
