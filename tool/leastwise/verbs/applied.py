"""What was applied to principals lately, from the journal that is kept beside their evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.apply.journal import FOLDER, past_applies, unknown_before
from leastwise.apply.journal_files import name_of, unpack
from leastwise.aws.sessions import Aws
from leastwise.model.declared import Ownership
from leastwise.store.address import shelf_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from leastwise.model.applied import PastApply
    from leastwise.model.declared import Principal
    from leastwise.model.journal import AppliedRecord
    from leastwise.store.interface import Shelf
    from leastwise.verbs.scope import Scope
    from leastwise.workspace import Workspace


def applies_of(
    workspace: Workspace, principals: Iterable[Principal], scope: Scope, say: Callable[[str], object]
) -> Mapping[str, tuple[PastApply, ...]]:
    """Principal's key -> what was applied to it, oldest first, of those that leastwise writes to.

    Empty where no ``state`` is named: then nobody knows.  ``say`` hears of what is damaged.
    """
    if scope.state is None:
        return {}
    shelf = shelf_at(scope.state, workspace.root, Aws(workspace.declaration.account_roles), scope.now, FOLDER)
    ours = [principal for principal in principals if principal.ownership is Ownership.APPLY]
    records = records_of(shelf, [principal.key for principal in ours], say)
    files = workspace.policies.files
    for principal in ours:
        for path in unknown_before(records[principal.key], files):
            say(
                f"{principal.key}: policies/{path} is not there, so what it granted before it was taken away "
                "is not watched"
            )
    return {principal.key: past_applies(principal, records[principal.key], files) for principal in ours}


def records_of(
    shelf: Shelf, keys: Iterable[str], say: Callable[[str], object]
) -> Mapping[str, tuple[AppliedRecord, ...]]:
    """The journal's records of each of the principals, oldest first; the shelf is loaded once."""
    files = shelf.load().files
    found = {}
    for key in keys:
        text = files.get(name_of(key))
        records = unpack(text) if text is not None else ()
        if records is None:
            say(f"what was applied to {key} is damaged and cannot be read")
        found[key] = records or ()
    return found
