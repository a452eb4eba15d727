"""A policy too large for one managed policy, laid out over several: whole statements, in order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from leastwise.iam.compose import free_sid
from leastwise.iam.document import render
from leastwise.iam.size import non_white_length

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leastwise.iam.statement import PolicyDocument, Statement


def packed(document: PolicyDocument, quota: int) -> list[PolicyDocument]:
    """Documents that together say the same, each of at most ``quota`` characters white space not counted.

    Statements keep their order.  One that is too large alone is parted by its resources, then by its
    actions; a statement of one action on one resource is left as it is, whatever its size.
    """
    documents: list[PolicyDocument] = []
    for statement in document.statements:
        for piece in _pieces(document, statement, quota):
            if documents and _size(_with(documents[-1], piece)) <= quota:
                documents[-1] = _with(documents[-1], piece)
            else:
                documents.append(replace(document, statements=(piece,)))
    return documents


def _with(document: PolicyDocument, statement: Statement) -> PolicyDocument:
    """The document with one more statement, under a Sid that is still free: parts of one have the same."""
    taken = {other.sid for other in document.statements if other.sid}
    sid = statement.sid and free_sid(statement.sid, taken)
    return replace(document, statements=(*document.statements, replace(statement, sid=sid)))


def _size(document: PolicyDocument) -> int:
    return non_white_length(render(document))


def _pieces(document: PolicyDocument, statement: Statement, quota: int) -> Iterator[Statement]:
    if _size(replace(document, statements=(statement,))) <= quota:
        yield statement
        return
    halves = _halves(statement)
    if not halves:
        yield statement
    for half in halves:
        yield from _pieces(document, half, quota)


def _halves(statement: Statement) -> tuple[Statement, ...]:
    """Two statements that together say the same; none where it cannot be parted."""
    for name in ("resources", "actions"):
        entries = getattr(statement, name)
        if len(entries) > 1:
            middle = len(entries) // 2
            return (
                replace(statement, **{name: entries[:middle]}),
                replace(statement, **{name: entries[middle:]}),
            )
    return ()
