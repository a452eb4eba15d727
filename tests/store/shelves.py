"""One shelf of each kind, and what can be done to each of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import boto3
from moto import mock_aws

from leastwise.aws.s3 import bucket
from leastwise.aws.sessions import Aws
from leastwise.repo import Repository
from leastwise.store.branch import BranchShelf
from leastwise.store.generations import Generations
from leastwise.store.objects import BucketObjects, FolderObjects
from tests.scratch_git import make_scratch

NOW = datetime(2026, 11, 23, tzinfo=UTC)


class Killed(BaseException):
    """The process is gone: nothing of ours may catch it."""


class Doomed:
    """Objects of which the n-th change, and every later one, is never made."""

    def __init__(self, inner, steps):
        self.inner = inner
        self.at_once = 1
        self.left = steps

    def names(self):
        return self.inner.names()

    def read(self, name):
        return self.inner.read(name)

    def write(self, name, body):
        self._step()
        self.inner.write(name, body)

    def create(self, name, body):
        self._step()
        return self.inner.create(name, body)

    def remove(self, name):
        self._step()
        self.inner.remove(name)

    def _step(self):
        if not self.left:
            raise Killed
        self.left -= 1


@dataclass
class World:
    """``shelf()`` is what another process would open; ``objects()`` what it is made of, if it is."""

    shelf: object
    objects: object = None


def folder_world(folder, _monkeypatch):
    objects = lambda: FolderObjects(folder / "state")  # noqa: E731  one word for each kind
    yield World(lambda: Generations(objects(), "state"), objects)


def bucket_world(_folder, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        session = boto3.Session(region_name="us-east-1")
        session.client("s3").create_bucket(Bucket="kept")
        objects = lambda: BucketObjects(bucket(Aws({}, session=session), "kept"), "team/")  # noqa: E731  as above
        yield World(lambda: Generations(objects(), "s3://kept/team/"), objects)


def branch_world(folder, _monkeypatch):
    scratch = make_scratch(folder)
    repository = Repository.open(scratch.clone)
    yield World(lambda: BranchShelf(repository, "origin", "leastwise/evidence", NOW))


WORLDS = {"folder": folder_world, "bucket": bucket_world, "branch": branch_world}
