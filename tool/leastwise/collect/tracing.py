"""``leastwise trace``: what each record of some log files means for authorization."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.collect.decode import decode, to_event
from leastwise.collect.inflate import inflate
from leastwise.collect.salvage import BadRecord
from leastwise.collect.store import LocalFolder
from leastwise.model.event import Event, Locator
from leastwise.reference.interpret import interpret

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from leastwise.collect.layout import LogFile
    from leastwise.model.interpretation import Interpretation
    from leastwise.model.window import Window


@dataclass(frozen=True, slots=True)
class Traced:
    """A record and what it means."""

    event: Event
    interpretation: Interpretation


@dataclass(frozen=True, slots=True)
class Untraceable:
    """A file, or a record of it, that could not be read, and why."""

    path: str
    reason: str


def trace(paths: Iterable[Path], window: Window) -> Iterator[Traced | Untraceable]:
    """Every record of the files and folders, in the order of the file names."""
    for path in paths:
        store = LocalFolder(path)
        for file in sorted(store.files(window), key=lambda found: found.path):
            yield from _file(store, file)


def _file(store: LocalFolder, file: LogFile) -> Iterator[Traced | Untraceable]:
    try:
        inflated = inflate(store.read(file))
    except OSError as error:
        yield Untraceable(file.path, str(error))
        return
    if inflated.damage:
        yield Untraceable(file.path, inflated.damage)
    decoded = decode(inflated.data)
    for reason in decoded.bad:
        yield Untraceable(file.path, reason)
    for index, record in decoded:
        try:
            event = to_event(record, Locator(file.path, index))
        except BadRecord as bad:
            yield Untraceable(f"{file.path}#{index}", str(bad))
        else:
            yield Traced(event, interpret(event))
