"""What differs between the committed files and the policies that are live: in meaning and in form."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from leastwise.iam.includes import Included, Undecided, includes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from leastwise.iam.statement import PolicyDocument
    from leastwise.model.live import LivePolicy, LiveState
    from leastwise.model.policies import PolicyFile

SHOWN = 5
"""Structural differences of one policy that a sentence lists."""


class Difference(Enum):
    """How one policy differs."""

    NOT_LIVE = "committed, and not live"
    NOT_COMMITTED = "live, and not committed"
    SAME_MEANING = "written otherwise, and means the same"
    LIVE_GRANTS_MORE = "the live one grants more"
    LIVE_GRANTS_LESS = "the live one grants less"
    EACH_GRANTS_MORE = "each grants something that the other does not"
    UNDECIDED = "whether they mean the same could not be decided"


@dataclass(frozen=True, slots=True)
class Drift:
    """One policy that is not live as it is committed; ``changes`` are structural, from committed to live."""

    path: str
    difference: Difference
    changes: tuple[str, ...] = ()

    def __str__(self) -> str:
        """One sentence without a full stop."""
        shown = "; ".join(self.changes[:SHOWN])
        more = f" and {len(self.changes) - SHOWN} more" if len(self.changes) > SHOWN else ""
        return f"{self.path}: {self.difference.value}" + (f" ({shown}{more})" if shown else "")


@dataclass(frozen=True, slots=True)
class Standing:
    """How what is live compares with what is committed, for one principal.

    ``live`` is ``None`` where it could not be read, and ``unread`` says why.  ``waiting`` are the paths of
    policies that are live as they once were committed: what was merged since is not applied yet, or was
    taken back.  ``behind`` are accounts with an older definition of a permission set.  ``undone_by`` is the
    fingerprint of the plan that puts back what is committed, where that is declared.
    """

    live: LiveState | None = None
    drifts: tuple[Drift, ...] = ()
    waiting: frozenset[str] = frozenset()
    behind: tuple[str, ...] = ()
    unread: str = ""
    undone_by: str = ""


def drift(committed: Iterable[PolicyFile], live: LiveState) -> tuple[Drift, ...]:
    """Every policy that differs, in the order of the paths; none if what is declared is what is live.

    Both sides are ``matched`` first: a policy is told by its path.
    """
    declared = {file.path: file for file in committed}
    held = {policy.path: policy for policy in live.policies}
    return tuple(
        found
        for path in sorted({*declared, *held})
        for found in _of_path(path, declared.get(path), held.get(path))
    )


def _of_path(path: str, declared: PolicyFile | None, held: LivePolicy | None) -> Iterator[Drift]:
    if held is None:
        yield Drift(path, Difference.NOT_LIVE)
    elif declared is None:
        yield Drift(path, Difference.NOT_COMMITTED)
    elif held.is_read:
        changes = structural(declared.text, held.text)
        if changes:
            yield Drift(path, meaning((declared.document,), (held.document,)), changes)


def waiting(
    drifts: Iterable[Drift], live: LiveState, before: Callable[[str], Iterable[str]]
) -> frozenset[str]:
    """The paths of those that are live as they once were committed; ``before`` tells a file's older texts.

    A policy that is not live at all may never have been, so nobody can be said to have taken it away.
    """
    held = {policy.path: policy for policy in live.policies}
    return frozenset(
        found.path
        for found in drifts
        if found.difference is Difference.NOT_LIVE
        or (found.path in held and any(is_text(held[found.path].text, text) for text in before(found.path)))
    )


def is_text(live: str, text: str) -> bool:
    """Whether an older text of a file is what is live, formatting aside."""
    try:
        return not structural(text, live)
    except ValueError:  # an older text may have been no JSON
        return False


def meaning(committed: Sequence[PolicyDocument], live: Sequence[PolicyDocument]) -> Difference:
    """Which of two sets of policies grants more."""
    of_live, of_committed = includes(committed, live), includes(live, committed)
    if isinstance(of_live, Undecided) or isinstance(of_committed, Undecided):
        return Difference.UNDECIDED
    match isinstance(of_live, Included), isinstance(of_committed, Included):
        case True, True:
            return Difference.SAME_MEANING
        case False, True:
            return Difference.LIVE_GRANTS_MORE
        case True, False:
            return Difference.LIVE_GRANTS_LESS
        case _:
            return Difference.EACH_GRANTS_MORE


def structural(committed: str, live: str) -> tuple[str, ...]:
    """What changes from one JSON text to the other, a line each; the order within lists means nothing.

    Most texts do not differ: deepdiff, which takes a fifth of a second, is imported for the first that does.
    """
    sides = [json.loads(text) for text in (committed, live)]
    if len({json.dumps(side, sort_keys=True) for side in sides}) == 1:  # to Python itself 1 is true
        return ()
    from deepdiff import DeepDiff  # noqa: PLC0415  see the docstring

    by_sid = [_by_sid(side) for side in sides]
    before, after = sides if None in by_sid else by_sid
    found = DeepDiff(before, after, ignore_order=True, ignore_private_variables=False, view="tree")
    lines = [_line(change) for changes in found.values() for change in changes]
    return tuple(sorted(lines))


def _by_sid(document: object) -> dict[str, object] | None:
    """The document with its statements by Sid, so that each is compared with itself wherever it stands.

    ``None`` where a statement has none, or two have the same.
    """
    statements = document.get("Statement") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not isinstance(statements, list):
        return None
    named = {
        each["Sid"]: each
        for each in statements
        if isinstance(each, dict) and isinstance(each.get("Sid"), str)
    }
    return {**document, "Statement": named} if len(named) == len(statements) else None


def _line(change: object) -> str:
    path = str(getattr(change, "path", lambda: "root")()).removeprefix("root")
    before, after = (_short(getattr(change, side, None)) for side in ("t1", "t2"))
    return f"{path}: {before} → {after}"


def _short(value: object) -> str:
    text = "nothing" if str(value) == "not present" else json.dumps(value)
    return text if len(text) <= 60 else text[:60] + "…"
