"""IAM's quotas at every moment from the first move to the last: AWS counts what is there at the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.iam import size
from leastwise.model.declared import PrincipalKind
from leastwise.model.policies import PolicyKind
from leastwise.model.proposal import SizeBudget
from leastwise.plan.order import states

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from leastwise.model.live import LivePolicy
    from leastwise.plan.desired import Sides
    from leastwise.plan.order import Move

_INLINE = {
    PrincipalKind.USER: size.USER_INLINE_CHARACTERS,
    PrincipalKind.ROLE: size.ROLE_INLINE_CHARACTERS,
}


def too_large(both: Sides, moves: Sequence[Move]) -> tuple[str, ...]:
    """What has no room, a sentence each without a full stop: at the end, or else on the way there."""
    *on_the_way, end = states(both.before, moves)
    final = [_words(budget) for budget in _budgets(both, list(end.values())) if _is_over(budget)]
    if final:
        return (*final, "`leastwise propose` splits a policy that is too large, and so can you")
    worst: dict[str, SizeBudget] = {}
    for held in on_the_way[1:]:
        for budget in filter(_is_over, _budgets(both, list(held.values()))):
            worst[budget.rule] = max(budget, worst.get(budget.rule, budget), key=lambda each: each.used)
    return tuple(
        f"{_words(budget)} while old and new are both there, since what is new is granted before what is old "
        "is taken away: bring the change in two pull requests"
        for budget in worst.values()
    )


def _is_over(budget: SizeBudget) -> bool:
    return budget.used > budget.quota


def _words(budget: SizeBudget) -> str:
    over = budget.used - budget.quota
    return (
        f"{budget.path}: {budget.used:,} {budget.rule}, {over:,} more than the {budget.quota:,} there may be"
    )


def _budgets(both: Sides, held: Sequence[LivePolicy]) -> Iterator[SizeBudget]:
    attached = sum(1 for policy in held if policy.arn or policy.kind is not PolicyKind.INLINE)
    yield SizeBudget(both.principal.folder, attached, both.live.most_attached, "attached managed policies")
    for policy in held:
        if policy.kind is PolicyKind.MANAGED:
            used = size.non_white_length(policy.text)
            yield SizeBudget(
                policy.path, used, size.MANAGED_POLICY_CHARACTERS, "characters, white space not counted"
            )
    inline = [policy.text for policy in held if policy.kind is PolicyKind.INLINE]
    if both.principal.kind is PrincipalKind.PERMISSION_SET:
        yield from _of_permission_set(both.principal.folder, inline)
        return
    used, rule = (
        sum(map(size.non_white_length, inline)),
        "characters in all inline policies, white space not counted",
    )
    yield SizeBudget(both.principal.folder, used, _INLINE[both.principal.kind], rule)


def _of_permission_set(folder: str, inline: Sequence[str]) -> Iterator[SizeBudget]:
    total, dense = sum(len(text.encode()) for text in inline), sum(map(size.non_white_bytes, inline))
    yield SizeBudget(folder, total, size.PERMISSION_SET_BYTES, "bytes in the inline policy")
    rule = "bytes in the inline policy, white space not counted"
    yield SizeBudget(folder, dense, size.PERMISSION_SET_NON_WHITE_BYTES, rule)
