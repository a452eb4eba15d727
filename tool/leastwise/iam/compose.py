"""Grants -> statements: grouped by service and resource, with Sids a person can read, in a stable order."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING

from leastwise.iam.statement import Condition, Effect, Statement

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from leastwise.iam.statement import PolicyDocument

SID_CHARACTERS = 64
"""Our own bound, for the reader's sake; IAM names none."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One action on some resources, where the context keys have one of their values.

    ``verb`` says in one word what kind of access it is (``Read``, ``Write``); it becomes part of the Sid.
    """

    action: str
    resources: tuple[str, ...]
    context: tuple[tuple[str, str], ...] = ()
    verb: str = ""


def compose(grants: Iterable[Grant]) -> tuple[Statement, ...]:
    """Allow statements for the grants: same service, same resources, same condition keys go together.

    The order depends on nothing but the grants; Sids are unique.
    """
    groups: dict[tuple[str, tuple[str, ...], tuple[str, ...]], list[Grant]] = defaultdict(list)
    for grant in grants:
        service = grant.action.partition(":")[0]
        groups[service, grant.resources, _context_key(grant)].append(grant)
    ordered = [groups[key] for key in sorted(groups)]
    sids = _unique(_sid(group) for group in ordered)
    return tuple(_statement(group, sid) for group, sid in zip(ordered, sids, strict=True))


def _context_key(grant: Grant) -> tuple[str, ...]:
    """What must be equal for two grants to share a statement.

    The values of one key may be listed together; of two keys they may not, or pairs nobody used would match.
    """
    if len(grant.context) == 1:
        return (grant.action, grant.context[0][0])
    return tuple(part for pair in grant.context for part in pair)


def _statement(group: list[Grant], sid: str) -> Statement:
    return Statement(
        effect=Effect.ALLOW,
        actions=tuple(sorted({grant.action for grant in group})),
        resources=group[0].resources,
        conditions=_conditions(group),
        sid=sid,
    )


def _conditions(group: list[Grant]) -> tuple[Condition, ...]:
    values: dict[str, set[str]] = defaultdict(set)
    for grant in group:
        for key, value in grant.context:
            values[key].add(value)
    return tuple(Condition("StringEquals", key, tuple(sorted(values[key]))) for key in sorted(values))


def _sid(group: list[Grant]) -> str:
    service = group[0].action.partition(":")[0]
    verbs = sorted({grant.verb for grant in group})
    words = [*re.split(r"[^A-Za-z0-9]", service), *verbs, *_thing(group[0].resources)]
    return "".join(_capitalized(word) for word in words)[:SID_CHARACTERS]


def _thing(resources: tuple[str, ...]) -> list[str]:
    """The words of the one name that all the resources share; none where there is more than one."""
    names = {_name(resource) for resource in resources}
    return re.findall(r"[A-Za-z0-9]+", names.pop())[:5] if len(names) == 1 else []


def _name(resource: str) -> str:
    """``payments`` of ``arn:aws:dynamodb:eu-west-1:111122223333:table/payments``; a bucket of its objects."""
    parts = resource.split(":", 5)
    if len(parts) < 6:
        return ""
    path = re.split(r"[/:]", parts[5].strip("/"))
    return path[0] if parts[2] == "s3" or len(path) == 1 else path[1]


def _capitalized(word: str) -> str:
    return word[:1].upper() + word[1:]


def _unique(sids: Iterable[str]) -> Iterator[str]:
    """The same Sids, with the first free number where one came before."""
    taken: set[str] = set()
    for sid in sids:
        unique = free_sid(sid, taken)
        taken.add(unique)
        yield unique


def concatenated(documents: Iterable[PolicyDocument]) -> PolicyDocument:
    """The statements of documents of one ``Version``, each once, in one document; Sids stay unique.

    ``ValueError`` where the versions differ: the same text would mean something else.
    """
    held = tuple(documents)
    if len({document.version for document in held}) > 1:
        raise ValueError("documents of different versions cannot be one")
    statements = dict.fromkeys(statement for document in held for statement in document.statements)
    taken: set[str] = set()
    joined = []
    for statement in statements:
        sid = statement.sid and free_sid(statement.sid, taken)
        taken.update([sid] if sid else [])
        joined.append(replace(statement, sid=sid))
    return replace(held[0], statements=tuple(joined), id=None)


def free_sid(sid: str, taken: Container[str]) -> str:
    """``sid`` itself, or with the first number from 2 on that makes it one not taken."""
    numbered = (f"{sid}{number}" for number in count(2))
    return sid if sid not in taken else next(name for name in numbered if name not in taken)
