"""One S3 bucket: what lies in it, reading it, and writes that notice another writer.

Shapes: botocore 1.44.5, ``s3`` service model.  Conditional writes: ``If-None-Match: *`` and ``If-Match`` of
https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html (2026-11-23).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from leastwise.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from leastwise.aws.caller import Caller
    from leastwise.aws.sessions import Aws

NO_SUCH_KEY = "NoSuchKey"
_LOST_RACE = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"})
"""Somebody else wrote the key: before us, or at this very moment."""


@dataclass(frozen=True, slots=True)
class Location:
    """``s3://bucket/prefix``; the prefix is empty or ends with ``/``."""

    bucket: str
    prefix: str

    @classmethod
    def parse(cls, url: str) -> Location | None:
        """``None`` where the text is no ``s3://`` URL of a bucket."""
        bucket, _, prefix = url.removeprefix("s3://").partition("/")
        if not url.startswith("s3://") or not bucket:
            return None
        return cls(bucket, prefix if not prefix or prefix.endswith("/") else f"{prefix}/")

    def __str__(self) -> str:
        """The URL again."""
        return f"s3://{self.bucket}/{self.prefix}"


@dataclass(frozen=True, slots=True)
class Stored:
    """One object; ``size`` in bytes."""

    key: str
    size: int


@dataclass(frozen=True, slots=True)
class Content:
    """An object's bytes, and the ETag by which a later write can ask whether they still are the same."""

    body: bytes
    etag: str


class Bucket:
    """One bucket.  Every method raises ``AwsError``."""

    def __init__(self, caller: Caller, name: str) -> None:
        """``caller`` is one of service ``s3``."""
        self._caller = caller
        self.name = name

    def folders(self, prefix: str) -> Iterator[str]:
        """The "folders" directly below a prefix, as whole prefixes that end with ``/``."""
        for page in self._pages(prefix, Delimiter="/"):
            yield from (found["Prefix"] for found in page.get("CommonPrefixes", ()))

    def objects(self, prefix: str, after: str = "") -> Iterator[Stored]:
        """Every object below a prefix, in order of keys; with ``after`` only keys greater than it."""
        for page in self._pages(prefix, **({"StartAfter": after} if after else {})):
            yield from (Stored(found["Key"], int(found["Size"])) for found in page.get("Contents", ()))

    def read(self, key: str) -> Content:
        """One object.  ``AwsError`` with code ``NO_SUCH_KEY`` where it is not there."""
        hints = self._hints("s3:GetObject", f"{self.name}/{key}")
        told = self._caller.call("GetObject", hints, Bucket=self.name, Key=key)
        return Content(told["Body"], str(told.get("ETag", "")))

    def find(self, key: str) -> Content | None:
        """One object; ``None`` where it is not there."""
        try:
            return self.read(key)
        except AwsError as error:
            if error.code != NO_SUCH_KEY:
                raise
            return None

    def write(self, key: str, body: bytes) -> None:
        """Write one object, whatever was there."""
        self._put(key, body)

    def replace(self, key: str, body: bytes, etag: str | None) -> bool:
        """Write one object if it still has this ETag (``None``: is not there); False where it does not."""
        try:
            self._put(key, body, **({"IfMatch": etag} if etag else {"IfNoneMatch": "*"}))
        except AwsError as error:
            if error.code in _LOST_RACE or (etag and error.code == NO_SUCH_KEY):
                return False
            raise
        return True

    def delete(self, key: str) -> None:
        """Remove one object; one that is not there is no error."""
        hints = self._hints("s3:DeleteObject", f"{self.name}/{key}")
        self._caller.call("DeleteObject", hints, Bucket=self.name, Key=key)

    def _put(self, key: str, body: bytes, **condition: str) -> None:
        hints = self._hints("s3:PutObject", f"{self.name}/{key}")
        self._caller.call("PutObject", hints, Bucket=self.name, Key=key, Body=body, **condition)

    def _pages(self, prefix: str, **chosen: str) -> Iterator[Mapping[str, Any]]:
        hints = self._hints("s3:ListBucket", self.name)
        page: dict[str, Any] = dict(chosen)
        while True:
            told = self._caller.call("ListObjectsV2", hints, Bucket=self.name, Prefix=prefix, **page)
            yield told
            if not told.get("IsTruncated"):
                return
            page = {**chosen, "ContinuationToken": told["NextContinuationToken"]}

    def _hints(self, permission: str, resource: str) -> dict[str, str]:
        """What would mend a refusal; the permission is not named like the API's operation."""
        denied = (
            f"allow {permission} on {resource} to the identity that leastwise runs as, in its own policy and "
            "from another account in the bucket policy too (and kms:Decrypt where the bucket has a KMS key)"
        )
        return {
            "AccessDenied": denied,
            "AllAccessDisabled": denied,
            "NoSuchBucket": f"there is no bucket {self.name}: correct the s3:// address",
        }


def bucket(aws: Aws, name: str, region: str = "", account: str = "") -> Bucket:
    """A bucket as seen by the role of ``account``; S3 itself says so if it lives in another region."""
    return Bucket(aws.caller("s3", region, account), name)
