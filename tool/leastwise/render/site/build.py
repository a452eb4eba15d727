"""Principals' pages and their index as HTML files that need nothing but a browser."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from leastwise.model.finding import Verdict
from leastwise.render.site import charts, told
from leastwise.render.site.page import page_of
from leastwise.render.site.shown import Shown
from leastwise.saturation import ASSUMES, Unseen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from leastwise.assess import Assessment
    from leastwise.model.evidence import Evidence
    from leastwise.render.site.page import Curve, PrincipalPage

INDEX = "index.html"
MARKS = {
    Verdict.USED: "●",
    Verdict.BROADER_THAN_USED: "◐",
    Verdict.UNUSED: "○",
    Verdict.UNKNOWN: "?",
    Verdict.KEPT: "■",
}
"""A shape beside each word, so that nothing hangs on a colour."""


def site_of(
    assessments: Iterable[Assessment],
    now: datetime,
    redact: tuple[str, ...],
    told_apart: Evidence | None = None,
) -> Mapping[str, str]:
    """File name -> HTML.  ``told_apart`` is evidence by session, given only where people may be shown.

    The same values give the same text; ``now`` is the only clock.
    """
    pages = [page_of(assessment, told_apart) for assessment in assessments]
    environment = _environment(redact)
    common = _common(now)
    template = environment.get_template("principal.html.j2")
    texts = {page.file: template.render(page=page, charts=_charts(page), **common) for page in pages}
    texts[INDEX] = environment.get_template("index.html.j2").render(pages=pages, **common)
    return texts


@cache
def _environment(redact: tuple[str, ...]) -> Environment:
    shown = Shown(redact)
    environment = Environment(
        loader=PackageLoader("leastwise.render.site"),
        autoescape=True,
        finalize=shown.text,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        name=shown.name, marked=shown.marked, whole=told.whole, interval=told.interval, level=told.level
    )
    environment.tests["estimated"] = lambda unseen: isinstance(unseen, Unseen)
    return environment


def _common(now: datetime) -> dict[str, object]:
    """What every page needs: the stylesheet and script with their hashes, and the same words."""
    style, script = _asset("site.css"), _asset("site.js")
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return {
        "style": Markup(style),  # noqa: S704  a file of ours
        "script": Markup(script),  # noqa: S704  a file of ours
        "policy": Markup(policy),  # noqa: S704  hashes and words of ours
        "as_of": f"{now:%Y-%m-%d %H:%M}",
        "index": INDEX,
        "Verdict": Verdict,
        "marks": {verdict: Markup(mark) for verdict, mark in MARKS.items()},  # noqa: S704  shapes of ours
        "assumes": ASSUMES,
        "levels": charts.LEVELS,
        "opacities": charts.OPACITIES,
    }


def _charts(page: PrincipalPage) -> dict[str, Markup]:
    """Drawings where there is anything to draw, each for a desk and for a phone."""
    drawings = [_drawings(page, frame) for frame in (charts.WIDE, charts.NARROW)]
    return {name: Markup("").join(Markup(each[name]) for each in drawings) for name in drawings[0]}  # noqa: S704  Matplotlib escapes


def _drawings(page: PrincipalPage, frame: charts.Frame) -> dict[str, str]:
    trial = page.principal.trial
    drawn = {}
    if page.watch.days:
        span = (trial.opens, trial.closes) if trial else None
        drawn["time"] = charts.timeline(frame, page.watch, span, page.now)
    if page.actions.steps:
        curves = [("actions", page.actions), ("places", page.places)]
        drawn["growth"] = charts.growth_chart(
            frame,
            page.watch,
            [(name, curve.steps, _estimate(curve)) for name, curve in curves],
            trial.closes if trial else None,
        )
    if page.heat.rows:
        drawn["heat"] = charts.heat_map(frame, page.heat.watch, page.heat.rows)
    return drawn


def _estimate(curve: Curve) -> Unseen | None:
    return curve.saturation.unseen if isinstance(curve.saturation.unseen, Unseen) else None


def _asset(name: str) -> str:
    return (files("leastwise.render.site") / "templates" / name).read_text("utf-8")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
