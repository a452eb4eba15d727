"""Trino's SQL on an embedded engine: DuckDB, the statement translated as saved queries are.

Records go into the two documented tables as the services show them: CloudTrail Lake with typed columns and
the whole record in ``eventjson``, a trail's table with parameters as JSON text and a partition by day.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp

from leastwise.saved.translate import to_duckdb

Json = Mapping[str, Any]

_IDENTITY = {
    "type": "VARCHAR",
    "principalId": "VARCHAR",
    "arn": "VARCHAR",
    "accountId": "VARCHAR",
    "accessKeyId": "VARCHAR",
    "userName": "VARCHAR",
    "invokedBy": "VARCHAR",
    "sessionContext": {
        "attributes": {"mfaAuthenticated": "VARCHAR"},
        "sessionIssuer": {"type": "VARCHAR", "arn": "VARCHAR", "accountId": "VARCHAR", "userName": "VARCHAR"},
        "sourceIdentity": "VARCHAR",
    },
}
_RESOURCE = {"accountId": "VARCHAR", "type": "VARCHAR", "ARN": "VARCHAR"}
_TEXTS = (
    "eventSource", "eventName", "awsRegion", "errorCode", "errorMessage", "eventID", "eventType",
    "recipientAccountId", "eventCategory", "sourceIPAddress", "userAgent",
)  # fmt: skip


class Embedded:
    """An engine in memory that runs Trino statements."""

    def __init__(self) -> None:
        self._connection = duckdb.connect(":memory:", config={"threads": 1})
        self._connection.execute("SET TimeZone = 'UTC'")
        self._connection.execute("SET enable_progress_bar = false")
        self._answers: dict[tuple[str, ...], tuple[list[str], list[list[str | None]]]] = {}

    def load_lake(self, table: str, records: Iterable[Json]) -> None:
        """The table of an event data store."""
        self._load(f'"{table}"', self._lake(), records)

    def load_federated(self, database: str, table: str, records: Iterable[Json]) -> None:
        """The table that Athena shows of a federated event data store."""
        self._connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{database}"')
        self._load(f'"{database}"."{table}"', self._lake(), records)

    def load_trail(self, database: str, table: str, records: Iterable[Json]) -> None:
        """The documented table over log files; each record was delivered on its own day."""
        columns = [
            "record->>'eventTime' AS eventtime",
            "CAST(NULLIF(record->'requestParameters', 'null') AS VARCHAR) AS requestparameters",
            "CAST(NULLIF(record->'responseElements', 'null') AS VARCHAR) AS responseelements",
            "CAST(NULLIF(record->'additionalEventData', 'null') AS VARCHAR) AS additionaleventdata",
            "record->>'readOnly' AS readonly",
            "replace(substr(record->>'eventTime', 1, 10), '-', '/') AS \"timestamp\"",
            *self._common(),
        ]
        self._connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{database}"')
        self._load(f'"{database}"."{table}"', columns, records)

    def run(self, sql: str, parameters: Sequence[str] = ()) -> tuple[list[str], list[list[str | None]]]:
        """Column names and rows; ``parameters`` are SQL literals.  The same question is computed once."""
        question = (sql, *parameters)
        if question not in self._answers:
            self._answers[question] = self._computed(sql, parameters)
        return self._answers[question]

    def _computed(self, sql: str, parameters: Sequence[str]) -> tuple[list[str], list[list[str | None]]]:
        found = self._connection.execute(_translated(sql, tuple(parameters)))
        names = [column[0] for column in found.description]
        return names, [[None if cell is None else str(cell) for cell in row] for row in found.fetchall()]

    def _lake(self) -> list[str]:
        return [
            "CAST(record->>'eventTime' AS TIMESTAMP) AS eventtime",
            "CAST(record AS VARCHAR) AS eventjson",
            "CAST(record->>'readOnly' AS BOOLEAN) AS readonly",
            "CAST(record->>'managementEvent' AS BOOLEAN) AS managementevent",
            *self._common(),
        ]

    def _common(self) -> list[str]:
        texts = [f"record->>'{name}' AS {name.lower()}" for name in _TEXTS]
        return [
            *texts,
            f"from_json(record->'userIdentity', '{json.dumps(_IDENTITY)}') AS useridentity",
            f"from_json(record->'resources', '{json.dumps([_RESOURCE])}') AS resources",
        ]

    def _load(self, table: str, columns: list[str], records: Iterable[Json]) -> None:
        self._connection.execute("CREATE OR REPLACE TEMP TABLE raw (record JSON)")
        self._answers.clear()
        texts = [json.dumps(record) for record in records]
        self._connection.execute("INSERT INTO raw SELECT unnest(?::VARCHAR[])", [texts])
        made = f"CREATE OR REPLACE TABLE {table} AS SELECT {', '.join(columns)} FROM raw"
        self._connection.execute(made)


@cache
def _translated(sql: str, parameters: tuple[str, ...]) -> str:
    """The statement as DuckDB writes it, with the parameters in place of each ``?``."""
    values = iter(parameters)
    tree = sqlglot.parse_one(sql, read="trino").transform(
        lambda node: (
            exp.Literal.string(_text_of(next(values))) if isinstance(node, exp.Placeholder) else node
        ),
        copy=False,
    )
    return to_duckdb(tree)


def _text_of(literal: str) -> str:
    """What a SQL literal says; a parameter that is none is an error of the caller."""
    parsed = sqlglot.parse_one(literal, read="trino")
    assert isinstance(parsed, exp.Literal), literal
    return str(parsed.this)
