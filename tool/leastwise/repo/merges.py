"""By which pull request a commit came, as far as its message tells."""

from __future__ import annotations

import re

_MERGE = re.compile(r"Merge pull request #(\d{1,9}) from ")
_SQUASH = re.compile(r" \(#(\d{1,9})\)$")


def pull_request_of(message: str) -> int:
    """The number in the first line that GitHub writes when it merges or squashes; 0 where there is none.

    >>> pull_request_of("Tighten role payments-api (#41)")
    41
    """
    subject = message.split("\n", 1)[0]
    found = _MERGE.match(subject) or _SQUASH.search(subject)
    return int(found[1]) if found else 0
