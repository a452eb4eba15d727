"""Many patterns at once: a bit-parallel nondeterministic automaton, and a search through its states.

Each pattern is a *track*: a row of bits, one for each place in the pattern; a state of the machine is one
integer that holds the places which every track may have reached.  Reading a character shifts the bits of
those places that accept it.  Characters that no track asks for behave alike, so one stands for them all.
"""

from __future__ import annotations

import string
from collections import deque
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, TypeVar

from leastwise.iam import arn
from leastwise.iam.arn import Reading, ResourcePattern
from leastwise.iam.glob import Glob, Wildcard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

WORD = 4_096
"""Places that a transition handles for one step of the budget."""

_Found = TypeVar("_Found")


class Bound(Enum):
    """Wildcards that stay within their segment of an ARN: they match no colon."""

    STAR = "*"
    ANY = "?"


Track = tuple[str | Wildcard | Bound, ...]

RESOURCE_UNIVERSE = (("${*}", Reading.FLAT), ("arn:?*:?*:*:*:?*", Reading.SEGMENT))
"""What can be asked for at all: ``*``, of actions without resource types, or an ARN of six parts."""

ACTION_UNIVERSE = "?*:?*"
"""What an action looks like: a service, a colon and a name."""


class BudgetError(Exception):
    """The steps granted to a search are used up."""


class Budget:
    """How many steps a search may still take: the same question always ends at the same step."""

    def __init__(self, steps: int) -> None:
        """``steps``: transitions between states, and guesses at the truth of conditions."""
        self.steps = steps

    def spend(self, steps: int = 1) -> None:
        """Take steps away; ``BudgetError`` once there are none left."""
        self.steps -= steps
        if self.steps < 0:
            raise BudgetError


@dataclass(frozen=True, slots=True)
class Machine:
    """Tracks side by side; made by ``machine``."""

    start: int
    finals: tuple[int, ...]
    """For each track the bit of its end."""
    bodies: tuple[int, ...]
    """For each track all of its bits: none set means that it cannot match any more."""
    literals: dict[str, int]
    """Character -> the places that ask for it."""
    moves: int
    """The places that take any one character, and go on."""
    bound_moves: int
    stays: int
    """The places that take any character, and stay."""
    bound_stays: int
    fresh: str
    """The character that stands for all that no track asks for."""

    def successors(self, state: int) -> Iterator[tuple[str, int]]:
        """Every character that makes a difference in this state, and the state after it."""
        free = (state & self.moves) << 1 | state & self.stays
        wild = free | (state & self.bound_moves) << 1 | state & self.bound_stays
        yield self.fresh, wild
        for character, places in self.literals.items():
            here = state & places
            if character == ":":
                yield character, free | here << 1
            elif here:
                yield character, wild | here << 1


def machine(tracks: Sequence[Track]) -> Machine:
    """Lay the tracks side by side."""
    masks = {Wildcard.STAR: 0, Wildcard.ANY: 0, Bound.STAR: 0, Bound.ANY: 0}
    literals: dict[str, int] = {":": 0}
    finals, bodies = [], []
    start, at = 0, 0
    for track in tracks:
        first = at
        for token in track:
            if isinstance(token, str):
                literals[token] = literals.get(token, 0) | 1 << at
            else:
                masks[token] |= 1 << at
            at += token not in (Wildcard.STAR, Bound.STAR)
        start |= 1 << first
        finals.append(1 << at)
        at += 1
        bodies.append((1 << at) - (1 << first))
    return Machine(
        start=start,
        finals=tuple(finals),
        bodies=tuple(bodies),
        literals=literals,
        moves=masks[Wildcard.ANY],
        bound_moves=masks[Bound.ANY],
        stays=masks[Wildcard.STAR],
        bound_stays=masks[Bound.STAR],
        fresh=_fresh(literals),
    )


def union(sets: Iterable[int]) -> int:
    """All places of the sets."""
    places = 0
    for each in sets:
        places |= each
    return places


def search(
    machine: Machine,
    budget: Budget,
    needed: Sequence[int],
    hopeless: int,
    hit: Callable[[int], _Found | None],
) -> Iterator[tuple[str, _Found]]:
    """Each text, the shortest first, for whose state ``hit`` finds something, and what it found.

    States in which one of the ``needed`` sets of places is empty, or one of the ``hopeless`` places is
    reached, lead nowhere.  ``BudgetError`` if the steps do not suffice.
    """
    cost = 1 + machine.finals[-1].bit_length() // WORD
    before: dict[int, tuple[int, str]] = {machine.start: (machine.start, "")}
    waiting = deque(() if machine.start & hopeless else (machine.start,))
    while waiting:
        state = waiting.popleft()
        found = hit(state)
        if found is not None:
            yield _text(before, state), found
        for character, after in machine.successors(state):
            budget.spend(cost)
            if after in before or after & hopeless or not all(after & places for places in needed):
                continue
            before[after] = (state, character)
            waiting.append(after)


def flat_track(pattern: Glob) -> Track:
    """A pattern without variables, whose stars cross any character."""
    return tuple(token for token in pattern.tokens if isinstance(token, str | Wildcard))


def segment_track(pattern: ResourcePattern) -> Track:
    """A pattern without variables, read segment by segment."""
    if not pattern.segments:
        return flat_track(pattern.flat)
    *inner, last = pattern.segments
    track: list[str | Wildcard | Bound] = []
    for segment in inner:
        track += [
            Bound(token.value) if isinstance(token, Wildcard) else token for token in flat_track(segment)
        ]
        track.append(":")
    return (*track, *flat_track(last))


def resource_track(pattern: ResourcePattern, reading: Reading) -> Track:
    """An entry of Resource; with variables, all that any of their values could make it match."""
    if pattern.flat.variables:
        return flat_track(arn.widen(pattern))
    return flat_track(pattern.flat) if reading is Reading.FLAT else segment_track(pattern)


def prefix(track: Track) -> str:
    """The characters that every text of the track starts with."""
    characters: list[str] = []
    for token in track:
        if not isinstance(token, str):
            break
        characters.append(token)
    return "".join(characters)


def _fresh(literals: dict[str, int]) -> str:
    """A character that no track asks for, a letter if there is one."""
    candidates = ("x" + string.ascii_lowercase + string.digits, map(chr, range(0xC0, 0x110000)))
    return next(character for group in candidates for character in group if character not in literals)


def _text(before: dict[int, tuple[int, str]], state: int) -> str:
    characters: list[str] = []
    while True:
        state, character = before[state]
        if not character:
            return "".join(reversed(characters))
        characters.append(character)
