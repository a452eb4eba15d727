"""``leastwise enrol``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.declare.enrol import Enrolment, enrol
from leastwise.declare.yaml_tree import decode
from leastwise.workspace import PRINCIPALS_FILE

if TYPE_CHECKING:
    from pathlib import Path


def run(root: Path, entry: Enrolment) -> str:
    """Write the entry into principals.yaml, which is made if it is not there; says what was done."""
    file = root / PRINCIPALS_FILE
    before = decode(file.read_bytes(), PRINCIPALS_FILE) if file.exists() else ""
    after = enrol(before, PRINCIPALS_FILE, entry)
    file.write_bytes(after.encode())
    trial = f", trial from {entry.opens}" if entry.opens else ", without a trial"
    return f"enrolled {entry.key} in {file}{trial}; `leastwise check` reads it back"
