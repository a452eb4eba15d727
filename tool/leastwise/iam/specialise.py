"""A statement in a context that is known in part: what is known is decided, the rest is left as it stands."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from leastwise.iam import arn, condition, variables
from leastwise.iam.request import Missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leastwise.iam.arn import ResourcePattern
    from leastwise.iam.evaluate import PreparedStatement
    from leastwise.iam.request import Request


def specialise(statement: PreparedStatement, request: Request) -> PreparedStatement | None:
    """The statement without what the request's context decides; ``None`` if it cannot apply in it."""
    truths = {
        line: condition.holds(line, request, variables=statement.has_variables)
        for line in statement.conditions
    }
    if False in truths.values():
        return None
    return replace(
        statement,
        conditions=tuple(line for line, truth in truths.items() if truth is None),
        resources=tuple(_entries(statement, request)),
    )


def _entries(statement: PreparedStatement, request: Request) -> Iterator[ResourcePattern]:
    for entry in statement.resources:
        resolved = variables.resolve(entry.flat, request)
        if resolved is Missing.UNKNOWN or (resolved is Missing.ABSENT and statement.not_resource):
            yield entry
        elif not isinstance(resolved, Missing):
            yield entry if resolved is entry.flat else arn.of_glob(resolved)
