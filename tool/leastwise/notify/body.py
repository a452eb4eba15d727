"""A digest as plain text, cut at whole lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leastwise.model.report import Digest


def plain_text(digest: Digest, limit: int) -> str:
    """At most ``limit`` characters, all of them ASCII or ``…``: the items, then where the run is shown."""
    end = f"\n{digest.address}\n" if digest.address else ""
    lines = [f"{item.text}\n  {item.address}" if item.address else item.text for item in digest.items]
    return fitted(lines, limit - len(end)) + end


def fitted(lines: list[str], limit: int) -> str:
    """Lines, each ended, up to ``limit`` characters; what is left out is counted in their place."""
    whole = "".join(f"{line}\n" for line in lines)
    if len(whole) <= limit:
        return whole
    kept, room = [], limit - len(_more(len(lines)))
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(f"{line}\n")
    return "".join(kept) + _more(len(lines) - len(kept))


def _more(count: int) -> str:
    return f"and {count:,} more\n"
