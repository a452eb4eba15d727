"""Resource names that the declaration keeps from being shown outside of this machine (``redact:``)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from leastwise.iam import glob

if TYPE_CHECKING:
    from collections.abc import Sequence

_NAME = re.compile(r"arn:aws[^\s`,)|\"<>]*")
"""An ARN as the pages write it: names from logs have been escaped before, so nothing else ends one."""
HIDDEN = "arn:(redacted)"


def redacted(text: str, patterns: Sequence[str]) -> str:
    """``text`` with every ARN that fits one of the patterns (``*`` and ``?``) replaced.

    A policy file names what it grants on, so a proposal's change itself cannot be redacted; its text can.
    """
    globs = [glob.parse(pattern, variables=False) for pattern in patterns]
    if not globs:
        return text
    return _NAME.sub(
        lambda found: HIDDEN if any(glob.matches(each, found[0]) for each in globs) else found[0], text
    )
