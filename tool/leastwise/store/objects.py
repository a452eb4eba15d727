"""Where objects lie: a folder of this machine, or an ``s3://`` prefix."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from leastwise.errors import AwsError, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from leastwise.aws.s3 import Bucket

_UNFINISHED = "unfinished-"


class FolderObjects:
    """See ``Objects``.  Only names change after an object's bytes are safely on the disk."""

    at_once = 1

    def __init__(self, folder: Path) -> None:
        """The folder is made when something is written."""
        self._folder = folder

    def names(self) -> Iterator[str]:
        """See ``Objects``."""
        if self._folder.is_dir():
            yield from (entry.name for entry in self._folder.iterdir())

    def read(self, name: str) -> bytes | None:
        """See ``Objects``."""
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unusable(error) from error

    def write(self, name: str, body: bytes) -> None:
        """See ``Objects``."""
        self._unfinished(name, body).replace(self._folder / name)

    def create(self, name: str, body: bytes) -> bool:
        """See ``Objects``: a second name for a finished file, which fails where the name is taken."""
        unfinished = self._unfinished(name, body)
        try:
            (self._folder / name).hardlink_to(unfinished)
        except FileExistsError:
            return False
        except OSError as error:
            raise self._unusable(error) from error
        finally:
            unfinished.unlink()
        return True

    def remove(self, name: str) -> None:
        """See ``Objects``."""
        with suppress(FileNotFoundError):
            (self._folder / name).unlink()

    def _unfinished(self, name: str, body: bytes) -> Path:
        """The bytes, on the disk under a name that no other process uses and nobody reads."""
        file = self._folder / f"{_UNFINISHED}{os.getpid()}-{name}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with file.open("wb") as writing:
                writing.write(body)
                writing.flush()
                os.fsync(writing.fileno())
        except OSError as error:
            raise self._unusable(error) from error
        return file

    def _unusable(self, error: OSError) -> SourceError:
        return SourceError(
            f"{self._folder}: evidence cannot be kept there: {error.strerror or error}; name a folder on a "
            "disk that has room and hard links with --state"
        )


class BucketObjects:
    """See ``Objects``."""

    at_once = 16

    def __init__(self, bucket: Bucket, prefix: str) -> None:
        """``prefix`` is empty or ends with ``/``."""
        self._bucket = bucket
        self._prefix = prefix

    def names(self) -> Iterator[str]:
        """See ``Objects``."""
        for found in self._bucket.objects(self._prefix):
            name = found.key.removeprefix(self._prefix)
            if name and "/" not in name:
                yield name

    def read(self, name: str) -> bytes | None:
        """See ``Objects``."""
        found = self._bucket.find(self._prefix + name)
        return found.body if found else None

    def write(self, name: str, body: bytes) -> None:
        """See ``Objects``."""
        self._bucket.write(self._prefix + name, body)

    def create(self, name: str, body: bytes) -> bool:
        """See ``Objects``.  Asked again after an answer was lost, S3 says no to its own object."""
        if self._bucket.replace(self._prefix + name, body, etag=None):
            return True
        found = self._bucket.find(self._prefix + name)
        return found is not None and found.body == body

    def remove(self, name: str) -> None:
        """See ``Objects``.  What may not be removed is only in the way: the index does not name it."""
        with suppress(AwsError):
            self._bucket.delete(self._prefix + name)
