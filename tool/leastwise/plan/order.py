"""Moves: which policy changes when, so that nothing that stays allowed is ever missing.

What stays allowed is what the policies allow before *and* after.  No Deny is in its way at any moment, since
every policy of every moment is one of before, one of after, or (a bridge) both in one: so only Allow
statements matter, and a moment is safe if they take in all those of before, or all those of after.

Policies that are new come first: all of before is there.  Those that go come last: all of after is there.
In between, what only widens comes before what only narrows.  One policy that does both is safe between
these.  Of several an order is searched; where there is none, all but one become *bridges* first: their old
and their new statements together, which is a widening, and a narrowing later.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from leastwise.iam.compose import concatenated
from leastwise.iam.document import render
from leastwise.iam.includes import Included, includes
from leastwise.iam.size import non_white_length
from leastwise.iam.statement import Effect, PolicyDocument

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from leastwise.model.live import LivePolicy

    Held = Mapping[str, LivePolicy]

MOST_SEARCHED = 4
"""Policies that both widen and narrow among which an order is searched; of more, bridges are made at once."""


@dataclass(frozen=True, slots=True)
class Move:
    """One policy's change; ``before`` or ``after`` is ``None`` where the principal does not hold it.

    ``before`` may be there and not ``attached``: it exists, and grants nothing to the principal.
    """

    path: str
    before: LivePolicy | None
    after: LivePolicy | None

    @property
    def is_update(self) -> bool:
        """Whether a policy that is held stays held."""
        return bool(self.before and self.before.attached and self.after)


class NoOrderError(ValueError):
    """There is no safe order; the words say why."""


def moves(before: Held, after: Held) -> tuple[Move, ...]:
    """All moves from one to the other, in a safe order.  Raises ``NoOrderError``."""
    changed = changing(before, after)
    updates = [move for move in changed if move.is_update]
    grants = [move for move in changed if move.after and not move.is_update]
    revokes = [move for move in changed if not move.after]
    return (*grants, *_updates(before, after, grants, updates), *revokes)


def changing(before: Held, after: Held) -> tuple[Move, ...]:
    """Each policy that changes, once, by path: the moves where order does not matter."""
    every = (Move(path, before.get(path), after.get(path)) for path in sorted({*before, *after}))
    return tuple(move for move in every if _changes(move))


def states(before: Held, made: Iterable[Move]) -> Iterator[dict[str, LivePolicy]]:
    """What is held before the first move and after each of them."""
    held = {path: policy for path, policy in before.items() if policy.attached}
    yield held
    for move in made:
        held = {path: policy for path, policy in held.items() if path != move.path}
        if move.after:
            held = {**held, move.path: move.after}
        yield held


def _changes(move: Move) -> bool:
    if not move.after:
        return bool(move.before and move.before.attached)
    return not move.before or not move.before.attached or move.before.text != move.after.text


def _updates(before: Held, after: Held, grants: Sequence[Move], updates: Sequence[Move]) -> Iterator[Move]:
    widening = [move for move in updates if _inside(_document(move.before), _document(move.after))]
    narrowing = [
        move
        for move in updates
        if move not in widening and _inside(_document(move.after), _document(move.before))
    ]
    both = [move for move in updates if move not in widening and move not in narrowing]
    *_, held = states(before, [*grants, *widening])
    found = both if len(both) < 2 else _searched(_Ends.of(before, after), held, both)
    yield from widening
    yield from _bridged(both) if found is None else found
    yield from narrowing


@dataclass(frozen=True, slots=True)
class _Ends:
    """All that is allowed before and after, Deny statements aside."""

    before: tuple[PolicyDocument, ...]
    after: tuple[PolicyDocument, ...]

    @classmethod
    def of(cls, before: Held, after: Held) -> _Ends:
        return cls(_allowing(p for p in before.values() if p.attached), _allowing(after.values()))

    def keeps(self, held: Held) -> bool:
        """Whether a moment is surely safe."""
        documents = _allowing(held.values())
        return any(isinstance(includes(documents, end), Included) for end in (self.before, self.after))


def _searched(ends: _Ends, held: Held, both: Sequence[Move]) -> list[Move] | None:
    """The moves in an order in which every moment is safe; ``None`` where none was found."""
    if len(both) < 2:
        return list(both)
    if len(both) > MOST_SEARCHED:
        return None
    for move in both:
        if move.after is None:
            continue
        then = {**held, move.path: move.after}
        rest = [other for other in both if other is not move]
        found = _searched(ends, then, rest) if ends.keeps(then) else None
        if found is not None:
            return [move, *found]
    return None


def _bridged(both: Sequence[Move]) -> Iterator[Move]:
    """All but the one with the longest bridge over bridges."""
    bridges = {move.path: _bridge(move) for move in both}
    alone = max(both, key=lambda move: (non_white_length(bridges[move.path].text), move.path))
    over = [move for move in both if move is not alone]
    yield from (Move(move.path, move.before, bridges[move.path]) for move in over)
    yield alone
    yield from (Move(move.path, bridges[move.path], move.after) for move in over)


def _bridge(move: Move) -> LivePolicy:
    if move.before is None or move.after is None:
        raise AssertionError("only updates are bridged")
    try:
        document = concatenated((move.before.document, move.after.document))
    except ValueError as error:
        raise NoOrderError(
            f"several policies take away and add at once, and {move.path} changes its `Version` too: "
            "change that alone in a pull request of its own first"
        ) from error
    return replace(move.after, text=render(document), document=document, version="")


def _document(policy: LivePolicy | None) -> PolicyDocument:
    return policy.document if policy else PolicyDocument()


def _inside(inner: PolicyDocument, outer: PolicyDocument) -> bool:
    """Whether the Allow statements of one take in those of another; no where it is undecided."""
    return isinstance(includes((_allow(outer),), (_allow(inner),)), Included)


def _allowing(policies: Iterable[LivePolicy]) -> tuple[PolicyDocument, ...]:
    return tuple(_allow(policy.document) for policy in policies)


def _allow(document: PolicyDocument) -> PolicyDocument:
    allows = tuple(each for each in document.statements if each.effect is Effect.ALLOW)
    return replace(document, statements=allows)
