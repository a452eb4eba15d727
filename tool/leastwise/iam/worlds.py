"""What may be true without our knowing: conditions, variables and doubts as boolean atoms.

An *atom* stands for a question that texts alone do not answer.  Equal questions are one atom, so whatever is
proved for all ways to answer the atoms holds in every context of every request; a *world* answers some.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from leastwise.iam import glob
from leastwise.iam.kleene import Truth, all_of, any_of, negate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leastwise.iam.arn import ResourcePattern
    from leastwise.iam.automaton import Budget
    from leastwise.iam.evaluate import PreparedStatement
    from leastwise.iam.statement import Condition

MAX_ATOMS = 400
"""More open questions at one request are left undecided."""


class Question(Enum):
    """What an atom asks."""

    CONDITION = "the condition holds"
    VARIABLE = "the pattern matches with its variables' values"
    DOUBT = "AWS applies such a pattern"
    VOID = "the statement stands though its NotResource has a variable"


@dataclass(frozen=True, slots=True)
class Atom:
    """One question; equal atoms have equal answers."""

    question: Question
    parts: tuple[str, ...]
    """Operator, key and sorted values of a condition, the text of a pattern, or a doubt."""
    variables: bool = False
    """Whether ``${`` in a condition's values is a variable, as it is not in Version 2008-10-17."""

    def __str__(self) -> str:
        """The question in words."""
        if self.question is Question.CONDITION:
            operator, key, *values = self.parts
            return f"{operator} {key} {', '.join(values)}"
        return f"{self.parts[0]}: {self.question.value}"


World = dict[Atom, bool]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of Resource or NotResource inside a machine."""

    final: int
    """The bit that says that the text matches the pattern."""
    variable: Atom | None
    doubt: Atom | None
    scope: int
    """The bits of the resources that the doubt extends to."""

    def truth(self, state: int, world: World) -> Truth:
        """Whether the entry takes in the text that led to this state."""
        if not state & self.final:
            return False
        questions = [self.variable, self.doubt if state & self.scope else None]
        return all_of(world.get(atom) for atom in questions if atom)


@dataclass(frozen=True, slots=True)
class Clause:
    """One statement inside a machine, for actions that it applies to."""

    conditions: tuple[Atom, ...]
    entries: tuple[Entry, ...]
    negated: bool

    def truth(self, state: int, world: World) -> Truth:
        """Whether the statement applies to the text that led to this state."""
        resource = any_of(entry.truth(state, world) for entry in self.entries)
        if self.negated:
            resource = negate(resource)
        if resource is False:
            return False
        return all_of((resource, *map(world.get, self.conditions)))

    def open_atoms(self, state: int, world: World) -> Iterator[Atom]:
        """The questions that this world leaves open, and on which the statement hangs."""
        if self.truth(state, world) is not None:
            return
        atoms = list(self.conditions)
        for entry in self.entries:
            if entry.truth(state, world) is None:
                atoms += [atom for atom in (entry.variable, entry.doubt) if atom]
        yield from (atom for atom in atoms if atom not in world)


@dataclass(frozen=True, slots=True)
class Problem:
    """Is there a world in which one inner Allow counts, and the outer policies do not allow the same?"""

    asked: Clause
    inner_denies: tuple[Clause, ...]
    outer_allows: tuple[Clause, ...]
    outer_denies: tuple[Clause, ...]
    implied: dict[Atom, tuple[Atom, ...]]
    """What else is true where the variable pattern that is asked about matches."""

    def world(self, state: int, budget: Budget) -> World | None:
        """Such a world for the text that led to this state; ``None``: in no world."""
        return self._search(state, {}, budget)

    def _search(self, state: int, world: World, budget: Budget) -> World | None:
        budget.spend()
        truth = self._truth(state, world)
        if truth is not None:
            return world if truth else None
        if len(world) >= MAX_ATOMS:
            budget.spend(budget.steps + 1)
        atom = next(self._open_atoms(state, world))
        for answer in (True, False):
            guess = world | {atom: answer}
            if answer:
                guess |= {other: True for other in self.implied.get(atom, ()) if other not in world}
            found = self._search(state, guess, budget)
            if found is not None:
                return found
        return None

    def _truth(self, state: int, world: World) -> Truth:
        asked = self.asked.truth(state, world)
        if asked is False:
            return False
        return all_of(
            (
                asked,
                negate(any_of(clause.truth(state, world) for clause in self.inner_denies)),
                negate(self._outer_allows(state, world)),
            )
        )

    def _outer_allows(self, state: int, world: World) -> Truth:
        allowed = any_of(clause.truth(state, world) for clause in self.outer_allows)
        if allowed is False:
            return False
        denied = any_of(clause.truth(state, world) for clause in self.outer_denies)
        return all_of((allowed, negate(denied)))

    def _open_atoms(self, state: int, world: World) -> Iterator[Atom]:
        for clause in (self.asked, *self.inner_denies, *self.outer_denies, *self.outer_allows):
            yield from clause.open_atoms(state, world)


def condition_atoms(statement: PreparedStatement) -> tuple[Atom, ...]:
    """What must hold for the statement to count, beside its action and resource."""
    atoms = [_condition_atom(line, variables=statement.has_variables) for line in statement.conditions]
    if statement.not_resource:
        with_variables = [pattern for pattern in statement.resources if pattern.flat.variables]
        atoms += [_pattern_atom(Question.VOID, pattern) for pattern in with_variables]
    return tuple(dict.fromkeys(atoms))


def variable_atom(pattern: ResourcePattern) -> Atom | None:
    """Whether the variables' values make the pattern match; ``None`` if it has no variables."""
    return _pattern_atom(Question.VARIABLE, pattern) if pattern.flat.variables else None


def doubt_atom(pattern: ResourcePattern) -> Atom | None:
    """Whether AWS applies patterns of a kind that its documents leave in doubt; ``None`` if they do not.

    One atom for each kind: whatever AWS does to ``us?r/a``, it does to ``us?r/*``.
    """
    return Atom(Question.DOUBT, (pattern.doubt.value,)) if pattern.doubt else None


def _pattern_atom(question: Question, pattern: ResourcePattern) -> Atom:
    """Written from the tokens: the same text means another pattern in Version 2008-10-17."""
    return Atom(question, (glob.of_tokens(pattern.flat.tokens).text,))


def _condition_atom(line: Condition, *, variables: bool) -> Atom:
    values = tuple(sorted(set(line.values)))
    with_variables = variables and any("${" in value for value in values)
    return Atom(Question.CONDITION, (line.operator, line.key.lower(), *values), with_variables)
