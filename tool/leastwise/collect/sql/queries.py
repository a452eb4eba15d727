"""Run one statement over a span of time in as many queries as the engine wants.

Queries that an engine cannot finish are cut in two; what goes beyond the limit on bytes is left unread, and
said; whatever happens, no query of ours is left running.
"""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple, Protocol

from leastwise.errors import AwsError, SourceError
from leastwise.model.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from leastwise.aws.caller import Clock

    Told = Callable[["Scan"], None]
    """Hears what a reading cost."""

POLL_SECONDS = 2.0
ATTEMPTS = 3
"""How often one window is asked for where the engine fails for no reason of ours."""
OUR_LIMIT = "the limit on bytes was reached"
SHORTEST = timedelta(hours=1)
"""A span that is not cut any further."""
GIGABYTE = 10**9
"""As AWS bills: Athena's documents speak of ``10 MB``, whose minimum is 10,000,000 bytes."""

Row = dict[str, str]


class Verdict(Enum):
    """What became of a query."""

    RUNNING = auto()
    FINISHED = auto()
    TOO_MUCH = auto()
    """Timed out, or out of the engine's resources: half of it may do."""
    CUT_OFF = auto()
    """Ended by a limit on bytes that is not ours: what it would have read is left unread."""
    LOST = auto()
    """Its results are no longer there, or the engine failed for no reason of ours: ask again."""


@dataclass(frozen=True, slots=True)
class Report:
    """Where a query stands; ``scanned`` in bytes, as they are billed; ``why`` in the engine's words."""

    verdict: Verdict
    scanned: int
    why: str = ""


class Engine(Protocol):
    """Runs the statement for one window.  Every method raises ``SourceError`` or ``AwsError``."""

    at_once: int
    """How many queries may run at the same time."""

    def start(self, window: Window, attempt: int) -> str | None:
        """A query's ID; ``None`` where the engine has no room for one now.  ``attempt`` counts from 1."""

    def report(self, query: str) -> Report:
        """Where it stands."""

    def rows(self, query: str) -> Iterable[Row] | None:
        """The rows of a finished query; ``None`` where they are no longer there."""

    def cancel(self, query: str) -> None:
        """Stop it."""


class Answer(NamedTuple):
    """What one query found."""

    query: str
    rows: Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Gap:
    """A window that a limit left out, and which limit, in words."""

    window: Window
    why: str


@dataclass(frozen=True, slots=True)
class Scan:
    """What one reading of one source cost: ``scanned`` in bytes, as they are billed."""

    source: str
    queries: int
    scanned: int

    def __str__(self) -> str:
        """For people."""
        return f"{self.source}: {self.scanned / GIGABYTE:.3f} GB scanned by {self.queries} queries"


def unheard(_scan: Scan) -> None:
    """The ``Told`` of a run whose price nobody asks for."""


class _Task(NamedTuple):
    window: Window
    attempt: int = 1


class Queries:
    """The queries of one reading.  ``scan`` and ``unread`` are true once ``answers`` has ended."""

    def __init__(self, name: str, engine: Engine, clock: Clock, most_bytes: int | None = None) -> None:
        """``name`` is the source's; no more is started once ``most_bytes`` have been scanned.

        With such a limit queries run one after another, so that it is passed by one query at most.
        """
        self._name = name
        self._engine = engine
        self._clock = clock
        self._most = most_bytes
        self._at_once = engine.at_once if most_bytes is None else 1
        self._waiting: deque[_Task] = deque()
        self._running: dict[str, _Task] = {}
        self._scanned: dict[str, int] = {}
        self.unread: list[Gap] = []

    @property
    def scan(self) -> Scan:
        """What it cost so far."""
        return Scan(self._name, len(self._scanned), sum(self._scanned.values()))

    def answers(self, windows: Iterable[Window]) -> Iterator[Answer]:
        """The rows of every window, in the order in which queries end; the first windows are asked first."""
        self._waiting.extend(_Task(window) for window in windows)
        try:
            while self._waiting or self._running:
                self._start()
                ended = list(self._ended())
                yield from ended
                if self._is_beyond_limit():
                    self._give_up()
                if not ended and (self._running or self._waiting):
                    self._clock.sleep(POLL_SECONDS)
        finally:
            self._cancel_all()

    def _start(self) -> None:
        while self._waiting and len(self._running) < self._at_once:
            query = self._engine.start(*self._waiting[0])
            if query is None:
                return
            self._running[query] = self._waiting.popleft()
            self._scanned.setdefault(query, 0)

    def _ended(self) -> Iterator[Answer]:
        for query in list(self._running):
            report = self._engine.report(query)
            self._scanned[query] = report.scanned
            if report.verdict is Verdict.RUNNING:
                continue
            task = self._running.pop(query)
            rows = self._engine.rows(query) if report.verdict is Verdict.FINISHED else None
            if rows is not None:
                yield Answer(query, list(rows))
            elif report.verdict is Verdict.CUT_OFF:
                self.unread.append(Gap(task.window, report.why))
            else:
                self._waiting.extendleft(reversed(self._again(task, report)))

    def _again(self, task: _Task, report: Report) -> list[_Task]:
        window = task.window
        if report.verdict is Verdict.TOO_MUCH:
            if window.end - window.start > SHORTEST:
                return [_Task(half) for half in _halves(window)]
            advice = "enrol fewer principals in one source, or read the trail's log files (trail-files)"
        elif task.attempt < ATTEMPTS:
            return [_Task(window, task.attempt + 1)]
        else:
            advice = "run again later"
        why = report.why or "the engine does not say why"
        raise SourceError(
            f"source {self._name}: the query of {window.start:%Y-%m-%d %H:%M} to {window.end:%Y-%m-%d %H:%M} "
            f"did not finish: {why}; {advice}"
        )

    def _is_beyond_limit(self) -> bool:
        return self._most is not None and self.scan.scanned > self._most

    def _give_up(self) -> None:
        left = (*self._running.values(), *self._waiting)
        self.unread += [Gap(task.window, OUR_LIMIT) for task in left]
        self._waiting.clear()
        self._cancel_all()

    def _cancel_all(self) -> None:
        for query in list(self._running):
            with suppress(AwsError):  # what ended the reading is the news, not this
                self._engine.cancel(query)
            del self._running[query]


def limit_in_words(most_bytes: int | None) -> str:
    """The limit on bytes, for people."""
    return "no limit is set" if most_bytes is None else f"reading ends beyond {most_bytes / GIGABYTE:g} GB"


def _halves(window: Window) -> tuple[Window, Window]:
    """The newer half first; cut at a full hour, so that no span gets shorter than that."""
    middle = (window.start + (window.end - window.start) / 2).replace(minute=0, second=0, microsecond=0)
    cut = middle if middle > window.start else window.start + SHORTEST
    return Window(cut, window.end), Window(window.start, cut)
