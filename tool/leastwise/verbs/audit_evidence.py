"""Whom an audit is of, and what was seen of them in a year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console

from leastwise.audit.values import Kind, Subject
from leastwise.aws.sessions import Aws
from leastwise.collect.progress import listener
from leastwise.collect.roster import OTHER_RESIDENTS, Roster, resident_of
from leastwise.collect.standing import parted
from leastwise.errors import UsageError
from leastwise.model.declared import AccessAnalyzerSource, PrincipalKind
from leastwise.model.window import Window
from leastwise.pipeline import (
    Kept,
    observe,
    observe_accounts,
    observe_and_keep,
    observe_sessions,
)
from leastwise.store.address import shelf_at
from leastwise.store.borrowed import Borrowed
from leastwise.verbs.common import chosen, connections_of, of_tellers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leastwise.audit.month import Days
    from leastwise.model.declared import Declaration, Principal
    from leastwise.model.evidence import Evidence
    from leastwise.verbs.scope import Scope
    from leastwise.workspace import Workspace

_KINDS = {
    PrincipalKind.USER: Kind.USER,
    PrincipalKind.ROLE: Kind.ROLE,
    PrincipalKind.PERMISSION_SET: Kind.PERMISSION_SET,
    PrincipalKind.GROUP: Kind.GROUP,
}


@dataclass(frozen=True, slots=True)
class Whom:
    """The enrolled principals that are asked for (``only`` empty: all), or everybody of whole accounts."""

    only: tuple[str, ...] = ()
    whole_accounts: tuple[str, ...] = ()
    show_people: bool = False

    @classmethod
    def of(
        cls,
        declaration: Declaration,
        only: tuple[str, ...],
        whole_accounts: tuple[str, ...],
        *,
        show_people: bool,
    ) -> Whom:
        """What the command line says, else the declaration.  Raises ``UsageError``."""
        if only and whole_accounts:
            raise UsageError("--principal asks for some and --whole-account for everybody: leave one out")
        for account in whole_accounts:
            if len(account) != 12 or not account.isascii() or not account.isdigit():
                raise UsageError(f"--whole-account {account!r:.40}: expected an account ID of twelve digits")
        accounts = whole_accounts or (() if only else declaration.audit.whole_accounts)
        if not accounts and not declaration.principals:
            raise UsageError(
                "principals.yaml enrols nobody: `leastwise enrol` somebody, or audit everybody of an account "
                "with --whole-account"
            )
        return cls(only, tuple(dict.fromkeys(accounts)), show_people)


def evidence_of_year(workspace: Workspace, whom: Whom, scope: Scope, year: Days) -> Evidence:
    """What the sources show of them on those days, or what is kept of them and what is new since."""
    console = Console(stderr=True)
    aws = Aws(workspace.declaration.account_roles)
    connect = connections_of(workspace, scope, aws, console).collector
    progress = listener(console)
    declaration = workspace.declaration
    window = Window.of_days(year.first, year.after)
    if whom.whole_accounts:
        return observe_accounts(
            declaration, whom.whole_accounts, connect, window, progress, by_session=whom.show_people
        )
    principals = chosen(workspace, whom.only)
    if whom.show_people:
        return observe_sessions(declaration, of_tellers(declaration, principals), connect, window, progress)
    if scope.state is None:
        return observe(declaration, principals, connect, window, progress)
    shelf = Borrowed(shelf_at(scope.state, workspace.root, aws, scope.now))
    kept = Kept(shelf, lambda words: console.print(words, markup=False))
    up_to_now = Window(window.start, scope.now)
    return observe_and_keep(declaration, principals, connect, up_to_now, progress, kept)


def subjects_of(evidence: Evidence, declaration: Declaration, whom: Whom) -> tuple[Subject, ...]:
    """Whom to audit: those who are asked for, seen or not; of whole accounts those who were seen."""
    if whom.whole_accounts:
        keys = sorted({key.principal for key in evidence.tallies})
        return tuple(_resident(key, declaration) for key in keys)
    keys_of = _sessions_by_principal(evidence) if whom.show_people else {}
    asked = [each for each in declaration.principals if not whom.only or each.key in whom.only]
    return tuple(subject for principal in asked for subject in _enrolled(principal, keys_of))


def notes_of(declaration: Declaration, whom: Whom, scope: Scope) -> Iterator[str]:
    """What is different about this audit, for its reader."""
    analyzers = [name for name, each in declaration.sources.items() if isinstance(each, AccessAnalyzerSource)]
    if whom.show_people and analyzers:
        yield f"Not asked: {', '.join(analyzers)}, for Access Analyzer does not tell sessions apart."
    elif whom.whole_accounts and analyzers:
        yield (
            f"Not asked: {', '.join(analyzers)}, for Access Analyzer looks only at those whom it is told of."
        )
    if scope.state is not None and (whom.whole_accounts or whom.show_people):
        yield "Read anew: evidence is kept of enrolled principals only, and of no sessions."
    if whom.show_people:
        yield "Sessions are told apart, by names of people."


def _resident(key: str, declaration: Declaration) -> Subject:
    whole, session = parted(key)
    sources = tuple(
        name for name, each in declaration.sources.items() if not isinstance(each, AccessAnalyzerSource)
    )
    found = resident_of(whole)
    if found is None:
        account = whole.removeprefix(OTHER_RESIDENTS).strip()
        return Subject(key, Kind.OTHERS, whole, (account,), sources, enrolled=False, session=session)
    kind = Kind.ROOT if whole.endswith(":root") and found.name == "root" else _KINDS[found.kind]
    enrolled = bool(Roster(declaration.principals).candidates(whole))
    return Subject(key, kind, found.name, found.accounts, sources, enrolled, session)


def _enrolled(principal: Principal, keys_of: dict[str, list[str]]) -> Iterator[Subject]:
    """The principal, or each of its sessions that was seen."""
    for key in keys_of.get(principal.key, [principal.key]):
        _, session = parted(key)
        kind, accounts = _KINDS[principal.kind], principal.accounts
        yield Subject(key, kind, principal.name, accounts, principal.sources, enrolled=True, session=session)


def _sessions_by_principal(evidence: Evidence) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key in sorted({key.principal for key in evidence.tallies}):
        found.setdefault(parted(key)[0], []).append(key)
    return found
