"""The plan of one principal, with what becomes allowed by it and what does not stay so."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from leastwise.counterexample import included
from leastwise.iam.includes import Included, Undecided
from leastwise.model.declared import Ownership, PrincipalKind
from leastwise.model.plan import ATTACHED, Fact, Part, Plan, PolicyChange, canonical, facts
from leastwise.model.policies import PolicyFile, PolicyKind
from leastwise.plan.deltas import deltas
from leastwise.plan.desired import sides
from leastwise.plan.fingerprint import fingerprint
from leastwise.plan.order import NoOrderError, changing, moves
from leastwise.plan.refuse import not_named, refusals
from leastwise.plan.room import too_large
from leastwise.plan.steps import steps
from leastwise.review import review

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from leastwise.iam.includes import Witness
    from leastwise.model.declared import Principal
    from leastwise.model.live import LivePolicy, LiveState
    from leastwise.model.plan import Facts
    from leastwise.model.policies import Policies
    from leastwise.plan.deltas import PolicyDelta
    from leastwise.plan.desired import Sides
    from leastwise.plan.order import Move
    from leastwise.review import GrantDelta

OWN = frozenset({PolicyKind.MANAGED, PolicyKind.INLINE})
"""Whose text is the principal's own to write."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What the moves of one principal do to what is allowed.

    ``gains``: ``Included`` where nothing becomes allowed, a ``Witness`` of what does.  ``losses``: the same
    of what is no longer allowed.  ``added`` and ``removed`` are grants; ``opaque`` names statements that are
    not taken apart into grants.
    """

    gains: Included | Witness | Undecided = field(default_factory=Included)
    losses: Included | Witness | Undecided = field(default_factory=Included)
    added: tuple[GrantDelta, ...] = ()
    removed: tuple[GrantDelta, ...] = ()
    opaque: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Planned:
    """Everything there is to say of one principal.

    ``plan`` is there where ``leastwise apply`` may do it.  ``why_not`` says why there is none although
    something differs, or why nobody can tell; ``is_read`` is false where what is live is not known.
    """

    principal: Principal
    deltas: tuple[PolicyDelta, ...] = ()
    effect: Effect = field(default_factory=Effect)
    plan: Plan | None = None
    why_not: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()
    """Accounts that hold an older definition of a permission set."""
    is_read: bool = True

    @property
    def differs(self) -> bool:
        """Whether what is live is not what is committed."""
        return bool(self.deltas or self.behind)


NOTHING_COMMITTED = (
    "nothing is committed for it, and for that nothing is taken away: `leastwise import {}` writes what is "
    "live"
)
PROTOTYPE = "a group is a prototype: AWS has nothing that it could be compared with"
PROPOSE_ONLY = "`ownership: propose-only`: others deploy it"


def planned(principal: Principal, policies: Policies, live: LiveState, today: date) -> Planned:
    """What is to be done so that the principal holds what is committed."""
    if not policies.own(principal) and not principal.attached:
        return Planned(principal, why_not=(NOTHING_COMMITTED.format(principal.key),))
    both = sides(principal, policies, live, today)
    found = of_sides(both, writable=principal.ownership is Ownership.APPLY)
    unnamed = not_named(principal, live)
    return replace(found, plan=None, why_not=(unnamed,)) if found.plan and unnamed else found


def prototype(group: Principal) -> Planned:
    """What there is to say of a group."""
    return Planned(group, why_not=(PROTOTYPE,))


def unread(principal: Principal, why: str) -> Planned:
    """What there is to say where AWS did not tell what is live."""
    return Planned(principal, why_not=(why,), is_read=False)


def of_sides(both: Sides, *, writable: bool) -> Planned:
    """The plan from one side to the other."""
    changed = changing(both.before, both.after)
    made, why_not = _ordered(both)
    plan = _plan(both, made, changed) if writable and not why_not else None
    return Planned(
        principal=both.principal,
        deltas=deltas(changed),
        effect=_as_far_as_read(_effect(both), changed) if changed else Effect(),
        plan=plan if plan and plan.steps else None,
        why_not=why_not if writable else (PROPOSE_ONLY,) if changed or both.live.behind else (),
        notes=tuple(_notes(both, changed)),
        behind=both.live.behind,
    )


def _ordered(both: Sides) -> tuple[tuple[Move, ...], tuple[str, ...]]:
    """The moves, and why they must not be made."""
    try:
        made = moves(both.before, both.after)
    except NoOrderError as error:
        return (), (str(error),)
    return made, (*refusals(both, made), *too_large(both, made))


def _plan(both: Sides, made: Sequence[Move], changed: Sequence[Move]) -> Plan:
    before = tuple(_facts(both.before.values()))
    calls, changes = steps(both, made), tuple(map(_change, changed))
    return Plan(
        principal=both.principal.key,
        before=before,
        steps=calls,
        changes=changes,
        fingerprint=fingerprint(both.principal.key, before, calls, changes),
    )


def live_facts(both: Sides) -> Facts:
    """What is live, in the form in which a plan tells it."""
    return facts(_facts(both.before.values()))


def _facts(held: Iterable[LivePolicy]) -> Iterator[Fact]:
    """Of the principal's own policies the text, of managed ones whether they are attached."""
    for policy in sorted(held, key=lambda each: each.path):
        if policy.kind in OWN:
            yield Fact(policy.path, Part.TEXT, canonical(policy.text))
        if policy.kind is not PolicyKind.INLINE and policy.attached:
            yield Fact(policy.path, Part.ATTACHMENT, ATTACHED)


def _change(move: Move) -> PolicyChange:
    policy = move.after or move.before
    if policy is None:
        raise AssertionError("a move has a policy before or after")
    own = policy.kind in OWN
    return PolicyChange(
        path=move.path,
        name=policy.name,
        arn=policy.arn,
        before=move.before.text if move.before and own else None,
        after=move.after.text if move.after and own else None,
        attached_before=bool(move.before and move.before.attached),
        attached_after=move.after is not None,
        version_before=move.before.version if move.before else "",
    )


def _effect(both: Sides) -> Effect:
    folder = both.principal.folder
    before = [_file(policy, folder) for policy in both.before.values() if policy.attached]
    after = [_file(policy, folder) for policy in both.after.values()]
    reviews = review(before, after)
    losses = included([file.document for file in after], [file.document for file in before])
    if not reviews:
        return Effect(losses=losses)
    (found,) = reviews
    # Grants are taken apart one by one; a NotAction may have allowed all of them, and then they are no news.
    added = () if isinstance(found.inside, Included) else found.added
    removed = () if isinstance(losses, Included) else found.removed
    return Effect(found.inside, losses, added, removed, found.opaque)


def _as_far_as_read(effect: Effect, changed: Iterable[Move]) -> Effect:
    """What a policy grants whose text nobody read is not known, nor what its coming and going does."""
    for move in changed:
        if move.after and not move.after.is_read:
            effect = replace(effect, gains=_unknown(move.after))
        elif move.before and not move.after and not move.before.is_read:
            effect = replace(effect, losses=_unknown(move.before))
    return effect


def _unknown(policy: LivePolicy) -> Undecided:
    return Undecided(f"what {policy.arn} says in each account could not be read, or is not the same")


def _file(policy: LivePolicy, folder: str) -> PolicyFile:
    """A policy that counts with all others of the principal, wherever its file is."""
    return PolicyFile(policy.path, policy.text, policy.document, policy.kind, folder)


def _notes(both: Sides, changed: Sequence[Move]) -> Iterator[str]:
    live = both.live
    for path in both.otherwise:
        yield f"{path}: AWS holds another text than the file; policies of many are never written"
    for policy in both.before.values():
        if not policy.is_read:
            yield (
                f"{policy.path}: its text lies in each account, as {policy.arn}, and is not compared: it "
                "could not be read in all of them, or is not the same"
            )
    for move in changed:
        if move.before and not move.after and move.before.boundaries:
            yield f"{move.path}: detached and not deleted, since it is somebody's permissions boundary"
    if both.on_trial and both.principal.trial:
        yield f"{both.on_trial}: held until its trial closes on {both.principal.trial.closes}"
    if live.groups:
        yield f"policies of its groups count too, and are not read: {', '.join(live.groups)}"
    if both.principal.kind is PrincipalKind.PERMISSION_SET and (changed or not live.provisioned):
        yield _reach(live.provisioned)


def _reach(accounts: Sequence[str]) -> str:
    if not accounts:
        return "it is provisioned to no account: nobody notices the change yet"
    return f"provisioning it reaches every account that has it: {', '.join(accounts)}"
