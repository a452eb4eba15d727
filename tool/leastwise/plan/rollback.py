"""What a principal held before, from versions that AWS still has or from what was written down."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from leastwise.drift.differences import is_text
from leastwise.errors import PlanError
from leastwise.iam.document import parse
from leastwise.model.live import LivePolicy, named_only
from leastwise.model.plan import Operation, says_the_same
from leastwise.model.policies import PolicyKind

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping, Sequence

    from leastwise.model.plan import Plan, PolicyChange
    from leastwise.plan.desired import Sides


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a managed policy to return to; ``name`` is empty where there is only one policy."""

    version: str
    name: str = ""

    @classmethod
    def parse(cls, text: str) -> Version:
        """``v3``, or ``main=v3`` where a principal has several policies."""
        name, _, version = text.rpartition("=")
        return cls(version, name)

    def __str__(self) -> str:
        """As it is given."""
        return f"{self.name}={self.version}" if self.name else self.version


@dataclass(frozen=True, slots=True)
class Texts:
    """What AWS holds beside what is live: (ARN, version) -> text, and policies of others by ARN."""

    of_versions: Mapping[tuple[str, str], str] = field(default_factory=dict)
    of_others: Mapping[str, LivePolicy] = field(default_factory=dict)


def targets(both: Sides, wanted: Sequence[Version]) -> tuple[tuple[LivePolicy, str], ...]:
    """Which managed policy goes to which version; without a wish the only one goes to the one before.

    Raises ``PlanError`` where that is not clear, or not there.
    """
    own = {policy.name: policy for policy in both.before.values() if _has_versions(policy)}
    if not wanted:
        wanted = (Version(""),)
    return tuple(_target(own, each) for each in wanted)


def _has_versions(policy: LivePolicy) -> bool:
    return policy.kind is PolicyKind.MANAGED and policy.attached


def _target(own: Mapping[str, LivePolicy], wanted: Version) -> tuple[LivePolicy, str]:
    name = wanted.name or (next(iter(own)) if len(own) == 1 else "")
    there = "; ".join(f"{policy.name} has {', '.join(policy.versions)}" for policy in own.values())
    if name not in own:
        raise PlanError(
            "which policy is to go back is not written down: name it with --to NAME=VERSION, or the journal "
            f"with --state ({there or 'it has no managed policy of its own'})"
        )
    policy = own[name]
    version = wanted.version or _one_before(policy)
    if version not in policy.versions:
        raise PlanError(f"{name} has no version {version or 'before its default'}: {there}")
    return policy, version


def _one_before(policy: LivePolicy) -> str:
    older = policy.versions[: policy.versions.index(policy.version)]
    return older[-1] if older else ""


def to_versions(both: Sides, aims: Iterable[tuple[LivePolicy, str]], texts: Texts) -> Sides:
    """Everything that is held now, with some policies as they were in an older version."""
    after = _held(both)
    for policy, version in aims:
        after[policy.path] = _at(policy, version, texts.of_versions[policy.arn, version])
    return replace(both, after=after)


def to_before(both: Sides, changes: Iterable[PolicyChange], texts: Texts) -> Sides:
    """Everything that is held now, with what a plan changed as it was before."""
    after = _held(both)
    for change in changes:
        after.pop(change.path, None)
        if change.attached_before:
            after[change.path] = _before(both.before.get(change.path), change, texts)
    return replace(both, after=after)


def _held(both: Sides) -> dict[str, LivePolicy]:
    return {path: policy for path, policy in both.before.items() if policy.attached}


def _before(held: LivePolicy | None, change: PolicyChange, texts: Texts) -> LivePolicy:
    if change.before is None:  # of many: attached again, as it is now
        if held:
            return replace(held, attached=True)
        return texts.of_others.get(change.arn) or named_only(change.path, change.name, change.arn)
    document = parse(change.before, change.path)
    kind = PolicyKind.MANAGED if change.arn else PolicyKind.INLINE
    was = LivePolicy(change.path, change.before, document, kind, change.name, change.arn)
    if held and says_the_same(held.text, change.before):
        return replace(held, attached=True)
    there = texts.of_versions.get((change.arn, change.version_before)) if held else None
    if held and there is not None and says_the_same(there, change.before):
        return replace(was, version=change.version_before, versions=held.versions)
    return replace(was, versions=held.versions if held else ())


def _at(policy: LivePolicy, version: str, text: str) -> LivePolicy:
    return replace(policy, text=text, document=parse(text, policy.path), version=version)


def unreviewed(
    plan: Plan, declared: Container[str], before: Callable[[str], Iterable[str]]
) -> tuple[str, ...]:
    """The paths at which a way back would write what nobody reviewed: what a journal says, others may write.

    Reviewed is what was committed (``before`` tells a file's texts), what AWS itself still has as a version,
    and of the policies of others those that are ``declared``.
    """
    there = {step.path for step in plan.steps if step.operation is Operation.SET_DEFAULT}
    return tuple(
        change.path
        for change in plan.changes
        if change.attached_after and change.path not in there and not _was_seen(change, declared, before)
    )


def _was_seen(change: PolicyChange, declared: Container[str], before: Callable[[str], Iterable[str]]) -> bool:
    if change.after is None:
        return change.path in declared
    return any(is_text(change.after, text) for text in before(change.path))


def versions_before(both: Sides, changes: Iterable[PolicyChange]) -> tuple[tuple[str, str], ...]:
    """(ARN, version) of what AWS may still have as it was before: whether it says the same is to be asked.

    A policy that was deleted and made anew counts its versions anew.
    """
    held = {(policy.arn, version) for policy in both.before.values() for version in policy.versions}
    wanted = {(change.arn, change.version_before) for change in changes if change.before is not None}
    return tuple(sorted(held & wanted))


def of_others(changes: Iterable[PolicyChange]) -> tuple[str, ...]:
    """The ARNs of policies of many that were attached before: their texts are asked of AWS."""
    return tuple(change.arn for change in changes if change.attached_before and change.before is None)
