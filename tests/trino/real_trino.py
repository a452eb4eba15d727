"""A real Trino in a process of its own, with the two documented tables in memory."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

HEAP = "-Xmx2g"
_LITERAL_OR_PARAMETER = re.compile(r"'(?:[^']|'')*'|\?")
CHUNK = 200_000
"""Characters of one INSERT."""
_TEXTS = (
    "eventSource", "eventName", "awsRegion", "errorCode", "errorMessage", "eventID", "eventType",
    "recipientAccountId", "eventCategory", "sourceIPAddress", "userAgent",
)  # fmt: skip
_ISSUER = ("type", "arn", "accountid", "username")
_IDENTITY = ("type", "principalid", "arn", "accountid", "invokedby", "accesskeyid", "username")
_ATTRIBUTES = ("mfaauthenticated",)
_NAMES = {
    "accountid": "accountId",
    "username": "userName",
    "principalid": "principalId",
    "invokedby": "invokedBy",
    "accesskeyid": "accessKeyId",
    "mfaauthenticated": "mfaAuthenticated",
}


def quoted(text: str) -> str:
    """A literal of Trino's."""
    return "'" + text.replace("'", "''") + "'"


class RealTrino:
    """See ``tests.fakes.trino_embedded.Embedded``: the same questions, answered by Trino itself."""

    def __init__(self, classpath: str, errors: Path) -> None:
        source = Path(__file__).with_name("Engine.java")
        self._errors = errors.open("w", encoding="utf-8")
        self._process = subprocess.Popen(
            ["java", HEAP, "-cp", classpath, str(source)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            encoding="utf-8",
        )
        self._tables_made: list[str] = []
        self._tables: dict[str, str] = {}
        """The name that a statement uses -> the table: this engine cannot drop one, or make a schema."""

    def close(self) -> None:
        """Let it end: it ends by itself when nobody asks any more."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.close()

    def run(self, sql: str, parameters: Sequence[str] = ()) -> tuple[list[str], list[list[str | None]]]:
        """Column names and rows; ``parameters`` are SQL literals."""
        values = iter(parameters)
        bound = _LITERAL_OR_PARAMETER.sub(lambda part: next(values) if part[0] == "?" else part[0], sql)
        assert next(values, None) is None, "a parameter without a question mark"
        for name, table in self._tables.items():
            bound = bound.replace(f"FROM {name}", f"FROM {table}")
        told = self._ask(bound)
        return told["names"], told["rows"]

    def load_lake(self, table: str, records: Iterable[Mapping[str, Any]]) -> None:
        """The table of an event data store."""
        self._load(f'"{table}"', _lake_columns(), records)

    def load_federated(self, database: str, table: str, records: Iterable[Mapping[str, Any]]) -> None:
        """The table that Athena shows of a federated event data store."""
        self._load(f'"{database}"."{table}"', _lake_columns(), records)

    def load_trail(self, database: str, table: str, records: Iterable[Mapping[str, Any]]) -> None:
        """The documented table over log files; each record was delivered on its own day."""
        columns = {
            "eventtime": "json_extract_scalar(record, '$.eventTime')",
            "requestparameters": _text_of_object("requestParameters"),
            "responseelements": _text_of_object("responseElements"),
            "additionaleventdata": _text_of_object("additionalEventData"),
            "readonly": "json_extract_scalar(record, '$.readOnly')",
            '"timestamp"': "replace(substr(json_extract_scalar(record, '$.eventTime'), 1, 10), '-', '/')",
            **_common(),
        }
        self._load(f'"{database}"."{table}"', columns, records)

    def _load(self, name: str, columns: Mapping[str, str], records: Iterable[Mapping[str, Any]]) -> None:
        """First the texts as they are: Trino plans expressions over long lists of constants slowly."""
        number = len(self._tables_made)
        raw, table = f"raw_{number}", f"loaded_{number}"
        self._tables_made.append(table)
        self._tables[name] = table
        verb = f"CREATE TABLE {raw} AS"
        for chunk in _chunks(records):
            rows = f"SELECT CAST(given AS varchar) AS record FROM (VALUES {chunk}) AS t (given)"
            self._ask(f"{verb} {rows}")
            verb = f"INSERT INTO {raw}"
        chosen = ", ".join(f"{expression} AS {column}" for column, expression in columns.items())
        typed = f"SELECT {chosen} FROM {raw} WHERE record IS NOT NULL"
        self._ask(f"CREATE TABLE {table} AS {typed}")

    def _ask(self, sql: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(sql) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"Trino ended; its words are in {self._errors.name}"
        told: dict[str, Any] = json.loads(line)
        assert "error" not in told, f"{told['error']}\n{sql:.2000}"
        return told


def _chunks(records: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Rows of VALUES, so many that a statement does not get too long; one of none makes a table of none."""
    rows: list[str] = []
    for record in records:
        rows.append(f"({quoted(json.dumps(record))})")
        if sum(map(len, rows)) > CHUNK:
            yield ", ".join(rows)
            rows = []
    yield ", ".join(rows) or "(CAST(NULL AS varchar))"


def _lake_columns() -> dict[str, str]:
    moment = "CAST(from_iso8601_timestamp(json_extract_scalar(record, '$.eventTime')) AS timestamp(3))"
    booleans = {
        name.lower(): f"CAST(json_extract_scalar(record, '$.{name}') AS boolean)"
        for name in ("readOnly", "managementEvent")
    }
    return {"eventtime": moment, "eventjson": "record", **booleans, **_common()}


def _common() -> dict[str, str]:
    issuer = _row("userIdentity.sessionContext.sessionIssuer", _ISSUER)
    identity_fields = [f"json_extract_scalar(record, '$.userIdentity.{_name(field)}')" for field in _IDENTITY]
    source = "json_extract_scalar(record, '$.userIdentity.sessionContext.sourceIdentity')"
    attributes = _row("userIdentity.sessionContext.attributes", _ATTRIBUTES)
    members = f"attributes {_row_type(_ATTRIBUTES)}, sessionissuer {_row_type(_ISSUER)}"
    context_type = f"row({members}, sourceidentity varchar)"
    identity_type = ", ".join(f"{field} varchar" for field in _IDENTITY)
    identity = (
        f"CAST(ROW({', '.join(identity_fields)}, "
        f"CAST(ROW({attributes}, {issuer}, {source}) AS {context_type})) "
        f"AS row({identity_type}, sessioncontext {context_type}))"
    )
    resource = (
        "CAST(ROW(json_extract_scalar(r, '$.accountId'), json_extract_scalar(r, '$.type'), "
        "json_extract_scalar(r, '$.ARN')) AS row(accountid varchar, type varchar, arn varchar))"
    )
    return {
        **{name.lower(): f"json_extract_scalar(record, '$.{name}')" for name in _TEXTS},
        "useridentity": identity,
        "resources": f"transform(CAST(json_extract(record, '$.resources') AS array(json)), r -> {resource})",
    }


def _row(path: str, fields: Sequence[str]) -> str:
    values = ", ".join(f"json_extract_scalar(record, '$.{path}.{_name(field)}')" for field in fields)
    return f"CAST(ROW({values}) AS {_row_type(fields)})"


def _row_type(fields: Sequence[str]) -> str:
    return f"row({', '.join(f'{field} varchar' for field in fields)})"


def _name(field: str) -> str:
    return _NAMES.get(field, field)


def _text_of_object(member: str) -> str:
    """JSON text as the table's reader gives it; ``null`` becomes NULL."""
    return f"NULLIF(json_format(json_extract(record, '$.{member}')), 'null')"
