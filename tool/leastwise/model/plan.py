"""What would be called in AWS so that what is live becomes what is committed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ATTACHED = "attached"


class Operation(Enum):
    """What one step does; which call of AWS does it depends on who the principal is."""

    CREATE_POLICY = "create policy"
    ADD_VERSION = "add version"
    SET_DEFAULT = "set default version"
    DELETE_VERSION = "delete version"
    DELETE_POLICY = "delete policy"
    ATTACH = "attach"
    DETACH = "detach"
    PUT_INLINE = "put inline policy"
    DELETE_INLINE = "delete inline policy"
    PROVISION = "provision"


class Part(Enum):
    """What of a policy one step changes."""

    TEXT = "text"
    ATTACHMENT = "attachment"
    OTHER = "other"
    """Versions that are not the default, and what accounts were provisioned with."""


class Aspect(NamedTuple):
    """One thing that has a value before and after: the text or the attachment of the policy at a path."""

    path: str
    part: Part


@dataclass(frozen=True, slots=True)
class Step:
    """One call.  It changes one thing from ``before`` to ``after``; ``None``: it is not there.

    What a text is before and after is that text; of an attachment it is ``ATTACHED``.
    """

    operation: Operation
    call: str
    """As IAM's policies name it: ``iam:CreatePolicyVersion``."""
    path: str
    """Where the policy's file belongs below ``policies/``; of PROVISION the permission set's folder."""
    name: str
    arn: str = ""
    """Of a managed policy; of one that is referred to by name, its IAM path and name."""
    version: str = ""
    """Of SET_DEFAULT and DELETE_VERSION."""
    before: str | None = None
    after: str | None = None
    is_bridge: bool = False
    """Whether ``after`` lasts only until a later step: old and new statements together."""

    @property
    def aspect(self) -> Aspect:
        """What it changes."""
        return Aspect(self.path, _PARTS.get(self.operation, Part.TEXT))


_PARTS = {
    Operation.ATTACH: Part.ATTACHMENT,
    Operation.DETACH: Part.ATTACHMENT,
    Operation.DELETE_VERSION: Part.OTHER,
    Operation.PROVISION: Part.OTHER,
}


@dataclass(frozen=True, slots=True)
class Fact:
    """The value of one aspect at one moment; a text is ``canonical``."""

    path: str
    part: Part
    value: str


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """One policy before and after all steps; a text is ``None`` where there is no policy.

    ``version_before`` is the default version before; empty for inline policies and for what was not there.
    """

    path: str
    name: str
    arn: str
    before: str | None
    after: str | None
    attached_before: bool
    attached_after: bool
    version_before: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that ``leastwise apply`` does for one principal, in order."""

    principal: str
    before: tuple[Fact, ...]
    """What is live when the plan is made: texts and attachments, of everything that is not others' too."""
    steps: tuple[Step, ...]
    changes: tuple[PolicyChange, ...]
    fingerprint: str
    """SHA-256, in hexadecimal, of what is live, what is wanted and the steps; not of any formatting."""


Facts = dict[Aspect, str]


def facts(found: Iterable[Fact]) -> Facts:
    """By aspect."""
    return {Aspect(fact.path, fact.part): fact.value for fact in found}


def after_step(state: Mapping[Aspect, str], step: Step) -> Facts:
    """The state in which one step leaves another."""
    path, part = step.aspect
    if part is Part.OTHER:
        return dict(state)
    left = {aspect: value for aspect, value in state.items() if aspect != (path, part)}
    if step.after is None:
        return left
    return {**left, step.aspect: step.after if part is Part.ATTACHMENT else canonical(step.after)}


def says_the_same(one: str, other: str) -> bool:
    """Whether two JSON texts are the same but for their formatting and the order of their names."""
    return canonical(one) == canonical(other)


def canonical(text: str) -> str:
    """A JSON text without its formatting and the order of its names.  ``ValueError`` for what is no JSON."""
    return json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))
