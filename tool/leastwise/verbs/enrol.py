"""``leastwise enrol``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.declare.enrol import Enrolment, enrol
from leastwise.declare.policies import missing_files
from leastwise.declare.principals_file import read_declaration
from leastwise.repo import working_policies
from leastwise.workspace import PRINCIPALS_FILE, principals_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def run(root: Path, entry: Enrolment) -> Iterator[str]:
    """Write the entry into principals.yaml, which is made if it is not there.

    Says what was done, and which policy files are still to come before `leastwise check` is content.
    """
    file = root / PRINCIPALS_FILE
    before = principals_text(root) if file.exists() else ""
    after = enrol(before, PRINCIPALS_FILE, entry)
    file.write_bytes(after.encode())
    trial = f", trial from {entry.opens}" if entry.opens else ", without a trial"
    yield f"enrolled {entry.key} in {file}{trial}; `leastwise check` reads it back"
    for missing in missing_files(read_declaration(after), working_policies(root)):
        yield f"still missing: {missing.expected}"
