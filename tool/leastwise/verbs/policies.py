"""IAM policies named on the command line: a file, or a folder whose JSON files count together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.errors import UsageError
from leastwise.iam.document import parse

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from leastwise.iam.statement import PolicyDocument


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


def text_of(file: Path, expected: str) -> str:
    """The text of a file named on the command line; ``expected`` says what it should be."""
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not UTF-8 text (byte {error.start}): {expected}") from None
    except OSError as error:
        raise UsageError(f"{file} cannot be read ({error.strerror}): {expected}") from None
