"""A shelf that is one commit on a branch of the remote.

Every swap makes a first commit, without parents, and pushes it over the one before if that is still there: no
history grows, and of two runs one loses.  Other folders of the same repository that keep evidence on the
branch stay as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.repo import Identity
from leastwise.store.interface import Shelved

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from leastwise.repo import Repository

BRANCH = "leastwise/evidence"
FOLDER = "evidence/"
AUTHOR = Identity("leastwise", "leastwise@users.noreply.github.com")
_MESSAGE = "Keep the evidence of earlier runs\n\nMade anew by every run of leastwise; do not edit.\n"


class BranchShelf:
    """See ``Shelf``."""

    def __init__(
        self, repository: Repository, remote: str, branch: str, now: datetime, folder: str = FOLDER
    ) -> None:
        """``now`` is the time of the commit; ``folder`` ends with ``/``: others of the branch stay."""
        self._repository = repository
        self._remote = remote
        self._branch = branch
        self._now = now
        self._folder = folder

    def load(self) -> Shelved:
        """See ``Shelf``."""
        head = self._repository.remote_heads(self._remote, self._branch).get(self._branch)
        if head is None:
            return Shelved()
        self._repository.fetch(self._remote, self._branch, head)
        return Shelved(self._repository.files_at(head, self._folder), head)

    def swap(self, files: Mapping[str, str], before: Shelved) -> bool:
        """See ``Shelf``."""
        gone: dict[str, str | None] = {
            self._folder + name: None for name in before.files.keys() - files.keys()
        }
        changed = {
            self._folder + name: text for name, text in files.items() if before.files.get(name) != text
        }
        head = before.version or None
        commit = self._repository.commit(head, gone | changed, _MESSAGE, AUTHOR, self._now, orphan=True)
        return self._repository.push(self._remote, commit, self._branch, head)
