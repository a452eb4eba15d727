"""JSON with the place of everything: a small strict reader for texts that people wrote and others forged.

Python's ``json`` keeps the last of two equal keys, forgets where values stood, recurses as deep as the text
asks, and reads ``NaN``; each of these hides something in a policy.  Numbers stay text: nobody computes with
them, and a million digits cost nothing.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

MAX_DEPTH = 32

_SPACE = re.compile(r"[ \t\n\r]*")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORD = re.compile(r"[A-Za-z]+")


class Span(NamedTuple):
    """A part of a text: the offset of its first character, and of the first one after it."""

    start: int
    end: int


class Kind(Enum):
    """What a node is; the value names it in messages."""

    OBJECT = "an object"
    LIST = "a list"
    STRING = "a string"
    NUMBER = "a number"
    BOOLEAN = "true or false"
    NULL = "null"


@dataclass(frozen=True, slots=True)
class Node:
    """One value of the text.  ``text`` is the decoded string, or a number or word as it was written."""

    kind: Kind
    span: Span
    text: str = ""
    items: tuple[Node, ...] = ()
    members: tuple[tuple[Node, Node], ...] = ()
    """Name and value of each member of an object, in order, equal names included."""


class JsonError(ValueError):
    """The text is no JSON.  ``offset`` is where ``expected`` should stand, and ``found`` stands."""

    def __init__(self, offset: int, expected: str, found: str) -> None:
        """Keep the place and both sides."""
        self.offset, self.expected, self.found = offset, expected, found
        super().__init__(f"at {offset}: expected {expected}, found {found}")


def read(text: str) -> Node:
    """The value that the whole text is.  ``JsonError`` at its first mistake."""
    reader = _Reader(text)
    node = reader.value(0, 0)
    end = reader.skip(node.span.end)
    if end < len(text):
        raise reader.failure(end, "the end of the text")
    return node


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text

    def value(self, at: int, depth: int) -> Node:
        start = self.skip(at)
        if depth > MAX_DEPTH:
            raise JsonError(start, f"at most {MAX_DEPTH} levels", "one more")
        opening = self.text[start : start + 1]
        if opening == "{":
            return self.members(start, depth)
        if opening == "[":
            return self.items(start, depth)
        if opening == '"':
            return self.string(start, "a string")
        return self.scalar(start)

    def members(self, start: int, depth: int) -> Node:
        members: list[tuple[Node, Node]] = []
        at = self.skip(start + 1)
        while members or not self.text.startswith("}", at):
            name = self.string(at, "a member's name in double quotes" if members else "a name or '}'")
            at = self.expect(":", name.span.end)
            value = self.value(at, depth + 1)
            members.append((name, value))
            at = self.skip(value.span.end)
            if not self.text.startswith(",", at):
                break
            at = self.skip(at + 1)
        end = self.expect("}", at, "',' or '}'")
        return Node(Kind.OBJECT, Span(start, end), members=tuple(members))

    def items(self, start: int, depth: int) -> Node:
        items: list[Node] = []
        at = self.skip(start + 1)
        while items or not self.text.startswith("]", at):
            items.append(self.value(at, depth + 1))
            at = self.skip(items[-1].span.end)
            if not self.text.startswith(",", at):
                break
            at = self.skip(at + 1)
        end = self.expect("]", at, "',' or ']'")
        return Node(Kind.LIST, Span(start, end), items=tuple(items))

    def string(self, start: int, expected: str) -> Node:
        if not self.text.startswith('"', start):
            raise self.failure(start, expected)
        match = _STRING.match(self.text, start)
        if match is None:
            raise JsonError(start, "a closed string with valid escapes", "one that is not")
        decoded: str = json.loads(match.group())
        if any("\ud800" <= character <= "\udfff" for character in decoded):
            raise JsonError(start, "a string of characters", "half a surrogate pair")
        return Node(Kind.STRING, Span(*match.span()), decoded)

    def scalar(self, start: int) -> Node:
        if match := _NUMBER.match(self.text, start):
            return Node(Kind.NUMBER, Span(*match.span()), match.group())
        match = _WORD.match(self.text, start)
        if match and match.group() in ("true", "false"):
            return Node(Kind.BOOLEAN, Span(*match.span()), match.group())
        if match and match.group() == "null":
            return Node(Kind.NULL, Span(*match.span()), "null")
        raise self.failure(start, "a value")

    def skip(self, at: int) -> int:
        match = _SPACE.match(self.text, at)
        return match.end() if match else at

    def expect(self, character: str, at: int, expected: str = "") -> int:
        """The offset after ``character``, which must stand next."""
        at = self.skip(at)
        if not self.text.startswith(character, at):
            raise self.failure(at, expected or f"'{character}'")
        return at + 1

    def failure(self, at: int, expected: str) -> JsonError:
        word = _WORD.match(self.text, at)
        found = word.group()[:40] if word else self.text[at : at + 1]
        return JsonError(at, expected, ascii(found) if found else "the end of the text")
