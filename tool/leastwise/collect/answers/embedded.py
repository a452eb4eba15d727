"""The embedded engine: DuckDB in memory, closed to files, network and extensions, over records of logs."""

from __future__ import annotations

import json
import re
import weakref
from contextlib import closing, contextmanager
from datetime import datetime
from itertools import chain, islice
from threading import Timer
from typing import TYPE_CHECKING

import duckdb

from leastwise.collect.answers.interface import Answer
from leastwise.errors import SourceError
from leastwise.saved.bind import values
from leastwise.saved.columns import COLUMNS, IDENTITY, IDENTITY_MEMBERS, JSON_NAMES, RESOURCES, TABLE
from leastwise.saved.translate import embedded
from leastwise.sql_text import literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from threading import Event

    from leastwise.model.window import Window
    from leastwise.saved.query import SavedQuery
    from leastwise.saved.results import Row

MEMORY = "2GB"
THREADS = 2
SECONDS = 300
"""How long one query may take, until its last row is read: the queries after it are to run as well."""
_ZONED = "TIMESTAMP WITH TIME ZONE"
_FETCHED = 1_000
"""Rows that are held at once."""
_LESS = "ask for a shorter time, or group and join less"
_TOO_LONG = "the query was ended after {:g} seconds: " + _LESS
_NAMED = re.compile(r"(?:column|field|[Ff]unction with name|name|near) [\"']?([A-Za-z_][A-Za-z0-9_]*)")


class Embedded:
    """One table in memory, and nothing else: no file is read, none is written."""

    def __init__(self, columns: Iterable[str], seconds: float = SECONDS) -> None:
        """``columns`` are those of ``saved.columns`` that are kept of each record."""
        self._seconds = seconds
        self._columns = sorted({"eventtime", *columns})
        self._connection = _closed_connection()
        # Threads of DuckDB that outlive Python, or the last of its objects, abort the process.
        weakref.finalize(self, self._connection.close)
        chosen = ", ".join(f"{_expression(name)} AS {name}" for name in self._columns)
        structure = literal(_structure(self._columns))
        self._taken = (
            f"SELECT {chosen} FROM (SELECT json_transform(text, {structure}) AS given "  # noqa: S608  ours
            "FROM (SELECT unnest(?::VARCHAR[]) AS text) WHERE json_valid(text))"
        )
        self._connection.execute(f"CREATE TABLE {TABLE} AS {self._taken}", [[]])
        self.records = 0
        self.unreadable = 0

    def load(self, records: Sequence[str]) -> None:
        """Take in records, each as JSON text; those that are no JSON are counted as unreadable."""
        try:
            made = self._connection.execute(f"INSERT INTO {TABLE} {self._taken}", [list(records)]).fetchone()
        except duckdb.Error as error:
            raise SourceError(_out_of_room(error)) from error
        taken = int(made[0]) if made else 0
        self.records += taken
        self.unreadable += len(records) - taken

    def answer(self, query: SavedQuery, window: Window, principals: Sequence[str]) -> Answer:
        """See ``Answers``."""
        bounds = values(window, ())
        given = {
            "from": [bounds["from"]],
            "to": [bounds["to"]],
            "principals": [literal(one) for one in sorted(set(principals))],
        }
        rows = self._rows(query, given)
        first = list(islice(rows, 1))  # so that a mistake is told here
        return Answer(tuple(query.columns), chain(first, rows))

    def _rows(self, query: SavedQuery, given: Mapping[str, Sequence[str]]) -> Iterator[Row]:
        ended = f"{query.path}: {_TOO_LONG.format(self._seconds)}"
        with closing(self._connection.cursor()) as cursor, _ended_after(self._seconds, cursor) as over:
            try:
                cursor.execute(_readable(cursor, embedded(query, given)))
                while not over.is_set() and (some := cursor.fetchmany(_FETCHED)):
                    yield from (tuple(_text(cell) for cell in row) for row in some)
            except duckdb.InterruptException as error:
                raise SourceError(ended) from error
            except duckdb.Error as error:
                raise SourceError(_complaint(query, error)) from error
            except RecursionError as error:
                raise SourceError(
                    f"{query.path}: a query nested too deeply: use WITH for its parts"
                ) from error
            if over.is_set():
                raise SourceError(ended)

    def doubt(self, window: Window) -> str:
        """See ``Answers``."""
        bounds = values(window, ())
        where = f"eventtime >= {bounds['from']} AND eventtime < {bounds['to']}"
        sql = f"SELECT 1 FROM {TABLE} WHERE {where} LIMIT 1"  # noqa: S608  ours
        if self._connection.execute(sql).fetchone() is None:
            return nothing_there(window)
        if self.unreadable:
            return f"{self.unreadable:,} files or records could not be read"
        return ""

    @property
    def scanned(self) -> int:
        """See ``Answers``: nobody bills log files."""
        return 0


def nothing_there(window: Window) -> str:
    """A source without any record of a window."""
    return (
        f"the source holds no record at all of {window.start:%Y-%m-%d %H:%M} to {window.end:%Y-%m-%d %H:%M}: "
        "nothing was logged, or it reads the wrong place"
    )


def _closed_connection() -> duckdb.DuckDBPyConnection:
    """DuckDB's own advice for foreign SQL (https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview,
    2026-11)."""
    settings: dict[str, str | bool | int | float | list[str]] = {
        "threads": THREADS,
        "memory_limit": MEMORY,
        "temp_directory": "",
        "autoload_known_extensions": "false",
        "autoinstall_known_extensions": "false",
        "python_enable_replacements": "false",
    }
    connection = duckdb.connect(":memory:", config=settings)
    connection.execute("SET GLOBAL TimeZone = 'UTC'")  # for every cursor: else it has the machine's own zone
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


_JSON_TEXTS = frozenset(
    {"requestparameters", "responseelements", "additionaleventdata", "serviceeventdetails"}
)
_RESOURCE_LIST = "STRUCT(arn VARCHAR, accountid VARCHAR, type VARCHAR)[]"


def _structure(names: Iterable[str]) -> str:
    """What is taken out of a record, as ``json_transform`` wants it: each record is parsed once."""
    wanted: dict[str, object] = {}
    for name in names:
        if name == IDENTITY:
            wanted[JSON_NAMES[name]] = _members()
        elif name == RESOURCES:
            wanted[JSON_NAMES[name]] = [{"ARN": "VARCHAR", "accountId": "VARCHAR", "type": "VARCHAR"}]
        else:
            wanted[JSON_NAMES[name]] = "JSON" if name in _JSON_TEXTS else "VARCHAR"
    return json.dumps(wanted)


def _members() -> dict[str, object]:
    """The members of ``useridentity`` as a tree with types for leaves."""
    tree: dict[str, object] = {}
    for *above, last in IDENTITY_MEMBERS.values():
        place = tree
        for part in above:
            place = place.setdefault(part, {})  # type: ignore[assignment]  # what is above is a tree
        place[last] = "VARCHAR"
    return tree


def _expression(name: str) -> str:
    """A column from ``given``, a record's members."""
    member = f"given.{JSON_NAMES[name]}"
    if name == RESOURCES:
        return f"CAST({member} AS {_RESOURCE_LIST})"
    if name in _JSON_TEXTS:
        return f"CAST(NULLIF({member}, 'null') AS VARCHAR)"
    kind = COLUMNS[name].kind
    return member if kind in ("varchar", "row") else f"TRY_CAST({member} AS {kind.upper()})"


@contextmanager
def _ended_after(seconds: float, cursor: duckdb.DuckDBPyConnection) -> Iterator[Event]:
    """Interrupt what the cursor does once the time is over; the event tells whoever it does nothing for."""
    timer = Timer(seconds, cursor.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield timer.finished
    finally:
        timer.cancel()


def _readable(cursor: duckdb.DuckDBPyConnection, sql: str) -> str:
    """The statement with times that have a zone as Athena writes them: DuckDB needs pytz to give them out.

    What it answers with is asked first, which plans the statement and runs nothing.
    """
    columns = [(f'"{name}"', kind) for name, kind, *_ in cursor.execute(f"DESCRIBE {sql}").fetchall()]
    if not any(_ZONED in kind for _, kind in columns):
        return sql
    shown = ", ".join(
        f"strftime({name} AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M:%S.%g UTC') AS {name}"
        if kind == _ZONED
        else f"CAST({name} AS VARCHAR) AS {name}"
        if _ZONED in kind
        else name
        for name, kind in columns
    )
    return f"SELECT {shown} FROM ({sql})"  # noqa: S608  what the query's own names are was checked


def _text(cell: object) -> str:
    """A cell as Athena writes it; lists and structures as JSON."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%S.") + f"{cell.microsecond // 1000:03d}"
    if isinstance(cell, bytes):
        return cell.hex(" ")
    return json.dumps(cell, default=str) if isinstance(cell, list | dict) else str(cell)


def _complaint(query: SavedQuery, error: duckdb.Error) -> str:
    """DuckDB's words, at the place of the name they are about where the file has that name."""
    if isinstance(error, duckdb.OutOfMemoryException):
        return f"{query.path}: the query needs more than {MEMORY} of memory: {_LESS}"
    words = str(error).partition("\n")[0]
    named = _NAMED.search(words)
    found = re.search(rf"\b{re.escape(named[1])}\b", query.source.sql, re.IGNORECASE) if named else None
    problem = query.source.problem(found.start() if found else 0, "", "")
    return f"{query.path}:{problem.line}:{problem.column}: the embedded engine says: {words}"


def _out_of_room(error: duckdb.Error) -> str:
    if isinstance(error, duckdb.OutOfMemoryException):
        return f"the records do not fit {MEMORY} of memory: ask for a shorter time with --from and --to"
    return f"the embedded engine says: {str(error).partition(chr(10))[0]}"
