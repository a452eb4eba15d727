"""Read files of a store a little ahead of their use: a bucket answers slowly, but answers many at once."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Future

    from leastwise.collect.layout import LogFile
    from leastwise.collect.store import LogStore


def read_ahead(store: LogStore, files: Iterable[LogFile]) -> Iterator[tuple[LogFile, bytes | OSError]]:
    """Each file in order, with its bytes as stored or why it cannot be read.

    No more than ``store.at_once`` files are held, so memory stays flat.
    """
    if store.at_once == 1:
        for file in files:
            yield file, _read(store, file)
        return
    waiting: deque[tuple[LogFile, Future[bytes | OSError]]] = deque()
    with ThreadPoolExecutor(store.at_once) as pool:
        for file in files:
            if len(waiting) == store.at_once:
                first, content = waiting.popleft()
                yield first, content.result()
            waiting.append((file, pool.submit(_read, store, file)))
        for last, content in waiting:
            yield last, content.result()


def _read(store: LogStore, file: LogFile) -> bytes | OSError:
    if file.lost:
        return OSError(file.lost)
    try:
        return store.read(file)
    except OSError as error:
        return error
