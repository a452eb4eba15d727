"""Policy texts: ``parse`` reads one strictly, ``render`` writes one, ``locate`` says where its parts stand.

Strict means that nothing is guessed and nothing overlooked: a text that IAM would refuse, or that two readers
could read differently (equal keys), is refused here, with every mistake at once.

Grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html (read 2026-11-23).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.errors import PolicySyntaxError, Problem
from leastwise.iam import grammar, json_text
from leastwise.iam.json_text import JsonError, Kind, Span
from leastwise.iam.size import MAX_DOCUMENT_CHARACTERS
from leastwise.iam.statement import Condition, Effect, PolicyDocument, Statement, Version

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leastwise.iam.json_text import Node

__all__ = [
    "Condition",
    "Effect",
    "ListSpans",
    "PolicyDocument",
    "Span",
    "Statement",
    "StatementSpans",
    "Version",
    "locate",
    "parse",
    "render",
]


@dataclass(frozen=True, slots=True)
class ListSpans:
    """Where an Action, NotAction, Resource or NotResource value stands, and each of its entries."""

    value: Span
    """With its brackets or quotes."""
    elements: tuple[Span, ...]
    """Each string with its quotes, in order; the value itself if it is a single string."""
    is_list: bool


@dataclass(frozen=True, slots=True)
class StatementSpans:
    """Where one statement stands: offsets into the text, by which it can be edited and the rest kept."""

    statement: Span
    in_list: bool
    """Whether ``Statement`` is a list; if not, the statement is the value itself."""
    members: Mapping[str, Span]
    """Name of the element -> from the opening quote of the name to the end of the value."""
    actions: ListSpans | None
    not_actions: ListSpans | None
    resources: ListSpans | None
    not_resources: ListSpans | None


def parse(text: str, path: str = "policy") -> PolicyDocument:
    """Read an identity policy.

    ``path`` names the text in messages.  ``PolicySyntaxError`` carries every ``Problem`` (line and column
    count from 1); a text that is no JSON has one.
    """
    document, problems = grammar.check(_root(text, path))
    if problems:
        raise PolicySyntaxError([_problem(path, text, *problem) for problem in problems])
    return document


def render(document: PolicyDocument) -> str:
    """The one canonical text of a document: ``parse(render(document)) == document``.

    That holds for every document that ``parse`` can give; in one made by hand, conditions with the same
    operator must stand together.  ``ValueError`` if two share operator and key, which no text can say.

    Elements in AWS's customary order, two spaces of indentation, one entry to a line, a single entry without
    brackets, and ASCII alone, so that no look-alike or invisible character hides in a review.
    """
    members: dict[str, object] = {"Version": document.version.value}
    if document.id is not None:
        members["Id"] = document.id
    members["Statement"] = [_statement(statement) for statement in document.statements]
    return json.dumps(members, indent=2) + "\n"


def locate(text: str, path: str = "policy") -> tuple[StatementSpans, ...]:
    """Where each statement of a valid policy stands, in the order of ``parse(text).statements``.

    ``PolicySyntaxError`` where ``parse`` raises it.
    """
    parse(text, path)
    root = _root(text, path)
    value = next(value for name, value in root.members if name.text == "Statement")
    in_list = value.kind is Kind.LIST
    return tuple(_spans(node, in_list=in_list) for node in (value.items if in_list else (value,)))


def _root(text: str, path: str) -> Node:
    if len(text) > MAX_DOCUMENT_CHARACTERS:
        expected = f"at most {MAX_DOCUMENT_CHARACTERS:,} characters"
        raise PolicySyntaxError([Problem(path, 0, 0, expected, f"{len(text):,}")])
    foreign = [at for at, character in enumerate(text) if not grammar.is_policy_character(character)]
    if foreign:
        expected = "characters up to U+00FF (write others as \\uXXXX)"
        raise PolicySyntaxError(
            [_problem(path, text, at, expected, f"U+{ord(text[at]):04X}") for at in foreign[:20]]
        )
    try:
        return json_text.read(text)
    except JsonError as error:
        problem = _problem(path, text, error.offset, error.expected, error.found)
        raise PolicySyntaxError([problem]) from error


def _problem(path: str, text: str, offset: int, expected: str, found: str) -> Problem:
    line = text.count("\n", 0, offset) + 1
    column = offset - text.rfind("\n", 0, offset)
    return Problem(path, line, column, expected, found)


def _spans(node: Node, *, in_list: bool) -> StatementSpans:
    values = {name.text: value for name, value in node.members}
    return StatementSpans(
        statement=node.span,
        in_list=in_list,
        members={name.text: Span(name.span.start, value.span.end) for name, value in node.members},
        actions=_list_spans(values.get("Action")),
        not_actions=_list_spans(values.get("NotAction")),
        resources=_list_spans(values.get("Resource")),
        not_resources=_list_spans(values.get("NotResource")),
    )


def _list_spans(node: Node | None) -> ListSpans | None:
    if node is None:
        return None
    is_list = node.kind is Kind.LIST
    return ListSpans(node.span, tuple(item.span for item in node.items) if is_list else (node.span,), is_list)


def _statement(statement: Statement) -> dict[str, object]:
    members: dict[str, object] = {}
    if statement.sid is not None:
        members["Sid"] = statement.sid
    members["Effect"] = statement.effect.value
    lists = {
        "Action": statement.actions,
        "NotAction": statement.not_actions,
        "Resource": statement.resources,
        "NotResource": statement.not_resources,
    }
    members |= {name: _one_or_list(values) for name, values in lists.items() if values}
    if statement.conditions:
        members["Condition"] = _condition_block(statement.conditions)
    return members


def _condition_block(conditions: tuple[Condition, ...]) -> dict[str, dict[str, object]]:
    block: dict[str, dict[str, object]] = {}
    for condition in conditions:
        keys = block.setdefault(condition.operator, {})
        if condition.key in keys:
            raise ValueError(f"two conditions {condition.operator} on {condition.key} in one statement")
        keys[condition.key] = _one_or_list(condition.values)
    return block


def _one_or_list(values: tuple[str, ...]) -> str | list[str]:
    return values[0] if len(values) == 1 else list(values)
