"""Reading nodes that the schema found sound; what it objected to is passed over as if it were not there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.declare.yaml_tree import Node, Place, Scalar, Sequence, Table

if TYPE_CHECKING:
    from leastwise.declare.schema import Path


@dataclass(frozen=True, slots=True)
class Field:
    """A node, the path to it, and the paths of the nodes that are not sound."""

    node: Node
    path: Path = ()
    broken: frozenset[Path] = frozenset()

    @property
    def place(self) -> Place:
        """Where the node begins."""
        return self.node.start

    @property
    def scalar(self) -> str:
        """The node's own text; empty for a list or mapping."""
        return self.node.text if isinstance(self.node, Scalar) else ""

    @property
    def items(self) -> tuple[Field, ...]:
        """The sound items of a list; of a single text, the text alone."""
        if isinstance(self.node, Scalar):
            return (self,)
        if not isinstance(self.node, Sequence):
            return ()
        fields = (self._below(index, item) for index, item in enumerate(self.node.items))
        return tuple(field for field in fields if field)

    @property
    def keys(self) -> tuple[Scalar, ...]:
        """Every key of a mapping, once, whether its value is sound or not."""
        return tuple(key for key, _ in self.node.firsts.values()) if isinstance(self.node, Table) else ()

    @property
    def entries(self) -> tuple[tuple[Scalar, Field], ...]:
        """The sound entries of a mapping, each key once."""
        if not isinstance(self.node, Table):
            return ()
        below = ((key, self._below(key.text, value)) for key, value in self.node.firsts.values())
        return tuple((key, field) for key, field in below if field)

    def get(self, key: str) -> Field | None:
        """The value of a key; ``None`` where it is not there, not sound, or nothing."""
        value = self.node.value(key) if isinstance(self.node, Table) else None
        return self._below(key, value) if value else None

    def text(self, key: str) -> str | None:
        """The text of a key; ``None`` as for ``get``."""
        field = self.get(key)
        return field.scalar if field else None

    def list(self, key: str) -> tuple[Field, ...]:
        """The items of a key; none as for ``get``."""
        field = self.get(key)
        return field.items if field else ()

    def texts(self, key: str) -> tuple[str, ...]:
        """The texts of the items of a key."""
        return tuple(item.scalar for item in self.list(key))

    def mapping(self, key: str) -> tuple[tuple[Scalar, Field], ...]:
        """The entries of a key."""
        field = self.get(key)
        return field.entries if field else ()

    def _below(self, step: str | int, node: Node) -> Field | None:
        path = (*self.path, step)
        is_nothing = isinstance(node, Scalar) and node.is_null
        return None if is_nothing or path in self.broken else Field(node, path, self.broken)
