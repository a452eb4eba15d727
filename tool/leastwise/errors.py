"""The exceptions of leastwise.  Each owns its advice: the message says what to do next.

::

    LeastwiseError                 a person can mend it; printed without a traceback
    ├── UsageError                 the command line asks for something that does not exist
    ├── DeclarationError           principals.yaml or policies/ are wrong; carries every Problem found
    ├── PolicySyntaxError          a text is no identity policy; carries every Problem found
    ├── SourceError                evidence could not be collected at all
    │   ├── EvidenceFileError      a file of kept evidence is foreign or damaged
    │   └── NewerEvidenceError     a newer leastwise wrote it: nothing is wrong with the file
    ├── RepositoryError            git refused, or the folder is no repository
    ├── PublishError               a proposal could not be published
    │   └── HandoverError          what one job handed to the next is damaged, or does not fit the checkout
    ├── PlanError                  what is asked for is not the plan, or cannot be applied
    ├── NotifyError                a digest could not be sent
    └── AwsError                   AWS refused; carries the AWS error code

Anything else that escapes is a defect of leastwise, and is reported as one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


PROBLEMS_SHOWN = 100
"""How many mistakes a message names: a file of a million is read no better for the rest of them."""


def one_line(text: str) -> str:
    r"""``text`` as one line: a name may hold a line break, colours, or letters that turn a line round.

    >>> one_line("a\nb")
    'a\\u000ab'
    """
    return "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in text)


def _in_lines(problems: Sequence[Problem]) -> str:
    more = len(problems) - PROBLEMS_SHOWN
    lines = [str(problem) for problem in problems[:PROBLEMS_SHOWN]]
    return "\n".join([*lines, f"… and {more:,} more"] if more > 0 else lines)


class LeastwiseError(Exception):
    """A failure that the person at the keyboard can mend; ``str()`` of it is the whole advice."""


class UsageError(LeastwiseError):
    """The command line asks for something that does not exist."""


@dataclass(frozen=True, order=True, slots=True)
class Problem:
    """One mistake in a user's file: where it is, what was expected there, and what was found.

    ``line`` and ``column`` count from 1; 0 where the place is the whole file.
    """

    path: str
    line: int
    column: int
    expected: str
    found: str

    def __str__(self) -> str:
        """``path:line:column: expected X, found Y``, the form editors can jump to."""
        return one_line(
            f"{self.path}:{self.line}:{self.column}: expected {self.expected}, found {self.found}"
        )


class DeclarationError(LeastwiseError):
    """The user's files are wrong.  ``problems`` holds every mistake at once, in file order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep the problems sorted by place; the message is one line for each."""
        self.problems = tuple(sorted(problems))
        super().__init__(_in_lines(self.problems))


class PolicySyntaxError(LeastwiseError):
    """A text is no IAM identity policy.  ``problems`` holds every mistake at once, in file order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep the problems sorted by place; the message is one line for each."""
        self.problems = tuple(sorted(problems))
        super().__init__(_in_lines(self.problems))


class SourceError(LeastwiseError):
    """A source of evidence could not be read at all."""


class EvidenceFileError(SourceError):
    """A text is no evidence that leastwise wrote, or not all of it."""


class NewerEvidenceError(SourceError):
    """A newer leastwise wrote this evidence: it must not be replaced, only read by that version."""


class RepositoryError(LeastwiseError):
    """Git refused, or the folder is no repository."""


class PublishError(LeastwiseError):
    """A proposal could not be published."""


class HandoverError(PublishError):
    """What one job handed to the next is damaged, foreign, or does not fit the checkout."""


class PlanError(LeastwiseError):
    """What is to be applied is not what the plan is now, or must not be applied."""


class NotifyError(LeastwiseError):
    """A digest could not be sent.  Never the end of a run."""


class AwsError(LeastwiseError):
    """AWS refused a call.  ``code`` is AWS's own error code, such as ``AccessDeniedException``."""

    def __init__(self, code: str, message: str) -> None:
        """``message`` says what was tried and what would mend it."""
        self.code = code
        super().__init__(message)

    def __reduce__(self) -> tuple[type[AwsError], tuple[str, str]]:
        """Travels between processes."""
        return type(self), (self.code, str(self))
