"""The demo's git repository: the files in ``files/``, committed long enough ago to be judged."""

from __future__ import annotations

from datetime import timedelta
from importlib.resources import files
from typing import TYPE_CHECKING

from leastwise.repo import Identity, clone, init_bare

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from importlib.resources.abc import Traversable
    from pathlib import Path

_PERSON = Identity("Ada Okafor", "ada@acme.example")
_BRANCH = "main"
_YOUNG = "announce.json"
_IGNORED = {".gitignore": "/leastwise-*/\n"}
"""What the verbs write by default is not the team's; a file of that name in ``files/`` would act on *us*."""


def make_repository(root: Path, remote: Path, now: datetime) -> None:
    """Make the bare ``remote`` with its history, and ``root``, a clone of it.

    All policies are 200 days old at ``now``, save one that came 20 days ago.
    """
    texts = {path: _dated(text, now) for path, text in _files(files("leastwise.demo") / "files")}
    young = {path: text for path, text in texts.items() if path.endswith(_YOUNG)}
    old = _IGNORED | {path: text for path, text in texts.items() if path not in young}
    bare = init_bare(remote, _BRANCH)
    first = bare.commit(None, old, "Bring our policies under review\n", _PERSON, now - timedelta(days=200))
    second = bare.commit(
        first, young, "Let the settlement announce itself\n", _PERSON, now - timedelta(days=20)
    )
    bare.set_branch(_BRANCH, second)
    clone(remote, root)


def _files(folder: Traversable, path: str = "") -> Iterator[tuple[str, str]]:
    """(path, text) of everything below ``folder``, in path order."""
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _files(entry, f"{path}{entry.name}/")
        else:
            yield f"{path}{entry.name}", entry.read_bytes().decode()


def _dated(text: str, now: datetime) -> str:
    """Fill in the dates that depend on when the demo takes place."""
    dates = {
        "@KEEP_UNTIL@": now + timedelta(days=180),
        "@ENGINEER_OPENS@": now - timedelta(days=60),
        "@EXPORTER_OPENS@": now - timedelta(days=93),
    }
    for name, date in dates.items():
        text = text.replace(name, f"{date:%Y-%m-%d}")
    return text
