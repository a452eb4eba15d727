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
        return f"{self.path}:{self.line}:{self.column}: expected {self.expected}, found {self.found}"


class DeclarationError(LeastwiseError):
    """The user's files are wrong.  ``problems`` holds every mistake at once, in file order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep the problems sorted by place; the message is one line for each."""
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class PolicySyntaxError(LeastwiseError):
    """A text is no IAM identity policy.  ``problems`` holds every mistake at once, in file order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep the problems sorted by place; the message is one line for each."""
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


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
