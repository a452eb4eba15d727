"""``leastwise check``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.render.words import counted
from leastwise.workspace import read_working_tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def run(root: Path, base: str | None, form: str, show: Callable[[str], object]) -> int:
    """Read everything that is declared; raises ``DeclarationError`` with every problem."""
    workspace = read_working_tree(root)
    principals, files = workspace.declaration.principals, workspace.policies.files
    show(f"{counted(len(principals), 'principal')}, {counted(len(files), 'policy file')}: no mistake found")
    for note in workspace.policies.notes:
        show(f"note: {note}")
    return 0
