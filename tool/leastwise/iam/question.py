"""The search for a request that inner policies allow and outer ones do not, under one reading."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from leastwise.iam import arn, overlap
from leastwise.iam.arn import DOUBT_SCOPES
from leastwise.iam.automaton import (
    RESOURCE_UNIVERSE,
    machine,
    prefix,
    resource_track,
    search,
    segment_track,
    union,
)
from leastwise.iam.cases import cases
from leastwise.iam.glob import Wildcard
from leastwise.iam.statement import Effect
from leastwise.iam.worlds import Clause, Entry, Problem, condition_atoms, doubt_atom, variable_atom

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from leastwise.iam.arn import Doubt, Reading, ResourcePattern
    from leastwise.iam.automaton import Budget, Machine
    from leastwise.iam.cases import Case
    from leastwise.iam.evaluate import Place, PreparedStatement
    from leastwise.iam.worlds import Atom, World


class Refutation(NamedTuple):
    """A request of the inner ``statement`` that the outer policies do not allow in this world."""

    action: str
    resource: str
    statement: Place
    world: World


def refute(
    outer: Sequence[PreparedStatement],
    inner: Sequence[PreparedStatement],
    asked: Sequence[PreparedStatement],
    reading: Reading,
    budget: Budget,
) -> Refutation | None:
    """A request that one of the ``asked`` statements allows, no inner Deny forbids, and outer does not allow.

    ``BudgetError`` if the steps do not suffice.
    """
    denies = [statement for statement in inner if statement.effect is Effect.DENY]
    settled: set[Question] = set()
    for case in cases(asked, denies, outer, budget) if asked else ():
        for part in (part for statement in case.asked for part in _parts(statement)):
            question = _question(part, case, reading)
            if question in settled or question.is_plain:
                continue
            settled.add(question)
            found = next(question.answers(budget), None)
            if found:
                resource, world = found
                return Refutation(case.action, resource, part.place, world)
    return None


@dataclass(frozen=True, slots=True)
class Question:
    """Whether ``part`` allows a resource, for certain actions, that the outer policies do not.

    ``part`` is an Allow statement with one entry in Resource, or with NotResource; the others are those that
    apply to the same actions, each without the entries that cannot match where ``part`` does.
    """

    part: PreparedStatement
    inner_denies: tuple[PreparedStatement, ...]
    outer_allows: tuple[PreparedStatement, ...]
    outer_denies: tuple[PreparedStatement, ...]
    reading: Reading

    @property
    def is_plain(self) -> bool:
        """Whether the texts show that there is no such resource."""
        return not self.outer_denies and any(
            overlap.covers_same_actions(allow, self.part, self.reading) for allow in self.outer_allows
        )

    def answers(self, budget: Budget) -> Iterator[tuple[str, World]]:
        """Resources with the world in which they are allowed; none if there is no such resource."""
        board = _board(self)
        finals = union(board.machine.finals)
        universe = union(board.machine.finals[: len(RESOURCE_UNIVERSE)])
        problem = self._problem(board)
        worlds: dict[int, World | None] = {}

        def world(state: int) -> World | None:
            matched = state & finals
            if not matched & universe:
                return None
            if matched not in worlds:
                worlds[matched] = problem.world(matched, budget)
            return worlds[matched]

        return search(board.machine, budget, self._needed(board), self._hopeless(board), world)

    def _problem(self, board: Board) -> Problem:
        return Problem(
            asked=board.clause(self.part),
            inner_denies=tuple(map(board.clause, self.inner_denies)),
            outer_allows=tuple(map(board.clause, self.outer_allows)),
            outer_denies=tuple(map(board.clause, self.outer_denies)),
            implied=self._implied(board.patterns),
        )

    def _implied(self, patterns: Iterable[ResourcePattern]) -> dict[Atom, tuple[Atom, ...]]:
        """If a pattern with variables matches, then so does each that covers it, whatever the values."""
        atoms = {pattern: atom for pattern in patterns if (atom := variable_atom(pattern))}
        return {
            atom: tuple(atoms[other] for other in atoms if arn.covers(other, pattern, self.reading))
            for pattern, atom in atoms.items()
        }

    def _needed(self, board: Board) -> list[int]:
        universe = union(board.machine.bodies[: len(RESOURCE_UNIVERSE)])
        if self.part.not_resource:
            return [universe]
        return [universe, union(board.bodies[pattern] for pattern in self.part.resources)]

    def _hopeless(self, board: Board) -> int:
        """The places behind which all is allowed: a last star, where nothing else is asked or denied."""
        if self.outer_denies:
            return 0
        return union(
            board.finals[pattern]
            for allow in self.outer_allows
            if not allow.not_resource and overlap.asks_less(allow, self.part)
            for pattern in allow.resources
            if not pattern.doubt and not pattern.flat.variables and pattern.flat.tokens[-1] is Wildcard.STAR
        )


@dataclass(frozen=True, slots=True)
class Board:
    """The machine of one question, and where in it each pattern stands."""

    machine: Machine
    patterns: tuple[ResourcePattern, ...]
    finals: dict[ResourcePattern, int]
    bodies: dict[ResourcePattern, int]
    scopes: dict[Doubt, int]

    def clause(self, statement: PreparedStatement) -> Clause:
        """The statement over this machine."""
        entries = tuple(map(self._entry, statement.resources))
        return Clause(condition_atoms(statement), entries, statement.not_resource)

    def _entry(self, pattern: ResourcePattern) -> Entry:
        scope = self.scopes[pattern.doubt] if pattern.doubt else 0
        return Entry(self.finals[pattern], variable_atom(pattern), doubt_atom(pattern), scope)


def _board(question: Question) -> Board:
    statements = (
        question.part, *question.inner_denies, *question.outer_allows, *question.outer_denies
    )  # fmt: skip
    patterns = tuple(dict.fromkeys(pattern for statement in statements for pattern in statement.resources))
    doubts = [
        (pattern.doubt, scope)
        for pattern in patterns
        if pattern.doubt
        for scope in DOUBT_SCOPES[pattern.doubt]
    ]
    scopes = dict.fromkeys(doubts)
    tracks = [
        *(resource_track(arn.pattern(shape), reading) for shape, reading in RESOURCE_UNIVERSE),
        *(resource_track(pattern, question.reading) for pattern in patterns),
        *(segment_track(arn.pattern(scope)) for _, scope in scopes),
    ]
    laid = machine(tracks)
    first, last = len(RESOURCE_UNIVERSE), len(RESOURCE_UNIVERSE) + len(patterns)
    scope_finals: dict[Doubt, int] = {}
    for (doubt, _), final in zip(scopes, laid.finals[last:], strict=True):
        scope_finals[doubt] = scope_finals.get(doubt, 0) | final
    return Board(
        machine=laid,
        patterns=patterns,
        finals=dict(zip(patterns, laid.finals[first:last], strict=True)),
        bodies=dict(zip(patterns, laid.bodies[first:last], strict=True)),
        scopes=scope_finals,
    )


def _parts(statement: PreparedStatement) -> Iterator[PreparedStatement]:
    """One statement for each entry of Resource; NotResource stays whole."""
    if statement.not_resource:
        yield statement
        return
    for resource in statement.resources:
        yield replace(statement, resources=(resource,))


def _question(part: PreparedStatement, case: Case, reading: Reading) -> Question:
    denies = tuple(_near(case.inner_denies, part, reading))
    outer = tuple(_near(case.outer, part, reading))
    return Question(
        part=part,
        inner_denies=denies,
        outer_allows=tuple(statement for statement in outer if statement.effect is Effect.ALLOW),
        outer_denies=tuple(
            statement
            for statement in outer
            if statement.effect is Effect.DENY
            and not any(overlap.covers_same_actions(deny, statement, reading) for deny in denies)
        ),
        reading=reading,
    )


def _near(
    statements: Iterable[PreparedStatement], part: PreparedStatement, reading: Reading
) -> Iterator[PreparedStatement]:
    """The statements with those entries that may match where ``part`` does; without any it matches none.

    An entry of NotResource with a variable stays: the whole statement hangs on its value.
    """
    starts = [] if part.not_resource else [prefix(resource_track(one, reading)) for one in part.resources]
    for statement in statements:
        near = tuple(
            pattern
            for pattern in statement.resources
            if (statement.not_resource and pattern.flat.variables)
            or all(_may_meet(prefix(resource_track(pattern, reading)), start) for start in starts)
        )
        if near or statement.not_resource:
            yield replace(statement, resources=near)


def _may_meet(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)
