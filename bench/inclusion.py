"""Deciding inclusion: two policies as large as AWS takes them, and patterns made to be hard.

Full-size policies have 40 resource patterns in at most 6,144 characters, the quota of a managed policy.
The adversarial ones are what an attacker who names things would try; they must end, whatever the answer.
"""

from __future__ import annotations

import random
import statistics
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from leastwise.iam.arn import Reading
from leastwise.iam.automaton import Budget, BudgetError
from leastwise.iam.document import render
from leastwise.iam.evaluate import prepare
from leastwise.iam.includes import DEFAULT_BUDGET, includes
from leastwise.iam.overlap import residue
from leastwise.iam.question import refute
from leastwise.iam.size import MANAGED_POLICY_CHARACTERS, non_white_length
from leastwise.iam.statement import Condition, Effect, PolicyDocument, Statement
from leastwise.reference.actions import expand

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

SEED = 20_261_123
PATTERNS = 40
MOST_SECONDS = 0.5
ACCOUNT = "111122223333"
TEAMS = ("payments", "orders", "media", "billing", "search", "audit", "crm", "edge")
SERVICES = {
    "s3": "arn:aws:s3:::{team}-{name}/{path}/*",
    "dynamodb": "arn:aws:dynamodb:*:{account}:table/{team}-{name}-*",
    "sqs": "arn:aws:sqs:eu-west-1:{account}:{team}-*-{name}",
    "sns": "arn:aws:sns:*:{account}:{team}-{name}-*",
    "lambda": "arn:aws:lambda:eu-west-1:{account}:function:{team}-{name}-*",
    "ssm": "arn:aws:ssm:*:{account}:parameter/{team}/{name}/*",
    "secretsmanager": "arn:aws:secretsmanager:eu-west-1:{account}:secret:{team}/{name}-*",
    "ecr": "arn:aws:ecr:*:{account}:repository/{team}/{name}/*",
}


MFA = Condition("Bool", "aws:MultiFactorAuthPresent", ("true",))


@dataclass(frozen=True)
class Pair:
    """Is ``inner`` inside ``outer``?"""

    outer: PolicyDocument
    inner: PolicyDocument


@dataclass(frozen=True)
class Asked:
    """How the question went: the answer's kind, seconds of CPU, and steps of the budget."""

    answer: str
    seconds: float
    steps: int


def main() -> None:
    """Ask, and print; a target that is missed is said so."""
    print(
        f"full-size policies: {PATTERNS} resource patterns, at most {MANAGED_POLICY_CHARACTERS:,} characters"
    )
    for name, make in FULL_SIZE.items():
        asked = [ask(pair) for pair in pairs(make, 15)]
        middle = statistics.median(each.seconds for each in asked)
        met = "met" if middle < MOST_SECONDS else "MISSED"
        print(f"  {_line(name, asked)}; target median below {MOST_SECONDS} s: {met}")
    print(f"adversarial patterns, each stopped after {DEFAULT_BUDGET:,} steps")
    for name, pair in adversarial().items():
        print(f"  {_line(name, [ask(pair)])}")


def pairs(make: Callable[[random.Random], Pair], count: int) -> Iterator[Pair]:
    """So many pairs of one kind; the same at every run."""
    source = random.Random(SEED)
    return (make(source) for _ in range(count))


def ask(pair: Pair) -> Asked:
    """Decide one inclusion, and count its steps."""
    start = time.process_time()
    answer = type(includes([pair.outer], [pair.inner])).__name__
    return Asked(answer, time.process_time() - start, steps(pair))


def steps(pair: Pair) -> int:
    """What the decision takes of its budget; all of it where it does not suffice."""
    outer, inner = prepare([pair.outer]).statements, prepare([pair.inner]).statements
    budget = Budget(DEFAULT_BUDGET)
    try:
        for reading in Reading:
            if refute(outer, inner, residue(inner, outer, reading, budget), reading, budget):
                break
    except BudgetError:
        return DEFAULT_BUDGET
    return DEFAULT_BUDGET - budget.steps


def full_size(source: random.Random) -> PolicyDocument:
    """As many actions on 40 patterns as a managed policy holds: one statement for each service."""
    statements = [
        Statement(
            Effect.ALLOW,
            actions=tuple(source.sample(expand(f"{service}:*"), len(expand(f"{service}:*")))),
            resources=tuple(_pattern(source, service) for _ in range(PATTERNS // len(SERVICES))),
            conditions=(MFA,) if service == "dynamodb" else (),
            sid=f"Statement{number}",
        )
        for number, service in enumerate(SERVICES)
    ]
    longest = max(len(statement.actions) for statement in statements)
    documents = (_with_actions(statements, each) for each in range(longest, 0, -1))
    return next(found for found in documents if non_white_length(render(found)) <= MANAGED_POLICY_CHARACTERS)


def tightened(source: random.Random) -> Pair:
    """The common case: fewer actions, and resources by name, each inside one pattern of the same policy."""
    outer = full_size(source)
    inner = (
        replace(
            statement,
            actions=statement.actions[::2],
            resources=tuple(resource.replace("*", _word(source)) for resource in statement.resources),
        )
        for statement in outer.statements
    )
    return Pair(outer, PolicyDocument(tuple(inner)))


def rewritten(source: random.Random) -> Pair:
    """Inside, but by no single pattern: each is covered by two of two outer statements."""
    inner = full_size(source)
    outer = (
        replace(statement, resources=tuple(end(resource) for resource in statement.resources))
        for statement in inner.statements
        for end in (_without_end, _at_least_one)
    )
    return Pair(PolicyDocument(tuple(outer)), inner)


def unrelated(source: random.Random) -> Pair:
    """Two policies of the same teams and services, of which neither is inside the other."""
    return Pair(full_size(source), full_size(source))


def guarded(source: random.Random) -> Pair:
    """A tightened policy beside a Deny of many patterns: texts alone decide little."""
    pair = tightened(source)
    denied = tuple(_pattern(source, service) for service in list(SERVICES) * 2)
    deny = Statement(Effect.DENY, actions=("*:Delete*", "*:Put*"), resources=denied)
    less = replace(deny, resources=denied[::2])
    return Pair(_beside(pair.outer, less), _beside(pair.inner, deny))


FULL_SIZE = {
    "tightened inside the original": tightened,
    "tightened, with a Deny": guarded,
    "covered by unions only": rewritten,
    "unrelated": unrelated,
}


def adversarial() -> dict[str, Pair]:
    """Patterns made to make an automaton explode."""
    stars = "arn:aws:s3:::b/" + "*a" * 25
    staircase = [f"arn:aws:s3:::b/*a{'?' * number}b*" for number in range(30)]
    late = "arn:aws:s3:::b/*a" + "?" * 20
    lates = tuple(f"arn:aws:s3:::b/*{'ab'[number % 2]}" + "?" * (20 + number) for number in range(40))
    anywhere = [f"arn:aws:s3:::b/*{letter}*" for letter in "abcdefghijklmnopqrstuvwxyz"]
    return {
        "25 stars against 25 stars": Pair(_on([stars + "*b"]), _on([stars + "*c"])),
        "25 stars inside 24": Pair(_on(["arn:aws:s3:::b/" + "*a" * 24 + "*"]), _on([stars])),
        "30 distances between two letters": Pair(_on(staircase), _on(["arn:aws:s3:::b/*"])),
        "26 letters in any order": Pair(_on(anywhere), _on(["arn:aws:s3:::b/*z*y*x*w*v*u*"])),
        "40 patterns of many stars": Pair(
            _on([f"arn:aws:s3:::b/{'*x' * number}*y*" for number in range(1, 41)]),
            _on([f"arn:aws:s3:::b/{'*y' * number}*x*" for number in range(1, 41)]),
        ),
        "a letter 20 places before the end, or not": Pair(
            PolicyDocument((_get(resources=(late,)), _get(not_resources=(late,)))),
            _on(["arn:aws:s3:::b/*"]),
        ),
        "40 such letters": Pair(
            PolicyDocument((_get(resources=lates), _get(not_resources=lates))),
            _on([f"arn:aws:s3:::b/*{letter}*" for letter in "abcdefgh"]),
        ),
        "30 conditions": Pair(
            PolicyDocument(tuple(_on_condition(number) for number in range(30))),
            _on(["arn:aws:s3:::b/*"]),
        ),
    }


def _on(resources: Sequence[str]) -> PolicyDocument:
    return PolicyDocument((_get(resources=tuple(resources)),))


def _get(resources: tuple[str, ...] = (), not_resources: tuple[str, ...] = ()) -> Statement:
    return Statement(
        Effect.ALLOW, actions=("s3:GetObject",), resources=resources, not_resources=not_resources
    )


def _on_condition(number: int) -> Statement:
    tagged = Condition("StringEquals", f"aws:PrincipalTag/t{number}", ("yes",))
    resource = f"arn:aws:s3:::b/*{number}*"
    return Statement(Effect.ALLOW, actions=("s3:Get*",), resources=(resource,), conditions=(tagged,))


def _with_actions(statements: Sequence[Statement], most: int) -> PolicyDocument:
    """The statements with so many actions each, at most."""
    return PolicyDocument(tuple(replace(one, actions=one.actions[:most]) for one in statements))


def _beside(document: PolicyDocument, statement: Statement) -> PolicyDocument:
    return replace(document, statements=(*document.statements, statement))


def _pattern(source: random.Random, service: str) -> str:
    path = source.choice(("in", "out", "tmp"))
    return SERVICES[service].format(team=source.choice(TEAMS), name=_word(source), path=path, account=ACCOUNT)


def _word(source: random.Random) -> str:
    return "".join(source.choices("abcdefghij", k=6))


def _without_end(pattern: str) -> str:
    return pattern.removesuffix("*")


def _at_least_one(pattern: str) -> str:
    """``?*`` and nothing are all that ``*`` is."""
    return pattern[:-1] + "?*" if pattern.endswith("*") else pattern


def _line(name: str, asked: Sequence[Asked]) -> str:
    answers = sorted({each.answer for each in asked})
    middle = statistics.median(each.seconds for each in asked)
    longest = max(each.seconds for each in asked)
    most = max(each.steps for each in asked)
    spread = f"{middle:.3f} s" if len(asked) == 1 else f"median {middle:.3f} s, longest {longest:.3f} s"
    return f"{name}: {', '.join(answers)}; {spread}; at most {most:,} steps"
