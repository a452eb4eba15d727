"""Adds a principal to the text of ``principals.yaml`` and touches nothing else.

The new entry is put in at the places of the YAML nodes, so comments, order, indentation and line endings stay
as their owners wrote them.  What comes out is read again before it is given back: everything declared before
is declared still, and the one new principal is the one that was asked for.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from leastwise.declare.identities import UnfitError, parse_identity
from leastwise.declare.principals_file import read_declaration
from leastwise.declare.yaml_tree import Scalar, Sequence, Table, read_tree, shown
from leastwise.errors import DeclarationError, LeastwiseError, Problem, UsageError

if TYPE_CHECKING:
    from datetime import date

    from leastwise.declare.yaml_tree import Node
    from leastwise.model.declared import Declaration, Principal

STARTER = """\
# Who is enrolled with leastwise, for which trial, and where the evidence comes from.
# The next line gives completion and help in editors that know YAML schemas.
# yaml-language-server: $schema=tool/leastwise/declare/principals.schema.json
version: 1

# Where calls are recorded.  Without `selectors` and `regions` nothing counts as unused.
# sources:
#   logs: {kind: trail-files, path: logs/, selectors: logs/selectors.json, regions: all}

principals:
"""

_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_COMMENT_LINE = re.compile("([ \t]*)#")
_SAFE_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_WORDS_OF_YAML = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_STEP = 2
"""Columns of indentation where the file shows no habit of its own."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Whom to enrol: an ``arn``, or a ``permission_set`` with its ``accounts``; the rest may be left out.

    Without ``opens`` there is no trial; without ``days`` the default trial's length holds.
    """

    arn: str | None = None
    permission_set: str | None = None
    accounts: tuple[str, ...] = ()
    opens: date | None = None
    days: int | None = None
    policy: str | None = None
    owners: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The key that the principal will have (``Principal.key``)."""
        return self.arn or f"permission-set/{self.permission_set}"


def enrol(text: str, path: str, entry: Enrolment) -> str:
    """The text of ``principals.yaml`` with one principal more; an empty text becomes a commented starter.

    Raises ``DeclarationError`` where the text has problems already or the principal is enrolled, and
    ``UsageError`` where the entry is none that the file could take.
    """
    _check(entry)
    tree = read_tree(text, path)
    if tree.root is None:
        begun = _with_final_break(text) + STARTER.replace("\n", _line_break(text))
        return _verified(begun + _block_item(entry, _STEP, _STEP, _line_break(text)), path, None, entry)
    before = read_declaration(text, path)
    enrolled = before.principal(entry.key)
    if enrolled:
        found = f"{shown(entry.key)}, enrolled here"
        raise DeclarationError([Problem(path, enrolled.line, 1, "a principal not enrolled yet", found)])
    return _verified(_Editor(text, entry).edited(tree.root), path, before, entry)


def _check(entry: Enrolment) -> None:
    if entry.arn and entry.arn.startswith("permission-set/"):
        name = entry.arn.removeprefix("permission-set/")
        raise UsageError(f"A permission set is enrolled with --permission-set {name} --account 111122223333.")
    if bool(entry.arn) == bool(entry.permission_set):
        raise UsageError(
            "Name one principal: an ARN, or --permission-set NAME with --account for each of its accounts."
        )
    if entry.permission_set and not entry.accounts:
        raise UsageError("Say in which accounts the permission set is provisioned: --account 111122223333.")
    if entry.accounts and not entry.permission_set:
        raise UsageError("Leave out --account: an ARN holds its account; only a permission set needs it.")
    if entry.opens is None and entry.days:
        raise UsageError(
            "A trial needs the day on which it opens: --opens 2026-11-01, or --days alone to open it today."
        )
    if entry.opens is None and entry.policy:
        raise UsageError("Say how long the trial is, with --days 90: the policy is what is held during it.")
    if entry.arn:
        try:
            parse_identity(entry.arn)
        except UnfitError as error:
            found = error.found or shown(entry.arn)
            raise UsageError(f"Expected {error.expected}, found {found}.") from error


def _verified(text: str, path: str, before: Declaration | None, entry: Enrolment) -> str:
    """The text, once it is read again and found to say what it said before and what was asked."""
    try:
        read_tree(text, path)
    except DeclarationError as error:
        raise _unfit_for_editing(path, entry) from error
    try:
        after = read_declaration(text, path)
    except DeclarationError as error:
        reasons = "; ".join(f"expected {each.expected}, found {each.found}" for each in error.problems)
        raise UsageError(f"{entry.key} cannot be enrolled so: {reasons}.") from error
    *others, new = after.principals
    is_as_before = replace(after, principals=tuple(others)) == before if before else not others
    if not (is_as_before and _is_as_asked(new, entry)):
        raise _unfit_for_editing(path, entry)
    return text


def _unfit_for_editing(path: str, entry: Enrolment) -> LeastwiseError:
    by_hand = _block_item(entry, _STEP, _STEP, "\n")
    return LeastwiseError(
        f"{path} could not be edited without a change to what it says, so it was left alone."
        f" Please add the entry by hand, and report the form of this file:\n{by_hand}"
    )


def _is_as_asked(new: Principal, entry: Enrolment) -> bool:
    trial = new.trial
    return (
        new.key == entry.key
        and (not entry.accounts or new.accounts == entry.accounts)
        and (not entry.owners or new.owners == entry.owners)
        and (not entry.sources or new.sources == entry.sources)
        and (trial.opens if trial else None) == entry.opens
        and (entry.days is None or (trial is not None and trial.days == entry.days))
        and (entry.policy is None or (trial is not None and trial.policy == entry.policy))
    )


class _Editor:
    """One edit of one text, at the indices that its nodes give."""

    def __init__(self, text: str, entry: Enrolment) -> None:
        self._text = text
        self._entry = entry
        self._break = _line_break(text)

    def edited(self, root: Node) -> str:
        """The text with the entry at the end of the list of principals."""
        if not isinstance(root, Table):  # the declaration was read, so the root is a mapping
            return self._text
        entry = root.entry("principals")
        if entry is None:
            return self._with_new_key(root)
        key, value = entry
        match value:
            case Sequence(items=[_, *_], in_flow=in_flow):
                return self._after_flow_item(value) if in_flow else self._after_block_item(value)
            case Sequence() if root.in_flow or not self._is_bare(value):
                return self._put((value.end.index - 1, _flow_item(self._entry)))
            case _ if root.in_flow:
                return self._without(value, f" [{_flow_item(self._entry)}]")
            case _:
                return self._as_first(key, value)

    def _with_new_key(self, root: Table) -> str:
        end = _content_end(root.entries[-1][1])
        if root.in_flow:
            return self._put((end, f", principals: [{_flow_item(self._entry)}]"))
        margin = root.start.column - 1
        at = self._line_end(end)
        if all(not line.strip() or _COMMENT_LINE.match(line) for line in _LINE_BREAK.split(self._text[at:])):
            at = len(self._text)
        opening = f"{self._break}{' ' * margin}principals:{self._break}"
        return self._put_lines(at, opening + self._block_item(margin + _STEP, _STEP))

    def _as_first(self, key: Scalar, value: Node) -> str:
        """The list begins: what stood for nothing goes, comments below the key stay above the entry."""
        emptied = self._without(value, "")
        margin = key.start.column - 1
        editor = _Editor(emptied, self._entry)
        at = editor._after_comments(editor._line_end(key.end.index), margin + 1)
        return editor._put_lines(at, self._block_item(margin + _STEP, _STEP))

    def _after_block_item(self, principals: Sequence) -> str:
        last = principals.items[-1]
        margin = principals.start.column - 1
        is_beside_dash = last.start.column > principals.start.column
        gap = last.start.column - principals.start.column if is_beside_dash else _STEP
        at = self._after_comments(self._line_end(_content_end(last)), max(margin, 1))
        blank = self._break if self._has_blank_lines_between(principals) else ""
        return self._put_lines(at, blank + self._block_item(margin, gap))

    def _after_flow_item(self, principals: Sequence) -> str:
        last = principals.items[-1]
        end = _content_end(last)
        item = _flow_item(self._entry)
        line_start = _last_break_before(self._text, last.start.index)
        margin = self._text[line_start : last.start.index]
        if margin.strip() or not line_start:
            return self._put((end, f", {item}"))
        tail = re.compile("[ \t]*(,?)[ \t]*(?:#[^\n\r\x85\u2028\u2029]*)?").match(self._text, end)
        rest_is_comment = tail and (
            tail.end() == len(self._text) or _LINE_BREAK.match(self._text, tail.end())
        )
        if not tail or not rest_is_comment:
            return self._put((end, f",{self._break}{margin}{item}"))
        comma = tail[1]
        return self._put((end, "" if comma else ","), (tail.end(), f"{self._break}{margin}{item}{comma}"))

    def _block_item(self, margin: int, gap: int) -> str:
        return _block_item(self._entry, margin, gap, self._break)

    def _has_blank_lines_between(self, principals: Sequence) -> bool:
        if len(principals.items) < 2:
            return False
        before_last, last = principals.items[-2:]
        between = self._text[self._line_end(_content_end(before_last)) : last.start.index]
        return any(not line.strip() for line in _LINE_BREAK.split(between)[:-1])

    def _is_bare(self, value: Sequence) -> bool:
        """Whether nothing but blanks stands between the brackets of an empty list."""
        return not self._text[value.start.index + 1 : value.end.index - 1].strip(" \t")

    def _line_end(self, index: int) -> int:
        """The index after the line break that ends the line of ``index``; ``index`` at a line's start."""
        if index and _LINE_BREAK.fullmatch(self._text[index - 1]):
            return index
        found = _LINE_BREAK.search(self._text, index)
        return found.end() if found else len(self._text)

    def _after_comments(self, at: int, margin: int) -> int:
        """The end of the comment lines that follow ``at`` directly, indented by ``margin`` or more."""
        while (comment := _COMMENT_LINE.match(self._text, at)) and len(comment[1]) >= margin:
            at = self._line_end(comment.end())
        return at

    def _put_lines(self, at: int, lines: str) -> str:
        """``lines`` put in at the start of a line; the last line of the file may lack its break."""
        is_line_start = at == 0 or _LINE_BREAK.fullmatch(self._text[at - 1])
        return self._put((at, lines if is_line_start else self._break + lines))

    def _put(self, *insertions: tuple[int, str]) -> str:
        """The text with pieces put in at indices that rise."""
        text = self._text
        for index, inserted in reversed(insertions):
            text = text[:index] + inserted + text[index:]
        return text

    def _without(self, value: Node, instead: str) -> str:
        """The text with ``instead`` in the place of an empty value and of the blanks before it."""
        before = self._text[: value.start.index].rstrip(" \t")
        return before + instead + self._text[value.end.index :]


def _line_break(text: str) -> str:
    """The line break that the text uses: that of its first line."""
    found = _LINE_BREAK.search(text)
    return found.group() if found else "\n"


def _with_final_break(text: str) -> str:
    return text if not text or _LINE_BREAK.fullmatch(text[-1]) else text + _line_break(text)


def _last_break_before(text: str, index: int) -> int:
    """The index at which the line of ``index`` starts."""
    return max((found.end() for found in _LINE_BREAK.finditer(text, 0, index)), default=0)


def _content_end(node: Node) -> int:
    """Where the last thing written of a node ends: a block's own end lies after comments that follow it."""
    match node:
        case Table(in_flow=False, entries=[*_, (_, last)]) | Sequence(in_flow=False, items=[*_, last]):
            return _content_end(last)
        case _:
            return node.end.index


def _block_item(entry: Enrolment, margin: int, gap: int, line_break: str) -> str:
    """The entry as lines of a block list, its dash after ``margin`` blanks and ``gap`` before its keys."""
    first, *others = (f"{key}: {value}" for key, value in _members(entry, in_flow=False))
    dash = " " * margin + "-".ljust(gap)
    lines = [dash + first, *(" " * (margin + gap) + line for line in others)]
    return "".join(line + line_break for line in lines)


def _flow_item(entry: Enrolment) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in _members(entry, in_flow=True)) + "}"


def _members(entry: Enrolment, *, in_flow: bool) -> list[tuple[str, str]]:
    """Key and YAML text of everything the entry says, in the order people write it."""
    members = []
    if entry.arn:
        members.append(("arn", _quoted(entry.arn) if in_flow else entry.arn))
    if entry.permission_set:
        members.append(("permission_set", _word(entry.permission_set)))
        members.append(("accounts", _list(entry.accounts)))
    if entry.opens:
        members.append(("trial", _trial(entry, entry.opens)))
    if entry.owners:
        members.append(("owners", _list(entry.owners)))
    if entry.sources:
        only = entry.sources[0] if len(entry.sources) == 1 else None
        members.append(("source", _word(only) if only else _list(entry.sources)))
    return members


def _trial(entry: Enrolment, opens: date) -> str:
    days = f", days: {entry.days}" if entry.days is not None else ""
    policy = f", policy: {_quoted(entry.policy)}" if entry.policy else ""
    return f"{{opens: {opens.isoformat()}{days}{policy}}}"


def _list(texts: tuple[str, ...]) -> str:
    return "[" + ", ".join(map(_quoted, texts)) + "]"


def _word(text: str) -> str:
    is_safe = _SAFE_WORD.fullmatch(text) and text.lower() not in _WORDS_OF_YAML
    return text if is_safe else _quoted(text)


def _quoted(text: str) -> str:
    """In double quotes, which JSON and YAML escape alike."""
    return json.dumps(text, ensure_ascii=False)
