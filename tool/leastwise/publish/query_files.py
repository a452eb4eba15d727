"""The files of a run of saved queries: every row as CSV and JSON, and the results for the next job.

Cells come from logs.  JSON is ASCII and whole.  In CSV a cell that a spreadsheet would take for a formula
gets an apostrophe in front.
"""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

from leastwise.errors import PublishError
from leastwise.publish import query_wire as wire
from leastwise.publish.handed import read_file, write_file
from leastwise.render.escape import is_formula

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from leastwise.publish.query_issues import IssueOutcome
    from leastwise.saved.results import Report, Row

RESULTS_FILE = "results.json"
RECORD_FILE = "issues.json"
ANEW = "leastwise query run"


class Folder:
    """``NAME.csv`` and ``NAME.json`` for each query with rows."""

    def __init__(self, path: Path) -> None:
        """``path`` is made where it is missing."""
        self.path = path

    def keep(self, name: str, columns: Row, rows: Iterable[Row]) -> None:
        """See ``Sink``.  Rows are written as they come, and no file is left where there is none, nor half of
        one where the engine fails on the way."""
        table, objects = self._files(name)
        count = 0
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            count = _write(table, objects, columns, rows)
        except OSError as error:
            raise PublishError(f"{self.path} could not be written: {error.strerror}; see --out") from error
        finally:
            if not count:
                self.forget(name)

    def forget(self, name: str) -> None:
        """Take away what an earlier run left of a query."""
        for file in self._files(name):
            if file.is_file():
                file.unlink()

    def _files(self, name: str) -> tuple[Path, Path]:
        return self.path / f"{name}.csv", self.path / f"{name}.json"


def write_report(folder: Path, report: Report) -> None:
    """Write ``results.json``.  Raises `HandoverError` where that is not possible."""
    write_file(folder / RESULTS_FILE, wire.ReportFile.of(report))


def read_report(folder: Path) -> Report:
    """Read ``results.json``.  Raises `HandoverError` for what `write_report` cannot have written."""
    return read_file(folder / RESULTS_FILE, wire.ReportFile, (wire.REPORT, wire.VERSION), ANEW).value()


def write_record(folder: Path, outcomes: Sequence[IssueOutcome]) -> None:
    """Write what became of the issues.  Raises `HandoverError` where that is not possible."""
    write_file(folder / RECORD_FILE, wire.RecordFile.of(outcomes))


def read_record(folder: Path) -> tuple[IssueOutcome, ...]:
    """Read what became of the issues.  Raises `HandoverError` for what `write_record` cannot have written."""
    return read_file(folder / RECORD_FILE, wire.RecordFile, (wire.RECORD, wire.VERSION), ANEW).value()


def _write(table: Path, objects: Path, columns: Row, rows: Iterable[Row]) -> int:
    count = 0
    with (
        table.open("w", encoding="utf-8", newline="") as sheet,
        objects.open("w", encoding="ascii") as listed,
    ):
        # Quoted throughout: where semicolons part cells, one within a name must not begin another.
        writer = csv.writer(sheet, quoting=csv.QUOTE_ALL)
        writer.writerow(map(_cell, columns))
        for count, row in enumerate(rows, 1):
            writer.writerow(map(_cell, row))
            listed.write("[\n" if count == 1 else ",\n")
            listed.write(json.dumps(dict(zip(columns, row, strict=True))))
        listed.write("\n]\n" if count else "[]\n")
    return count


def _cell(text: str) -> str:
    """Letters as they are; what does not print, turns or hides text is spelled out, as JSON would."""
    safe = "".join(letter if letter.isprintable() else json.dumps(letter)[1:-1] for letter in text)
    return f"'{safe}" if is_formula(text) else safe
