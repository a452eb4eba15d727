"""Plans as a file, from which an interrupted ``leastwise apply`` goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from leastwise.errors import PlanError
from leastwise.model.plan import Plan  # noqa: TC001  msgspec reads the fields of the class

if TYPE_CHECKING:
    from collections.abc import Iterable

FORMAT = "leastwise-plans"
VERSION = 1


@dataclass(frozen=True, slots=True)
class PlanFile:
    """Plans, and the commit whose policies they bring to AWS (empty: none was read)."""

    commit: str
    plans: tuple[Plan, ...]
    format: str = FORMAT
    version: int = VERSION


def plan_text(plans: Iterable[Plan], commit: str) -> str:
    """The text of the file; the same plans give the same text."""
    file = PlanFile(commit, tuple(plans))
    return msgspec.json.format(msgspec.json.encode(file), indent=1).decode() + "\n"


def read_plans(text: str, path: str) -> PlanFile:
    """What ``plan_text`` wrote.  Raises ``PlanError`` for anything else."""
    try:
        file = msgspec.json.decode(text, type=PlanFile)
    except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError) as error:
        raise PlanError(f"{path} is no file that `leastwise plan --out` wrote: {error}") from error
    if (file.format, file.version) != (FORMAT, VERSION):
        raise PlanError(
            f"{path}: expected {FORMAT} {VERSION}, found {file.format} {file.version}: make it anew with "
            "`leastwise plan --out`"
        )
    return file
