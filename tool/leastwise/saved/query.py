"""The text of a file below ``queries/`` -> a saved query that only reads, or the mistakes in it.

The SQL is parsed as Trino's.  What is sent later is the file's own text, line by line, with comments blanked
and three kinds of places replaced (``bind``): so an engine's complaint about a line is about that line of the
file, and nothing is sent that was not parsed here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sqlglot
from sqlglot.errors import ParseError

from leastwise.errors import DeclarationError, Problem
from leastwise.saved.header import read_header
from leastwise.saved.rules import check
from leastwise.saved.source import read_source

if TYPE_CHECKING:
    from sqlglot import exp

    from leastwise.saved.header import Header
    from leastwise.saved.rules import Uses
    from leastwise.saved.source import Source

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
"""A query is called as its file is: ``queries/root-use.sql`` is ``root-use``."""
TAKEN = frozenset({"results", "issues"})
"""Names of files that a run leaves beside those of its queries."""
MOST_TEXT = 100_000
"""Characters of a file."""


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """One file, read.  ``uses`` says what of ``cloudtrail`` it reads; ``tree`` is its SQL parsed."""

    name: str
    header: Header
    source: Source = field(repr=False)
    tree: exp.Expr = field(repr=False)
    uses: Uses = field(repr=False)

    @property
    def path(self) -> str:
        """Where the file lies."""
        return self.source.path

    @property
    def columns(self) -> list[str]:
        """The names of the columns of its answer."""
        return [name.lower() for name in self.tree.named_selects]  # type: ignore[attr-defined]  # a SELECT

    @property
    def parameters(self) -> frozenset[str]:
        """The names of the parameters that it uses."""
        return frozenset(parameter.name for parameter in self.source.parameters)


@dataclass(frozen=True, slots=True)
class Broken:
    """A file that holds no query that may run, and every mistake that was found in it."""

    name: str
    path: str
    problems: tuple[Problem, ...]


def read_query(name: str, path: str, text: str) -> SavedQuery | Broken:
    """One file's query.  Never raises: a mistake is a value, for the other queries run."""
    header, problems = read_header(path, text)
    try:
        _check_file(name, path, text)
        source = read_source(path, text)
        tree = _parsed(source)
        shows_people = header is not None and header.shows_people
        uses = check(source, tree, shows_people=shows_people)
    except DeclarationError as wrong:
        return Broken(name, path, tuple(sorted((*problems, *wrong.problems))))
    if header is None:
        return Broken(name, path, tuple(sorted(problems)))
    return SavedQuery(name, header, source, tree, uses)


def _check_file(name: str, path: str, text: str) -> None:
    if not NAME.fullmatch(name) or name in TAKEN:
        expected = "a name of lower-case letters, digits and hyphens, but not results or issues"
        raise DeclarationError([Problem(path, 0, 0, expected, repr(name))])
    if len(text) > MOST_TEXT:
        raise DeclarationError([Problem(path, 0, 0, f"at most {MOST_TEXT:,} characters", f"{len(text):,}")])


def _parsed(source: Source) -> exp.Expr:
    try:
        return sqlglot.parse_one(source.sql, read="trino")
    except ParseError as error:
        told = error.errors[0]
        near = str(told.get("highlight") or "")
        line, column = int(told.get("line") or 0), int(told.get("col") or 0) - max(len(near) - 1, 0)
        found = f"`{near}`: {told.get('description')}"
        raise DeclarationError(
            [Problem(source.path, line, column, "Trino SQL", found.splitlines()[0])]
        ) from error
    except RecursionError as error:
        raise DeclarationError(
            [Problem(source.path, 0, 0, "Trino SQL", "a query nested too deeply")]
        ) from error
