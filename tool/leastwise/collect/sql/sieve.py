"""Which identities a statement counts one by one.

A sieve may let strangers through, who are sorted out after reading; it never holds back an enrolled
principal.  So one statement serves any number of them: where their names do not fit, hashes of the names do,
else their accounts, else everybody is let through.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from leastwise.collect.roster import account_of
from leastwise.model.declared import PrincipalKind
from leastwise.sql_text import literal, literals, quoted_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from leastwise.collect.roster import Roster
    from leastwise.model.declared import Principal

NOBODY = "false"
EVERYBODY = "true"
HASHED = 6
"""Hex digits of a name's SHA-256: one stranger in some thousands gets through."""

_PERMISSION_SETS = "actor LIKE '%/AWSReservedSSO\\_%' ESCAPE '\\'"
_JOINED = len("( OR )")
_ACCOUNT = "split_part(actor, ':', 5)"


def sieve(principals: Sequence[Principal], room: int) -> str:
    """A condition on the column ``actor`` of at most ``room`` characters."""
    if not principals:
        return NOBODY
    return next((condition for condition in _ladder(principals) if len(condition) <= room), EVERYBODY)


def sieve_for(roster: Roster, room: int) -> str:
    """``sieve`` of a roster: everybody of its whole accounts is let through, whatever their names."""
    if not roster.whole_accounts:
        return sieve(roster.principals, room)
    residents = _residents(sorted(roster.whole_accounts))
    if not roster.principals:
        return residents if len(residents) <= room else EVERYBODY
    condition = _either(residents, sieve(roster.principals, max(0, room - len(residents) - _JOINED)))
    return condition if len(condition) <= room else EVERYBODY


def _ladder(principals: Sequence[Principal]) -> Iterator[str]:
    """Conditions, each wider and (with many principals) shorter than the one before."""
    arns = {arn for p in principals for arn in ((p.arn,) if p.arn else ()) + p.members}
    sets = [p for p in principals if p.kind is PrincipalKind.PERMISSION_SET]
    yield _either(f"actor IN ({literals(arns)})" if arns else "", _named_sets(sets))
    yield _either(_hashed(arns) if arns else "", _PERMISSION_SETS if sets else "")
    accounts = {account_of(arn) for arn in arns} | {account for p in principals for account in p.accounts}
    yield f"{_ACCOUNT} IN ({literals(accounts)})"


def _either(*conditions: str) -> str:
    return "(" + " OR ".join(condition for condition in conditions if condition) + ")"


def _residents(accounts: Sequence[str]) -> str:
    """See ``roster``: users, roles and root."""
    pattern = f"^arn:aws[a-z-]*:iam::({'|'.join(accounts)}):(root|(user|role)/.+)$"
    return f"regexp_like(actor, {literal(pattern)})"


def _named_sets(sets: Sequence[Principal]) -> str:
    """See ``roster``: the role that Identity Center makes for a permission set in each account."""
    if not sets:
        return ""
    names = "|".join(sorted({quoted_pattern(p.name) for p in sets}))
    accounts = "|".join(sorted({account for p in sets for account in p.accounts}))
    pattern = (
        f"^arn:aws[a-z-]*:iam::({accounts}):role/aws-reserved/sso[.]amazonaws[.]com/"
        f"([a-z0-9-]+/|)AWSReservedSSO_({names})_[0-9a-f]{{16}}$"
    )
    return f"regexp_like(actor, {literal(pattern)})"


def _hashed(arns: set[str]) -> str:
    digests = {hashlib.sha256(arn.encode()).hexdigest()[:HASHED] for arn in arns}
    digest = f"substr(lower(to_hex(sha256(to_utf8(actor)))), 1, {HASHED})"
    return f"strpos({literal('.' + '.'.join(sorted(digests)) + '.')}, '.' || {digest} || '.') > 0"
