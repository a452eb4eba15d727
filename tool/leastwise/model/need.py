"""What a principal was seen to need: evidence gathered by action, before it becomes policy text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from leastwise.model.evidence import Observation
    from leastwise.model.request import ResourceForm


@dataclass(frozen=True, slots=True)
class SeenResource:
    """One resource that an action was used on.

    ``pattern`` is the name in IAM's pattern language: escaped for a literal, a glob where many names were
    counted as one, ``*`` where there is no name.  ``lasting`` is the pattern a policy should hold instead
    when a service invented the name (``…:instance/*`` for last month's instance), else equal to ``pattern``.
    """

    pattern: str
    lasting: str
    form: ResourceForm
    days: frozenset[date]

    @property
    def is_ephemeral(self) -> bool:
        """Whether the name will not be seen again."""
        return self.pattern != self.lasting


@dataclass(frozen=True, slots=True)
class Need:
    """One action in one context, every resource it was used on, and the observations that say so."""

    action: str
    context: tuple[tuple[str, str], ...]
    resources: tuple[SeenResource, ...]
    observations: tuple[Observation, ...]
