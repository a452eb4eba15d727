"""``leastwise trace``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from leastwise.collect.tracing import Traced, trace
from leastwise.pipeline import window_up_to
from leastwise.render import as_json, text
from leastwise.render.escape import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime
    from pathlib import Path

UNREADABLE = 4


def run(
    paths: Iterable[Path],
    now: datetime,
    form: str,
    show: Callable[[str], object],
    warn: Callable[[str], object],
) -> int:
    """Show every record; the exit code is 4 if anything could not be read, or nothing was there."""
    code, read = 0, 0
    for found in trace(paths, window_up_to(now)):
        read += 1
        if not isinstance(found, Traced):
            code = UNREADABLE
            warn(f"could not read {plain(found.path, 300)}: {plain(found.reason, 300)}")
        elif form == "json":
            show(json.dumps(as_json.traced(found.event, found.interpretation)))
        else:
            for line in text.traced(found.event, found.interpretation):
                show(line)
    if not read:
        warn("no record was found: name CloudTrail log files (*.json, *.json.gz), or folders that hold some")
        return UNREADABLE
    return code
