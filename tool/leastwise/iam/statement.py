"""The values of the IAM policy language, compared by meaning: where they stood in a text is not in them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Effect(Enum):
    """What a statement does; the value is how AWS spells it."""

    ALLOW = "Allow"
    DENY = "Deny"


class Version(Enum):
    """The version of the policy language
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html)."""

    V2008 = "2008-10-17"
    """What a document without a Version element is read as: no variables, no escapes."""
    V2012 = "2012-10-17"

    @property
    def has_variables(self) -> bool:
        """Whether ``${…}`` is a variable or an escape, and not plain text."""
        return self is Version.V2012


@dataclass(frozen=True, order=True, slots=True)
class Condition:
    """One line of a Condition block: ``operator`` holds between the context key and any of the values.

    Booleans and numbers in the text become strings, as AWS reads them.
    """

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement.  Exactly one of ``actions`` and ``not_actions`` holds patterns; so with resources."""

    effect: Effect
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    sid: str | None = None


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """An identity policy: its statements in the order of the text."""

    statements: tuple[Statement, ...] = ()
    version: Version = Version.V2012
    id: str | None = None
