"""What a plan must not do, in words: each a sentence without a full stop, with what to do instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.model.declared import PrincipalKind
from leastwise.model.policies import PolicyKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from leastwise.model.declared import Principal
    from leastwise.model.live import LiveState
    from leastwise.plan.desired import Sides
    from leastwise.plan.order import Move


def refusals(both: Sides, moves: Sequence[Move]) -> Iterator[str]:
    """Every reason against the moves, but for quotas and order."""
    yield from _of_others(both)
    for move in moves:
        yield from _boundary(move)
        yield from _missing(both, move)


def _of_others(both: Sides) -> Iterator[str]:
    """A policy that others hold too is not this principal's, whatever folder its file is in."""
    held = {policy.name: policy for policy in both.before.values() if policy.arn}
    for policy in both.after.values():
        found = held.get(policy.name)
        if policy.kind is PolicyKind.MANAGED and found:
            others = found.attachments - (1 if found.attached else 0)
            if others > 0:
                yield (
                    f"{policy.path}: {found.arn} is attached to others too ({others:,}): move the file to "
                    f"policies/shared/{policy.name}.json and name it in `attached:`, or give it another name"
                )


def _boundary(move: Move) -> Iterator[str]:
    found = move.before
    if not (found and move.after and found.kind is PolicyKind.MANAGED and found.boundaries):
        return
    if found.text != move.after.text:
        yield (
            f"{move.path}: {found.arn} is the permissions boundary of others too ({found.boundaries:,}), "
            "whom a new version would bound: give the file another name"
        )


def _missing(both: Sides, move: Move) -> Iterator[str]:
    after = move.after
    if after is None or after.kind is not PolicyKind.SHARED or move.before is not None:
        return
    if both.principal.kind is not PrincipalKind.PERMISSION_SET:
        yield (
            f"{move.path}: the account has no customer managed policy {after.name}; shared policies are "
            "attached and never written: create it first"
        )


def not_named(principal: Principal, live: LiveState) -> str:
    """Why a permission set must not be changed that more accounts have than are declared; empty: none has.

    Provisioning reaches every one of them, and what is done in an account that is not declared was not looked
    at: nobody can say that a permission is not used there.
    """
    others = sorted({*live.provisioned} - {*principal.accounts})
    if not others:
        return ""
    return (
        f"it is provisioned to accounts too that principals.yaml does not name ({', '.join(others)}): they "
        "would change with it, and what is used there was not looked at; name them in its `accounts:`"
    )
