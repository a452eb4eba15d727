"""Calls on single S3 objects: what one of them means, its neighbour in the bucket means of its own name.

Object keys hardly ever repeat, and they are most of the distinct calls in logs with data events.  Such a call
is interpreted once with its key taken out; the key is put back into what it asks for.  Only where that is
certain: a plain key (no character that means anything anywhere), standing in the record exactly where
CloudTrail writes it, of a call that touches one object.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from leastwise.model.request import ResourceForm

if TYPE_CHECKING:
    from leastwise.collect.decode import Record
    from leastwise.model.request import AuthorizationRequest

ONE_OBJECT = frozenset({"DeleteObject", "GetObject", "HeadObject", "PutObject"})
"""Calls that name one object, in ``requestParameters.key`` and in ``resources``
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html, read 2026-11-23)."""

_PLAIN_KEY = re.compile(rb'"key"\s*:\s*"([\w.=+-]+/[\w/.=+-]+)"', re.ASCII)
"""A key with a slash in it: no word by which CloudTrail says that it left something out has one."""
_NO_MEMBER, _NO_END = b"\0", b"\1"
"""What stands where the key was; JSON cannot hold them."""


class Blanked(NamedTuple):
    """A record's content without its object key, and the key."""

    content: bytes
    key: str


def blanked(record: Record, content: bytes) -> Blanked | None:
    """The content without the key; ``None`` where the key may mean more than a name."""
    if record.event_name not in ONE_OBJECT or record.event_source != "s3.amazonaws.com":
        return None
    member = _PLAIN_KEY.search(content)
    if member is None or b"\\" in content:  # an escape could hide another copy of the key
        return None
    key = member[1]
    rest = content.replace(member[0], _NO_MEMBER).replace(b'/%b"' % key, _NO_END)
    return None if key in rest else Blanked(rest, key.decode("ascii"))


def can_rename(request: AuthorizationRequest, key: str) -> bool:
    """Whether the key occurs in the request as the whole end of its resource, or nowhere."""
    if any(key in value for _, value in request.context):
        return False
    stem = request.resource.removesuffix(f"/{key}")
    return key not in stem and (stem == request.resource or request.form is ResourceForm.LITERAL)


def renamed(request: AuthorizationRequest, key: str, other: str) -> AuthorizationRequest:
    """The request for the object ``other`` in the place of ``key``."""
    stem = request.resource.removesuffix(f"/{key}")
    return request if stem == request.resource else replace(request, resource=f"{stem}/{other}")
