"""Plans as lines of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.iam.includes import Included, Undecided, Witness
from leastwise.model.plan import Operation
from leastwise.render.escape import plain, printable
from leastwise.render.words import counted, title_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from leastwise.model.plan import Plan, Step
    from leastwise.plan.deltas import PolicyDelta
    from leastwise.plan.planned import Planned
    from leastwise.review import GrantDelta

WIDE = 300
GRANTS = 40
"""Grants of one kind that are listed."""
CHANGES = 20
"""Structural changes of one policy that are listed."""


def plan_lines(found: Iterable[Planned]) -> Iterator[str]:
    """Each principal's plan, then how many differ."""
    every = tuple(found)
    for each in every:
        yield from _lines(each)
        yield ""
    yield summary(every)


def summary(every: Sequence[Planned]) -> str:
    """``1 of 3 principals differs from what is live; 1 plan can be applied``."""
    differing = sum(each.differs for each in every)
    unread = sum(not each.is_read for each in every)
    ready = sum(each.plan is not None for each in every)
    verb = "differs" if differing == 1 else "differ"
    text = f"{differing:,} of {counted(len(every), 'principal')} {verb} from what is live"
    text += f"; {counted(ready, 'plan')} can be applied" if differing else ""
    return text + (f"; of {unread:,} what is live could not be read" if unread else "")


def _lines(found: Planned) -> Iterator[str]:
    yield f"{title_name(found.principal)}: {headline(found)}"
    for delta in found.deltas:
        yield f"  {said_of(delta)}"
        yield from (f"      {arrows(change)}" for change in delta.changes[:CHANGES])
        if len(delta.changes) > CHANGES:
            yield f"      and {counted(len(delta.changes) - CHANGES, 'more change')}"
    if found.behind:
        yield f"  accounts with an older definition: {', '.join(found.behind)}"
    if found.deltas:
        yield from _effect(found)
    yield from (f"  note: {printable(note, WIDE)}" for note in found.notes)
    yield from (f"  not to be applied: {printable(why, 2 * WIDE)}" for why in found.why_not if found.differs)
    if found.plan:
        yield from calls(found.plan)


def headline(found: Planned) -> str:
    """What there is to say of a principal in a few words."""
    if not found.differs:
        return "; ".join(printable(why, 2 * WIDE) for why in found.why_not) or "nothing differs"
    if not found.deltas:
        return "not provisioned as it is defined"
    return "1 policy differs" if len(found.deltas) == 1 else f"{len(found.deltas):,} policies differ"


def said_of(delta: PolicyDelta) -> str:
    """``changed  …/main.json (now v3): takes something away``."""
    now = f" (now {delta.version})" if delta.version else ""
    effect = f": {delta.effect}" if delta.effect else ""
    return f"{delta.what.value:<8} {plain(delta.path, WIDE)}{now}{effect}"


def arrows(change: str) -> str:
    """A structural change in ASCII."""
    return printable(change.replace(" → ", " -> ").replace("…", "..."), WIDE)


def gains(found: Planned) -> str:
    """Whether anything becomes allowed, as a clause."""
    return _verdict(found.effect.gains, "becomes allowed")


def losses(found: Planned) -> str:
    """Whether anything is no longer allowed, as a clause."""
    return _verdict(found.effect.losses, "is no longer allowed")


def _verdict(result: Included | Witness | Undecided, what: str) -> str:
    match result:
        case Included():
            return f"nothing {what}: proved under both readings of ARN patterns"
        case Witness() as witness:
            return f"{what}: for example {plain(witness.action)} on {plain(witness.resource, WIDE)}"
        case Undecided() as undecided:
            return f"whether anything {what} is undecided: {undecided.reason}"


def _effect(found: Planned) -> Iterator[str]:
    yield f"  {gains(found)}"
    yield from _grants("+", found.effect.added)
    yield f"  {losses(found)}"
    yield from _grants("-", found.effect.removed)
    for name in found.effect.opaque:
        yield f"    ~ {plain(name, WIDE)}: not taken apart into grants; the verdicts cover it"


def _grants(sign: str, grants: Sequence[GrantDelta]) -> Iterator[str]:
    for grant in grants[:GRANTS]:
        yield f"    {sign} {grant_words(grant)}"
    if len(grants) > GRANTS:
        yield f"    {sign} {counted(len(grants) - GRANTS, 'more grant')}"


def grant_words(grant: GrantDelta) -> str:
    """``s3:GetObject on arn:aws:s3:::b/* [reads data]``."""
    where = ", ".join(plain(resource, WIDE) for resource in grant.resources)
    risks = f" [{'; '.join(grant.risks)}]" if grant.risks else ""
    return f"{plain(grant.action)} on {where}{risks}"


def calls(plan: Plan) -> Iterator[str]:
    """Every call in order, and the fingerprint."""
    yield "  calls, in this order:"
    for number, step in enumerate(plan.steps, 1):
        yield f"  {number:>4}. {step_words(step)}"
    yield f"  fingerprint: {plan.fingerprint}"


def step_words(step: Step) -> str:
    """``iam:CreatePolicyVersion arn:…:policy/main (…/main.json)``."""
    what = step.arn or step.name
    version = f" {step.version}" if step.version else ""
    bridge = ", old and new statements together for a moment" if step.is_bridge else ""
    where = f" ({plain(step.path, WIDE)}{bridge})" if step.operation is not Operation.PROVISION else ""
    return f"{step.call} {printable(what, WIDE)}{version}{where}"
