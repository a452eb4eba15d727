"""The grammar of an identity policy over a JSON tree: the document, and everything that is wrong with it.

Sources (read 2026-11-23): https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html;
Sid: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html; the characters
that IAM accepts: the pattern of ``policyDocumentType`` in IAM's API model.
"""

from __future__ import annotations

from string import ascii_letters
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from leastwise.iam.json_text import Kind, Node
from leastwise.iam.statement import Condition, Effect, PolicyDocument, Statement, Version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from enum import Enum

DOCUMENT_ELEMENTS = ("Version", "Id", "Statement")
STATEMENT_ELEMENTS = ("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition")
PRINCIPAL_ELEMENTS = ("Principal", "NotPrincipal")

_ACTION_CHARACTERS = frozenset(f"{ascii_letters}0123456789-_*?.")
_SID_CHARACTERS = frozenset(f"{ascii_letters}0123456789")
_SHOWN = 60

_Value = TypeVar("_Value", bound="Enum")


class Mistake(NamedTuple):
    """What is wrong at an offset of the text."""

    offset: int
    expected: str
    found: str


def check(root: Node) -> tuple[PolicyDocument, list[Mistake]]:
    """The document, and every mistake; only without mistakes does the document mean what the text says."""
    grammar = _Grammar()
    return grammar.document(root), grammar.mistakes


def is_policy_character(character: str) -> bool:
    """Whether IAM accepts the character in a policy's text."""
    return " " <= character <= "\xff" or character in "\t\n\r"


class _Grammar:
    """Reads nodes into values and notes each mistake; a wrong part is read as if it were absent."""

    def __init__(self) -> None:
        self.mistakes: list[Mistake] = []

    def document(self, root: Node) -> PolicyDocument:
        members = self.members(root, DOCUMENT_ELEMENTS, "a policy document")
        version = self.choice(members.get("Version"), Version, Version.V2008)
        identifier = self.text(members["Id"]) if "Id" in members else None
        if root.kind is Kind.OBJECT and "Statement" not in members:
            self.note(root, "a Statement element", "none")
        return PolicyDocument(tuple(self.statements(members.get("Statement"))), version, identifier)

    def statements(self, node: Node | None) -> Iterator[Statement]:
        if node is None:
            return
        sids: set[str] = set()
        for item in node.items if node.kind is Kind.LIST else (node,):
            statement = self.statement(item)
            if statement.sid is not None and statement.sid in sids:
                self.note(item, "a Sid that no other statement has", statement.sid)
            sids.add(statement.sid or "")
            yield statement

    def statement(self, node: Node) -> Statement:
        members = self.members(node, STATEMENT_ELEMENTS, "a statement")
        if node.kind is Kind.OBJECT:
            self.one_of(node, members, "Action", "NotAction")
            self.one_of(node, members, "Resource", "NotResource")
            if "Effect" not in members:
                self.note(node, "an Effect element", "none")
        return Statement(
            effect=self.choice(members.get("Effect"), Effect, Effect.DENY),
            actions=self.patterns(members.get("Action"), "action", action_mistake),
            not_actions=self.patterns(members.get("NotAction"), "action", action_mistake),
            resources=self.patterns(members.get("Resource"), "resource", resource_mistake),
            not_resources=self.patterns(members.get("NotResource"), "resource", resource_mistake),
            conditions=tuple(self.conditions(members.get("Condition"))),
            sid=self.sid(members.get("Sid")),
        )

    def members(self, node: Node, allowed: tuple[str, ...], what: str) -> dict[str, Node]:
        """The members of an object by name; an unknown or repeated name is a mistake."""
        if node.kind is not Kind.OBJECT:
            self.note(node, f"{what} (an object)", _shown(node))
        members: dict[str, Node] = {}
        for name, value in node.members:
            if name.text in members:
                self.note(name, "each element once", f"{_shown(name)} again")
            elif name.text in PRINCIPAL_ELEMENTS:
                self.note(name, "no Principal: identity policies have none", _shown(name))
            elif allowed and name.text not in allowed:
                self.note(name, "one of " + ", ".join(allowed), _shown(name))
            members.setdefault(name.text, value)
        return members

    def one_of(self, node: Node, members: dict[str, Node], name: str, negated: str) -> None:
        present = [element for element in (name, negated) if element in members]
        if len(present) != 1:
            self.note(node, f"either {name} or {negated}", "both" if present else "neither")

    def patterns(self, node: Node | None, what: str, mistake: Callable[[str], str | None]) -> tuple[str, ...]:
        """The entries of an Action or Resource value, each checked."""
        if node is None:
            return ()
        entries = node.items if node.kind is Kind.LIST else (node,)
        if not entries:
            self.note(node, f"at least one {what}", "an empty list")
        for entry in entries:
            expected = mistake(entry.text) if entry.kind is Kind.STRING else f"a string naming an {what}"
            if expected:
                self.note(entry, expected, _shown(entry))
        return tuple(entry.text for entry in entries)

    def conditions(self, node: Node | None) -> Iterator[Condition]:
        if node is None:
            return
        for operator, block in self.members(node, (), "a Condition block").items():
            for key, value in self.members(block, (), f"the keys of {operator[:_SHOWN]}").items():
                yield Condition(operator, key, tuple(self.condition_values(value)))

    def condition_values(self, node: Node) -> Iterator[str]:
        for item in node.items if node.kind is Kind.LIST else (node,):
            if item.kind not in (Kind.STRING, Kind.NUMBER, Kind.BOOLEAN):
                self.note(item, "a string, a number, true or false", _shown(item))
            yield item.text

    def sid(self, node: Node | None) -> str | None:
        text = self.text(node) if node else ""
        if node and not _SID_CHARACTERS.issuperset(text):
            self.note(node, "a Sid of letters A-Z, a-z and digits", _shown(node))
        return text or None

    def choice(self, node: Node | None, values: type[_Value], default: _Value) -> _Value:
        """The value of an enumeration; without a node, or with a wrong one, the default."""
        if node is None:
            return default
        for value in values:
            if node.kind is Kind.STRING and node.text == value.value:
                return value
        self.note(node, " or ".join(f'"{value.value}"' for value in values), _shown(node))
        return default

    def text(self, node: Node) -> str:
        if node.kind is not Kind.STRING:
            self.note(node, "a string", _shown(node))
        return node.text

    def note(self, node: Node, expected: str, found: str) -> None:
        self.mistakes.append(Mistake(node.span.start, expected, found))


def action_mistake(text: str) -> str | None:
    """What is expected instead of this entry of an Action element; ``None`` if it is a valid one."""
    if text and not text.strip("*"):
        return None
    service, colon, name = text.partition(":")
    if colon and service and name and _ACTION_CHARACTERS.issuperset(service + name):
        return None
    return "an action such as s3:GetObject, with * and ? as wildcards, or *"


def resource_mistake(text: str) -> str | None:
    """What is expected instead of this entry of a Resource element; ``None`` if it is a valid one.

    AWS completes an ARN of fewer than six parts, such as ``arn:aws:sqs``, with ``*``.
    """
    if text and not text.strip("*"):
        return None
    prefix, *parts = text.split(":", 5)
    if prefix == "arn" and all(parts[:2]) and any(parts) and (len(parts) < 5 or parts[4]):
        return None
    return "an ARN (arn:partition:service:region:account:resource) or *"


def _shown(node: Node) -> str:
    """The node in words, short enough for a message and free of control characters."""
    if node.kind in (Kind.OBJECT, Kind.LIST):
        return str(node.kind.value)
    text = ascii(node.text)[1:-1]
    shown = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
    return f'"{shown}"' if node.kind is Kind.STRING else shown
