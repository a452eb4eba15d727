"""Moves -> the calls of AWS, in order.

Calls: botocore 1.44.5, ``iam`` and ``sso-admin`` service models.  A managed policy has at most five versions
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html, 2026-11-23); before a sixth, the
oldest goes that is neither the default nor the one before it, nor what was the default before the plan, nor
what the plan returns to: a rollback needs them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from leastwise.model.declared import PrincipalKind
from leastwise.model.plan import ATTACHED, Operation, Step
from leastwise.model.policies import PolicyKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from leastwise.model.declared import Principal
    from leastwise.model.live import LivePolicy
    from leastwise.plan.desired import Sides
    from leastwise.plan.order import Move

MOST_VERSIONS = 5
"""Versions of one managed policy; not adjustable."""
NEW = "new"
"""A version that AWS will number when it is made."""

_OF_A_POLICY = {
    Operation.CREATE_POLICY: "iam:CreatePolicy",
    Operation.ADD_VERSION: "iam:CreatePolicyVersion",
    Operation.SET_DEFAULT: "iam:SetDefaultPolicyVersion",
    Operation.DELETE_VERSION: "iam:DeletePolicyVersion",
    Operation.DELETE_POLICY: "iam:DeletePolicy",
    Operation.PROVISION: "sso:ProvisionPermissionSet",
}
_VERBS = {
    Operation.ATTACH: "Attach",
    Operation.DETACH: "Detach",
    Operation.PUT_INLINE: "Put",
    Operation.DELETE_INLINE: "Delete",
}
_TEXTS = frozenset({Operation.ADD_VERSION, Operation.PUT_INLINE})
_KINDS = {PrincipalKind.USER: "User", PrincipalKind.ROLE: "Role"}


def steps(both: Sides, moves: Iterable[Move]) -> tuple[Step, ...]:
    """Every call for the moves of one principal; a permission set is provisioned at the end."""
    writer = _Writer(both.principal, both.after)
    made = [step for move in moves for step in writer.of(move)]
    if both.live.provisioned and (made or both.live.behind):
        made.append(writer.provision(both.live.arn))
    return tuple(made)


@dataclass(frozen=True, slots=True)
class _Writer:
    """Turns moves into steps, and knows which versions of each policy there are on the way."""

    principal: Principal
    last: Mapping[str, LivePolicy]
    """Each policy in the end."""
    versions: dict[str, list[str]] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    first: dict[str, str] = field(default_factory=dict)
    """The default version of each policy before the first step."""

    def of(self, move: Move) -> Iterator[Step]:
        policy = move.after or move.before
        if policy is None:
            return
        if policy.kind is PolicyKind.INLINE:
            yield self._inline(move, policy)
            return
        attached = bool(move.before and move.before.attached)
        if move.after:
            if policy.kind is PolicyKind.MANAGED:
                yield from self._written(move, move.after)
            if not attached:
                yield self._step(Operation.ATTACH, move.after, None, ATTACHED)
        else:
            yield self._step(Operation.DETACH, policy, ATTACHED, None)
            if policy.kind is PolicyKind.MANAGED and not policy.boundaries:
                yield from self._deleted(policy)

    def provision(self, arn: str) -> Step:
        """What brings the definition to every account."""
        folder, name = self.principal.folder, self.principal.name
        return Step(Operation.PROVISION, _OF_A_POLICY[Operation.PROVISION], folder, name, arn)

    def _inline(self, move: Move, policy: LivePolicy) -> Step:
        before = move.before.text if move.before else None
        if move.after is None:
            return self._step(Operation.DELETE_INLINE, policy, before, None)
        return self._step(Operation.PUT_INLINE, policy, before, move.after.text)

    def _written(self, move: Move, after: LivePolicy) -> Iterator[Step]:
        before = move.before
        if before is None:
            self.versions[after.path], self.defaults[after.path] = [NEW], NEW
            yield self._step(Operation.CREATE_POLICY, after, None, after.text)
        elif before.text != after.text:
            there = self.versions.setdefault(after.path, list(before.versions))
            default = self.defaults.setdefault(after.path, before.version)
            first = self.first.setdefault(after.path, before.version)
            if after.version:
                self.defaults[after.path] = after.version
                yield self._step(Operation.SET_DEFAULT, after, before.text, after.text, after.version)
                return
            if len(there) >= MOST_VERSIONS:
                oldest = expendable(there, default, {first, self.last[after.path].version})
                there.remove(oldest)
                yield self._step(Operation.DELETE_VERSION, after, version=oldest)
            there.append(NEW)
            self.defaults[after.path] = NEW
            yield self._step(Operation.ADD_VERSION, after, before.text, after.text)

    def _deleted(self, policy: LivePolicy) -> Iterator[Step]:
        for version in policy.versions:
            if version != policy.version:
                yield self._step(Operation.DELETE_VERSION, policy, version=version)
        yield self._step(Operation.DELETE_POLICY, policy, policy.text, None)

    def _step(
        self,
        operation: Operation,
        policy: LivePolicy,
        before: str | None = None,
        after: str | None = None,
        version: str = "",
    ) -> Step:
        call = _OF_A_POLICY.get(operation) or self._call(operation, policy)
        is_bridge = operation in _TEXTS and after != self.last[policy.path].text
        return Step(operation, call, policy.path, policy.name, policy.arn, version, before, after, is_bridge)

    def _call(self, operation: Operation, policy: LivePolicy) -> str:
        verb = _VERBS[operation]
        if self.principal.kind in _KINDS:
            return f"iam:{verb}{_KINDS[self.principal.kind]}Policy"
        preposition = {"Attach": "To", "Put": "To"}.get(verb, "From")
        kind = {
            PolicyKind.INLINE: "InlinePolicy",
            PolicyKind.AWS_MANAGED: "ManagedPolicy",
        }.get(policy.kind, "CustomerManagedPolicyReference")
        return f"sso:{verb}{kind}{preposition}PermissionSet"


def expendable(versions: list[str], default: str, needed: AbstractSet[str]) -> str:
    """The oldest version that is neither the default, nor the newest one before it, nor needed otherwise.

    ``versions`` come oldest first, and are more than those.
    """
    at = versions.index(default)
    last_good = versions[at - 1] if at else ""
    return next(version for version in versions if version not in (default, last_good, *needed))
