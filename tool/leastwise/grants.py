"""Allow statements taken apart into grants, and which calls a statement could have allowed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.iam import arn, glob, grammar
from leastwise.iam.arn import Reading, ResourcePattern
from leastwise.iam.statement import Effect
from leastwise.model.finding import StatementRef
from leastwise.model.request import ResourceForm
from leastwise.reference.actions import expand, resource_types
from leastwise.reference.ephemeral import lasting_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from leastwise.iam.statement import PolicyDocument, Statement
    from leastwise.model.policies import PolicyFile
    from leastwise.model.request import AuthorizationRequest


@dataclass(frozen=True, slots=True)
class Granted:
    """One Allow statement: ``actions`` maps every action it grants today to the entry that grants it.

    ``opaque`` says why the statement is never rewritten (NotAction, NotResource, policy variables, an old
    Version); its actions are then not taken apart.
    """

    ref: StatementRef
    statement: Statement
    actions: Mapping[str, str]
    resources: tuple[ResourcePattern, ...]
    opaque: str = ""

    def could_allow(self, request: AuthorizationRequest) -> bool:
        """Whether the statement, conditions aside, may have allowed the call: when in doubt, yes."""
        return request.action in self.actions and any(
            _could_match(pattern, request) for pattern in self.resources
        )

    def accepts(self, pattern: str) -> bool:
        """Whether a resource pattern lies inside *one* of the statement's, under both ARN readings."""
        inner = arn.pattern(pattern)
        return is_resource(pattern) and any(covers(outer, inner) for outer in self.resources)


def grants_of(policies: Iterable[PolicyFile]) -> tuple[Granted, ...]:
    """Every Allow statement of the policies, in order."""
    return tuple(granted for policy in policies for granted in _allows(policy))


def names(pattern: str, action: str) -> bool:
    """Whether an action pattern (``s3:Get*``) names the action, in any spelling."""
    return glob.matches(glob.parse(pattern.lower(), variables=False), action.lower())


def literal_pattern(request: AuthorizationRequest) -> str:
    """The Resource entry that takes in what was asked for and nothing else; ``*`` where nothing was named."""
    return "*" if request.form is ResourceForm.NONE else glob.escape(request.resource)


def is_resource(pattern: str) -> bool:
    """Whether the pattern is a Resource entry with all six parts of an ARN, or ``*``.

    A name from a log need not be one, nor even be text (half a surrogate pair is none), and AWS completes
    ``arn:aws:s3`` with stars.
    """
    if any("\ud800" <= character <= "\udfff" for character in pattern):
        return False
    return grammar.resource_mistake(pattern) is None and (pattern == "*" or arn.parse(pattern) is not None)


def names_nothing(pattern: str, action: str) -> bool:
    """Whether a pattern that stands for many names begins above the first of them: ``table/*``.

    Types whose names services invent are none of these: nobody can name next month's instance.
    """
    parts = pattern.split(":", 5)
    if len(parts) < 6:
        return True
    head = parts[5].rstrip("*")
    invented = lasting_name(":".join([*parts[:5], head + "i-0123456789abcdef0"]))
    heads = {template.head for kind in resource_types(action) for template in kind.templates}
    return head in heads and invented != pattern


def covers(outer: ResourcePattern, inner: ResourcePattern) -> bool:
    """Whether every resource of ``inner`` is one of ``outer``, under both ARN readings; no when unsure."""
    if not outer.segments:
        return True
    return (
        glob.covers(outer.flat, inner.flat)
        and bool(inner.segments)
        and all(map(glob.covers, outer.segments, inner.segments))
    )


def may_overlap(one: str, other: str) -> bool:
    """Whether two globs may share a name, judged by what stands before their first wildcard."""
    one, other = _fixed_start(one), _fixed_start(other)
    return one.startswith(other) or other.startswith(one)


def why_opaque(document: PolicyDocument, statement: Statement) -> str:
    """Why a statement is never rewritten; empty for plain Action and Resource."""
    if not document.version.has_variables:
        return f"Version {document.version.value}"
    if statement.not_actions:
        return "NotAction"
    if statement.not_resources:
        return "NotResource"
    if any(glob.parse(resource).variables for resource in statement.resources):
        return "policy variables"
    return ""


def _allows(policy: PolicyFile) -> Iterator[Granted]:
    for index, statement in enumerate(policy.document.statements):
        if statement.effect is not Effect.ALLOW:
            continue
        opaque = why_opaque(policy.document, statement)
        yield Granted(
            ref=StatementRef(policy.path, index, statement.sid or ""),
            statement=statement,
            actions={} if opaque else _expanded(statement),
            resources=() if opaque else tuple(arn.pattern(resource) for resource in statement.resources),
            opaque=opaque,
        )


def _expanded(statement: Statement) -> dict[str, str]:
    """Every action granted today, with the first entry that grants it."""
    expanded: dict[str, str] = {}
    for entry in statement.actions:
        for action in expand(entry):
            expanded.setdefault(action, entry)
    return expanded


def _could_match(pattern: ResourcePattern, request: AuthorizationRequest) -> bool:
    if request.form is ResourceForm.UNRECORDED or not pattern.segments:
        return True
    if request.form is ResourceForm.ROLLED_UP:
        return may_overlap(pattern.flat.text, request.resource)
    return any(arn.matches(pattern, request.resource, reading) for reading in Reading)


def _fixed_start(pattern: str) -> str:
    """What every name of the pattern begins with."""
    start = ""
    for token in glob.parse(pattern).tokens:
        if not isinstance(token, str):
            break
        start += token
    return start
