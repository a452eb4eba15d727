"""Which committed file and which live policy are the same: both sides brought to the same paths."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from leastwise.iam.compose import concatenated
from leastwise.iam.document import render
from leastwise.model.declared import PrincipalKind
from leastwise.model.policies import PolicyFile, PolicyKind, policy_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from leastwise.model.declared import Principal
    from leastwise.model.live import LivePolicy, LiveState


def as_held(principal: Principal, own: Sequence[PolicyFile]) -> tuple[PolicyFile, ...]:
    """The principal's own files as AWS holds them: those of a permission set become one inline policy.

    A single file keeps its text; several are written anew, statement after statement.
    """
    if principal.kind is not PrincipalKind.PERMISSION_SET or len(own) < 2:
        return tuple(own)
    document = concatenated(file.document for file in own)
    path = inline_path(principal)
    return (PolicyFile(path, render(document), document, PolicyKind.INLINE, principal.folder),)


def inline_path(permission_set: Principal) -> str:
    """Where the one inline policy of a permission set belongs, if it is not made of one file."""
    return f"{permission_set.folder}/{permission_set.name}.json"


def matched(
    live: LiveState, principal: Principal, own: Sequence[PolicyFile], elsewhere: Iterable[PolicyFile]
) -> LiveState:
    """The live policies under the paths of the files that declare them.

    ``own`` is what ``as_held`` gave.  A customer managed policy that the principal is declared to be
    attached to is shared, though nobody else may hold it yet; one of its own that others hold too is shared,
    and keeps that place.
    """
    shared = {policy_name(file.path): file.path for file in elsewhere if file.kind is PolicyKind.SHARED}
    inline = next((file.path for file in own if principal.kind is PrincipalKind.PERMISSION_SET), "")
    return replace(live, policies=tuple(_placed(held, shared, inline) for held in live.policies))


def _placed(held: LivePolicy, shared: dict[str, str], inline: str) -> LivePolicy:
    if held.kind is PolicyKind.INLINE:
        return replace(held, path=inline or held.path)
    if held.kind is not PolicyKind.AWS_MANAGED and held.name in shared:
        return replace(held, path=shared[held.name], kind=PolicyKind.SHARED)
    return held
