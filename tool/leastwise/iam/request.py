"""What is asked of a policy: an action on a resource, in a context that may be known in part."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ContextValue = tuple[str, ...] | None
"""The values of a context key; ``None`` (or no values): the key is known to be absent."""


class Missing(Enum):
    """Why a context key has no value to compare."""

    ABSENT = "absent from the request"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Request:
    """One authorization request.

    ``resource`` is a literal name: a ``*`` in it is a star, and an action without resource types has the
    resource ``*``.  Context keys are compared without regard to case; a key that is not in ``context`` is
    unknown, or absent if the context is ``closed``.
    """

    action: str
    resource: str
    context: Mapping[str, ContextValue] = field(default_factory=lambda: MappingProxyType({}))
    closed: bool = False

    def values(self, key: str) -> tuple[str, ...] | Missing:
        """The values of a context key, at least one, or why there are none."""
        wanted = key.lower()
        for name, values in self.context.items():
            if name.lower() == wanted:
                return values or Missing.ABSENT
        return Missing.ABSENT if self.closed else Missing.UNKNOWN
