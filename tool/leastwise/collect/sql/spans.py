"""The spans of time that are asked for one by one.

A query is known again by its statement, and its statement holds its times.  So what is settled is asked for
apart from the last day or two: it reads the same in every run of one day, and a run that was killed, or runs
again, finds the answer of the one before it and pays for the rest only.
"""

from __future__ import annotations

from datetime import timedelta

from leastwise.model.window import Window, midnight

SETTLED = timedelta(days=1)
"""After so long no record is delivered late any more."""


def settled_apart(window: Window) -> list[Window]:
    """The newest day or two, then what is settled; the window itself where it ends with a day anyway."""
    cut = midnight(window.end - SETTLED)
    if window.end == midnight(window.end) or cut <= window.start:
        return [window]
    return [Window(cut, window.end), Window(window.start, cut)]


def told(windows: list[Window]) -> str:
    """A line of SQL's comments for each."""
    return "".join(f"-- {each.start:%Y-%m-%d %H:%M} to {each.end:%Y-%m-%d %H:%M}\n" for each in windows)
