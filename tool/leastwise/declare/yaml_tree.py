"""YAML text -> nodes that know their places.  Only the plain part of YAML is let in.

Every scalar stays the text that was written: an unquoted ``011122223333`` is an account ID and not an octal
number, ``2026-11-01`` is parsed by us and not by YAML.  Anchors and aliases (the bomb of a billion laughs),
tags (``!!python/...``), merge keys, keys that are not plain text, duplicate keys (YAML keeps the last one
silently), a second document, deep nesting and huge files are refused, each with its place.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import yaml
from yaml.reader import ReaderError

from leastwise.declare.syntax import in_words
from leastwise.errors import DeclarationError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from yaml import Mark
    from yaml._yaml import Mark as CMark

MAX_CHARACTERS = 1 << 20
MAX_DEPTH = 12
"""The deepest thing a declaration has a word for lies at level 6."""
NULLS = frozenset({"", "~", "null", "Null", "NULL"})
"""How YAML 1.2 writes nothing (https://yaml.org/spec/1.2.2/#10211-null), so that editors agree with us."""
SHOWN_CHARACTERS = 80
_OTHER_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
"""Byte order marks of what some editors save instead; that of UTF-32 begins like that of UTF-16."""
YAML_TAGS = "tag:yaml.org,2002:"
"""What ``!!`` stands for."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a text: ``line`` and ``column`` count from 1, ``index`` is its character's index."""

    line: int
    column: int
    index: int


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text as written, without its quotes; ``is_null`` where nothing (or ``null``) was written."""

    start: Place
    end: Place
    text: str
    is_null: bool = False


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list; ``in_flow`` when it was written as ``[...]``."""

    start: Place
    end: Place
    items: tuple[Node, ...]
    in_flow: bool


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping; ``in_flow`` when it was written as ``{...}``.

    ``entries`` are (key, value) in the order of the file, ``firsts`` the first entry of each key's text: a
    hostile file has many keys, and asks after each.
    """

    start: Place
    end: Place
    entries: tuple[tuple[Scalar, Node], ...]
    firsts: Mapping[str, tuple[Scalar, Node]]
    in_flow: bool

    def entry(self, key: str) -> tuple[Scalar, Node] | None:
        """The first entry of that key: its key and its value."""
        return self.firsts.get(key)

    def value(self, key: str) -> Node | None:
        """The value of a key, or ``None`` where the key is not there."""
        entry = self.entry(key)
        return entry[1] if entry else None


Node = Scalar | Sequence | Table


@dataclass(frozen=True, slots=True)
class Tree:
    """A whole file: its root (``None``: nothing but comments) and what YAML must not have in it."""

    root: Node | None
    problems: tuple[Problem, ...]


def read_tree(text: str, path: str) -> Tree:
    """Parse YAML into nodes.  Problems that leave a tree to look at are values of the tree.

    Raises ``DeclarationError`` where there is no tree: broken YAML, a huge or bottomless file.
    """
    if len(text) > MAX_CHARACTERS:
        found = f"{len(text):,}"
        raise _error(path, None, f"a file of at most {MAX_CHARACTERS:,} characters", found)
    reader = _Reader(path, yaml.parse(text, Loader=yaml.SafeLoader))
    try:
        return reader.document()
    except yaml.MarkedYAMLError as error:
        place = _place_of(error.problem_mark or error.context_mark)
        problem = _problem(path, place, *in_words(error))
        raise DeclarationError([*reader.problems, problem]) from error
    except ReaderError as error:
        place = _place_in(text, error.position)
        hint = ", as in a file saved as UTF-16" if text[place.index] == "\0" and place.index < 2 else ""
        raise _error(
            path, place, "printable text", f"the character {shown(text[place.index])}{hint}"
        ) from error


def decode(content: bytes, path: str) -> str:
    """The text of a file, a byte order mark left out.  Raises ``DeclarationError`` where it is not UTF-8."""
    for mark, encoding in _OTHER_MARKS:
        if content.startswith(mark):
            raise _error(path, Place(1, 1, 0), "text in UTF-8", f"text in {encoding}: save the file as UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8-sig")
        place = _place_in(before, len(before))
        raise _error(path, place, "text in UTF-8", f"the byte 0x{content[error.start]:02x}") from error


def plain(node: Node) -> object:
    """The node as ``dict``, ``list``, ``str`` and ``None``; of a key written twice the first counts."""
    match node:
        case Scalar():
            return None if node.is_null else node.text
        case Sequence():
            return [plain(item) for item in node.items]
        case Table():
            return {key: plain(value) for key, (_, value) in node.firsts.items()}


def describe(node: Node) -> str:
    """What a node is, in words for an error: its text, or its kind."""
    match node:
        case Scalar():
            return "nothing" if node.is_null else shown(node.text)
        case Sequence():
            return "a list" if node.items else "an empty list"
        case Table():
            return "a mapping" if node.entries else "an empty mapping"


def shown(text: str) -> str:
    """A text in double quotes, cut to a line, with every character that does not print written out."""
    cut = text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"
    return '"' + "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in cut) + '"'


class _Reader:
    """Builds nodes from YAML's events, which come lazily: a bomb is refused before it unfolds."""

    def __init__(self, path: str, events: Iterator[yaml.Event]) -> None:
        self._path = path
        self._events = events
        self.problems: list[Problem] = []

    def document(self) -> Tree:
        """The one document of the file."""
        self._next()  # the stream starts
        if isinstance(self._next(), yaml.StreamEndEvent):
            return Tree(None, ())
        root = self._node(self._next(), 1)
        self._next()  # the document ends
        after = self._next()
        if not isinstance(after, yaml.StreamEndEvent):
            self._refuse(_place_of(after.start_mark), "one YAML document", "the start of a second")
        return Tree(root, tuple(self.problems))

    def _next(self) -> yaml.Event:
        return next(self._events)

    def _node(self, event: yaml.Event, depth: int) -> Node:
        start, end = _place_of(event.start_mark), _place_of(event.end_mark)
        if depth > MAX_DEPTH:
            raise _error(self._path, start, f"at most {MAX_DEPTH} levels", "a deeper one")
        if isinstance(event, yaml.AliasEvent):
            self._refuse(start, "the value written out", f"the alias {shown(f'*{event.anchor}')}")
            return Scalar(start, end, "", is_null=True)
        match event:
            case yaml.SequenceStartEvent():
                self._refuse_extras(event, start)
                return self._sequence(event, start, depth)
            case yaml.MappingStartEvent():
                self._refuse_extras(event, start)
                return self._table(event, start, depth)
            case yaml.ScalarEvent(value=text, implicit=implicit):
                self._refuse_extras(event, start)
                return Scalar(start, end, text, is_null=implicit[0] and text in NULLS)
            case _:
                raise _error(self._path, start, "a value", "the end of the document")

    def _sequence(self, opening: yaml.SequenceStartEvent, start: Place, depth: int) -> Sequence:
        items = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.append(self._node(event, depth + 1))
        return Sequence(start, _place_of(event.end_mark), tuple(items), bool(opening.flow_style))

    def _table(self, opening: yaml.MappingStartEvent, start: Place, depth: int) -> Table:
        entries: list[tuple[Scalar, Node]] = []
        firsts: dict[str, tuple[Scalar, Node]] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            value = self._node(self._next(), depth + 1)
            if self._is_good_key(key, firsts) and isinstance(key, Scalar):
                entries.append((key, value))
                firsts.setdefault(key.text, (key, value))
        end = _place_of(event.end_mark)
        return Table(start, end, tuple(entries), MappingProxyType(firsts), bool(opening.flow_style))

    def _is_good_key(self, key: Node, firsts: Mapping[str, tuple[Scalar, Node]]) -> bool:
        if not isinstance(key, Scalar):
            self._refuse(key.start, "a name as key", describe(key))
            return False
        if key.text == "<<":
            self._refuse(key.start, "the entries written out", "a merge key")
            return False
        if key.text in firsts:
            found = f"{shown(key.text)} again, after line {firsts[key.text][0].start.line}"
            self._refuse(key.start, "every key once", found)
        return True

    def _refuse_extras(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent, start: Place) -> None:
        if event.anchor is not None:
            self._refuse(start, "the value written out", f"the anchor {shown(f'&{event.anchor}')}")
        if event.tag is not None:
            self._refuse(
                start, "a value without a tag", f"the tag {shown(event.tag.replace(YAML_TAGS, '!!', 1))}"
            )

    def _refuse(self, place: Place, expected: str, found: str) -> None:
        self.problems.append(_problem(self._path, place, expected, found))


def _place_of(mark: Mark | CMark | None) -> Place:
    return Place(mark.line + 1, mark.column + 1, mark.index) if mark else Place(1, 1, 0)


def _place_in(text: str, index: int) -> Place:
    before = text[:index]
    return Place(before.count("\n") + 1, len(before) - before.rfind("\n"), index)


def _error(path: str, place: Place | None, expected: str, found: str) -> DeclarationError:
    return DeclarationError([_problem(path, place, expected, found)])


def _problem(path: str, place: Place | None, expected: str, found: str) -> Problem:
    line, column = (place.line, place.column) if place else (0, 0)
    return Problem(path, line, column, expected, found)
