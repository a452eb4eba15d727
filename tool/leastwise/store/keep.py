"""Load what is kept, have the rest read, add it, and swap; again where another run was faster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.errors import SourceError
from leastwise.model.evidence import Evidence
from leastwise.store.files import pack, unpack
from leastwise.store.memory import remember, window_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from leastwise.model.window import Window
    from leastwise.store.interface import Shelf, Shelved
    from leastwise.store.memory import Memory, Merge, Task

    Read = Callable[[Task, Window], Evidence]
    """Read one source for the task's principals in that window."""
    Say = Callable[[str], None]

TRIES = 8


def keep(shelf: Shelf, tasks: Sequence[Task], read: Read, merge: Merge, say: Say) -> Memory:
    """The memory with everything that is new; it is on the shelf when this returns.

    ``say`` hears, in words, of what was damaged.  Raises ``SourceError`` where other runs always are faster.
    """
    before, memory = _loaded(shelf, say)
    done = [(task, window_of(memory, task)) for task in tasks]
    fresh = Evidence()
    for task, window in done:
        fresh = fresh.merge(read(task, window))
    for _ in range(TRIES):
        after = remember(memory, fresh, done, merge)
        if shelf.swap(pack(after), before):
            return after
        before, memory = _loaded(shelf, say)
    raise SourceError("other runs change the kept evidence again and again: run again when they are done")


def _loaded(shelf: Shelf, say: Say) -> tuple[Shelved, Memory]:
    before = shelf.load()
    memory, complaints = unpack(before.files, "kept evidence")
    for complaint in (*before.lost, *complaints):
        say(complaint)
    return before, memory
