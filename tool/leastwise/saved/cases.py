"""The cases that test a query: records as CloudTrail writes them, and the rows that they must give.

A case is one JSON file in ``queries/NAME.test/``::

    {"why": "...", "principals": ["arn:..."], "records": [{"eventName": ...}], "rows": [{"eventname": ...}]}

A row names the columns that matter to the case; each row of the answer must be one of them, in any order.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from leastwise.errors import DeclarationError, Problem
from leastwise.model.window import Window

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from leastwise.saved.results import Row

ENROLLED = "arn:aws:iam::111122223333:role/enrolled"
"""Who is enrolled where a case does not say."""


class _File(msgspec.Struct, forbid_unknown_fields=True):
    records: list[dict[str, Any]]
    rows: list[dict[str, str | int | bool | None]]
    why: str = ""
    principals: tuple[str, ...] = (ENROLLED,)


@dataclass(frozen=True, slots=True)
class Case:
    """One case.  ``records`` are JSON texts; ``rows`` are column -> text, with NULL as empty text."""

    path: str
    records: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]
    principals: tuple[str, ...]
    window: Window


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is missing from an answer, or one too many in it: column -> text."""

    is_missing: bool
    row: Mapping[str, str]


def read_case(path: str, text: bytes) -> Case:
    """One file.  Raises ``DeclarationError``."""
    try:
        content = msgspec.json.decode(text, type=_File)
        times = [_time(record) for record in content.records]
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError, RecursionError) as error:
        expected = 'a case: {"records": [...], "rows": [...]} (docs/queries.md)'
        raise DeclarationError([Problem(path, 1, 1, expected, str(error))]) from error
    if not times:
        raise DeclarationError([Problem(path, 1, 1, "at least one record", "none")])
    return Case(
        path=path,
        records=tuple(msgspec.json.encode(record).decode() for record in content.records),
        rows=tuple({name.lower(): _text(value) for name, value in row.items()} for row in content.rows),
        principals=content.principals,
        window=Window(min(times), max(times) + timedelta(seconds=1)),
    )


def differences(case: Case, columns: Row, rows: Sequence[Row]) -> list[Difference]:
    """What is missing from an answer, then what is too much in it.

    Raises ``DeclarationError`` where the case names a column that the answer has not.
    """
    names = [column.lower() for column in columns]
    strange = sorted({name for row in case.rows for name in row} - set(names))
    if strange:
        expected = f"columns of the query: {', '.join(columns)}"
        raise DeclarationError([Problem(case.path, 1, 1, expected, ", ".join(strange))])
    left = [dict(zip(names, row, strict=True)) for row in rows]
    missing = []
    for wanted in case.rows:
        fitting = next((row for row in left if wanted.items() <= row.items()), None)
        if fitting is None:
            missing.append(wanted)
        else:
            left.remove(fitting)
    return [
        *(Difference(is_missing=True, row=row) for row in missing),
        *(Difference(is_missing=False, row=row) for row in left),
    ]


def _time(record: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(str(record.get("eventTime", "")).strip()).astimezone(UTC)


def _text(value: str | int | bool | None) -> str:  # noqa: FBT001  a value of JSON
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
