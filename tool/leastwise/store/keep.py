"""Load what is kept, have the rest read, add it, and swap; again where another run was faster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.errors import SourceError
from leastwise.store.files import pack, unpack
from leastwise.store.memory import Done, files_before, remember, window_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from leastwise.model.files_read import Collected, FilesRead
    from leastwise.model.window import Window
    from leastwise.store.interface import Shelf, Shelved
    from leastwise.store.memory import Joins, Memory, Task

    Read = Callable[[Task, Window, FilesRead | None], Collected]
    """Read one source for the task's principals in that window, without the files that were counted."""
    Say = Callable[[str], None]

TRIES = 8


def keep(shelf: Shelf, tasks: Sequence[Task], read: Read, joins: Joins, say: Say) -> Memory:
    """The memory with everything that is new; it is on the shelf when this returns.

    Where another run was faster, calls that would be added may be among its own: those are read again, and
    days of which the larger count holds are not.  ``say`` hears, in words, of what was damaged.  Raises
    ``SourceError`` where other runs always are faster.
    """
    before, memory = _loaded(shelf, say)
    done = [_done(memory, task, read) for task in tasks]
    for _ in range(TRIES):
        after = remember(memory, done, joins)
        if shelf.swap(pack(after), before):
            return after
        before, memory = _loaded(shelf, say)
        done = [_done(memory, each.task, read) if each.read.adds else each for each in done]
    raise SourceError("other runs change the kept evidence again and again: run again when they are done")


def _done(memory: Memory, task: Task, read: Read) -> Done:
    window = window_of(memory, task)
    return Done(task, window, read(task, window, files_before(memory, task)))


def _loaded(shelf: Shelf, say: Say) -> tuple[Shelved, Memory]:
    before = shelf.load()
    memory, complaints = unpack(before.files, "kept evidence")
    for complaint in (*before.lost, *complaints):
        say(complaint)
    return before, memory
