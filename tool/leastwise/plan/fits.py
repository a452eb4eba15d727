"""Whether a plan that was kept somewhere is one that leastwise would make: somebody may have made it up.

That a plan has its fingerprint shows that nobody edited it; but anybody can compute one.  So before a plan
from a file or from the journal is carried out, each of its steps must be about what is the principal's to
hold, and it must end in what is committed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.iam.compose import concatenated
from leastwise.iam.document import parse, render
from leastwise.model.declared import PrincipalKind
from leastwise.model.plan import ATTACHED, Operation, Part, after_step, canonical, facts, says_the_same
from leastwise.model.policies import policy_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from leastwise.model.live import LivePolicy
    from leastwise.model.plan import Facts, Plan, PolicyChange, Step
    from leastwise.plan.desired import Sides

FOREIGN = "is not the principal's to change"


def misfits(plan: Plan, both: Sides) -> tuple[str, ...]:
    """What in a plan is not about its principal, or does not lead to what it says; without full stops."""
    changes = {change.path: change for change in plan.changes}
    return (*(why for step in plan.steps for why in _of_step(step, changes, both)), *_of_ends(plan))


def uncommitted(plan: Plan, both: Sides) -> tuple[str, ...]:
    """The paths at which a plan ends in something else than what is committed now."""
    return tuple(
        change.path for change in plan.changes if not _is_wanted(change, both.after.get(change.path))
    )


def _is_wanted(change: PolicyChange, wanted: LivePolicy | None) -> bool:
    if wanted is None or not change.attached_after:
        return wanted is None and not change.attached_after
    return change.after is None or says_the_same(change.after, wanted.text)


def _of_step(step: Step, changes: Mapping[str, PolicyChange], both: Sides) -> Iterator[str]:
    if step.operation is Operation.PROVISION:
        if step.arn != both.live.arn:
            yield f"{step.arn} {FOREIGN}"
        return
    change = changes.get(step.path)
    if change is None or (change.arn, change.name) != (step.arn, step.name):
        yield f"{step.path}: its steps and what they come to are of different policies"
    elif not _is_its_own(step, both):
        yield f"{step.path}: {step.arn or step.name} {FOREIGN}"
    elif step.aspect.part is Part.TEXT and step.after is not None and step.after not in _texts(change):
        yield f"{step.path}: a step writes what is neither before nor after it"


def _is_its_own(step: Step, both: Sides) -> bool:
    """Whether the policy of a step is the one that belongs at its path."""
    principal, held = both.principal, both.before.get(step.path)
    if held and held.arn != step.arn:
        return False
    is_text = step.aspect.part is not Part.ATTACHMENT
    if not step.arn:
        return is_text and step.path.startswith(f"{principal.folder}/")
    if is_text:
        is_free = held is None or not (_others(held) or held.boundaries)
        return is_free and step.path == f"{principal.folder}/{step.name}.json" and _is_local(step, both)
    return policy_path(step.arn) == step.path or _is_local(step, both)


def _others(held: LivePolicy) -> int:
    return held.attachments - (1 if held.attached else 0)


def _is_local(step: Step, both: Sides) -> bool:
    """Whether the ARN is that of a customer managed policy of this name in the principal's account."""
    if both.principal.kind is PrincipalKind.PERMISSION_SET:
        return step.arn.startswith("/") and step.arn.endswith(f"/{step.name}")
    account = f":iam::{both.principal.accounts[0]}:policy/"
    return account in step.arn and step.arn.endswith(f"/{step.name}")


def _texts(change: PolicyChange) -> tuple[str | None, ...]:
    """Every text that a policy may have on the way: old, new, or both together for a moment."""
    if change.before is None or change.after is None:
        return (change.before, change.after)
    try:
        together = concatenated((parse(change.before, change.path), parse(change.after, change.path)))
    except ValueError:  # of two versions of the language there is no bridge
        return (change.before, change.after)
    return (change.before, change.after, render(together))


def _of_ends(plan: Plan) -> Iterator[str]:
    begin = end = facts(plan.before)
    for step in plan.steps:
        end = after_step(end, step)
    for change in plan.changes:
        if not _is_so(change, change.before, begin, is_held=change.attached_before):
            yield f"{change.path}: before the first step it is not what the plan says"
        if not _is_so(change, change.after, end, is_held=change.attached_after):
            yield f"{change.path}: its steps do not come to what it says"


def _is_so(change: PolicyChange, text: str | None, state: Facts, *, is_held: bool) -> bool:
    """Whether a policy says that text, and is held or not, in a state."""
    told = {part: value for (path, part), value in state.items() if path == change.path}
    holds = Part.TEXT in told if not change.arn else told.get(Part.ATTACHMENT) == ATTACHED
    return holds is is_held and (text is None or told.get(Part.TEXT) == canonical(text))
