"""Enrolled principals -> the users and roles whose policies are to be generated."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from leastwise.aws.advice import LOST_CREDENTIALS
from leastwise.collect.roster import account_of, has_filter
from leastwise.errors import AwsError
from leastwise.model.declared import PrincipalKind
from leastwise.model.window import begin_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from leastwise.collect.roster import Roster
    from leastwise.model.declared import Principal

    ReservedRoles = Callable[[str], Sequence[str]]
    """Account -> ARNs of the roles that IAM Identity Center made there; may raise ``AwsError``."""

FILTERED = (
    "Access Analyzer does not tell sessions apart: for a principal with `session_name` or `source_identity` "
    "name a source with log records"
)


@dataclass(frozen=True, slots=True)
class Subjects:
    """Whom to look at for which principal.

    ``of`` holds, for every principal that can be looked at in full, its users and roles.  ``words`` says of
    the others why not, and what is odd about some.
    """

    of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    begins: Mapping[str, datetime] = field(default_factory=dict)
    """User or role -> when the earliest trial of its principals opened, if all of them have one."""

    def by_account(self) -> dict[str, tuple[str, ...]]:
        """Account -> its users and roles, each once, sorted."""
        accounts: dict[str, set[str]] = {}
        for arns in self.of.values():
            for arn in arns:
                accounts.setdefault(account_of(arn), set()).add(arn)
        return {account: tuple(sorted(arns)) for account, arns in sorted(accounts.items())}


def subjects_of(roster: Roster, reserved_roles: ReservedRoles) -> Subjects:
    """Everybody whom Access Analyzer can look at, and in words why it cannot look at the others.

    Raises ``AwsError`` only where the credentials are lost, so that nothing else can succeed either.
    """
    found: dict[str, tuple[str, ...]] = {}
    words: dict[str, tuple[str, ...]] = {}
    begins: dict[str, list[datetime | None]] = {}
    for principal in roster.principals:
        arns, said = _arns(principal, roster, reserved_roles)
        if arns is not None:
            found[principal.key] = arns
            for arn in arns:
                begins.setdefault(arn, []).append(_opening(principal))
        if said:
            words[principal.key] = tuple(said)
    return Subjects(found, words, dict(_bounded(begins)))


def _arns(
    principal: Principal, roster: Roster, reserved_roles: ReservedRoles
) -> tuple[tuple[str, ...] | None, list[str]]:
    """The principal's users and roles, ``None`` where not all of them are known; and what to say of it."""
    if has_filter(principal):
        return None, [FILTERED]
    if principal.kind is not PrincipalKind.PERMISSION_SET:
        return (*([principal.arn] if principal.arn else []), *principal.members), []
    arns: list[str] = []
    said: list[str] = []
    complete = True
    for account in principal.accounts:
        try:
            roles = [arn for arn in reserved_roles(account) if principal in roster.candidates(arn)]
        except AwsError as error:
            if error.code in LOST_CREDENTIALS:
                raise
            said.append(f"account {account}: its roles could not be listed: {error}")
            complete = False
            continue
        arns += roles
        if not roles:
            said.append(f"account {account} has no role of permission set {principal.name}: nobody uses it")
    return (tuple(arns) if complete else None), said


def _opening(principal: Principal) -> datetime | None:
    return begin_of(principal.trial.opens) if principal.trial else None


def _bounded(begins: Mapping[str, Sequence[datetime | None]]) -> Iterator[tuple[str, datetime]]:
    for arn, moments in begins.items():
        known = [moment for moment in moments if moment]
        if len(known) == len(moments):
            yield arn, min(known)
