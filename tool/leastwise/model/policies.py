"""The policies of the files below ``policies/``, and whose they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leastwise.iam.statement import PolicyDocument
    from leastwise.model.declared import Principal


class PolicyKind(Enum):
    """How a policy is held; the place of its file says so."""

    MANAGED = "managed"
    """A customer managed policy of one principal: a file right in the principal's folder."""
    INLINE = "inline"
    """Below ``inline/``; and every file of a permission set, which has one inline policy made of them all."""
    SHARED = "shared"
    """A customer managed policy of many: below ``shared/``."""
    AWS_MANAGED = "AWS managed"
    """AWS's own: below ``aws/``, or below the name of the partition it belongs to."""


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """One policy: ``path`` below ``policies/`` with ``/`` between the parts, its text, and what it says.

    ``folder`` is ``Principal.folder`` of the principal it belongs to; empty for shared and AWS-managed ones.
    """

    path: str
    text: str
    document: PolicyDocument
    kind: PolicyKind
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Policies:
    """Every policy below ``policies/``, by path, in the order of the paths.

    ``notes`` are sentences about files that count for nobody.
    """

    files: Mapping[str, PolicyFile] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def own(self, principal: Principal) -> tuple[PolicyFile, ...]:
        """The files of the principal's folder: what proposals may edit."""
        return tuple(file for file in self.files.values() if file.folder == principal.folder)

    def elsewhere(self, principal: Principal) -> tuple[PolicyFile, ...]:
        """The shared and AWS-managed policies it is attached to: counted, never edited."""
        return tuple(self.files[policy_path(reference)] for reference in principal.attached)

    def bound(self, principal: Principal) -> PolicyFile | None:
        """The policy it holds during its trial; ``None`` where none is declared."""
        trial = principal.trial
        return self.files[policy_path(trial.policy)] if trial and trial.policy else None


def policy_name(path: str) -> str:
    """The name of the policy in a file below ``policies/``: ``logging`` of ``shared/logging.json``."""
    return path.rpartition("/")[2].removesuffix(".json")


def policy_path(reference: str) -> str:
    """The path below ``policies/`` of a policy named in ``attached`` or ``trial.policy``.

    ``shared/logging.json`` is a path already; ``arn:aws:iam::aws:policy/job-function/Billing`` is kept as
    ``aws/job-function/Billing.json``.  The first folder is the ARN's partition, because AWS's policies of one
    name differ between partitions.
    """
    if not reference.startswith("arn:"):
        return reference
    partition, _, resource = reference.removeprefix("arn:").partition(":iam::aws:policy/")
    return f"{partition}/{resource}.json"
