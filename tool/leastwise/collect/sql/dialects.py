"""What differs between the engines: the table, and how it shows a record.

Columns (2026-11-23), all below https://docs.aws.amazon.com/ ::

    CloudTrail Lake        awscloudtrail/latest/userguide/query-supported-event-schemas.html
    a trail's table        athena/latest/ug/create-cloudtrail-table-partition-projection.html
    Lake store in Athena   awscloudtrail/latest/userguide/query-federation.html
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from leastwise.collect.layout import DELIVERY_SLACK
from leastwise.sql_text import identifier, literal, store_id

if TYPE_CHECKING:
    from datetime import datetime

    from leastwise.model.window import Window

LAKE_LIMIT = 10_000
ATHENA_LIMIT = 262_144
"""Characters of one statement (botocore 1.44.5: ``QueryStatement``, ``QueryString``)."""
DAY_PARTITION = "timestamp"
"""The partition key of the documented table: the day of delivery, ``yyyy/MM/dd``."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One table of one engine, as the statement needs it.

    ``time`` is an expression for ``eventTime`` as CloudTrail writes it; ``request`` and ``response`` are JSON
    text, ``parsed`` makes JSON of one of them.  ``parameters`` are SQL literals for each ``?`` in
    ``conditions``, in order.
    """

    table: str
    limit: int
    time: str
    request: str
    response: str
    source_identity: str
    conditions: tuple[str, ...]
    parameters: tuple[str, ...] = ()


def lake(store: str, window: Window) -> Dialect:
    """An event data store, by its ID, which Lake takes as it is: not in double quotes."""
    return _lake_columns(store_id(store), LAKE_LIMIT, _between_timestamps(window))


def federated(database: str, table: str, window: Window) -> Dialect:
    """A Lake store that is federated to Athena: Lake's columns, Athena's limits."""
    name = f"{identifier(database)}.{identifier(table)}"
    return _lake_columns(name, ATHENA_LIMIT, _between_timestamps(window))


def trail_table(
    database: str, table: str, window: Window, *, by_day: bool, has_source_identity: bool
) -> Dialect:
    """The documented table over a trail's log files: parameters are JSON text, ``eventtime`` is a string.

    ``by_day``: the table is partitioned by day of delivery, so that only the window's days are read.
    ``has_source_identity``: its ``sessioncontext`` has that member, which the documented one lacks.
    """
    days = _partitions(window) if by_day else ()
    partition = f'"{DAY_PARTITION}" BETWEEN ? AND ?'
    return Dialect(
        table=f"{identifier(database)}.{identifier(table)}",
        limit=ATHENA_LIMIT,
        time="eventtime",
        request="requestparameters",
        response="responseelements",
        source_identity="useridentity.sessioncontext.sourceidentity" if has_source_identity else "''",
        conditions=(*((partition,) if days else ()), "eventtime >= ? AND eventtime < ?"),
        parameters=(*days, literal(_iso(window.start)), literal(_iso(window.end))),
    )


def _lake_columns(table: str, limit: int, condition: str) -> Dialect:
    """``requestParameters`` is a map whose nested form no document tells: ``eventJson`` has it in full."""
    return Dialect(
        table=table,
        limit=limit,
        time="date_format(eventtime, '%Y-%m-%dT%H:%i:%sZ')",
        request="json_format(json_extract(eventjson, '$.requestParameters'))",
        response="json_format(json_extract(eventjson, '$.responseElements'))",
        source_identity="useridentity.sessioncontext.sourceidentity",
        conditions=(condition,),
    )


def _between_timestamps(window: Window) -> str:
    start, end = (f"timestamp {literal(_sql_time(moment))}" for moment in (window.start, window.end))
    return f"eventtime >= {start} AND eventtime < {end}"


def _partitions(window: Window) -> tuple[str, str]:
    """The first and last day of delivery that can hold records of the window."""
    last = window.end - timedelta(microseconds=1)
    days = (window.start - DELIVERY_SLACK, last + DELIVERY_SLACK)
    first, final = (literal(day.astimezone(UTC).strftime("%Y/%m/%d")) for day in days)
    return first, final


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _sql_time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
