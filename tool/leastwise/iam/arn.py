"""Amazon Resource Names, and the two readings of a pattern over them.

AWS documents that wildcards work "within the individual segments of an ARN", and then that a star which ends
a segment "can expand to match beyond the colon boundaries"
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html, read
2026-11-23).  How far it expands is not said, so leastwise reads each pattern in both ways that bound it and
claims only what holds in both:

* ``Reading.FLAT``: one glob over the whole text; a star crosses any colon.
* ``Reading.SEGMENT``: segment by segment; a star crosses colons only in the last of the six segments, and a
  pattern with fewer segments is completed with ``*``.

``arn:aws:sqs:*:q`` matches the queue ``arn:aws:sqs:us-east-1:111122223333:q`` flat, but not by segment;
``arn:aws:sqs`` matches it by segment, but not flat.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from leastwise.iam import glob
from leastwise.iam.glob import Glob, Wildcard

if TYPE_CHECKING:
    from leastwise.iam.glob import Token

SEGMENTS = 6
SERVICES_WITHOUT_RESOURCE_TYPES = frozenset({"s3", "execute-api"})
"""Services whose resource segment starts with a name, not with a type: its first part may hold wildcards.
Sources (2026-11-23): https://docs.aws.amazon.com/AmazonS3/latest/userguide/security_iam_service-with-iam.html,
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
"""


class Reading(Enum):
    """How a pattern is laid over an ARN; see the module's docstring."""

    FLAT = "flat"
    SEGMENT = "segment"


@dataclass(frozen=True, slots=True)
class Arn:
    """``arn:partition:service:region:account:resource``; region and account may be empty."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    def __str__(self) -> str:
        """The ARN as AWS writes it."""
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"


class Doubt(Enum):
    """Why AWS's documents do not settle whether a pattern applies; found by comparing evaluators.

    The value says it in words.
    """

    OPEN_TYPE = "a wildcard in the part of the ARN that names the resource's type"
    """AWS calls it incorrect usage, and does not say what it does
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html, read 2026-11-23)."""
    S3_PLACE = "an S3 pattern with a region or an account, over a bucket or object, whose ARN has neither"


DOUBT_SCOPES = {
    Doubt.OPEN_TYPE: ("arn:*:*:*:*:*/*", "arn:*:*:*:*:*:*"),
    Doubt.S3_PLACE: ("arn:*:s3:::*",),
}
"""The resources, as patterns to be read by segment, to which each doubt extends."""


@dataclass(frozen=True, slots=True)
class ResourcePattern:
    """One entry of a Resource or NotResource element, ready for both readings."""

    flat: Glob
    segments: tuple[Glob, ...]
    """Six globs, one for each segment; empty for a pattern of stars alone, which matches any text."""
    doubt: Doubt | None
    """What keeps a match with some resources (``DOUBT_SCOPES``) from being certain."""
    start: str = ""
    """What every match starts with, in either reading: it turns most patterns down at once."""

    @property
    def text(self) -> str:
        """The pattern as it was written."""
        return self.flat.text


def parse(text: str) -> Arn | None:
    """Split an ARN into its parts; ``None`` if it is none (``*``, a bucket's name, a text from a log)."""
    parts = text.split(":", SEGMENTS - 1)
    if len(parts) < SEGMENTS or parts[0] != "arn":
        return None
    return Arn(*parts[1:])


def pattern(text: str, *, variables: bool = True) -> ResourcePattern:
    """Read one entry of a Resource or NotResource element."""
    return of_glob(glob.parse(text, variables=variables))


def of_glob(flat: Glob) -> ResourcePattern:
    """The pattern for both readings of an entry that is parsed already."""
    if flat.matches_all:
        return ResourcePattern(flat, (), None)
    segments = tuple(map(glob.of_tokens, _segments(flat)))
    return ResourcePattern(flat, segments, _doubt(flat, segments), flat.start)


def matches(pattern: ResourcePattern, text: str, reading: Reading) -> bool:
    """Whether the pattern matches a request's resource, character for character (ARNs are case-sensitive).

    ``ValueError`` if the pattern's variables have no values yet.
    """
    if not text.startswith(pattern.start):
        return False
    if reading is Reading.FLAT or not pattern.segments:
        return glob.matches(pattern.flat, text)
    parts = text.split(":", SEGMENTS - 1)
    return len(parts) == SEGMENTS and all(map(glob.matches, pattern.segments, parts))


def widen(pattern: ResourcePattern) -> Glob:
    """A flat glob that matches, for any values of the variables, what the pattern matches in either reading.

    Flat, since a value may hold colons; open at its end where AWS completes the ARN.
    """
    if pattern.flat.tokens.count(":") >= SEGMENTS - 1:
        return glob.widen(pattern.flat)
    return glob.of_tokens((*glob.widen(pattern.flat).tokens, Wildcard.STAR))


def covers(outer: ResourcePattern, inner: ResourcePattern, reading: Reading) -> bool:
    """Whether each resource of ``inner`` certainly is one of ``outer``, seen from the tokens alone.

    ``True`` is a proof, whatever values the variables have and whatever AWS does about a doubt, as long as it
    does so to both patterns; ``False`` proves nothing.
    """
    if outer.flat.matches_all:
        return True
    if outer.doubt not in (None, inner.doubt) or not inner.segments:
        return False
    if outer.flat.tokens == inner.flat.tokens:
        return True
    if reading is Reading.FLAT:
        return glob.covers(outer.flat, inner.flat)
    placed = inner.segments[:-1]
    if any(segment.variables for segment in placed) and placed != outer.segments[:-1]:
        return False  # a value may hold colons, and move what stands behind it to another segment
    return all(map(glob.covers, outer.segments, inner.segments))


def in_doubt(pattern: ResourcePattern, text: str) -> bool:
    """Whether the pattern's doubt extends to this resource; the scopes of ``DOUBT_SCOPES``, spelled out."""
    if pattern.doubt is None:
        return False
    arn = parse(text)
    if arn is None:
        return False
    if pattern.doubt is Doubt.OPEN_TYPE:
        return "/" in arn.resource or ":" in arn.resource
    return (arn.service, arn.region, arn.account) == ("s3", "", "")


def _doubt(flat: Glob, segments: tuple[Glob, ...]) -> Doubt | None:
    _, _, service, region, account, resource = segments
    if flat.tokens.count(":") < SEGMENTS - 1:
        return None
    if service.text == "s3":
        return Doubt.S3_PLACE if region.text or account.text else None
    if service.text in SERVICES_WITHOUT_RESOURCE_TYPES or resource.matches_all:
        return None
    return Doubt.OPEN_TYPE if _has_open_type(resource) else None


def _has_open_type(resource: Glob) -> bool:
    """Whether a wildcard or variable stands before the first ``/`` or ``:``."""
    for part in resource.tokens:
        if not isinstance(part, str):
            return True
        if part in "/:":
            return False
    return False


def _segments(flat: Glob) -> list[list[Token]]:
    """Cut at the first five literal colons; what is missing is completed with ``*``."""
    segments: list[list[Token]] = [[]]
    for part in flat.tokens:
        if part == ":" and len(segments) < SEGMENTS:
            segments.append([])
        else:
            segments[-1].append(part)
    return segments + [[Wildcard.STAR] for _ in range(SEGMENTS - len(segments))]
