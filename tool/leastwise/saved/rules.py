"""What a saved query may do: read ``cloudtrail``, within ``{{from}}`` and ``{{to}}``, and nothing else.

What is allowed is listed, what is not listed is refused, before anything is sent to an engine.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import TYPE_CHECKING

from sqlglot import exp

from leastwise.errors import DeclarationError, Problem
from leastwise.saved.columns import COLUMNS, IDENTITY, IDENTITY_MEMBERS, RESOURCES, TABLE
from leastwise.saved.lineage import shown_in_part
from leastwise.saved.source import PARAMETERS, placeholder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from leastwise.saved.source import Source

_WRITES = (exp.DML, exp.DDL, exp.Command, exp.Into, exp.Lock, exp.Alter, exp.Set, exp.Copy, exp.Pragma)
_SOURCES = (exp.Table, exp.Subquery, exp.Unnest, exp.Values, exp.Lateral)
_FLEETING: Mapping[type[exp.Expr], str] = MappingProxyType(
    {
        exp.CurrentTimestamp: "now|current_timestamp",
        exp.CurrentDate: "current_date",
        exp.CurrentTime: "current_time",
        exp.Localtime: "localtime",
        exp.Localtimestamp: "localtimestamp",
        exp.Rand: "random|rand",
        exp.Shuffle: "shuffle",
        exp.Uuid: "uuid",
    }
)
"""What is refused -> how it is written."""
_STEPS = (exp.JSONPathKey, exp.JSONPathSubscript)
LISTS = (exp.In, exp.Array)
"""Where ``{{principals}}`` may stand: it is any number of values."""


@dataclass(frozen=True, slots=True)
class TableUse:
    """One ``FROM cloudtrail``: where the word stands; ``named``: an alias follows."""

    start: int
    end: int
    named: bool


@dataclass(frozen=True, slots=True)
class ColumnUse:
    """A column of ``cloudtrail`` that is read, and where it stands first.

    ``name`` is that of ``COLUMNS``; for a member of ``useridentity`` its whole path.
    """

    name: str
    offset: int


@dataclass(frozen=True, slots=True)
class Uses:
    """What a query reads."""

    tables: tuple[TableUse, ...]
    columns: tuple[ColumnUse, ...]

    @property
    def names(self) -> frozenset[str]:
        """The columns, without members."""
        return frozenset(use.name.partition(".")[0] for use in self.columns)


def check(source: Source, tree: exp.Expr, *, shows_people: bool) -> Uses:
    """What the query reads.  Raises ``DeclarationError`` with everything that it must not do."""
    problems = [*_writing(source, tree), *_foreign(source, tree)]
    if problems:
        raise DeclarationError(problems)
    names = _Names.of(tree)
    read = list(_chains(tree))
    problems = [*_unbound(source, tree)]
    problems += [problem for chain in read for problem in names.mistakes(source, chain)]
    problems += [*_stars(source, tree), *_unnamed(source, tree), *_unnested(source, tree)]
    problems += [*_paths(source, tree), *_fleeting(source, tree)]
    uses = Uses(tuple(_tables(tree)), tuple(_columns(tree, read)))
    if not uses.tables:
        problems.append(source.problem(0, f"a query of the table {TABLE}", "none"))
    if not problems and not shows_people:
        problems += _of_people(source, tree)
    if problems:
        raise DeclarationError(problems)
    return uses


def _of_people(source: Source, tree: exp.Expr) -> Iterator[Problem]:
    """Columns that may show a part of a name, which nothing in a cell would know for one."""
    what = "the header line `-- people: shown` in a query that shows what names of people are made of"
    for node in shown_in_part(tree):
        yield source.problem(offset_of(node), what, node.sql("trino")[:60])


def offset_of(node: exp.Expr | None) -> int:
    """Where a node begins, by the first name in it that has a place; 0 where none has."""
    if node is None:
        return 0
    starts = [one.meta["start"] for one in node.find_all(exp.Identifier) if "start" in one.meta]
    return min(starts, default=0)


def _writing(source: Source, tree: exp.Expr) -> Iterator[Problem]:
    what = "a statement that only reads"
    if not isinstance(tree, exp.Query):
        yield source.problem(0, what, tree.sql("trino")[:40])
    for node in tree.find_all(*_WRITES):
        yield source.problem(offset_of(node), what, type(node).__name__.upper())
    for cte in tree.find_all(exp.CTE):
        if not isinstance(cte.this, exp.Query | exp.Values):
            yield source.problem(offset_of(cte), "WITH ... AS (SELECT ...)", cte.this.sql("trino")[:40])


def _foreign(source: Source, tree: exp.Expr) -> Iterator[Problem]:
    """Tables of others, files, and functions in the place of a table."""
    what = f"the table {TABLE}, or a name that WITH gives"
    for pattern in tree.find_all(exp.Columns):
        yield source.problem(offset_of(pattern), "the names of the columns", pattern.sql("trino")[:60])
    for cte in tree.find_all(exp.CTE):
        if cte.alias.lower() == TABLE:
            yield source.problem(offset_of(cte.args["alias"]), f"another name than {TABLE} in WITH", TABLE)
    for table in tree.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier) or table.db or table.catalog:
            yield source.problem(offset_of(table), what, table.sql("trino")[:60])
        elif table.name.lower() != TABLE and not _is_given(table):
            yield source.problem(offset_of(table), what, table.name)
    for node in tree.find_all(exp.From, exp.Join, exp.Lateral):
        inner = node.this
        if not isinstance(inner, _SOURCES):
            yield source.problem(offset_of(node), what, inner.sql("trino")[:60])


def _is_given(table: exp.Table) -> bool:
    """Whether WITH gives the name where it is used: elsewhere it would be a real table's.

    A part of WITH sees the parts before it, and itself only where it is RECURSIVE.
    """
    name = table.name.lower()
    child: exp.Expr = table
    while (node := child.parent) is not None:
        seen: list[exp.Expr] = []
        if isinstance(node, exp.With):
            index = next(index for index, one in enumerate(node.expressions) if one is child)
            seen = node.expressions[: index + bool(node.args.get("recursive"))]
        elif not isinstance(child, exp.With) and (given := node.args.get("with_")):
            seen = given.expressions
        if any(one.alias.lower() == name for one in seen):
            return True
        child = node
    return False


def _unbound(source: Source, tree: exp.Expr) -> Iterator[Problem]:
    """Parameters that stand where no value can, and bounds that are missing."""
    placed = [node.name for node in tree.find_all(exp.Placeholder)]
    known = {placeholder(name): name for name in PARAMETERS}
    for parameter in source.parameters:
        if placed.count(placeholder(parameter.name)) != sum(
            one.name == parameter.name for one in source.parameters
        ):
            what = "a parameter where a value may stand, with blanks or operators around it"
            yield source.problem(parameter.start, what, f"{{{{{parameter.name}}}}}")
    for node in tree.find_all(exp.Placeholder):
        is_listed = isinstance(node.parent, LISTS) and node.arg_key == "expressions"
        if known.get(node.name) == "principals" and not is_listed:
            start = next(one.start for one in source.parameters if one.name == "principals")
            yield source.problem(
                start,
                "{{principals}} in a list: x IN ({{principals}}) or ARRAY[{{principals}}]",
                "it elsewhere",
            )
    for name in ("from", "to"):
        if placeholder(name) not in placed:
            what = "eventtime >= {{from}} AND eventtime < {{to}}: what is asked is bounded and billed by time"
            yield source.problem(0, what, f"no {{{{{name}}}}}")


Chain = tuple[list[str], int]
"""The parts of a name in lower case (``c.useridentity.arn``), and where it begins."""


def _chains(tree: exp.Expr) -> Iterator[Chain]:
    for node in tree.find_all(exp.Column, exp.Dot):
        if isinstance(node.parent, exp.Dot) and node.parent.this is node:
            continue
        base: exp.Expr = node
        members: list[str] = []
        while isinstance(base, exp.Dot):
            members.insert(0, base.expression.name.lower())
            base = base.this
        if isinstance(base, exp.Column) and not isinstance(base.this, exp.Star):
            yield [*(part.name.lower() for part in base.parts), *members], offset_of(base)


@dataclass(frozen=True, slots=True)
class _Names:
    """Every name that a query itself gives, and those it gives to ``cloudtrail``."""

    given: frozenset[str]
    tables: frozenset[str]

    @classmethod
    def of(cls, tree: exp.Expr) -> _Names:
        given = {alias.alias.lower() for alias in tree.find_all(exp.Alias)}
        for alias in tree.find_all(exp.TableAlias):
            given |= {alias.name.lower(), *(column.name.lower() for column in alias.columns)}
        for function in tree.find_all(exp.Lambda):
            given |= {parameter.name.lower() for parameter in function.expressions}
        unnested = {
            offset.name.lower() for node in tree.find_all(exp.Unnest) if (offset := node.args.get("offset"))
        }
        named = [table for table in tree.find_all(exp.Table) if table.name.lower() == TABLE]
        tables = {(table.alias or TABLE).lower() for table in named}
        return cls(frozenset(given | unnested), frozenset(tables))

    def mistakes(self, source: Source, chain: Chain) -> Iterator[Problem]:
        names, offset = chain
        own = names[1:] if len(names) > 1 and names[0] in self.tables else names
        if own is not names and own[0] not in COLUMNS:
            yield _unknown(source, own[0], offset, COLUMNS)
        elif names[0] not in {*COLUMNS, *self.given, *self.tables}:
            yield _unknown(source, names[0], offset, {*COLUMNS, *self.given})
        elif own[0] == IDENTITY and own[0] not in self.given:
            path = ".".join(own[1:])
            if path not in IDENTITY_MEMBERS:
                what = "a member that every engine shows alike, such as useridentity.arn (docs/queries.md)"
                yield source.problem(offset, what, ".".join(own))


def _unknown(source: Source, name: str, offset: int, known: Iterable[str]) -> Problem:
    near = get_close_matches(name, sorted(known), 1)
    what = f"a column of {TABLE}" + (f": {near[0]}?" if near else ", listed in docs/queries.md")
    return source.problem(offset, what, name)


def _stars(source: Source, tree: exp.Expr) -> Iterator[Problem]:
    """``SELECT *`` of ``cloudtrail`` itself would be another list of columns on each engine."""
    for select in tree.find_all(exp.Select):
        sources = [select.args.get("from_"), *select.args.get("joins", ())]
        tables = [node.this for node in sources if node is not None and isinstance(node.this, exp.Table)]
        whole = [one for one in select.expressions if one.is_star]
        if whole and any(table.name.lower() == TABLE for table in tables):
            yield source.problem(offset_of(tables[0]), f"the names of the columns to read of {TABLE}", "*")


def _unnamed(source: Source, tree: exp.Expr) -> Iterator[Problem]:
    """Each column of the answer has a name of its own: it becomes a column of a table and of a file."""
    if not isinstance(tree, exp.Query):
        return  # refused before
    names = [name.lower() for name in tree.named_selects]
    for index, name in enumerate(names):
        node = tree.selects[index] if index < len(tree.selects) else None
        if not name:
            shown = node.sql("trino")[:40] if node is not None else "none"
            yield source.problem(offset_of(node), "a name for each column: count(*) AS calls", shown)
        elif name == "*":
            yield source.problem(offset_of(node), "the names of the columns of the answer", "*")
        elif name in names[:index]:
            yield source.problem(offset_of(node), "a different name for each column", f"{name} again")


def _unnested(source: Source, tree: exp.Expr) -> Iterator[Problem]:
    for node in tree.find_all(exp.Unnest):
        for part in node.expressions:
            if isinstance(part, exp.Column) and part.name.lower() == RESOURCES:
                what = "any_match(resources, r -> r.arn = ...) or transform(resources, r -> r.arn)"
                yield source.problem(offset_of(part), what, "UNNEST(resources), which engines spread apart")


def _fleeting(source: Source, tree: exp.Expr) -> Iterator[Problem]:
    """What gives another answer on each run: an issue would change each time, and no case could test it."""
    what = "{{to}} in place of the time now, and nothing left to chance: the same records give the same rows"
    for kind, written in _FLEETING.items():
        words = re.finditer(rf"\b(?:{written})\b", source.sql, re.IGNORECASE)
        for _, word in zip(tree.find_all(kind), words, strict=False):
            yield source.problem(word.start(), what, word[0])


def _paths(source: Source, tree: exp.Expr) -> Iterator[Problem]:
    """Paths into JSON that engines read differently, or that the translation would leave out."""
    what = "a path of names and numbers, such as '$.tagSet.items[0]'"
    for path in tree.find_all(exp.JSONPath):
        steps = [step for step in path.expressions if not isinstance(step, exp.JSONPathRoot)]
        plain = all(isinstance(step, _STEPS) and not isinstance(step.this, exp.Expr) for step in steps)
        if not plain:
            yield source.problem(offset_of(path.parent), what, "another one")


def _tables(tree: exp.Expr) -> Iterator[TableUse]:
    for table in tree.find_all(exp.Table):
        if table.name.lower() == TABLE:
            word = table.this
            yield TableUse(word.meta["start"], word.meta["end"] + 1, bool(table.alias))


def _columns(tree: exp.Expr, chains: list[Chain]) -> Iterator[ColumnUse]:
    """Every column that may be one of ``cloudtrail``: a name that the query gives as well is one too many."""
    first: dict[str, int] = {}
    for names, offset in chains:
        own = names if names[0] in COLUMNS else names[1:]
        if own and own[0] in COLUMNS:
            name = ".".join(own) if own[0] == IDENTITY else own[0]
            first[name] = min(offset, first.get(name, offset))
    for join in tree.find_all(exp.Join):
        for part in join.args.get("using") or ():
            if part.name.lower() in COLUMNS:
                first.setdefault(part.name.lower(), offset_of(join))
    yield from (ColumnUse(name, offset) for name, offset in sorted(first.items()))
