"""Send what ``leastwise audit`` left in a folder."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from leastwise.aws.messages import Messages
from leastwise.aws.sessions import Aws
from leastwise.errors import HandoverError, NotifyError, UsageError
from leastwise.model.report import Digest, DigestItem
from leastwise.notify.audit import Post, send
from leastwise.notify.sns import MESSAGE
from leastwise.publish.actions import ActionsRun
from leastwise.render.annotations import annotation
from leastwise.render.audit_json import FORMAT, VERSION
from leastwise.workspace import read_committed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from leastwise.model.declared import Declaration

REFUSED = 5


def run(folder: Path, root: Path, show: Callable[[str], None], warn: Callable[[str], None]) -> int:
    """Send it by the channels of the declaration, from a job that need not read any record."""
    return post(folder, read_committed(root).declaration, ActionsRun.of(os.environ), show, warn)


def post(
    folder: Path,
    declaration: Declaration,
    actions: ActionsRun,
    show: Callable[[str], None],
    warn: Callable[[str], None],
) -> int:
    """Try every channel; the exit code says whether all of them took it."""
    order = declaration.audit
    if order.email is None and order.topic is None:
        raise UsageError(
            "nobody is declared to get the audit: name `email` or `sns` below `audit:` or `notify:` in "
            "principals.yaml"
        )
    failed = False
    for step in send(order, _read(folder, actions.address), Messages(Aws(declaration.account_roles))):
        try:
            show(step())
        except NotifyError as error:
            failed = True
            words = f"the audit was not sent: {error}"
            if actions.annotates:
                show(annotation("error", words, title="leastwise"))
            else:
                warn(words)
    return REFUSED if failed else 0


def _read(folder: Path, address: str) -> Post:
    """Raises ``HandoverError`` where the folder holds no audit of this version."""
    try:
        told = json.loads((folder / "audit.json").read_text("utf-8"))
        text = (folder / "audit.txt").read_text("utf-8")
        mail = (folder / "audit.eml").read_bytes()
    except (OSError, ValueError, RecursionError) as error:
        raise HandoverError(
            f"{folder}: no audit, or damaged ({type(error).__name__}): make it with `leastwise audit`"
        ) from error
    if not isinstance(told, dict) or (told.get("format"), told.get("version")) != (FORMAT, VERSION):
        raise HandoverError(
            f"{folder}: not what leastwise of this version wrote: make it with `leastwise audit`"
        )
    items = tuple(DigestItem(line, "") for line in text.splitlines())
    where = address if len(text) > MESSAGE else ""  # a text that is not cut ends with it
    return Post(mail, Digest(str(told.get("subject")), items, where))
