"""ARN templates of the Service Authorization Reference: does an ARN fit one, and filling one from names.

A template is ``arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}/index/${IndexName}``.
Several templates of a service may fit one text: a bucket's ``${BucketName}`` fits ``bucket/key`` too.  An ARN
belongs to the most specific template of its service that it fits, so each template knows its rivals.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from leastwise.iam import glob

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

VARIABLE = re.compile(r"\$\{(\w+)\}")
PLACE = frozenset({"Partition", "Region", "Account"})
"""Variables that name where a resource is; they come from the event itself."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an event happened: the values of the variables that every template shares."""

    partition: str
    region: str
    account: str


@dataclass(frozen=True, slots=True)
class ArnTemplate:
    """One template.  ``variables`` are those that name the resource, in order."""

    text: str
    variables: tuple[str, ...]
    shape: re.Pattern[str] = field(repr=False)
    rivals: tuple[re.Pattern[str], ...] = field(default=(), repr=False)
    """Shapes of more specific templates of the same service that may fit the same text."""

    @property
    def is_glob(self) -> bool:
        """Whether the reference itself writes a star: ``task:*``, for names that it does not describe."""
        return "*" in self.text

    @property
    def head(self) -> str:
        """The resource part up to its first variable: ``table/``."""
        return _head(self.text)

    def fits(self, arn: str) -> bool:
        """Whether ``arn`` is one of this template and of no more specific one."""
        if self.shape.fullmatch(arn) is None:
            return False
        return not any(rival.fullmatch(arn) for rival in self.rivals)

    def values(self, arn: str) -> tuple[str, ...]:
        """The texts of ``variables`` in an ARN that fits."""
        match = self.shape.fullmatch(arn)
        return match.groups() if match else ()

    def fill(self, place: Place, values: Mapping[str, str]) -> str:
        """The ARN with these names in it, letter for letter."""
        return _filled(self.text, {**_placed(place), **values})

    def pattern(self, place: Place, values: Mapping[str, str]) -> str:
        """The glob for an ARN of which only these names are known; ``*`` stands for the others."""
        known = {name: glob.escape(value) for name, value in values.items()}
        return _filled(self.text, dict.fromkeys(self.variables, "*") | _placed(place) | known)


def compile_templates(arns: Mapping[str, Sequence[str]]) -> dict[str, tuple[ArnTemplate, ...]]:
    """The templates of one service, by resource type.  ``arns`` has the texts of each type."""
    shapes = {text: _shape(text) for texts in arns.values() for text in texts}
    return {
        name: tuple(
            ArnTemplate(text, _variables(text), shapes[text], _rivals(text, shapes)) for text in texts
        )
        for name, texts in arns.items()
    }


def _variables(text: str) -> tuple[str, ...]:
    return tuple(name for name in VARIABLE.findall(text) if name not in PLACE)


def _placed(place: Place) -> dict[str, str]:
    return {"Partition": place.partition, "Region": place.region, "Account": place.account}


def _filled(text: str, values: Mapping[str, str]) -> str:
    return VARIABLE.sub(lambda match: values[match[1]], text)


def _shape(text: str) -> re.Pattern[str]:
    """An expression that cannot backtrack far: a variable ends at the first separator that follows it.

    Only a variable at the very end may hold separators (``/`` in a role's path or an object's key).
    """
    parts = VARIABLE.split(text)
    literals, names = parts[::2], parts[1::2]
    shape = _fixed(literals[0])
    for name, follower in zip(names, literals[1:], strict=True):
        shape += _value(name, follower) + _fixed(follower)
    return re.compile(shape, re.DOTALL)


def _fixed(text: str) -> str:
    """Letter for letter; the reference's own star is anything at the end, and one component before it."""
    fixed = re.escape(text)
    end = ".+" if text.endswith("*") else ""
    return fixed.removesuffix(r"\*").replace(r"\*", "[^:/]*") + end


def _value(name: str, follower: str) -> str:
    if name in PLACE:
        return "[^:]*"
    return f"([^{re.escape(follower[0])}]+)" if follower else "(.+)"


def _rivals(text: str, shapes: Mapping[str, re.Pattern[str]]) -> tuple[re.Pattern[str], ...]:
    """The more specific templates: they share the literal head of ``text`` and say more."""
    head, said = _head(text), _said(text)
    return tuple(
        shape for other, shape in shapes.items() if _said(other) > said and _may_overlap(head, _head(other))
    )


def _head(text: str) -> str:
    """The resource part up to the first variable: ``table/``."""
    return VARIABLE.split(text.split(":", 5)[-1], maxsplit=1)[0]


def _said(text: str) -> int:
    """How many characters of the resource part are fixed."""
    return len(VARIABLE.sub("", text.split(":", 5)[-1]).replace("*", ""))


def _may_overlap(one: str, other: str) -> bool:
    return other.startswith(one)
