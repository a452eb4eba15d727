"""The drawings of a principal's page, by Matplotlib, as SVG; every one of them stands beside a table.

Colours are left to the page: what matters here are shapes, and the ``gid`` by which the stylesheet knows
them.  The same values give the same bytes.  Only ``build`` imports this module, for Matplotlib is large, and
an extra (``leastwise[report]``).
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from leastwise.render.site.svg import embedded
from leastwise.render.site.watch import runs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from matplotlib.axes import Axes

    from leastwise.render.site.watch import Watch
    from leastwise.saturation import Unseen

ROW = 24
LEVELS = (1, 10, 100, 1_000)
"""A cell of the heat map is darker from so many calls a day on."""
OPACITIES = (0, 0.28, 0.5, 0.75, 1)
"""Of a cell without calls, then of each level."""
DENSE_DAYS = 92
_POINTS = 72
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "leastwise",
    "svg.image_inline": True,
    "font.size": 12,
    "axes.linewidth": 1,
    "hatch.linewidth": 1,
    "path.simplify": False,
    "text.parse_math": False,
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_INK, _SOFT, _PLAIN = "#1f2328", "#8c959f", "#0a58a6"
_CELL = (0x2F / 255, 0x7A / 255, 0xCC / 255)
"""Seen well on light and on dark paper: the cells are an image, which no stylesheet colours."""


@dataclass(frozen=True, slots=True)
class Frame:
    """How wide a drawing is: of its view box, beside the plot (services have long names), how many dates.

    ``name`` is a class by which the stylesheet shows one of two; ``letters`` of a service's name have room.
    ``numbers`` is the room on the left where only numbers stand there.
    """

    name: str
    width: int
    left: int
    right: int
    marks: int
    letters: int
    numbers: int


WIDE, NARROW = Frame("wide", 640, 128, 56, 7, 24, 128), Frame("narrow", 340, 104, 34, 4, 15, 34)
"""For a desk, and for a phone, where the same drawing made small could not be read."""


@mpl.rc_context(_STYLE)
def growth_chart(
    frame: Frame,
    watch: Watch,
    curves: Sequence[tuple[str, Sequence[tuple[date, int]], Unseen | None]],
    closes: date | None,
) -> str:
    """Distinct permissions over days: one stair for each (name, curve, estimate); gaps hatched behind them.

    The bar behind the end of a stair spans the interval of how many there are at least, where that is more.
    """
    figure, axes = _plot(replace(frame, left=frame.numbers), 220)
    _gaps(axes, watch)
    for number, (name, curve, unseen) in enumerate(curves):
        _stair(axes, watch, name, curve)
        if unseen and unseen.count and curve:
            _interval(axes, watch, name, curve[-1][1], unseen, number)
    _dated(frame, axes, watch.days[0], watch.days[-1])
    axes.set_ylim(bottom=0)
    axes.margins(y=0.08)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    axes.grid(axis="y", gid="grid", color=_SOFT, linewidth=0.5)
    if closes and watch.days[0] < closes <= watch.days[-1]:
        axes.axvline(_before(closes), gid="close", color=_INK, linewidth=1, linestyle=(0, (2, 3)))
    return _drawn(frame, figure, "growth")


@mpl.rc_context(_STYLE)
def heat_map(frame: Frame, watch: Watch, rows: Mapping[str, Mapping[date, int]]) -> str:
    """Services by days; a cell's opacity tells its level, a hatched column was not looked at."""
    figure, axes = _plot(frame, len(rows) * ROW + 34)
    cells = np.zeros((len(rows), len(watch.days), 4))
    cells[..., :3] = _CELL
    for row, calls in enumerate(rows.values()):
        for column, day in enumerate(watch.days):
            cells[row, column, 3] = OPACITIES[level_of(calls.get(day, 0))]
    start = _before(watch.days[0])
    extent = (start, start + len(watch.days), len(rows) - 0.5, -0.5)
    _gaps(axes, watch)
    axes.imshow(cells, interpolation="none", aspect="auto", extent=extent, gid="cells", zorder=2)
    _dated(frame, axes, watch.days[0], watch.days[-1])
    axes.set_yticks(range(len(rows)), [_short(service, frame.letters) for service in rows])
    axes.set_yticks([number - 0.5 for number in range(1, len(rows))], minor=True)
    axes.set_axisbelow(False)  # the lines between the rows, over the cells
    axes.grid(axis="y", which="minor", gid="grid", color=_SOFT, linewidth=0.5)
    return _drawn(frame, figure, "heat")


@mpl.rc_context(_STYLE)
def timeline(frame: Frame, watch: Watch, trial: tuple[date, date] | None, today: date) -> str:
    """A lane for the trial, if there is one, for the days that were looked at, and for the days at work."""
    names = ["Trial", "Looked at", "At work"][0 if trial else 1 :]
    figure, axes = _plot(frame, len(names) * 28 + 34)
    last = max(watch.days[-1], trial[1] - timedelta(days=1)) if trial else watch.days[-1]
    _dated(frame, axes, watch.days[0], last)
    axes.set_ylim(len(names) - 0.5, -0.5)
    if trial:
        _lane(axes, 0, [(_before(trial[0]), _before(trial[1]))], "trial")
    looked = names.index("Looked at")
    _lane(axes, looked, _spans(runs(day for day in watch.days if day in watch.looked_at)), "looked")
    _lane(axes, looked, _spans(watch.gaps), "gap")
    _lane(axes, looked + 1, _spans(runs(sorted(watch.at_work))), "work")
    now = _before(today) + (today in watch.days)  # what of today was looked at lies before it
    axes.axvline(now, gid="now", clip_on=False, color=_INK, linewidth=1.5)
    axes.set_yticks(range(len(names)), names)
    return _drawn(frame, figure, "time")


def level_of(calls: int) -> int:
    """0 for none, then one more for each of ``LEVELS`` that is reached."""
    return sum(calls >= least for least in LEVELS)


def _plot(frame: Frame, height: float) -> tuple[Figure, Axes]:
    """A figure, ``height`` units high, with one bare plot."""
    figure = Figure(figsize=(frame.width / _POINTS, height / _POINTS), dpi=_POINTS)
    left, right = frame.left / frame.width, frame.right / frame.width
    axes = figure.add_axes((left, 28 / height, 1 - left - right, 1 - 34 / height), frameon=False)
    figure.patch.set_visible(False)
    axes.tick_params(length=0, pad=8, which="both")
    axes.tick_params(axis="x", length=4, pad=5)
    return figure, axes


def _short(name: str, letters: int) -> str:
    return name if len(name) <= letters else f"{name[: letters - 1]}…"


def _dated(frame: Frame, axes: Axes, first: date, last: date) -> None:
    """An axis from one day to another, with a mark on the first of each month, or twice a month."""
    axes.set_xlim(_before(first), _before(last) + 1)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    wanted = (1, 15) if len(days) <= DENSE_DAYS else (1,)
    marks = [day for day in days if day.day in wanted]
    every = max(1, math.ceil(len(marks) / frame.marks))
    shown = marks[::every] or [first]
    axes.set_xticks([_before(day) for day in shown], [f"{day.day} {_MONTHS[day.month - 1]}" for day in shown])


def _stair(axes: Axes, watch: Watch, name: str, curve: Sequence[tuple[date, int]]) -> None:
    if not curve:
        return
    curve = [
        step for before, step in zip([None, *curve], curve, strict=False) if not before or step[1] > before[1]
    ]
    # A day's uses count from its beginning; the last step runs to the end of the window.
    days = [_before(day) for day, _ in curve] + [_before(watch.days[-1]) + 1]
    heights = [height for _, height in curve]
    axes.step(days, [*heights, heights[-1]], where="post", gid=name, color=_PLAIN, linewidth=2.5, zorder=3)


def _interval(axes: Axes, watch: Watch, name: str, observed: int, unseen: Unseen, number: int) -> None:
    """To the right of the plot, where no day is: from the least to the most that there may be."""
    end = _before(watch.days[-1]) + 1
    at = end + len(watch.days) * (0.025 + 0.04 * number)
    low, high = observed + unseen.low, observed + unseen.high
    middle = observed + unseen.count
    bar = axes.errorbar(
        [at], [middle], [[middle - low], [high - middle]], fmt="o", color=_PLAIN, capsize=5, clip_on=False
    )
    for part in (bar.lines[0], *bar.lines[1], *bar.lines[2]):
        part.set_gid(f"{name} interval")
        part.set_clip_on(False)


def _gaps(axes: Axes, watch: Watch) -> None:
    for first, last in watch.gaps:
        axes.axvspan(
            _before(first),
            _before(last) + 1,
            gid="gap",
            facecolor="none",
            edgecolor=_SOFT,
            hatch="////",
            lw=0,
        )


def _lane(axes: Axes, lane: int, spans: Sequence[tuple[float, float]], gid: str) -> None:
    bars = [(start, end - start) for start, end in spans]
    height = (lane - 0.28, 0.56)
    if gid == "gap":
        axes.broken_barh(bars, height, gid=gid, hatch="////", linewidth=0, facecolor="none", edgecolor=_SOFT)
    else:
        axes.broken_barh(bars, height, gid=gid, linewidth=0, facecolor=_PLAIN)


def _spans(found: Sequence[tuple[date, date]]) -> list[tuple[float, float]]:
    return [(_before(first), _before(last) + 1) for first, last in found]


def _before(day: date) -> float:
    """The moment at which a UTC day begins, on the axis."""
    return float(day.toordinal())


def _drawn(frame: Frame, figure: Figure, name: str) -> str:
    file = io.StringIO()
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    return embedded(file.getvalue(), name, frame.name)
