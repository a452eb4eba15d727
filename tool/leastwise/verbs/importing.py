"""``leastwise import``: the first files below ``policies/`` from what is live."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.aws.iam import iam
from leastwise.aws.sessions import Aws
from leastwise.declare.identities import UnfitError, parse_identity
from leastwise.declare.policies import FOLDER
from leastwise.errors import UsageError
from leastwise.live.reading import live_state
from leastwise.model.declared import Principal, PrincipalKind
from leastwise.workspace import PRINCIPALS_FILE, read_working_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from leastwise.live.state import LiveState


def run(root: Path, arn: str, show: Callable[[str], None]) -> None:
    """Write a file for every policy that the user or role holds now; no file that is there is touched."""
    principal = _named(arn)
    live = live_state(principal, iam(Aws(_roles(root)), principal.accounts[0]))
    for policy in live.policies:
        file = root / FOLDER / policy.path
        if file.exists():
            show(f"{FOLDER}/{policy.path}: is there already, left as it is")
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(policy.text, "utf-8")
        origin = f"{policy.arn} {policy.version}" if policy.arn else "an inline policy"
        show(f"{FOLDER}/{policy.path}: written from {origin}")
    for line in _notes(live):
        show(line)


def _named(arn: str) -> Principal:
    try:
        identity = parse_identity(arn)
    except UnfitError as error:
        raise UsageError(f"expected {error.expected}, found {error.found or arn}") from error
    kind = PrincipalKind(identity.kind.value)
    return Principal(kind, identity.name, 0, arn=arn, accounts=(identity.account,))


def _roles(root: Path) -> Mapping[str, str]:
    """How accounts are entered, if principals.yaml says so already."""
    if not (root / PRINCIPALS_FILE).is_file():
        return {}
    return read_working_tree(root).declaration.account_roles


def _notes(live: LiveState) -> list[str]:
    """What else a person must know or write."""
    attached = [policy for policy in live.policies if not policy.path.startswith(_own(live))]
    notes = []
    if not live.policies:
        notes.append("it holds no policy: nothing is written")
    if attached:
        names = ", ".join(policy.path for policy in attached)
        notes.append(f"name what it is attached to beside its own policies in principals.yaml: {names}")
    if live.groups:
        notes.append(f"policies of its groups count too, and are not read: {', '.join(live.groups)}")
    if live.boundary:
        notes.append(f"its permissions boundary bounds all of them: {live.boundary}")
    return notes


def _own(live: LiveState) -> str:
    return f"{live.principal.split(':')[4]}/"
