"""Edits a person would have made: a policy's text changes where its meaning does, and nowhere else.

Key order, indentation, untouched statements, conditions and even odd spacing survive byte for byte, because a
changed statement is its own old text with three values exchanged: ``Sid``, ``Action`` and ``Resource``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.iam.document import PolicyDocument, Span, locate, parse, render

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from leastwise.iam.document import ListSpans, Statement, StatementSpans

INDENT = "  "
LINE_LENGTH = 100


@dataclass(frozen=True, slots=True)
class Part:
    """What becomes of a statement, or of a part of it: these actions on these resources.

    Everything else of the statement (effect, conditions) stays.  ``sid`` is ``None`` where it had none.
    """

    sid: str | None
    actions: tuple[str, ...]
    resources: tuple[str, ...]


def edit(text: str, plan: Mapping[int, Sequence[Part]]) -> str:
    """The policy with the planned statements exchanged for their parts; no parts: the statement goes.

    ``plan`` maps a statement's index to its parts.  The statements concerned must have ``Action`` and
    ``Resource``.  ``ValueError`` if no statement would remain: IAM refuses a policy without any.
    """
    statements = locate(text)
    texts = [
        [_part(text, spans, part) for part in plan[index]] if index in plan else [_cut(text, spans.statement)]
        for index, spans in enumerate(statements)
    ]
    if not any(texts):
        raise ValueError("no statement would remain")
    spans = [statement.statement for statement in statements]
    joined = _joined(text, spans, texts)
    if not statements[0].in_list and sum(map(len, texts)) > 1:
        joined = f"[{joined}]"
    return text[: spans[0].start] + joined + text[spans[-1].end :]


def append(text: str, statement: Statement) -> str:
    """The policy with one more statement at its end, written in the manner of the others."""
    statements = locate(text)
    last = statements[-1].statement
    indented = _indented(statement, _indentation(text, last.start), _unit(text))
    separator = _separator(text, [found.statement for found in statements])
    if statements[0].in_list:
        return text[: last.end] + separator + indented + text[last.end :]
    return text[: last.start] + "[" + _cut(text, last) + separator + indented + "]" + text[last.end :]


def parts_of(text: str) -> tuple[Part, ...]:
    """Each statement of a policy as the part that would leave it as it is."""
    return tuple(
        Part(statement.sid, statement.actions, statement.resources) for statement in parse(text).statements
    )


def _cut(text: str, span: Span) -> str:
    return text[span.start : span.end]


def _joined(text: str, spans: Sequence[Span], texts: Sequence[Sequence[str]]) -> str:
    """What survives, each with the separator that stood before it."""
    joined = ""
    for index, parts in enumerate(texts):
        before = text[spans[index - 1].end : spans[index].start] if index else _separator(text, spans)
        for number, part in enumerate(parts):
            joined += (before if number == 0 else _separator(text, spans)) + part if joined else part
    return joined


def _separator(text: str, spans: Sequence[Span]) -> str:
    """What stands between two entries of this list; a comma and a new line where it has only one."""
    if len(spans) > 1:
        return text[spans[0].end : spans[1].start]
    return ",\n" + _indentation(text, spans[0].start)


def _part(text: str, spans: StatementSpans, part: Part) -> str:
    """The statement's text with its Sid, Action and Resource exchanged, from the last to the first."""
    changes = [
        *_list_change(text, spans.actions, part.actions),
        *_list_change(text, spans.resources, part.resources),
        *_sid_change(text, spans, part.sid),
    ]
    start, end = spans.statement
    written = text[start:end]
    for span, replacement in sorted(changes, reverse=True):
        written = written[: span.start - start] + replacement + written[span.end - start :]
    return written


def _sid_change(text: str, spans: StatementSpans, sid: str | None) -> Iterable[tuple[Span, str]]:
    member = spans.members.get("Sid")
    if member is None or sid is None:
        return ()
    written = _cut(text, member)
    return ((member, written[: written.rindex('"', 0, len(written) - 1)] + json.dumps(sid)),)


def _list_change(text: str, spans: ListSpans | None, entries: tuple[str, ...]) -> Iterable[tuple[Span, str]]:
    if spans is None:
        raise ValueError("a statement without Action or Resource is never edited")
    if entries == tuple(json.loads(_cut(text, element)) for element in spans.elements):
        return ()
    return ((spans.value, _list(text, spans, [json.dumps(entry) for entry in entries])),)


def _list(text: str, spans: ListSpans, entries: list[str]) -> str:
    """The entries between the old brackets, parted as the old ones were."""
    if not spans.is_list:
        return entries[0] if len(entries) == 1 else _fresh_list(text, spans, entries)
    elements = spans.elements
    if len(elements) == 1 and "\n" not in _cut(text, spans.value):
        separator = ", "
    else:
        separator = _separator(text, elements)
    opening = text[spans.value.start : elements[0].start]
    return opening + separator.join(entries) + text[elements[-1].end : spans.value.end]


def _fresh_list(text: str, spans: ListSpans, entries: list[str]) -> str:
    """A list where a single string stood: on its line if it fits there, else one entry to a line."""
    inline = f"[{', '.join(entries)}]"
    before = text[text.rfind("\n", 0, spans.value.start) + 1 : spans.value.start]
    if len(before) + len(inline) <= LINE_LENGTH:
        return inline
    outer = _indentation(text, spans.value.start)
    inner = outer + _unit(text)
    return "[\n" + ",\n".join(inner + entry for entry in entries) + f"\n{outer}]"


def _indentation(text: str, at: int) -> str:
    """The white space with which the line of this offset begins."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return line[: len(line) - len(line.lstrip())]


def _unit(text: str) -> str:
    """One step of this file's indentation: that of its first indented line."""
    for line in text.splitlines():
        indentation = line[: len(line) - len(line.lstrip())]
        if indentation and line.strip():
            return indentation
    return INDENT


def _indented(statement: Statement, indentation: str, unit: str) -> str:
    members = json.loads(render(PolicyDocument((statement,))))["Statement"][0]
    first, *rest = json.dumps(members, indent=unit).splitlines()
    return "\n".join([first, *(indentation + line for line in rest)])
