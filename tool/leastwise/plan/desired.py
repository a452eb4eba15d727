"""What a principal shall hold, as policies of the kind that are live."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from leastwise.drift.differences import structural
from leastwise.drift.matching import as_held, matched
from leastwise.iam.size import PERMISSION_SET_BYTES
from leastwise.model.declared import PrincipalKind
from leastwise.model.live import LivePolicy
from leastwise.model.plan import canonical
from leastwise.model.policies import PolicyKind, policy_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from leastwise.model.declared import Principal
    from leastwise.model.live import LiveState
    from leastwise.model.policies import Policies, PolicyFile


@dataclass(frozen=True, slots=True)
class Sides:
    """What a principal holds (or could at once: ``attached`` is false), and what it shall hold, by path."""

    principal: Principal
    live: LiveState
    before: Mapping[str, LivePolicy]
    after: Mapping[str, LivePolicy]
    otherwise: tuple[str, ...] = ()
    """Shared and AWS-managed policies whose file says something else than AWS."""
    on_trial: str = ""
    """The policy that is held only while the trial is open."""


def sides(principal: Principal, policies: Policies, live: LiveState, today: date) -> Sides:
    """Both sides, under the same paths.

    What is only live is not wanted, with one exception: the policy of an open trial, which is left as it is.
    """
    own, elsewhere = as_held(principal, policies.own(principal)), policies.elsewhere(principal)
    bound = policies.bound(principal)
    known = (*elsewhere, bound) if bound else elsewhere
    found = matched(live, principal, own, known)
    before = {policy.path: policy for policy in found.policies}
    after = {file.path: _own(principal, file, before.get(file.path)) for file in own}
    for reference, file in zip(principal.attached, elsewhere, strict=True):
        after[file.path] = _elsewhere(principal, reference, file, before.get(file.path))
    on_trial = _on_trial(principal, bound, before, today)
    if on_trial and on_trial not in after:
        after[on_trial] = before[on_trial]
    otherwise = tuple(file.path for file in elsewhere if _says_otherwise(file, before.get(file.path)))
    return Sides(principal, found, before, after, otherwise, on_trial)


def _on_trial(
    principal: Principal, bound: PolicyFile | None, before: Mapping[str, LivePolicy], today: date
) -> str:
    trial = principal.trial
    is_open = bool(trial and trial.is_open(today))
    return bound.path if is_open and bound and bound.path in before and before[bound.path].attached else ""


def _says_otherwise(file: PolicyFile, held: LivePolicy | None) -> bool:
    return bool(held and held.is_read and structural(held.text, file.text))


def new_path(principal: Principal) -> str:
    """The IAM path of policies that leastwise creates: one a principal, so that a role can be bound to it."""
    return f"/leastwise/{principal.kind.value}/{principal.name}/"


def _own(principal: Principal, file: PolicyFile, held: LivePolicy | None) -> LivePolicy:
    name = policy_name(file.path)
    wanted = LivePolicy(file.path, _sent(principal, file.text), file.document, file.kind, name)
    if held:
        if not structural(held.text, file.text):
            wanted = replace(wanted, text=held.text, document=held.document, version=held.version)
        return replace(wanted, arn=held.arn, name=held.name, versions=held.versions)
    if file.kind is PolicyKind.INLINE:
        return wanted
    partition, account = (principal.arn or "").split(":")[1], principal.accounts[0]
    return replace(wanted, arn=f"arn:{partition}:iam::{account}:policy{new_path(principal)}{name}")


def _sent(principal: Principal, text: str) -> str:
    """The text as it is sent: without formatting where IAM Identity Center has no room for that."""
    if principal.kind is PrincipalKind.PERMISSION_SET and len(text.encode()) > PERMISSION_SET_BYTES:
        return canonical(text)
    return text


def _elsewhere(principal: Principal, reference: str, file: PolicyFile, held: LivePolicy | None) -> LivePolicy:
    """A shared or AWS-managed policy: attached, and never written."""
    if held:
        return replace(held, attached=True)
    name = policy_name(file.path)
    is_set = principal.kind is PrincipalKind.PERMISSION_SET and file.kind is PolicyKind.SHARED
    by_name = f"/{name}" if is_set else ""
    arn = reference if file.kind is PolicyKind.AWS_MANAGED else by_name
    return LivePolicy(file.path, file.text, file.document, file.kind, name, arn, is_read=not by_name)


def wanted_names(principal: Principal, policies: Policies, live: LiveState) -> Iterator[str]:
    """Names of customer managed policies that the principal shall hold and does not: they may exist."""
    held = {policy.name for policy in live.policies if policy.arn}
    files = (*policies.own(principal), *policies.elsewhere(principal))
    for file in files:
        name = policy_name(file.path)
        if file.kind in (PolicyKind.MANAGED, PolicyKind.SHARED) and name not in held:
            yield name
