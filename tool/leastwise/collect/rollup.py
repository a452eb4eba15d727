"""Count calls per resource name in bounded memory.

Names form a tree: buckets and tables at the top, the parts of an object key below.  A node with more
children than it may have is *rolled up*: everything below it becomes one cell, counted exactly, that stands
for ``prefix/*``.  Whether a node is rolled up depends only on the set of names seen, so neither the order of
reading nor the split of the work can change the result.

The price: at most ``WIDTH ** LEVELS`` (65,536) cells below one bucket, which only crafted names reach; keys
that are many because they are many leave 16 prefixes or fewer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from leastwise.collect.cell import Cell
from leastwise.iam import glob
from leastwise.iam.glob import Wildcard, escape

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = 500
"""Buckets, tables, roles ... of one type, account and region that are told apart for one action."""
WIDTH = 16
"""Children of one node below a name."""
LEVELS = 4
"""Levels below a name; the rest of a longer path is one part."""

_A_NAME = "x"
"""Any name without a separator."""

_SLASHED_NAMES = frozenset({"ecr", "iam", "logs", "secretsmanager", "ssm"})
"""Services in whose names a slash is an ordinary character (paths of roles, hierarchies of parameters): the
whole is the name, and only a colon ends it."""


class Place(NamedTuple):
    """A resource name taken apart: ``prefix`` (everything up to the name) and the parts after it.

    Joined they give the name again.  ``parts[0]`` is the bucket, table, role ... itself; each part but the
    last ends with the separator that follows it.
    """

    prefix: str
    parts: tuple[str, ...]


def place(name: str) -> Place:
    """Take a resource name apart; text that is no ARN is one part.

    ``arn:aws:s3:::b/x/y`` → ``arn:aws:s3:::`` + ``b/`` ``x/`` ``y``;
    ``arn:aws:dynamodb:r:a:table/T/index/I`` → ``arn:aws:dynamodb:r:a:table/`` + ``T/`` ``index/`` ``I``.
    """
    fields = name.split(":", 5)
    if len(fields) < 6 or fields[0] != "arn":
        return Place("", (name,))
    service, resource = fields[2], fields[5]
    prefix = name[: len(name) - len(resource)]
    if not _begins_with_name(service, account=fields[4]):
        cut = _first_separator(resource, start=1)  # API Gateway's resources begin with a separator
        prefix, resource = prefix + resource[:cut], resource[cut:]
    cut = _first_separator(resource, separators=":" if service in _SLASHED_NAMES else "/:")
    if not cut:
        return Place(prefix, (resource,))
    return Place(prefix, (resource[:cut], *_path_parts(resource[cut:])))


class Node:
    """A prefix with its children, or, once there were too many of them, the one cell that counts for all."""

    __slots__ = ("cell", "children")

    def __init__(self) -> None:
        """No children yet."""
        self.children: dict[str, Node | Cell] = {}
        self.cell: Cell | None = None

    def cells(self) -> Iterator[Cell]:
        """Every cell below."""
        if self.cell is not None:
            yield self.cell
        for child in self.children.values():
            if isinstance(child, Cell):
                yield child
            else:
                yield from child.cells()

    def roll_up(self) -> Cell:
        """Make one cell of everything below."""
        if self.cell is None:
            rolled = Cell()
            for cell in self.cells():
                rolled.absorb(cell)
            self.cell = rolled
            self.children = {}
        return self.cell


class Line(NamedTuple):
    """A cell with its place in a trie: of one name, or (``rolled``) of all names beginning with ``parts``."""

    parts: tuple[str, ...]
    rolled: bool
    cell: Cell


class Trie:
    """All names of one type that one action of one principal touched."""

    __slots__ = ("root",)

    def __init__(self) -> None:
        """No names yet."""
        self.root = Node()

    def cell(self, parts: tuple[str, ...]) -> Cell:
        """The cell that counts for the name made of ``parts``; made if it is new."""
        node = self._node(parts[:-1])
        if node.cell is not None:
            return node.cell
        leaf = node.children.get(parts[-1])
        if isinstance(leaf, Cell):
            return leaf
        if len(node.children) >= _width(len(parts) - 1):
            return node.roll_up()
        made = node.children[parts[-1]] = Cell()
        return made

    def plant(self, line: Line) -> None:
        """Add a line of another trie over the same names."""
        counted = self._node(line.parts).roll_up() if line.rolled else self.cell(line.parts)
        counted.absorb(line.cell)

    def lines(self) -> Iterator[Line]:
        """Every cell with its place."""
        yield from _lines(self.root, ())

    def _node(self, parts: tuple[str, ...]) -> Node:
        """The node for a prefix, or the nearest one above it that is rolled up."""
        node = self.root
        for depth, part in enumerate(parts):
            if node.cell is not None:
                return node
            child = node.children.get(part)
            if child is None:
                if len(node.children) >= _width(depth):
                    node.roll_up()
                    return node
                child = node.children[part] = Node()
            if isinstance(child, Cell):  # cannot be: only a last part ends without a separator
                raise TypeError(part)
            node = child
        return node


def written(prefix: str, line: Line) -> str:
    """The name of a line, or the pattern that covers all names it counts, in IAM's language."""
    name = prefix + "".join(line.parts)
    return f"{escape(name)}*" if line.rolled else name


def place_of_glob(pattern: str) -> Place | None:
    """The place from which ``written`` makes this pattern for a rolled-up line; ``None`` if there is none."""
    stem = _stem(pattern)
    if stem is None:
        return None
    below = place(stem + _A_NAME)
    return Place(below.prefix, below.parts[:-1]) if below.parts[-1] == _A_NAME else None


def _stem(pattern: str) -> str | None:
    """The text before a star that is the pattern's only wildcard; ``None`` where it is another pattern."""
    plain = pattern[:-1]
    if pattern.endswith("*") and not any(special in plain for special in "*?$"):
        return plain
    *stem, last = glob.parse(pattern).tokens or ("",)
    if last is not Wildcard.STAR or not all(isinstance(token, str) for token in stem):
        return None
    return "".join(map(str, stem))


def _lines(node: Node, parts: tuple[str, ...]) -> Iterator[Line]:
    if node.cell is not None:
        yield Line(parts, rolled=True, cell=node.cell)
    for part, child in node.children.items():
        if isinstance(child, Cell):
            yield Line((*parts, part), rolled=False, cell=child)
        else:
            yield from _lines(child, (*parts, part))


def _width(depth: int) -> int:
    return NAMES if depth == 0 else WIDTH


def _begins_with_name(service: str, *, account: str) -> bool:
    """Whether no type comes before the name: ``bucket/key`` (unlike access points), ``api-id/stage/…``."""
    return service == "execute-api" or (service == "s3" and not account)


def _path_parts(path: str) -> list[str]:
    pieces = path.split("/", LEVELS - 1)
    return [f"{piece}/" for piece in pieces[:-1]] + pieces[-1:]


def _first_separator(text: str, *, separators: str = "/:", start: int = 0) -> int:
    """One past the first separator; 0 where there is none."""
    places = [at for at in (text.find(separator, start) for separator in separators) if at >= 0]
    return min(places) + 1 if places else 0
