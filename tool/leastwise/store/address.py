"""What ``--state`` says -> a shelf."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from leastwise.aws.s3 import Location, bucket
from leastwise.errors import UsageError
from leastwise.repo import Repository
from leastwise.store.branch import BRANCH, FOLDER, BranchShelf
from leastwise.store.generations import Generations
from leastwise.store.objects import BucketObjects, FolderObjects

if TYPE_CHECKING:
    from datetime import datetime

    from leastwise.aws.sessions import Aws
    from leastwise.store.interface import Shelf

BRANCH_STATE = "branch"
"""The usual branch: the only one that is handed on, so that no other can be overwritten that way."""


def shelf_at(address: str, root: Path, aws: Aws, now: datetime, beside: str = "") -> Shelf:
    """A folder, ``s3://bucket/prefix``, or ``branch`` or ``branch:NAME`` of ``root``'s repository.

    ``beside`` names another shelf at the same address, beside that of the evidence.
    """
    kind, _, name = address.partition(":")
    if kind == BRANCH_STATE:
        repository = Repository.open(root)
        return BranchShelf(
            repository, repository.remote(), name or BRANCH, now, f"{beside}/" if beside else FOLDER
        )
    location = Location.parse(address)
    if location:
        prefix = f"{location.prefix}{beside}/" if beside else location.prefix
        return Generations(BucketObjects(bucket(aws, location.bucket), prefix), str(location))
    if "://" in address or not address:
        raise UsageError(f"--state {address}: expected a folder, s3://BUCKET/PREFIX, `branch` or branch:NAME")
    return Generations(FolderObjects(Path(address) / beside), address)
