"""What ``--state`` says -> a shelf."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from leastwise.aws.s3 import Location, bucket
from leastwise.errors import UsageError
from leastwise.repo import Repository
from leastwise.store.branch import BRANCH, BranchShelf
from leastwise.store.generations import Generations
from leastwise.store.objects import BucketObjects, FolderObjects

if TYPE_CHECKING:
    from datetime import datetime

    from leastwise.aws.sessions import Aws
    from leastwise.store.interface import Shelf

BRANCH_STATE = "branch"
"""The usual branch: the only one that is handed on, so that no other can be overwritten that way."""


def shelf_at(address: str, root: Path, aws: Aws, now: datetime) -> Shelf:
    """A folder, ``s3://bucket/prefix``, or ``branch`` or ``branch:NAME`` of ``root``'s repository."""
    kind, _, name = address.partition(":")
    if kind == BRANCH_STATE:
        repository = Repository.open(root)
        return BranchShelf(repository, repository.remote(), name or BRANCH, now)
    location = Location.parse(address)
    if location:
        return Generations(BucketObjects(bucket(aws, location.bucket), location.prefix), str(location))
    if "://" in address or not address:
        raise UsageError(f"--state {address}: expected a folder, s3://BUCKET/PREFIX, `branch` or branch:NAME")
    return Generations(FolderObjects(Path(address)), address)
