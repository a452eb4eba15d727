"""A second opinion on inclusion: the same question, put to z3 as strings and regular expressions.

Not part of the ordinary run: install the dependency group ``oracle``, then ``pytest -m oracle``.
"""

from __future__ import annotations

import random

import pytest

from leastwise.iam.arn import Reading
from leastwise.iam.includes import Included, Witness, includes
from leastwise.iam.statement import Condition, Effect, PolicyDocument, Statement

z3 = pytest.importorskip("z3", reason="z3 is not installed")
pytestmark = pytest.mark.oracle

PAIRS = 50
TIMEOUT_MS = 5_000
MAX_UNKNOWN = 0.1

ACTIONS = ["*", "s:*", "s:a", "s:?", "s:a*", "*:a", "t:?a", "t:*", "s:a?", "s:ab", "t:b"]
RESOURCES = ["*", "arn:*", "arn:p:q", "arn:p:q:*", "arn:p:q:*:a", "arn:p:q:*:*:a", "arn:p:q:a:*:a"]
RESOURCES += [f"arn:p:s3:::{tail}" for tail in ("*", "a*", "a/?", "a/*b*", "?*", "a/b")]
CONDITIONS = [(), (Condition("Bool", "k:1", ("true",)),), (Condition("StringLike", "k:2", ("a",)),)]


def test_z3_agrees():
    unknown = 0
    for seed in range(PAIRS):
        dice = random.Random(seed)  # noqa: S311 - repeatable on purpose
        outer, inner = _document(dice), _document(dice)
        found, expected = includes([outer], [inner]), _is_included(outer, inner)
        assert isinstance(found, Included | Witness)
        unknown += expected is None
        if expected is not None:
            assert isinstance(found, Included) == expected, (outer, inner, found)
    assert unknown <= MAX_UNKNOWN * PAIRS


def _document(dice) -> PolicyDocument:
    return PolicyDocument(tuple(_statement(dice) for _ in range(dice.randint(1, 3))))


def _statement(dice) -> Statement:
    actions = tuple(dice.sample(ACTIONS, dice.randint(1, 2)))
    resources = tuple(dice.sample(RESOURCES, dice.randint(1, 3)))
    not_action, not_resource = dice.random() < 0.2, dice.random() < 0.2
    return Statement(
        Effect.DENY if dice.random() < 0.3 else Effect.ALLOW,
        () if not_action else actions,
        actions if not_action else (),
        () if not_resource else resources,
        resources if not_resource else (),
        dice.choice(CONDITIONS),
    )


def _is_included(outer, inner) -> bool | None:
    answers = [_ask(outer, inner, reading) for reading in Reading]
    return False if False in answers else None if None in answers else True


def _ask(outer, inner, reading) -> bool | None:
    action, resource = z3.String("action"), z3.String("resource")
    solver = z3.Solver()
    solver.set("timeout", TIMEOUT_MS)
    solver.add(z3.InRe(action, _flat("?*:?*")))
    shape = z3.Union(z3.Re("*"), _segment("arn:?*:?*:*:*:?*"))
    solver.add(z3.InRe(resource, shape))
    solver.add(_allows(inner, action, resource, reading), z3.Not(_allows(outer, action, resource, reading)))
    return {"unsat": True, "sat": False}.get(str(solver.check()))


def _allows(document, action, resource, reading):
    read = _flat if reading is Reading.FLAT else _segment

    def applies(statement):
        named = z3.Or([z3.InRe(action, _flat(entry)) for entry in statement.actions or statement.not_actions])
        entries = statement.resources or statement.not_resources
        listed = z3.Or([z3.InRe(resource, read(entry)) for entry in entries])
        return z3.And(
            z3.Not(named) if statement.not_actions else named,
            z3.Not(listed) if statement.not_resources else listed,
            *(z3.Bool(f"{line.operator} {line.key}") for line in statement.conditions),
        )

    def some(effect):
        return z3.Or([applies(statement) for statement in document.statements if statement.effect is effect])

    return z3.And(some(Effect.ALLOW), z3.Not(some(Effect.DENY)))


def _flat(pattern):
    return _regex(pattern, z3.AllChar(z3.ReSort(z3.StringSort())))


def _segment(pattern):
    if pattern == "*":
        return _flat(pattern)
    parts = pattern.split(":", 5)
    parts += ["*"] * (6 - len(parts))
    character = z3.AllChar(z3.ReSort(z3.StringSort()))
    bound = z3.Diff(character, z3.Re(":"))
    pieces = [_regex(part, bound) for part in parts[:5]] + [_regex(parts[5], character)]
    joined = pieces[0]
    for piece in pieces[1:]:
        joined = z3.Concat(joined, z3.Re(":"), piece)
    return joined


def _regex(pattern, character):
    wildcards = {"*": z3.Star(character), "?": character}
    pieces = [z3.Re(""), z3.Re(""), *(wildcards[c] if c in wildcards else z3.Re(c) for c in pattern)]
    return z3.Concat(*pieces)
