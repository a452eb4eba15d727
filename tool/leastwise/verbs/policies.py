"""Files named on the command line: IAM policies (a folder's JSON files count together), and evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.collect.standing import parted
from leastwise.errors import UsageError
from leastwise.evidence_file import read_evidence
from leastwise.iam.document import parse

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from leastwise.iam.statement import PolicyDocument
    from leastwise.model.evidence import Evidence


@dataclass(frozen=True, slots=True)
class NamedPolicy:
    """A policy and the file it was read from."""

    path: str
    text: str
    document: PolicyDocument


def read_named(paths: Iterable[Path]) -> tuple[NamedPolicy, ...]:
    """Every policy, in the order of the command line and then of the names."""
    found = []
    for path in paths:
        files = sorted(path.rglob("*.json")) if path.is_dir() else [path]
        if not files:
            raise UsageError(f"{path} holds no .json file: name a policy, or a folder of policies")
        for file in files:
            text = text_of(file, "an IAM policy is JSON")
            found.append(NamedPolicy(str(file), text, parse(text, str(file))))
    return tuple(found)


def evidence_at(path: Path, expected: str) -> Evidence:
    """The evidence of a file.

    Raises ``UsageError`` for one that tells sessions apart: of a principal as a whole it says nothing, which
    must not be read as if nothing had been used.
    """
    evidence = read_evidence(text_of(path, expected), str(path))
    if any(parted(key.principal)[1] for key in evidence.tallies):
        raise UsageError(
            f"{path} tells sessions apart, and no principal as a whole: make it without --show-people; "
            f"{expected}"
        )
    return evidence


def text_of(file: Path, expected: str) -> str:
    """The text of a file named on the command line; ``expected`` says what it should be."""
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not UTF-8 text (byte {error.start}): {expected}") from None
    except OSError as error:
        raise UsageError(f"{file} cannot be read ({error.strerror}): {expected}") from None
