"""An Athena table answers saved queries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from leastwise.aws.athena import Statement
from leastwise.collect.athena import dialect_of, existing_table, token_of, usable_workgroup
from leastwise.collect.athena_outcome import Limits, reported
from leastwise.collect.sql.dialects import ATHENA_LIMIT
from leastwise.collect.sql.statement import Query
from leastwise.saved.bind import TableInUse
from leastwise.saved.columns import IDENTITY, IDENTITY_MEMBERS, Shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leastwise.aws.athena import Athena, Table
    from leastwise.collect.sql.queries import Report, Row
    from leastwise.model.declared import AthenaSource
    from leastwise.model.window import Window


class AthenaServer:
    """See ``Server``."""

    limit = ATHENA_LIMIT

    def __init__(self, source: AthenaSource, athena: Athena, run: str) -> None:
        """``run`` tells this run's queries from those of other runs: Athena finds a question again."""
        self._source = source
        self._athena = athena
        self._run = run
        self._known: Table | None = None
        self._limits: Limits | None = None

    def table(self, window: Window) -> TableInUse:
        """See ``Server``.  Raises ``SourceError`` where there is no such table, or no place for results."""
        source = self._source
        if self._known is None:
            self._limits = self._allowed()
            self._known = existing_table(source, self._athena)
        dialect = dialect_of(source, self._known, window)
        shape = Shape(source.table_shape)
        return TableInUse(
            words=f"Athena table {source.database}.{source.table} of source {source.name}",
            name=dialect.table,
            shape=shape,
            conditions=_with_values(dialect.conditions, dialect.parameters),
            columns=frozenset(self._known.columns),
            members=members_of(self._known.columns.get(IDENTITY, "")),
        )

    def start(self, sql: str) -> str | None:
        """See ``Server``."""
        source = self._source
        token = token_of(source, Query(f"{sql}\n-- {self._run}"), None, 1)
        return self._athena.start(Statement(sql, (), token, source.database, source.workgroup, source.output))

    def report(self, query: str) -> Report:
        """See ``Server``."""
        limits = self._limits or self._allowed()
        return reported(self._athena.describe(query), self._source, limits, divisible=False)

    def rows(self, query: str) -> Iterator[Row]:
        """See ``Server``."""
        return self._athena.rows(query)

    def cancel(self, query: str) -> None:
        """See ``Server``."""
        self._athena.stop(query)

    def _allowed(self) -> Limits:
        """What the workgroup lets one query scan: a query that a person wrote is never cut in parts."""
        return Limits(usable_workgroup(self._source, self._athena), most_bytes=None, by_day=False)


def members_of(kind: str) -> frozenset[str]:
    """Which of ``IDENTITY_MEMBERS`` a Hive type has: ``struct<type:string,sessioncontext:struct<...>>``.

    A type that is not understood has none.
    """
    try:
        root = sqlglot.parse_one(kind, into=exp.DataType, read="hive")
    except SqlglotError:
        return frozenset()
    return frozenset(path for path in IDENTITY_MEMBERS if _has(root, path.split(".")))


def _has(kind: exp.Expr | None, path: list[str]) -> bool:
    if not path:
        return True
    if not isinstance(kind, exp.DataType):
        return False
    inner = next((part for part in kind.expressions if part.name.lower() == path[0]), None)
    return inner is not None and _has(inner.args.get("kind"), path[1:])


def _with_values(conditions: tuple[str, ...], parameters: tuple[str, ...]) -> tuple[str, ...]:
    """Conditions with the literals in place of their ``?``."""
    given = iter(parameters)
    return tuple(
        "".join(
            part + (next(given) if index < one.count("?") else "")
            for index, part in enumerate(one.split("?"))
        )
        for one in conditions
    )
