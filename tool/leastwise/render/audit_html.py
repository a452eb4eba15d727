"""An audit as the HTML part of a mail: tables with headers, no script, no picture, nothing loaded.

Mail programs clip: Gmail shows about 102 KB of HTML and hides the rest
(https://www.spamresource.com/2022/01/what-is-gmail-clipping-and-what-to-do.html, 2026-11), so the page is
cut at whole principals before that, and says where the rest is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from leastwise.render.audit_tables import chapter, overview
from leastwise.render.audit_words import coverage, lead, scope, shown, subject_line
from leastwise.render.words import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from leastwise.audit.values import Audit
    from leastwise.render.audit_tables import Table

LARGEST = 96_000
"""Bytes of the page."""
_BREAKABLE = re.compile(r"[^:/]*[:/]+|[^:/]+")
"""The parts of a name between which a line may break."""
ROWS = 60
"""Principals in the first table."""


@dataclass(frozen=True, slots=True)
class _Source:
    title: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Page:
    subject: str
    title: str
    lead: str
    scope: str
    notes: tuple[str, ...]
    sources: tuple[_Source, ...]
    overview: Table
    anchors: tuple[str, ...]
    chapters: tuple[str, ...]
    """Written already: macros of the template give what Jinja takes for HTML."""
    cut: str
    whole: str
    address: str


def page(audit: Audit, address: str) -> str:
    """The page, at most ``LARGEST`` bytes; ``address`` is the run that has the CSV and JSON, or empty."""
    section, whole = _macro("section"), _macro("page")
    frame = whole(_page(audit, (), address, linked=ROWS))
    sections: list[str] = []
    room = LARGEST - len(frame.encode())
    for number, principal in enumerate(audit.principals):
        written = section(chapter(audit, principal, number))
        room -= len(written.encode()) + len("\n")
        if room < 0:
            break
        sections.append(written)
    return str(whole(_page(audit, sections, address, linked=len(sections))))


def _page(audit: Audit, sections: Sequence[str], address: str, *, linked: int) -> _Page:
    """``linked`` principals of the first table link to their sections."""
    cut = len(audit.principals) - len(sections)
    where = "the run's page" if address else "audit.csv and audit.json beside this mail"
    return _Page(
        subject=subject_line(audit),
        title=audit.month.title,
        lead=lead(audit),
        scope=scope(audit),
        notes=audit.notes,
        sources=tuple(
            _Source(f"{shown(each.coverage.source)} ({each.coverage.kind})", tuple(coverage(audit, each)))
            for each in audit.sources
        ),
        overview=overview(audit, ROWS),
        anchors=tuple(f"p{number}" for number in range(linked)),
        chapters=tuple(sections),
        cut=f"This mail would be too large: what {counted(cut, 'more principal')} did is in {where}."
        if cut
        else "",
        whole="Every row is in audit.csv and audit.json"
        + (", with the run:" if address else ", beside this mail."),
        address=address,
    )


@cache
def _macro(name: str) -> Callable[..., str]:
    loader = PackageLoader("leastwise.render")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    environment.filters["breakable"] = _BREAKABLE.findall
    found: Callable[..., str] = getattr(environment.get_template("audit.html").module, name)
    return found
