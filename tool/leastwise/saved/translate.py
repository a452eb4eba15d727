"""Trino's SQL -> DuckDB's: by sqlglot, and a few rules for what it leaves as it is or gives a new meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp

from leastwise.saved.columns import TABLE
from leastwise.saved.rules import LISTS
from leastwise.saved.source import PARAMETERS, placeholder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from leastwise.saved.query import SavedQuery

_ENTRY = "entry"


def embedded(query: SavedQuery, given: Mapping[str, Sequence[str]]) -> str:
    """The query for the embedded engine; ``given`` has for each parameter its value, or values, as SQL."""
    tree = query.tree.copy()
    bounds = [_literal(one) for name in ("from", "to") for one in given[name]]
    for table in list(tree.find_all(exp.Table)):
        if table.name.lower() == TABLE:
            table.replace(_bounded(table, *bounds))
    names = {placeholder(name): given[name] for name in PARAMETERS}
    for node in list(tree.find_all(exp.Placeholder)):
        literals = [_literal(one) for one in names[node.name]]
        if isinstance(node.parent, LISTS) and node.arg_key == "expressions":
            listed = node.parent.expressions
            node.parent.set(
                "expressions", [one for old in listed for one in (literals if old is node else [old])]
            )
        else:
            node.replace(literals[0])
    return to_duckdb(tree)


def to_duckdb(tree: exp.Expr) -> str:
    """A statement of Trino's, which is changed, as DuckDB writes it.

    The same answer where DuckDB has the functions; where it has not, DuckDB says so.
    """
    return tree.transform(_translated, copy=False).sql("duckdb")


def _bounded(table: exp.Table, start: exp.Expr, end: exp.Expr) -> exp.Expr:
    time = exp.column("eventtime")
    inside = (
        exp.select("*")
        .from_(TABLE)
        .where(exp.GTE(this=time, expression=start.copy()), exp.LT(this=time.copy(), expression=end.copy()))
    )
    alias = table.args.get("alias") or exp.TableAlias(this=exp.to_identifier(TABLE))
    return exp.Subquery(this=inside, alias=alias.copy())


def _literal(sql: str) -> exp.Expr:
    return sqlglot.parse_one(sql, read="trino")


def _translated(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Anonymous) and node.name.upper() in _FUNCTIONS:
        return _FUNCTIONS[node.name.upper()](*node.expressions)
    if isinstance(node, exp.JSONExtractScalar):
        return _scalar(node)
    return node


def _scalar(node: exp.JSONExtractScalar) -> exp.Expr:
    """Trino gives NULL for an object or a list, DuckDB its text."""
    text, path = (part.sql("duckdb") for part in (node.this, node.expression))
    is_whole = f"json_type({text}, {path}) IN ('OBJECT', 'ARRAY')"
    return _duck(f"CASE WHEN {is_whole} THEN NULL ELSE json_extract_string({text}, {path}) END")


def _map_agg(key: exp.Expr, value: exp.Expr) -> exp.Expr:
    return _duck(f"map_from_entries(list(row({key.sql('duckdb')}, {value.sql('duckdb')})))")


def _transform_values(members: exp.Expr, change: exp.Expr) -> exp.Expr:
    """By way of a map's entries."""
    key, value = (parameter.name for parameter in change.expressions)
    entry = {key: f"{_ENTRY}.key", value: f"{_ENTRY}.value"}
    body = change.this.transform(
        lambda part: (
            _duck(entry[part.name])
            if isinstance(part, exp.Column | exp.Identifier) and part.name in entry
            else part
        )
    )
    return _duck(
        f"map_from_entries(list_transform(map_entries({members.sql('duckdb')}), "
        f"lambda {_ENTRY} : row({_ENTRY}.key, {body.sql('duckdb')})))"
    )


def _any_match(items: exp.Expr, test: exp.Expr) -> exp.Expr:
    return _duck(f"len(list_filter({items.sql('duckdb')}, {test.sql('duckdb')})) > 0")


def _all_match(items: exp.Expr, test: exp.Expr) -> exp.Expr:
    return _duck(
        f"len(list_filter({items.sql('duckdb')}, {test.sql('duckdb')})) = len({items.sql('duckdb')})"
    )


def _none_match(items: exp.Expr, test: exp.Expr) -> exp.Expr:
    return _duck(f"len(list_filter({items.sql('duckdb')}, {test.sql('duckdb')})) = 0")


def _duck(sql: str) -> exp.Expr:
    return sqlglot.parse_one(sql, read="duckdb")


_FUNCTIONS: Mapping[str, Callable[..., exp.Expr]] = {
    "ALL_MATCH": _all_match,
    "ANY_MATCH": _any_match,
    "MAP_AGG": _map_agg,
    "NONE_MATCH": _none_match,
    "TRANSFORM_VALUES": _transform_values,
}
"""Functions that DuckDB lacks."""
