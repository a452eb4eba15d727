"""Annotations of a GitHub Actions run: lines that GitHub shows at a file and line, or at the run's top.

Form: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands (2026-11).
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from leastwise.errors import PROBLEMS_SHOWN, DeclarationError
from leastwise.model.proposal import OutcomeKind
from leastwise.render.escape import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from leastwise.errors import LeastwiseError, Problem
    from leastwise.model.proposal import PublishOutcome


_COMMAND = re.compile(r"(?:^|(?<=[\r\n]))(\s*)::")
_OURS = ("::error", "::warning", "::notice")


def harmless(text: str) -> str:
    r"""``text`` without anything that Actions takes for a command, other than an annotation of ours.

    The runner obeys every line of a step's output that begins with ``::``, blanks before it or not, and
    ``##[`` wherever it stands in a line (actions/runner, ``ActionCommand.TryParseV2`` and ``TryParse``,
    2026-11); names from logs would hide words, stop annotations, or forge them.  An annotation is a text of
    its own that begins with its command: `annotation` leaves no end of a line in one.

    >>> harmless("    ::stop-commands::x")
    '    \\u003a:stop-commands::x'
    """
    text = text.replace("##[", "#\\u0023[")
    is_ours = text.startswith(_OURS) and not {"\r", "\n"} & set(text)
    return text if is_ours else _COMMAND.sub(r"\1\\u003a:", text)


def annotation(level: str, message: str, **properties: str) -> str:
    """``::error file=a,line=1::message``; ``level`` is ``error``, ``warning`` or ``notice``."""
    named = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{level}{' ' if named else ''}{named}::{_message(message)}"


def annotations_of_problems(problems: Iterable[Problem]) -> Iterator[str]:
    """One ``::error`` for each mistake, at its line, up to ``PROBLEMS_SHOWN``."""
    for problem in islice(problems, PROBLEMS_SHOWN):
        yield annotation(
            "error",
            f"expected {problem.expected}, found {problem.found}",
            file=problem.path,
            line=str(max(problem.line, 1)),
            col=str(max(problem.column, 1)),
        )


def annotations_of_error(error: LeastwiseError) -> Iterator[str]:
    """What ended a run: every mistake at its line, or the error's words."""
    if isinstance(error, DeclarationError):
        yield from annotations_of_problems(error.problems)
    else:
        yield annotation("error", str(error), title="leastwise")


def annotations_of_failures(outcomes: Iterable[PublishOutcome]) -> Iterator[str]:
    """One ``::error`` for every proposal that could not be published."""
    for outcome in outcomes:
        if outcome.kind is OutcomeKind.FAILED:
            title = f"{outcome.proposal.value} of {plain(outcome.principal, 300)}"
            yield annotation("error", plain(outcome.why, 1_000), title=title)


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
