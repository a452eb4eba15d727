"""Derived grants -> a policy document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.iam.compose import Grant, compose
from leastwise.iam.statement import PolicyDocument
from leastwise.reference.actions import AccessLevel, access_levels

if TYPE_CHECKING:
    from collections.abc import Iterable

    from leastwise.model.derivation import DerivedGrant

_READING = frozenset({AccessLevel.READ, AccessLevel.LIST})


def document_of(grants: Iterable[DerivedGrant]) -> PolicyDocument:
    """Statements grouped by service and resource, in an order that depends on nothing but the grants."""
    return PolicyDocument(
        compose(Grant(grant.action, grant.resources, grant.context, _verb(grant.action)) for grant in grants)
    )


def _verb(action: str) -> str:
    levels = access_levels(action)
    if AccessLevel.PERMISSIONS_MANAGEMENT in levels:
        return "Permissions"
    return "Read" if levels <= _READING else "Write"
