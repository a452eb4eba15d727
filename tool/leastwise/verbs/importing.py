"""``leastwise import``: the first files below ``policies/`` from what is live."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.aws.sessions import Aws
from leastwise.declare.identities import UnfitError, is_permission_set_name, parse_identity
from leastwise.declare.policies import FOLDER
from leastwise.drift.differences import is_text
from leastwise.errors import UsageError
from leastwise.live.reading import live_of
from leastwise.model.declared import Principal, PrincipalKind
from leastwise.model.policies import PolicyKind, policy_path
from leastwise.workspace import declared_in

if TYPE_CHECKING:
    from collections.abc import Callable, Container
    from pathlib import Path

    from leastwise.model.live import LivePolicy, LiveState


def run(root: Path, name: str, show: Callable[[str], None]) -> None:
    """Write a file for every policy that a principal holds now; no file that is there is touched.

    ``name`` is the ARN of a user or role, or ``permission-set/NAME``.
    """
    principal = _named(name)
    declaration = declared_in(root)  # whose policies may still be missing: this writes them
    live = live_of(principal, Aws(declaration.account_roles), declaration.identity_center)
    for policy in live.policies:
        if policy.is_read:
            _write(root, policy, show)
        else:
            show(f"{FOLDER}/{policy.path}: not written: its text lies in each account, as {policy.arn}")
    for line in _notes(live, principal, {policy_path(name) for name in declaration.named_at}):
        show(line)


def _write(root: Path, policy: LivePolicy, show: Callable[[str], None]) -> None:
    file = root / FOLDER / policy.path
    if file.exists():
        differs = (
            "" if is_text(policy.text, file.read_text("utf-8", "replace")) else " and says something else"
        )
        show(f"{FOLDER}/{policy.path}: is there already{differs}, left as it is")
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(policy.text, "utf-8")
    origin = f"{policy.arn} {policy.version}" if policy.arn else "an inline policy"
    show(f"{FOLDER}/{policy.path}: written from {origin}")


def _named(name: str) -> Principal:
    kind, _, permission_set = name.partition("/")
    if kind == PrincipalKind.PERMISSION_SET.value and is_permission_set_name(permission_set):
        return Principal(PrincipalKind.PERMISSION_SET, permission_set, 0)
    try:
        identity = parse_identity(name)
    except UnfitError as error:
        expected = f"{error.expected}, or permission-set/NAME"
        raise UsageError(f"expected {expected}, found {error.found or name}") from error
    return Principal(
        PrincipalKind(identity.kind.value), identity.name, 0, arn=name, accounts=(identity.account,)
    )


def _notes(live: LiveState, principal: Principal, named: Container[str]) -> list[str]:
    """What else a person must know or write; ``named``: the files it names already."""
    attached = [
        policy.arn if policy.kind is PolicyKind.AWS_MANAGED else policy.path
        for policy in live.policies
        if not policy.path.startswith(f"{principal.folder}/") and policy.path not in named
    ]
    notes = []
    if not live.policies:
        notes.append("it holds no policy: nothing is written")
    if attached:
        names = ", ".join(f'"{name}"' for name in attached)
        notes.append(f"write in principals.yaml, beside its own policies: `attached: [{names}]`")
    if live.groups:
        notes.append(f"policies of its groups count too, and are not read: {', '.join(live.groups)}")
    if live.boundary:
        notes.append(f"its permissions boundary bounds all of them: {live.boundary}")
    return notes
