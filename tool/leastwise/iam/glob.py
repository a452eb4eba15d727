"""The pattern language of IAM: ``*``, ``?``, escapes and policy variables.

A pattern is read once (``parse``) into a ``Glob`` and then matched without backtracking: between two stars
lie fixed pieces, and taking each piece at its leftmost place is always right.  Never ``re``: patterns and
names come from logs, and a crafted name must not cost more than a plain one.

Sources (read 2026-11-23): wildcards,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html; variables,
defaults and the escapes ``${*}``, ``${?}``, ``${$}``, which exist only in Version 2012-10-17,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

ESCAPES = {"${*}": "*", "${?}": "?", "${$}": "$"}
_ESCAPED = {ord(character): escaped for escaped, character in ESCAPES.items()}


class Wildcard(Enum):
    """What stands for characters that the pattern does not name."""

    STAR = "*"
    """Any number of characters, none included."""
    ANY = "?"
    """Exactly one character."""


@dataclass(frozen=True, slots=True)
class Variable:
    """``${key}`` or ``${key, 'default'}``; ``key`` is empty where the braces hold nothing AWS documents.

    A variable that is never closed reaches to the end of its pattern.
    """

    text: str
    key: str
    default: str | None = None


Token = str | Wildcard | Variable
"""One element of a pattern; a ``str`` is one literal character."""


class Piece(NamedTuple):
    """What lies between two stars: ``length`` characters, of which the ``runs`` (offset, text) are fixed."""

    length: int
    runs: tuple[tuple[int, str], ...]

    def fits(self, text: str, at: int) -> bool:
        """Whether the piece matches ``text`` at that place; the caller leaves room for its length."""
        for offset, run in self.runs:  # noqa: SIM110  asked many millions of times: all() takes twice as long
            if not text.startswith(run, at + offset):
                return False
        return True

    def find(self, text: str, start: int, end: int) -> int:
        """The leftmost place in ``text[start:end]`` where the piece matches; -1 if there is none."""
        if not self.runs:
            return start if start + self.length <= end else -1
        offset, run = self.runs[0]
        at = text.find(run, start + offset, end)
        while at >= 0 and at - offset + self.length <= end:
            if self.fits(text, at - offset):
                return at - offset
            at = text.find(run, at + 1, end)
        return -1


@dataclass(frozen=True, slots=True)
class Glob:
    """A parsed pattern.  Made by ``parse``, ``literal`` or ``of_tokens``."""

    text: str
    tokens: tuple[Token, ...]
    pieces: tuple[Piece, ...]
    """What the stars part: one piece more than there are runs of stars.  Variables are not in it."""
    variables: tuple[Variable, ...] = ()
    start: str = ""
    """What every text that it matches begins with."""

    @property
    def matches_all(self) -> bool:
        """Whether the pattern is nothing but stars."""
        return bool(self.tokens) and all(token is Wildcard.STAR for token in self.tokens)

    @property
    def is_literal(self) -> bool:
        """Whether the pattern names exactly one text."""
        return all(isinstance(token, str) for token in self.tokens)


def parse(text: str, *, variables: bool = True) -> Glob:
    """Read a pattern; without ``variables`` (Action elements, Version 2008-10-17) ``$`` is plain."""
    return _glob(text, tuple(_tokens(text) if variables else _plain_tokens(text)))


def literal(text: str) -> Glob:
    """The pattern that matches ``text`` and nothing else."""
    return _glob(escape(text), tuple(text))


def of_tokens(tokens: Iterable[Token]) -> Glob:
    """The pattern with these tokens; its text is written with escapes."""
    listed = tuple(tokens)
    return _glob("".join(map(_written, listed)), listed)


def escape(text: str) -> str:
    """``text`` as a pattern (Version 2012-10-17) that matches only itself."""
    return text.translate(_ESCAPED)


def matches(glob: Glob, text: str) -> bool:
    """Whether ``text`` as a whole fits the pattern.

    Variables must have been replaced (``substitute``, ``widen``): ``ValueError`` otherwise.
    """
    if glob.variables:
        raise ValueError(f"the variables of {glob.text!r} have no values yet")
    first, *middle = glob.pieces
    if not middle:
        return len(text) == first.length and first.fits(text, 0)
    last = middle.pop()
    end = len(text) - last.length
    if end < first.length or not first.fits(text, 0) or not last.fits(text, end):
        return False
    at = first.length
    for piece in middle:
        at = piece.find(text, at, end)
        if at < 0:
            return False
        at += piece.length
    return True


def substitute(glob: Glob, value: Callable[[Variable], str | None]) -> Glob | None:
    """The pattern with every variable replaced by its value, taken literally; ``None`` if one has none."""
    if not glob.variables:
        return glob
    tokens: list[Token] = []
    for token in glob.tokens:
        if not isinstance(token, Variable):
            tokens.append(token)
            continue
        replacement = value(token)
        if replacement is None:
            return None
        tokens.extend(replacement)
    return of_tokens(tokens)


def widen(glob: Glob) -> Glob:
    """The pattern with a star for every variable: it matches whatever the variables could make it match."""
    if not glob.variables:
        return glob
    return of_tokens(Wildcard.STAR if isinstance(token, Variable) else token for token in glob.tokens)


def covers(outer: Glob, inner: Glob) -> bool:
    """Whether each text of ``inner`` is one of ``outer``, seen from the tokens alone.

    ``True`` is a proof, also for each value of the variables: a token of ``inner`` is matched by the same
    token of ``outer``, by ``?`` if it is one character, or it lies under a star.  ``False`` proves nothing.
    """
    if not inner.start.startswith(outer.start):
        return False
    pattern, word = _normal(outer.tokens), _normal(inner.tokens)
    at = reached = 0
    star, resume = -1, 0
    while reached < len(word):
        if at < len(pattern) and pattern[at] is Wildcard.STAR:
            star, resume, at = at, reached, at + 1
        elif at < len(pattern) and _matches_token(pattern[at], word[reached]):
            at, reached = at + 1, reached + 1
        elif star >= 0:
            resume += 1
            at, reached = star + 1, resume
        else:
            return False
    return all(token is Wildcard.STAR for token in pattern[at:])


def _matches_token(outer: Token, inner: Token) -> bool:
    if outer is Wildcard.ANY:
        return isinstance(inner, str) or inner is Wildcard.ANY
    return outer == inner


def _normal(tokens: tuple[Token, ...]) -> list[Token]:
    """Within a run of wildcards every ``?`` first, then at most one star: ``*?*`` means ``?*``."""
    normal: list[Token] = []
    starred = False
    for token in tokens:
        if token is Wildcard.STAR:
            starred = True
            continue
        if starred and token is not Wildcard.ANY:
            normal.append(Wildcard.STAR)
            starred = False
        normal.append(token)
    return [*normal, Wildcard.STAR] if starred else normal


def _glob(text: str, tokens: tuple[Token, ...]) -> Glob:
    variables = tuple(token for token in tokens if isinstance(token, Variable))
    return Glob(text, tokens, tuple(_pieces(tokens)), variables, "".join(_leading(tokens)))


def _leading(tokens: tuple[Token, ...]) -> Iterator[str]:
    for token in tokens:
        if not isinstance(token, str):
            return
        yield token


def _written(token: Token) -> str:
    if isinstance(token, str):
        return escape(token)
    return token.value if isinstance(token, Wildcard) else token.text


def _plain_tokens(text: str) -> Iterator[Token]:
    for character in text:
        yield Wildcard(character) if character in "*?" else character


def _tokens(text: str) -> Iterator[Token]:
    at = 0
    while at < len(text):
        if not text.startswith("${", at):
            yield from _plain_tokens(text[at])
            at += 1
            continue
        end = _closing(text, at)
        part = text[at:end]
        yield ESCAPES.get(part) or _variable(part)
        at = end


def _closing(text: str, start: int) -> int:
    """Where the variable that opens at ``start`` ends; braces inside a quoted default do not close it."""
    quoted = False
    for at in range(start + 2, len(text)):
        if text[at] == "'":
            quoted = not quoted
        elif text[at] == "}" and not quoted:
            return at + 1
    return len(text)


def _variable(text: str) -> Variable:
    if not text.endswith("}"):
        return Variable(text, "")
    key, comma, default = text[2:-1].partition(",")
    key, default = key.strip(), default.strip()
    quoted = len(default) > 1 and default[0] == default[-1] == "'" and "'" not in default[1:-1]
    if not _is_key(key) or (comma and not quoted):
        return Variable(text, "")
    return Variable(text, key, default[1:-1] if comma else None)


def _is_key(key: str) -> bool:
    """Whether this names a context key, such as ``aws:username`` or ``aws:PrincipalTag/team``."""
    return ":" in key.strip(":") and not any(character in " '${}*?" for character in key.partition("/")[0])


def _pieces(tokens: tuple[Token, ...]) -> Iterator[Piece]:
    """Cut the tokens at their stars; ``a?c*d`` is the pieces ``a?c`` and ``d``."""
    length = 0
    characters: list[tuple[int, str]] = []
    after_star = False
    for token in tokens:
        if token is Wildcard.STAR:
            if not after_star:
                yield Piece(length, tuple(_runs(characters)))
                length, characters = 0, []
            after_star = True
            continue
        after_star = False
        if isinstance(token, str):
            characters.append((length, token))
        length += 1
    yield Piece(length, tuple(_runs(characters)))


def _runs(characters: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Join neighbouring characters."""
    start, run = 0, ""
    for offset, character in characters:
        if offset != start + len(run):
            if run:
                yield start, run
            start, run = offset, ""
        run += character
    if run:
        yield start, run
