"""Rows of the statement -> groups of calls that differ in nothing but time, session and ID."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from leastwise.collect.cell import Cell
from leastwise.collect.decode import NOTHING, Record, SessionContext, SessionIssuer, UserIdentity
from leastwise.collect.salvage import BadRecord
from leastwise.collect.sql.statement import GATHERED, KEY
from leastwise.model.evidence import HOURS_KEPT, SAMPLES_KEPT, SESSIONS_KEPT
from leastwise.model.joining import smallest

if TYPE_CHECKING:
    from collections.abc import Mapping

_EMPTY = dict.fromkeys((*KEY, *GATHERED), "")
_DAYS = msgspec.json.Decoder(dict[str, tuple[int, int]])
_TEXTS = msgspec.json.Decoder(list[str] | None)
_RESOURCES = msgspec.json.Decoder(list[tuple[str | None, str | None, str | None]] | None)


class Group(NamedTuple):
    """Calls that are alike: one record that stands for them, and what was counted.

    ``records`` is UTC day -> records delivered, ``cell`` counts each call once; ``hours`` of its failed calls
    are there whatever the failure was.
    """

    record: Record
    cell: Cell
    records: Mapping[str, int]


def group_of(row: Mapping[str, str]) -> Group:
    """Read one row: column -> text; a column without a value may be missing.

    Raises ``BadRecord`` where it is not what the statement asks for.
    """
    told = {**_EMPTY, **row}
    try:
        days = _DAYS.decode(told["days"])
        for day in days:
            date.fromisoformat(day)
        return Group(_record(told), _cell(told, days), {day: records for day, (records, _) in days.items()})
    except (msgspec.MsgspecError, ValueError) as error:
        raise BadRecord(f"the engine's answer is not what was asked for: {error}") from error


def _cell(row: Mapping[str, str], days: Mapping[str, tuple[int, int]]) -> Cell:
    cell = Cell()
    cell.days = {day: calls for day, (_, calls) in days.items()}
    cell.first, cell.last = row["first_seen"], row["last_seen"]
    cell.samples = smallest(_texts(row["samples"]), SAMPLES_KEPT)
    cell.regions = frozenset({row["region"]})
    cell.sessions = smallest(_texts(row["sessions"]), SESSIONS_KEPT)
    cell.hours = frozenset(smallest(_texts(row["hours"]), HOURS_KEPT))
    return cell


def _record(row: Mapping[str, str]) -> Record:
    issuer = SessionIssuer(row["actor"] or None)
    identity = UserIdentity(
        type=row["identity_type"] or None,
        arn=row["caller"] or None,
        account_id=row["account"] or None,
        invoked_by=row["invoked_by"] or None,
        session_context=SessionContext(issuer, row["source_identity"] or None),
    )
    return Record(
        event_time=row["first_seen"],
        event_source=row["source"],
        event_name=row["name"],
        aws_region=row["region"],
        event_id=_event_id(row),
        user_identity=identity,
        recipient_account_id=row["recipient"] or None,
        event_type=row["event_type"] or None,
        event_category=row["category"] or None,
        error_code=row["error_code"] or None,
        error_message=_raw_text(row["error_message"]),
        request_parameters=_raw(row["request"]),
        response_elements=_raw(row["response"]),
        resources=_resources(row["resources"]),
    )


def _event_id(row: Mapping[str, str]) -> str | None:
    """Of a call that changed logging; a row of such calls without an ID has their time in its place."""
    told = row["tampering"]
    return told if told != row["first_seen"] else None


def _texts(text: str) -> list[str]:
    return (_TEXTS.decode(text) if text else None) or []


def _raw(text: str) -> msgspec.Raw:
    return msgspec.Raw(text.encode("utf-8", "replace")) if text else NOTHING


def _raw_text(text: str) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(text)) if text else NOTHING


def _resources(text: str) -> msgspec.Raw:
    """``[[arn, type, account], …]`` as CloudTrail writes it."""
    entries = (_RESOURCES.decode(text) if text else None) or []
    written = [{"ARN": arn, "type": type_, "accountId": account} for arn, type_, account in entries]
    return msgspec.Raw(msgspec.json.encode(written)) if written else NOTHING
