"""Saved queries, asked one after another: what fails is a result like any other, and the rest goes on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from leastwise.errors import AwsError, DeclarationError, Problem, SourceError, UsageError
from leastwise.model.window import Window, midnight
from leastwise.render.redact import redacted
from leastwise.saved.people import without_people
from leastwise.saved.query import Broken, SavedQuery
from leastwise.saved.results import Asked, Found, Result, Standing, Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from leastwise.collect.answers.interface import Answers
    from leastwise.model.declared import Declaration
    from leastwise.saved.results import Row

HIDDEN = "its header says `people: shown`, and --hide-people that they are not"
NOBODY = "it asks about {{principals}}, and principals.yaml enrols no user or role"


class Sink(Protocol):
    """Where all rows of a query go, as they come."""

    def keep(self, name: str, columns: Row, rows: Iterable[Row]) -> None:
        """Keep every row of the query ``name``.  Raises ``PublishError`` where that is not possible."""


@dataclass(frozen=True, slots=True)
class Privacy:
    """What is kept out of every row: names of people unless ``shows_people``, and ``redact`` patterns.

    With ``hides`` a query whose header shows people is not asked at all.
    """

    shows_people: bool
    patterns: tuple[str, ...]
    hides: bool = False

    def applied(self, rows: Iterable[Row], *, shows_people: bool) -> Iterator[Row]:
        """The rows without what is not to be shown; ``shows_people`` is what the query's header says."""
        shows = shows_people or self.shows_people
        for row in rows:
            yield tuple(
                redacted(cell if shows else without_people(cell), self.patterns) if cell else cell
                for cell in row
            )


@dataclass(frozen=True, slots=True)
class Span:
    """The time that is asked about: up to ``end``; from ``start`` on, or as long as each query looks back."""

    end: datetime
    start: datetime | None = None

    def of(self, query: SavedQuery) -> Window:
        """The window of one query.  It begins at midnight UTC where nobody says otherwise."""
        if self.start is not None:
            return Window(self.start, self.end)
        return Window(midnight(self.end - timedelta(days=query.header.days)), self.end)


@dataclass(frozen=True, slots=True)
class Inquiry:
    """One run: an engine, whom ``{{principals}}`` means, what is kept out of rows, and where rows go."""

    answers: Callable[[], Answers]
    """Gives the engine when the first query needs it; raises what ``Answers`` raises."""
    principals: tuple[str, ...]
    privacy: Privacy
    sink: Sink

    def results(self, queries: Iterable[SavedQuery | Broken], span: Span) -> Iterator[Result]:
        """What each query found."""
        for query in queries:
            if isinstance(query, Broken):
                asked = Asked(query.name, query.path)
                yield Result(asked, Standing.WRONG, problems=query.problems)
            else:
                yield self._result(query, span.of(query))

    def _result(self, query: SavedQuery, window: Window) -> Result:
        nothing = Result(asked_of(query), Standing.CLEAN, start=window.start, end=window.end)
        if "principals" in query.parameters and not self.principals:
            return replace(nothing, standing=Standing.SKIPPED, reason=NOBODY)
        if self.privacy.hides and query.header.shows_people:
            return replace(nothing, standing=Standing.SKIPPED, reason=HIDDEN)
        try:
            found = self._found(query, window)
            doubt = self.answers().doubt(window) if not found.count else ""
        except DeclarationError as wrong:
            return replace(nothing, standing=Standing.WRONG, problems=wrong.problems)
        except (SourceError, AwsError) as error:
            return replace(nothing, standing=Standing.FAILED, reason=str(error))
        if found.count:
            return replace(nothing, standing=Standing.FOUND, found=found)
        return replace(
            nothing, standing=Standing.UNSURE if doubt else Standing.CLEAN, found=found, reason=doubt
        )

    def _found(self, query: SavedQuery, window: Window) -> Found:
        answer = self.answers().answer(query, window, self.principals)
        tally = Tally()
        rows = self.privacy.applied(answer.rows, shows_people=query.header.shows_people)
        self.sink.keep(query.name, answer.columns, tally.counting(rows))
        return tally.found(answer.columns)


def asked_of(query: SavedQuery) -> Asked:
    """What its file says of itself."""
    header = query.header
    return Asked(
        query.name, query.path, header.title, header.why, header.empty, header.severity, header.owners
    )


def refused_to_show_people(query: SavedQuery | Broken) -> SavedQuery | Broken:
    """The query, or the mistake that it is to show people where principals.yaml says ``people: hidden``."""
    if isinstance(query, Broken) or not query.header.shows_people:
        return query
    expected = "no such line, for principals.yaml says `people: hidden`"
    problem = Problem(query.path, query.header.people_line, 1, expected, "`people: shown`")
    return Broken(query.name, query.path, (problem,))


def chosen_queries(
    queries: Sequence[SavedQuery | Broken], names: Sequence[str]
) -> tuple[SavedQuery | Broken, ...]:
    """The queries with these names, or all; ``UsageError`` for one that is not there."""
    known = {query.name: query for query in queries}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UsageError(f"there is no queries/{unknown[0]}.sql; there is {', '.join(known) or 'none'}")
    return tuple(known[name] for name in dict.fromkeys(names)) if names else tuple(queries)


def principals_of(declaration: Declaration) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The ARNs that ``{{principals}}`` means, and the keys of those that have none."""
    arns = {arn for one in declaration.principals for arn in (one.arn, *one.members) if arn}
    without = [one.key for one in declaration.principals if one.arn is None and not one.members]
    return tuple(sorted(arns)), tuple(without)
