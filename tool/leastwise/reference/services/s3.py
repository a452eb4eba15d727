"""S3: versions, copies, batches, access points.

Sources (2026-11-23): actions, https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html;
records, https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html; access points,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote

from leastwise.iam import glob
from leastwise.model.request import AuthorizationRequest, Certainty
from leastwise.reference.actions import canonical, resource_types
from leastwise.reference.parameters import MAX_NODES, at_path, name
from leastwise.reference.resources import UNRECORDED, Target, literal, pattern, targets

if TYPE_CHECKING:
    from leastwise.reference.calls import Call
    from leastwise.reference.record import Record

COPIES = frozenset({"CopyObject", "UploadPartCopy"})


def requests(call: Call, record: Record) -> list[AuthorizationRequest] | None:
    """The requests of a call to S3; ``None`` for the calls that name neither bucket nor object."""
    bucket = name(record.members, "bucketname", "bucket")
    if not bucket:
        return None
    if call.operation in COPIES:
        return _copy(bucket, record)
    if call.operation == "DeleteObjects":
        return _batch(bucket, record)
    version = name(record.members, "versionid")
    return [
        AuthorizationRequest(wanted, target.resource, target.form)
        for action in call.actions
        for wanted in (_of_version(action) if version else action,)
        for target in _targets(wanted, bucket, name(record.members, "key"), record)
    ]


def _targets(action: str, bucket: str, key: str, record: Record) -> tuple[Target, ...]:
    works_on = _kinds(action)
    if "object" in works_on:
        return (_object(bucket, key, record),)
    return (literal(_container(bucket, record)),) if "bucket" in works_on else targets(action, record)


def _object(bucket: str, key: str, record: Record) -> Target:
    container = _container(bucket, record)
    separator = "/object/" if ":accesspoint/" in container else "/"
    return literal(container + separator + key) if key else pattern(glob.escape(container + separator) + "*")


def _container(bucket: str, record: Record) -> str:
    """The bucket's ARN, or the access point's: a policy must name what the caller addressed."""
    if bucket.startswith("arn:"):
        return bucket.partition("/object/")[0]
    for resource in record.event.resources:
        if resource.type == "AWS::S3::AccessPoint" and resource.arn.startswith("arn:"):
            return resource.arn.partition("/object/")[0]
    return f"arn:{record.place.partition}:s3:::{bucket}"


def _copy(bucket: str, record: Record) -> list[AuthorizationRequest]:
    """What is copied must be readable, and where it goes must be writable."""
    source, _, version = name(record.members, "x-amz-copy-source").partition("?versionId=")
    read = "s3:GetObjectVersion" if version else "s3:GetObject"
    origin = _copied(unquote(source).removeprefix("/"), record)
    target = _object(bucket, name(record.members, "key"), record)
    return [
        AuthorizationRequest(read, origin.resource, origin.form),
        AuthorizationRequest("s3:PutObject", target.resource, target.form),
    ]


def _copied(source: str, record: Record) -> Target:
    if source.startswith("arn:"):
        return literal(source)
    bucket, _, key = source.partition("/")
    return literal(f"arn:{record.place.partition}:s3:::{bucket}/{key}") if bucket and key else UNRECORDED


def _batch(bucket: str, record: Record) -> list[AuthorizationRequest]:
    """Each object of a DeleteObjects call has a DeleteObject event of its own, with its own outcome.

    So where this record names no keys, it proves no single deletion: the request is inferred, and its
    resource is as far as the record goes, the objects of the bucket.
    """
    keys = at_path(record.members, "delete.object.key") or at_path(record.members, "delete.objects.key")
    if not keys:
        target = _object(bucket, "", record)
        return [AuthorizationRequest("s3:DeleteObject", target.resource, target.form, (), Certainty.INFERRED)]
    return [
        AuthorizationRequest("s3:DeleteObject", _object(bucket, key, record).resource)
        for key in keys[:MAX_NODES]
    ]


@lru_cache(maxsize=1_024)
def _of_version(action: str) -> str:
    """``s3:GetObjectVersionAcl`` for ``s3:GetObjectAcl``; the action itself where it has no such twin."""
    return canonical(action.replace("Object", "ObjectVersion", 1)) or action


@lru_cache(maxsize=1_024)
def _kinds(action: str) -> frozenset[str]:
    return frozenset(type_.name for type_ in resource_types(action))
