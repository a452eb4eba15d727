"""What AWS's own error message says was refused, and by which kind of policy.

The forms (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html, 2026-11-23)::

    User: ARN is not authorized to perform: ACTION on resource: ARN
        because no TYPE policy allows the ACTION action
    User: ARN is not authorized to perform: ACTION on resource: ARN
        with an explicit deny in a TYPE policy

A message quotes names that the caller chose, so it is read from both ends: the action from the front, the
reason from the back.  CloudTrail cuts messages at 1 KB; a cut one has lost its end, and gives no reason.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from leastwise.model.evidence import DenialReason
from leastwise.model.interpretation import Denial
from leastwise.reference.actions import canonical

if TYPE_CHECKING:
    from leastwise.model.event import Event

CUT_AT = 1_000
"""Bytes.  Messages of 1 KB are cut (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html);
a little less, for what counting in characters may differ."""
_ACTION = re.compile(r"is not authorized to perform:? ([A-Za-z0-9-]{1,64}:[A-Za-z0-9]{1,128})(?![\w*])")
_ON_RESOURCE = " on resource: "
ENCODED = " Encoded authorization failure message:"
"""What EC2 puts before a text that differs for each refusal."""
_NOT_ALLOWED = " because no "
_EXPLICIT = " with an explicit deny"
_POLICIES = (
    ("service control", DenialReason.SERVICE_CONTROL_POLICY),
    ("resource control", DenialReason.RESOURCE_CONTROL_POLICY),
    ("permissions boundary", DenialReason.PERMISSIONS_BOUNDARY),
    ("session", DenialReason.SESSION_POLICY),
    ("resource-based", DenialReason.RESOURCE_POLICY),
    ("VPC endpoint", DenialReason.VPC_ENDPOINT_POLICY),
    ("trust", DenialReason.RESOURCE_POLICY),
)
_NO_REASON = ("", "")


def denial_of(event: Event) -> Denial:
    """What the message of a denied record names; empty text where it does not say."""
    message = _without_code(event)
    found = _ACTION.search(message)
    if found is None:
        return Denial("", "", DenialReason.UNQUALIFIED)
    action = canonical(found[1]) or found[1]
    rest = message[found.end() :]
    if len(message.encode("utf-8", "replace")) >= CUT_AT:
        return Denial(action, "", DenialReason.UNQUALIFIED)
    marker, reason = _reason_at_the_end(rest)
    resource = rest.rpartition(marker)[0] if marker else rest
    return Denial(action, _resource(resource), _blamed(marker, reason))


def _without_code(event: Event) -> str:
    """EC2 appends an encoded message.  Only EC2's is taken off: names in other messages may imitate one."""
    if event.source != "ec2.amazonaws.com":
        return event.error_message
    return event.error_message.partition(ENCODED)[0]


def _reason_at_the_end(rest: str) -> tuple[str, str]:
    """The last marker and what follows it: text before it may quote a name that imitates a reason."""
    place, marker = max((rest.rfind(marker), marker) for marker in (_NOT_ALLOWED, _EXPLICIT))
    return (marker, rest[place + len(marker) :]) if place >= 0 else _NO_REASON


def _resource(text: str) -> str:
    """The ARN, unquoted; empty where the message names something else or nothing."""
    if not text.startswith(_ON_RESOURCE):
        return ""
    named = text[len(_ON_RESOURCE) :].strip().removesuffix(".").strip('"')
    return named if named.startswith("arn:") or named == "*" else ""


def _blamed(marker: str, reason: str) -> DenialReason:
    if not marker:
        return DenialReason.UNQUALIFIED
    for words, blamed in _POLICIES:
        if reason.removeprefix(" in a ").removeprefix(" in an ").startswith(words):
            return blamed
    if marker == _EXPLICIT:
        return DenialReason.EXPLICIT_DENY
    return (
        DenialReason.NO_IDENTITY_POLICY
        if reason.startswith("identity-based policy")
        else DenialReason.UNQUALIFIED
    )
