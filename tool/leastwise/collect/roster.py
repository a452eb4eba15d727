"""Which recorded identity belongs to which enrolled principal.

Identities are told apart by account and whole ARN, paths included; never by a name alone, which anybody may
give to a role of another account or path.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from leastwise.model.declared import Principal, PrincipalKind

if TYPE_CHECKING:
    from collections.abc import Mapping

_PERMISSION_SET_ROLE = re.compile(
    r"arn:aws(?:-[a-z]+)*:iam::(?P<account>[0-9]{12}):role/aws-reserved/sso\.amazonaws\.com/"
    r"(?:[a-z]{2}(?:-[a-z]+)+-[0-9]+/)?AWSReservedSSO_(?P<name>[\w+=,.@-]+)_[0-9a-f]{16}",
    re.ASCII,
)
"""The role that IAM Identity Center makes for a permission set in each account.  The region is left out where
Identity Center lives in us-east-1; the suffix differs per account, and changes when every assignment there
is removed and made again; names may hold underscores
(https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html, 2026-11-23)."""

_RESIDENT = re.compile(
    r"arn:aws(?:-[a-z]+)*:iam::(?P<account>[0-9]{12}):"
    r"(?:(?P<root>root)|(?P<kind>user|role)/(?:[^\n]*/)?(?P<name>[^/\n]+))",
    re.ASCII,
)
"""The ARN of a user or role with its path, or of root: nothing else has permissions of its own."""
RESIDENTS_TOLD = 100_000
"""Identities of whole accounts that one process tells apart.  An account has at most 5,000 users and 10,000
roles at a time; more names than these come from something that makes and deletes them
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html, 2026-11)."""
OTHER_RESIDENTS = "other identities of account"


@dataclass(frozen=True)
class Roster:
    """Every enrolled principal, found by the identities that CloudTrail records.

    ``by_session`` tells the sessions of each principal apart, by names of people: for a person's eyes only.
    In ``whole_accounts`` every user, every role and root counts under its own ARN, enrolled or not.
    """

    principals: tuple[Principal, ...]
    by_session: bool = False
    whole_accounts: frozenset[str] = frozenset()

    def candidates(self, actor: str) -> tuple[Principal, ...]:
        """The principals that ``actor`` (a role's or user's ARN) belongs to, whatever their filters."""
        return (*self._by_arn.get(actor, ()), *self._permission_sets(actor))

    def resident(self, actor: str) -> Principal | None:
        """The user, role or root behind an ARN as a principal, if the whole of its account is looked at."""
        found = resident_of(actor) if self.whole_accounts else None
        return found if found and found.accounts[0] in self.whole_accounts else None

    def keys_of(self, actor: str, session_name: str = "", source_identity: str = "") -> tuple[str, ...]:
        """The keys of the principals for which a call of ``actor`` in that session counts, each once."""
        return tuple(
            dict.fromkeys(
                principal.key
                for principal in self.candidates(actor)
                if admits(principal, session_name, source_identity)
            )
        )

    @cached_property
    def accounts(self) -> frozenset[str]:
        """Every account in which somebody is enrolled, and those that are looked at as a whole."""
        declared = {account for principal in self.principals for account in principal.accounts}
        return frozenset(declared | {account_of(arn) for arn in self._by_arn} | self.whole_accounts)

    @cached_property
    def _by_arn(self) -> Mapping[str, tuple[Principal, ...]]:
        owners: dict[str, tuple[Principal, ...]] = {}
        for principal in self.principals:
            for arn in dict.fromkeys(((principal.arn,) if principal.arn else ()) + principal.members):
                owners[arn] = (*owners.get(arn, ()), principal)
        return owners

    def _permission_sets(self, actor: str) -> tuple[Principal, ...]:
        role = _PERMISSION_SET_ROLE.fullmatch(actor)
        if role is None:
            return ()
        return tuple(
            principal
            for principal in self.principals
            if principal.kind is PrincipalKind.PERMISSION_SET
            and principal.name == role["name"]
            and role["account"] in principal.accounts
        )


def resident_of(actor: str) -> Principal | None:
    """The user, role or root behind an ARN, as if it were enrolled; root counts as a user of that name."""
    found = _RESIDENT.fullmatch(actor)
    if found is None:
        return None
    kind = PrincipalKind.ROLE if found["kind"] == "role" else PrincipalKind.USER
    return Principal(kind, found["name"] or found["root"], 0, arn=actor, accounts=(found["account"],))


def has_filter(principal: Principal) -> bool:
    """Whether only some sessions of the principal count."""
    return bool(principal.session_names or principal.source_identities)


def admits(principal: Principal, session_name: str, source_identity: str) -> bool:
    """Whether the principal's session filters let a call count; a filter that is not set lets all through."""
    return (not principal.session_names or session_name in principal.session_names) and (
        not principal.source_identities or source_identity in principal.source_identities
    )


def account_of(arn: str) -> str:
    """The account in an ARN, empty where there is none."""
    parts = arn.split(":", 5)
    return parts[4] if len(parts) > 4 else ""
