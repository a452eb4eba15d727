"""What a principal holds in AWS at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leastwise.iam.statement import PolicyDocument
    from leastwise.model.policies import PolicyKind


@dataclass(frozen=True, slots=True)
class LivePolicy:
    """One policy as AWS holds it; ``path`` is where its file belongs below ``policies/``.

    ``text`` is the policy in our formatting: AWS keeps none.  ``arn`` and ``version`` (the default version)
    are empty for an inline policy.
    """

    path: str
    text: str
    document: PolicyDocument
    kind: PolicyKind
    name: str
    arn: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class LiveState:
    """Everything that grants something to a user, role or permission set.

    ``groups`` are those of a user: their policies count too, and are not read.  ``boundary`` is the ARN of
    its permissions boundary, which grants nothing and bounds everything.
    """

    principal: str
    policies: tuple[LivePolicy, ...]
    groups: tuple[str, ...] = ()
    boundary: str = ""
