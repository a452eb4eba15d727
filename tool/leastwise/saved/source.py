"""The text of a query as tokens: comments blanked, parameters masked, and nothing in it that is no SELECT.

Every text here is exactly as long as the file, so that an offset, a line and a column mean the same in all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot.dialects.trino import Trino
from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import TokenType

from leastwise.errors import DeclarationError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlglot.tokenizer_core import Token

PARAMETERS = ("from", "to", "principals")
_MASK = "p_"
"""Before the name of a parameter in the masked text, so that no keyword is met."""
_BEGINNINGS = frozenset({TokenType.SELECT, TokenType.WITH, TokenType.L_PAREN})
_REFUSED = frozenset(
    {
        TokenType.UNKNOWN,
        TokenType.PLACEHOLDER,
        TokenType.COLON,
        TokenType.PARAMETER,
        TokenType.BLOCK_START,
        TokenType.BLOCK_END,
    }
)
"""What Trino does not know, or what would be somebody else's parameter."""
_NAMED = re.compile(r"\{\{ *([A-Za-z_]*) *\}\}")
_WHOLE = re.compile(
    r"--[^\n]*|/\*.*?\*/|\{#.*?#\}|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|(?P<open>'|\"|/\*|\{#)|.", re.DOTALL
)
"""Whole comments and texts; ``open``: the beginning of one without an end, sqlglot's own ``{#`` included."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One use of a parameter: its name, and where it stands in the file (``end`` is one past it)."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Source:
    """A file's SQL: ``sql`` is the text with comments blanked and each parameter as a placeholder."""

    path: str
    text: str
    sql: str
    parameters: tuple[Parameter, ...]
    start: int
    """Where the SQL begins: the place of what has none of its own."""

    def problem(self, offset: int, expected: str, found: str) -> Problem:
        """A mistake at an offset; 0 where nothing tells its place."""
        return problem_at(self.path, self.text, offset or self.start, expected, found)


def placeholder(name: str) -> str:
    """The name of a parameter's placeholder in the tree."""
    return f"{_MASK}{name}"


def problem_at(path: str, text: str, offset: int, expected: str, found: str) -> Problem:
    """A mistake at an offset of a file's text."""
    line = text.count("\n", 0, offset) + 1
    return Problem(path, line, offset - (text.rfind("\n", 0, offset) + 1) + 1, expected, found)


def read_source(path: str, text: str) -> Source:
    """Take a file's text apart.  Raises ``DeclarationError``."""
    tokens = _tokens(path, text)
    _check_tokens(path, text, tokens)
    parameters = tuple(_parameters(path, text, tokens))
    masked = _only_tokens(text, tokens)
    for one in parameters:
        mask = f" :{placeholder(one.name)}".ljust(one.end - one.start)
        masked = masked[: one.start] + mask + masked[one.end :]
    return Source(path, text, masked, parameters, tokens[0].start)


def _tokens(path: str, text: str) -> list[Token]:
    try:
        tokens = Trino().tokenize(text)
    except TokenError as error:
        lost = next((found.start() for found in _WHOLE.finditer(text) if found["open"]), 0)
        problem = problem_at(path, text, lost, "the end of what begins here", "the end of the file")
        raise DeclarationError([problem]) from error
    if not tokens:
        raise DeclarationError([problem_at(path, text, len(text), "a SELECT", "no SQL")])
    while tokens[-1].token_type is TokenType.SEMICOLON and len(tokens) > 1:
        tokens.pop()
    return tokens


def _check_tokens(path: str, text: str, tokens: Sequence[Token]) -> None:
    first = tokens[0]
    problems = []
    if first.token_type not in _BEGINNINGS:
        what = "a statement that only reads: SELECT, or WITH ... SELECT"
        problems.append(problem_at(path, text, first.start, what, first.text.upper()))
    for token in tokens:
        if token.token_type is TokenType.SEMICOLON:
            problems.append(problem_at(path, text, token.start, "one statement", "a second one after `;`"))
        elif token.token_type in _REFUSED:
            what = "Trino SQL, with parameters as {{from}}, {{to}} and {{principals}}"
            problems.append(problem_at(path, text, token.start, what, f"`{token.text}`"))
        elif token.token_type in (TokenType.STRING, TokenType.IDENTIFIER) and _NAMED.search(
            text, token.start, token.end + 1
        ):
            what = "a parameter without quotation marks around it: {{from}} is a whole value"
            problems.append(problem_at(path, text, token.start, what, text[token.start : token.end + 1]))
    if problems:
        raise DeclarationError(problems)


def _parameters(path: str, text: str, tokens: Sequence[Token]) -> list[Parameter]:
    """``{{name}}`` wherever two braces stand side by side outside of quotation marks and comments."""
    braces = [token for token in tokens if token.token_type in (TokenType.L_BRACE, TokenType.R_BRACE)]
    found: list[Parameter] = []
    for token in braces:
        if found and token.start < found[-1].end:
            continue
        named = _NAMED.match(text, token.start)
        if named is None or named[1].lower() not in PARAMETERS:
            shown = text[token.start : token.start + 20].partition("\n")[0]
            what = "{{from}}, {{to}} or {{principals}}"
            raise DeclarationError([problem_at(path, text, token.start, what, f"`{shown}`")])
        found.append(Parameter(named[1].lower(), named.start(), named.end()))
    return found


def _only_tokens(text: str, tokens: Sequence[Token]) -> str:
    """The text with everything between tokens as blanks; ends of lines stay."""
    parts: list[str] = []
    place = 0
    for token in tokens:
        parts += [_blank(text[place : token.start]), text[token.start : token.end + 1]]
        place = token.end + 1
    return "".join((*parts, _blank(text[place:])))


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)
