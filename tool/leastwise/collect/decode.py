"""Text of one log file -> records; one record -> ``Event``.

Only the members that leastwise reads are decoded; parameters, response and resources stay raw until an
enrolled principal's record needs them.  Where a member is given twice the last one counts, as for every
JSON reader of AWS's own.

Member names: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
and .../cloudtrail-event-reference-user-identity.html (read 2026-11-23).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from leastwise.collect.salvage import RECORDS, BadRecord, salvage
from leastwise.model.event import EMPTY, Event, EventResource, Locator

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

NOTHING = msgspec.Raw(b"null")


class SessionIssuer(msgspec.Struct, gc=False):
    """Who gave a session its permissions: a role, or the user of a federated session."""

    arn: str | None = None


class SessionContext(msgspec.Struct, gc=False, rename="camel"):
    """What is known of a session."""

    session_issuer: SessionIssuer | None = None
    source_identity: str | None = None


class UserIdentity(msgspec.Struct, gc=False, rename="camel"):
    """``userIdentity`` as recorded; every member may be missing."""

    type: str | None = None
    arn: str | None = None
    account_id: str | None = None
    invoked_by: str | None = None
    session_context: SessionContext | None = None


NOBODY = UserIdentity()


class Record(msgspec.Struct, gc=False, rename="camel"):
    """One record as recorded.  The first four members must be there."""

    event_time: str
    event_source: str
    event_name: str
    aws_region: str
    event_id: str | None = msgspec.field(name="eventID", default=None)
    user_identity: UserIdentity | None = None
    recipient_account_id: str | None = None
    event_type: str | None = None
    event_category: str | None = None
    error_code: str | None = None
    error_message: msgspec.Raw = NOTHING
    request_parameters: msgspec.Raw = NOTHING
    response_elements: msgspec.Raw = NOTHING
    resources: msgspec.Raw = NOTHING
    shared_event_id: str | None = msgspec.field(name="sharedEventID", default=None)


class _Resource(msgspec.Struct, gc=False, rename="camel"):
    arn: str | None = msgspec.field(name="ARN", default=None)
    type: str | None = None
    account_id: str | None = None


class _File(msgspec.Struct, gc=False):
    records: list[Record] = msgspec.field(name="Records")


@dataclass(frozen=True, slots=True)
class Decoded:
    """The records of one file, why others could not be used (one text each), and the indices of the first."""

    records: Sequence[Record] = ()
    bad: tuple[str, ...] = ()
    indices: Sequence[int] = ()

    def __iter__(self) -> Iterator[tuple[int, Record]]:
        """Each record with its index in the file."""
        return zip(self.indices, self.records, strict=True)


_FILE = msgspec.json.Decoder(_File)
_RECORD = msgspec.json.Decoder(Record)
_RESOURCES = msgspec.json.Decoder(list[_Resource] | None)
_OBJECT = msgspec.json.Decoder(dict[str, Any] | None)
_Value = TypeVar("_Value")

_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
"""Any escape of a JSON string; ``half`` is a surrogate without its other half."""
_REPLACED = rb"\ufffd"


def decode(text: bytes) -> Decoded:
    """The records of one unpacked log file.  Never raises: what cannot be used is named in ``bad``."""
    try:
        records = _FILE.decode(text.rstrip(b"\0")).records
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _decode_one_by_one(text)
    return Decoded(records, indices=range(len(records)))


def decode_record(text: bytes) -> Record:
    """One record.  Raises ``BadRecord`` with the reason.

    CloudTrail cuts long user agents and messages at 1 KB, which may leave half a character: those are mended,
    but never in a member that names a resource.
    """
    try:
        return _strict(_RECORD, text, "the record")
    except BadRecord as bad:
        whole = mended(text)
        if not bad.torn or whole == text:
            raise
    record = _strict(_RECORD, whole, "the record")
    if any(
        _REPLACED in bytes(raw)
        for raw in (record.request_parameters, record.response_elements, record.resources)
    ):
        raise BadRecord("a parameter or resource holds half a character")
    return record


def mended(text: bytes) -> bytes:
    """JSON text with half characters, which CloudTrail leaves where it cuts, replaced."""
    return _ESCAPE.sub(_whole_character, text)


def to_event(record: Record, locator: Locator) -> Event:
    """The record with its parameters decoded.  Raises ``BadRecord`` where they are no JSON object."""
    identity = record.user_identity or NOBODY
    session = identity.session_context
    return Event(
        event_id=record.event_id or "",
        time=record.event_time,
        source=record.event_source,
        name=record.event_name,
        region=record.aws_region,
        account=identity.account_id or "",
        recipient_account=record.recipient_account_id or "",
        actor=actor(identity),
        identity_type=identity.type or "",
        session_name=session_name(identity),
        source_identity=(session.source_identity if session else None) or "",
        invoked_by=identity.invoked_by or "",
        error_code=record.error_code or "",
        error_message=message(record),
        event_type=record.event_type or "AwsApiCall",
        category=record.event_category or "Management",
        shared_event_id=record.shared_event_id or "",
        resources=_resources(record.resources),
        request_parameters=_object(record.request_parameters, "requestParameters"),
        response_elements=_object(record.response_elements, "responseElements"),
        locator=locator,
    )


def actor(identity: UserIdentity) -> str:
    """The ARN of the identity that holds the permissions: a session's issuer, else the identity itself."""
    session = identity.session_context
    if session is not None and session.session_issuer is not None and session.session_issuer.arn:
        return session.session_issuer.arn
    return identity.arn or ""


def session_name(identity: UserIdentity) -> str:
    """The role session's name, the last part of ``arn:aws:sts::…:assumed-role/role/session``; else empty."""
    arn = identity.arn or ""
    return arn.rpartition("/")[2] if ":assumed-role/" in arn else ""


def message(record: Record) -> str:
    """``errorMessage``.  CloudTrail cuts it at 1 KB, which may split a character: the half is replaced."""
    if record.error_message is NOTHING:
        return ""
    text = bytes(record.error_message).decode("utf-8", "replace")
    try:
        return msgspec.json.decode(text, type=str | None) or ""
    except msgspec.MsgspecError:
        return ""


def _decode_one_by_one(text: bytes) -> Decoded:
    if not RECORDS.search(text):
        return Decoded(bad=(_why_no_log(text),))
    records: list[Record] = []
    indices: list[int] = []
    bad: list[str] = []
    for index, found in enumerate(salvage(text, decode_record)):
        if isinstance(found, BadRecord):
            bad.append(f"record {index}: {found}")
        else:
            records.append(found)
            indices.append(index)
    if not records and not bad:
        bad.append("not JSON: the list of records is broken off or damaged")
    return Decoded(records, tuple(bad), indices)


def _why_no_log(text: bytes) -> str:
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except RecursionError:
        return "nested too deeply"
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return "not JSON" if text.strip() else "empty"
    return "not a CloudTrail log file: it has no list of Records"


def _strict(decoder: msgspec.json.Decoder[_Value], text: bytes | msgspec.Raw, what: str) -> _Value:
    try:
        return decoder.decode(text)
    except msgspec.ValidationError as error:
        raise BadRecord(f"{what} is not what CloudTrail writes: {error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadRecord(f"{what} is not JSON: {error}", torn=True) from error
    except RecursionError as error:
        raise BadRecord(f"{what} is nested too deeply") from error


def _object(raw: msgspec.Raw, what: str) -> Mapping[str, Any]:
    if bytes(raw) in (b"null", b"{}"):
        return EMPTY
    found = _strict(_OBJECT, raw, what)
    return MappingProxyType(found) if found else EMPTY


def _resources(raw: msgspec.Raw) -> tuple[EventResource, ...]:
    if bytes(raw) in (b"null", b"[]"):
        return ()
    entries = _strict(_RESOURCES, raw, "resources") or ()
    return tuple(
        EventResource(entry.arn or "", entry.type or "", entry.account_id or "") for entry in entries
    )


def _whole_character(escape: re.Match[bytes]) -> bytes:
    return _REPLACED if escape["half"] else escape[0]
