"""The labels by which people steer leastwise, and the one it sets."""

from __future__ import annotations

OURS = "leastwise"
"""Set on every pull request at creation, unless the caller says otherwise."""
STOP = "leastwise:stop"
"""Leave this pull request alone, whatever the evidence says."""
TAKE_OVER = "leastwise:take-over"
"""On an open pull request: write on top of what people committed.  On a closed one: it was no rejection."""
DASHBOARD = "leastwise:dashboard"
"""Marks the dashboard issue."""
QUERY = "leastwise:query"
"""Marks the issue of a saved query."""
