"""What of people a column of the answer is made from: nothing, a name as it was recorded, or less than that.

Cells in which a name stands whole are cleaned when they leave the run (``people``): it knows sessions and
addresses by their form.  A part of a name, or a name turned round, has no form any more; so a query that
shows one needs ``people: shown`` in its header.

Each name that the query gives (columns, tables, parameters of lambdas) stands for all that is ever given to
it, wherever that is in the query: that finds too much rather than too little.  What is followed is the value.
A condition says yes or no; what a query makes of that is text that its author wrote into a reviewed file.
"""

from __future__ import annotations

import re
from collections import defaultdict
from enum import IntEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from sqlglot import exp

from leastwise.saved.columns import COLUMNS, IDENTITY, RESOURCES
from leastwise.saved.people import PERSONAL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence


class Shows(IntEnum):
    """What a value shows of people, from least to most."""

    NOBODY = 0
    WHOLE = 1
    """Perhaps a name, and then as it was recorded."""
    PART = 2
    """Perhaps something of a name that is not known for it."""


_SOURCES: Mapping[str, Shows] = MappingProxyType(
    {
        f"{IDENTITY}.sessioncontext.sourceidentity": Shows.PART,
        f"{IDENTITY}.onbehalfof.userid": Shows.PART,
        f"{IDENTITY}.arn": Shows.WHOLE,
        f"{IDENTITY}.principalid": Shows.WHOLE,
        "sourceipaddress": Shows.WHOLE,
        "errormessage": Shows.WHOLE,
        "requestparameters": Shows.WHOLE,
        "responseelements": Shows.WHOLE,
        "additionaleventdata": Shows.WHOLE,
        "serviceeventdetails": Shows.WHOLE,
        RESOURCES: Shows.WHOLE,
    }
)
_PERSONAL = frozenset(name.lower() for name in PERSONAL)

_TRUTHS = (
    exp.Predicate, exp.Not, exp.Connector, exp.Escape, exp.LogicalOr, exp.LogicalAnd, exp.StartsWith,
)  # fmt: skip
_COUNTS = (
    exp.Count, exp.CountIf, exp.ApproxDistinct, exp.ArraySize, exp.RowNumber, exp.Rank, exp.DenseRank,
)  # fmt: skip
_MATCHES = frozenset({"ANY_MATCH", "ALL_MATCH", "NONE_MATCH"})
_PASSING: Mapping[type[exp.Expr], tuple[str, ...]] = MappingProxyType(
    {
        exp.Alias: ("this",),
        exp.Paren: ("this",),
        exp.Distinct: ("expressions",),
        exp.Order: ("this",),
        exp.Filter: ("this",),
        exp.Window: ("this",),
        exp.WithinGroup: ("this",),
        exp.IgnoreNulls: ("this",),
        exp.RespectNulls: ("this",),
        exp.Coalesce: ("this", "expressions"),
        exp.Nullif: ("this",),
        exp.If: ("true", "false"),
        exp.Case: ("ifs", "default"),
        exp.Max: ("this",),
        exp.Min: ("this",),
        exp.Greatest: ("this", "expressions"),
        exp.Least: ("this", "expressions"),
        exp.AnyValue: ("this",),
        exp.ArgMax: ("this",),
        exp.ArgMin: ("this",),
        exp.FirstValue: ("this",),
        exp.LastValue: ("this",),
        exp.Lag: ("this", "default"),
        exp.Lead: ("this", "default"),
        exp.Array: ("expressions",),
        exp.ArrayAgg: ("this",),
        exp.ArrayUniqueAgg: ("this",),
        exp.ArrayDistinct: ("this",),
        exp.ArraySort: ("this",),
        exp.ArrayMax: ("this",),
        exp.ArrayMin: ("this",),
        exp.ArrayFilter: ("this",),
        exp.Flatten: ("this",),
        exp.Bracket: ("this",),
        exp.Transform: ("expression",),
        exp.Lambda: ("this",),
        exp.JSONFormat: ("this",),
        exp.ParseJSON: ("this",),
        exp.Try: ("this",),
    }
)
"""What gives one of its values as it is -> the arguments that hold those values."""
_BEFORE = re.compile(r"(?:.*[\s,;|(\[=\"'])?\Z", re.DOTALL)
_AFTER = re.compile(r"(?:[\s,;|)\]\"'].*)?\Z", re.DOTALL)
"""What may stand beside a name for it to be known still: nothing, or something that ends in a separator."""
_BETWEEN = re.compile(r"[\s,;|]+")


def shown_in_part(tree: exp.Expr) -> Iterator[exp.Expr]:
    """The columns of the answer that may show a part of a name, where ``tree`` is a query."""
    lineage = _Lineage(tree)
    for index, node in enumerate(tree.selects):  # type: ignore[attr-defined]  # a query
        if lineage.column(tree, index) is Shows.PART:
            yield node


class _Lineage:
    """What each name of a query shows."""

    def __init__(self, tree: exp.Expr) -> None:
        self._names: dict[str, Shows] = defaultdict(lambda: Shows.NOBODY)
        while self._learns(tree):
            pass

    def column(self, query: exp.Expr, index: int) -> Shows:
        """What a column of a query shows, in all branches of UNION and the like."""
        return max((self._place(select, index) for select in _branches(query)), default=Shows.NOBODY)

    def _place(self, select: exp.Expr, index: int) -> Shows:
        if not isinstance(select, exp.Select):
            return self.of(select)
        nodes = select.expressions
        if any(node.is_star for node in nodes):  # which column that is nobody knows here
            return max([*self._names.values(), *map(self.of, nodes)], default=Shows.NOBODY)
        return self.of(nodes[index]) if index < len(nodes) else Shows.NOBODY

    def _learns(self, tree: exp.Expr) -> bool:
        """Go through the query once; whether any name shows more than was known."""
        is_new = False
        for name, shows in self._given(tree):
            if shows > self._names[name.lower()]:
                self._names[name.lower()] = shows
                is_new = True
        return is_new

    def _given(self, tree: exp.Expr) -> Iterator[tuple[str, Shows]]:
        for select in tree.find_all(exp.Select):
            for node in select.expressions:
                yield node.alias_or_name, self.of(node)
        for query in tree.find_all(exp.SetOperation):
            for index, name in enumerate(query.named_selects):
                yield name, self.column(query, index)
        for alias in tree.find_all(exp.TableAlias):
            yield from self._columns(alias)
        for function in tree.find_all(exp.Lambda):
            given = self._most(_others(function))
            for parameter in function.expressions:
                yield parameter.name, given
        for named in tree.find_all(exp.Alias):  # such as MATCH_RECOGNIZE gives
            yield named.alias, self.of(named)

    def _columns(self, alias: exp.TableAlias) -> Iterator[tuple[str, Shows]]:
        """``AS t (a, b)``: the names, in order, of what stands before."""
        table = alias.parent
        for index, name in enumerate(alias.columns):
            if isinstance(table, exp.CTE | exp.Subquery):
                yield name.name, self.column(table.this, index)
            elif table is not None:
                yield name.name, self._most(part for part in table.iter_expressions() if part is not alias)

    def _most(self, nodes: Iterable[exp.Expr]) -> Shows:
        return max(map(self.of, nodes), default=Shows.NOBODY)

    def of(self, node: exp.Expr) -> Shows:
        """What a value shows."""
        if isinstance(node, (*_TRUTHS, *_COUNTS)) or (
            isinstance(node, exp.Anonymous) and node.name.upper() in _MATCHES
        ):
            return Shows.NOBODY
        rule = next((rule for kind, rule in _RULES.items() if isinstance(node, kind)), None)
        if rule is not None:
            return rule(self, node)
        passing = _PASSING.get(type(node))
        if passing is None:
            return self._used(node.iter_expressions())
        return self._most(part for name in passing for part in _nodes(node.args.get(name)))

    def _asked(self, query: exp.Expr) -> Shows:
        """A query in the place of a value."""
        return self._most(one for select in _branches(query) for one in select.expressions)

    def _used(self, nodes: Iterable[exp.Expr]) -> Shows:
        """What is made of values in a way that nothing here knows."""
        return Shows.PART if self._most(nodes) else Shows.NOBODY

    def _named(self, node: exp.Expr) -> Shows:
        base, members = node, list[str]()
        while isinstance(base, exp.Dot):
            members.insert(0, base.expression.name.lower())
            base = base.this
        if not isinstance(base, exp.Column | exp.Identifier):
            return self.of(base)
        parts = base.parts if isinstance(base, exp.Column) else [base]
        names = [*(part.name.lower() for part in parts), *members]
        given = max(self._names.get(name, Shows.NOBODY) for name in names)
        own = names if names[0] in COLUMNS else names[1:]
        path = ".".join(own) if own[:1] == [IDENTITY] else "".join(own[:1])
        return max(given, _SOURCES.get(path, Shows.NOBODY))

    def _cast(self, node: exp.Expr) -> Shows:
        kind = node.args["to"]
        is_whole = kind.is_type(exp.DType.VARCHAR, exp.DType.TEXT, exp.DType.JSON) and not kind.expressions
        return self.of(node.this) if is_whole else self._used([node.this])

    def _extracted(self, node: exp.Expr) -> Shows:
        """A member of JSON text, by a path that is written out and leads to no name."""
        path = node.args.get("expression")
        if not isinstance(path, exp.JSONPath):
            return self._used(node.iter_expressions())
        steps = [step.this for step in path.expressions if not isinstance(step, exp.JSONPathRoot)]
        is_personal = any(str(step).lower() in _PERSONAL for step in steps)
        return self._used([node.this]) if is_personal else self.of(node.this)

    def _joined_list(self, node: exp.Expr) -> Shows:
        between = node.args.get("expression") or node.args.get("separator")
        apart = isinstance(between, exp.Literal) and _BETWEEN.fullmatch(between.name)
        return self.of(node.this) if apart else self._used([node.this])

    def _joined_texts(self, node: exp.Expr) -> Shows:
        """``'user ' || name``: names beside texts that do not run into them."""
        parts = list(_texts(node))
        shows = self._most(parts)
        for index, part in enumerate(parts):
            if self.of(part) and not (_ends(parts[:index]) and _begins(parts[index + 1 :])):
                return Shows.PART
        return shows


def _branches(query: exp.Expr) -> Iterator[exp.Expr]:
    """The SELECTs of a query; what is none, such as VALUES, as it is."""
    if isinstance(query, exp.SetOperation):
        for side in (query.this, query.expression):
            yield from _branches(side)
    elif isinstance(query, exp.Subquery | exp.Paren):
        yield from _branches(query.this)
    else:
        yield query


def _others(function: exp.Lambda) -> Iterator[exp.Expr]:
    """What the parameters of a lambda may be: the other arguments of the function that it is given to."""
    if function.parent is not None:
        yield from (part for part in function.parent.iter_expressions() if part is not function)


def _nodes(value: object) -> Iterator[exp.Expr]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, exp.Expr):
            yield one


def _texts(node: exp.Expr) -> Iterator[exp.Expr]:
    """The parts of nested ``||`` and ``concat``, in order."""
    if isinstance(node, exp.DPipe):
        yield from _texts(node.this)
        yield from _texts(node.expression)
    elif isinstance(node, exp.Concat):
        for part in node.expressions:
            yield from _texts(part)
    elif isinstance(node, exp.Paren):
        yield from _texts(node.this)
    else:
        yield node


def _ends(before: Sequence[exp.Expr]) -> bool:
    return not before or (isinstance(before[-1], exp.Literal) and bool(_BEFORE.match(before[-1].name or "x")))


def _begins(after: Sequence[exp.Expr]) -> bool:
    return not after or (isinstance(after[0], exp.Literal) and bool(_AFTER.match(after[0].name or "x")))


_RULES: Mapping[type[exp.Expr], Callable[[_Lineage, exp.Expr], Shows]] = MappingProxyType(
    {
        exp.Column: _Lineage._named,
        exp.Dot: _Lineage._named,
        exp.Identifier: _Lineage._named,
        exp.Query: _Lineage._asked,
        exp.Cast: _Lineage._cast,
        exp.JSONExtract: _Lineage._extracted,
        exp.JSONExtractScalar: _Lineage._extracted,
        exp.ArrayToString: _Lineage._joined_list,
        exp.GroupConcat: _Lineage._joined_list,
        exp.DPipe: _Lineage._joined_texts,
        exp.Concat: _Lineage._joined_texts,
    }
)
