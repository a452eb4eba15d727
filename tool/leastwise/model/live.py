"""What a principal holds in AWS at one moment."""

from __future__ import annotations

from dataclasses import dataclass

from leastwise.iam.statement import PolicyDocument
from leastwise.model.policies import PolicyKind


@dataclass(frozen=True, slots=True)
class LivePolicy:
    """One policy as AWS holds it; ``path`` is where its file belongs below ``policies/``.

    ``text`` is the policy in our formatting: AWS keeps none.  ``arn`` and ``version`` (the default version)
    are empty for an inline policy.  A permission set refers to a customer managed policy by name: its
    ``arn`` is then the policy's IAM path and name (``/team/logging``), and its text lies in the accounts.
    """

    path: str
    text: str
    document: PolicyDocument
    kind: PolicyKind
    name: str
    arn: str = ""
    version: str = ""
    attached: bool = True
    """Whether the principal holds it; else it only exists under the name of one of its files."""
    attachments: int = 1
    """How many users, groups and roles a managed policy is attached to."""
    boundaries: int = 0
    """How many users and roles have it as their permissions boundary."""
    versions: tuple[str, ...] = ()
    """The IDs of a managed policy's versions, oldest first; empty where nobody asked."""
    is_read: bool = True
    """Whether ``text`` is what AWS holds; a reference by name is not followed."""


def named_only(path: str, name: str, arn: str) -> LivePolicy:
    """A policy that a permission set refers to by ``arn``, its IAM path and name: nobody has read it yet."""
    return LivePolicy(path, "", PolicyDocument(), PolicyKind.SHARED, name, arn, is_read=False)


@dataclass(frozen=True, slots=True)
class LiveState:
    """Everything that grants something to a user, role or permission set.

    ``groups`` are those of a user: their policies count too, and are not read.  ``boundary`` names its
    permissions boundary, which grants nothing and bounds everything.
    """

    principal: str
    policies: tuple[LivePolicy, ...]
    groups: tuple[str, ...] = ()
    boundary: str = ""
    arn: str = ""
    """Of a permission set; others have theirs in the declaration."""
    provisioned: tuple[str, ...] = ()
    """The accounts that a permission set is provisioned to, as it is now or as it was once."""
    behind: tuple[str, ...] = ()
    """Those of them that hold an older definition of it."""
    most_attached: int = 10
    """How many managed policies it may have attached."""
