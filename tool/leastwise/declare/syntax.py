"""What a parser of YAML complains about, in words for somebody who edits one file of YAML a month.

Pure: texts and marks in, texts out.  The wordings are those of PyYAML 6 (``scanner.py``, ``parser.py``); what
is not known here is passed on as it is.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yaml import MarkedYAMLError

_RESERVED = re.compile("found character '([@`%])'")
_UNLIKE = re.compile("expected (.+?),? but (?:got|found) (.+)", re.DOTALL)
"""How PyYAML words what it expected."""
_BLOCK = re.compile("while parsing a block (?:mapping|collection)")
_FLOW = re.compile("while parsing a flow (?:mapping|sequence)")
_TOKENS: Mapping[str, str] = MappingProxyType(
    {
        "<block end>": "the end of the block",
        "<block mapping start>": "a key",
        "<block sequence start>": "a list",
        "<document start>": '"---"',
        "<scalar>": "a text",
        "<stream end>": "the end of the file",
        "-": 'a "-"',
        ":": 'a ":"',
    }
)
_REMEDIES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "mapping values are not allowed here": (
            'the indentation of the line above, or quotes around a text that holds ": "',
            'a ":" that cannot stand here',
        ),
        "sequence entries are not allowed here": (
            'every "- " at the start of a line of its own',
            'a "-" behind something else',
        ),
    }
)


def in_words(error: MarkedYAMLError) -> tuple[str, str]:
    """(expected, found) of YAML's own complaint, with the remedy where it is one that people meet."""
    problem = error.problem or error.context or "something else"
    known = _REMEDIES.get(problem) or _character(problem) or _unfinished(error, problem)
    if known:
        return known
    if unlike := _UNLIKE.fullmatch(problem):
        return _expected(error, unlike[1]), _token(unlike[2])
    return "valid YAML", problem.removeprefix("found ")


def _character(problem: str) -> tuple[str, str] | None:
    """Of a character that cannot stand where it does."""
    if "'\\t'" in problem:
        return "spaces for indentation", "a tab"
    if reserved := _RESERVED.search(problem):
        return 'quotes around a text that begins so, as in "@acme/payments"', f'"{reserved[1]}"'
    return None


def _unfinished(error: MarkedYAMLError, problem: str) -> tuple[str, str] | None:
    """Of something that began and does not end as it should."""
    match error.context:
        case "while scanning a quoted scalar" if "unexpected end" in problem:
            return f"the closing quote of the text that begins {_place(error)}", "the end of the file"
        case "while scanning an alias" | "while scanning an anchor":
            return 'quotes around a text that begins with * or &, as in "*"', "none"
        case "while scanning a simple key":
            return f"a colon and a space after the key {_place(error)}", "none"
        case _:
            return None


def _expected(error: MarkedYAMLError, tokens: str) -> str:
    context = error.context or ""
    if _BLOCK.match(context):
        return f"indentation that fits the lines above (their block begins {_place(error)})"
    if _FLOW.match(context):
        closing = tokens.replace("'", '"')
        return f'{closing} of the bracket {_place(error)}, or quotes around a text that holds ": "'
    return _token(tokens)


def _place(error: MarkedYAMLError) -> str:
    mark = error.context_mark or error.problem_mark
    return f"on line {mark.line + 1}, column {mark.column + 1}" if mark else "above"


def _token(named: str) -> str:
    bare = named.strip("'")
    return _TOKENS.get(bare, bare)
