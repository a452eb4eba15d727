"""One CloudTrail record, reduced to what leastwise reads.

Field meanings: AWS CloudTrail User Guide, "CloudTrail record contents"
(https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from leastwise.model.word import Word

if TYPE_CHECKING:
    from collections.abc import Mapping

EMPTY: Mapping[str, Any] = MappingProxyType({})


class Outcome(Word):
    """What became of a call."""

    SUCCEEDED = "succeeded"
    DENIED = "denied"
    FAILED = "failed"
    ATTEMPTED = "attempted"
    """The source tells only that it was called: allowed, refused or failed, on whatever and however often."""


@dataclass(frozen=True, order=True, slots=True)
class Locator:
    """Where a record was read: ``path`` (a file, an ``s3://`` URI or a query) and its index there."""

    path: str
    index: int

    def __str__(self) -> str:
        """``path#index``."""
        return f"{self.path}#{self.index}"


@dataclass(frozen=True, slots=True)
class EventResource:
    """One entry of a record's ``resources``; absent members are empty strings."""

    arn: str
    type: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One CloudTrail record.  Text members that the record lacks are empty strings, never ``None``.

    ``actor`` is the ARN of the *identity that holds the permissions*: the IAM role of a role session
    (``sessionContext.sessionIssuer.arn``), the IAM user's ARN otherwise; empty where there is none.
    """

    event_id: str
    time: str
    """``eventTime`` as recorded, ISO 8601 in UTC: ``2026-11-23T14:00:00Z``."""
    source: str
    """``eventSource``, such as ``s3.amazonaws.com``."""
    name: str
    region: str
    account: str
    """``userIdentity.accountId``: the caller's account."""
    recipient_account: str
    actor: str
    identity_type: str
    session_name: str = ""
    source_identity: str = ""
    invoked_by: str = ""
    error_code: str = ""
    error_message: str = ""
    event_type: str = "AwsApiCall"
    category: str = "Management"
    """``eventCategory``: Management, Data, NetworkActivity or Insight."""
    shared_event_id: str = ""
    resources: tuple[EventResource, ...] = ()
    request_parameters: Mapping[str, Any] = field(default_factory=lambda: EMPTY)
    response_elements: Mapping[str, Any] = field(default_factory=lambda: EMPTY)
    locator: Locator = Locator("", 0)
