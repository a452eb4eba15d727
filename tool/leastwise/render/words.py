"""The words that text, Markdown and JSON share: names of principals, counts, days and reasons."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from leastwise.model.declared import PrincipalKind
from leastwise.model.evidence import calls_of
from leastwise.render.escape import code, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from leastwise.model.declared import Principal
    from leastwise.model.evidence import Coverage, Observation

SHOWN = 3
"""Names listed before ``and N more``."""
RARE_DAYS = 30
"""Two uses so many days apart are worth a word: a shorter look would have missed one of them."""


def title_name(principal: Principal) -> str:
    """``role payments-api (111122223333)``: short, and unmistakable."""
    name = plain(principal.name, 64)
    if principal.kind in (PrincipalKind.USER, PrincipalKind.ROLE):
        return f"{principal.kind.value} {name} ({principal.accounts[0]})"
    return f"{principal.kind.value.replace('-', ' ')} {name}"


def counted(number: int, noun: str) -> str:
    """``1 action``, ``1,204 actions``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def listed(names: Sequence[str], shown: int = SHOWN) -> str:
    """The first names as code, then how many more there are."""
    text = ", ".join(code(name) for name in names[:shown])
    return text if len(names) <= shown else f"{text} and {len(names) - shown:,} more"


def shortened(lines: Sequence[str], most: int) -> list[str]:
    """The lines of a Markdown list, at most so many, and how many were left out."""
    cut = len(lines) - most
    return [*lines[:most], f"- *{cut:,} more are cut here*"] if cut > 0 else [*lines]


def titled(title: str, lines: Sequence[str], most: int) -> str:
    """A list below a title, ``shortened``; empty where there are no lines."""
    return f"### {title}\n\n" + "\n".join(shortened(lines, most)) if lines else ""


def days_of(observations: Iterable[Observation]) -> tuple[date, ...]:
    """Every UTC day with a call, in order."""
    return tuple(sorted({day for observation in observations for day in observation.tally.days}))


def longest_pause(observations: Iterable[Observation]) -> int:
    """The most days from one use to the next; 0 where there are not two."""
    days = days_of(observations)
    return max(((after - before).days for before, after in pairwise(days)), default=0)


def usage(observations: Sequence[Observation]) -> str:
    """``12,440 calls on 61 days, last 2026-11-20, e.g. event `…```; empty where there were none."""
    counted_ones = [seen for seen in observations if not seen.is_attempt]
    if not counted_ones:
        return attempts(observations)
    observations = counted_ones
    calls, days = calls_of(observations), days_of(observations)
    sample = min((sample for observation in observations for sample in observation.tally.samples), default="")
    when = f"on {days[0]}" if len(days) == 1 else f"on {len(days)} days, {days[0]} to {days[-1]}"
    example = f", e.g. event {code(sample)}" if sample else ""
    pause = longest_pause(observations)
    rare = f", once {pause} days apart" if pause >= RARE_DAYS else ""
    return f"{counted(calls, 'call')} {when}{rare}{example}"


def attempts(observations: Sequence[Observation]) -> str:
    """``called between 2026-08-25 and 2026-11-23, says analyzer``: for what is told without counts."""
    tallies = [seen.tally for seen in observations]
    if not tallies:
        return ""
    sources = sorted({seen.key.source for seen in observations})
    first, last = min(tally.first for tally in tallies), max(tally.last for tally in tallies)
    return f"called between {first[:10]} and {last[:10]}, says {listed(sources)}"


def seen_window(coverage: Coverage) -> tuple[date, date] | None:
    """The first and the last UTC day on which the source delivered anything."""
    days = [day for _, day in coverage.delivered]
    return (min(days), max(days)) if days else None
