"""The files of a run: every row, safe in a spreadsheet, and results that only a run can have written."""

import csv
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.errors import AwsError, HandoverError, Problem, PublishError
from leastwise.publish.query_files import Folder, read_record, read_report, write_record, write_report
from leastwise.publish.query_issues import IssueOutcome, IssueOutcomeKind
from leastwise.saved.results import Asked, Result, Standing
from tests.saved.found import found, report

COLUMNS = ("eventtime", "who")


def kept(folder, rows):
    Folder(folder).keep("it", COLUMNS, iter(rows))
    with (folder / "it.csv").open(encoding="utf-8", newline="") as sheet:
        return list(csv.reader(sheet)), json.loads((folder / "it.json").read_text("ascii"))


def spelled(cell):
    return cell.replace("\t", "\\t").replace("\r", "\\r").replace("\n", "\\n")


def test_what_turns_or_hides_text_is_spelled_out_and_letters_are_not(tmp_path):
    sheet, objects = kept(tmp_path, [("J\u00f6rg \u540d", "a\u202eb\u200bc\0d\ud800")])
    assert sheet[1] == ["J\u00f6rg \u540d", "a\\u202eb\\u200bc\\u0000d\\ud800"]
    assert objects[0]["who"] == "a\u202eb\u200bc\0d\ud800"


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\uff1d1"])
def test_no_cell_is_a_formula(tmp_path, cell):
    sheet, objects = kept(tmp_path, [("2026", cell)])
    assert sheet[1] == ["2026", f"'{spelled(cell)}"]
    assert objects == [{"eventtime": "2026", "who": cell}]


def test_a_semicolon_begins_no_cell_of_its_own(tmp_path):
    kept(tmp_path, [("2026", "a;=1+1")])
    assert (tmp_path / "it.csv").read_text("utf-8").splitlines()[1] == '"2026","a;=1+1"'


@given(st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5)), min_size=1, max_size=5))
def test_every_row_is_kept_whatever_it_holds(tmp_path_factory, rows):
    sheet, objects = kept(tmp_path_factory.mktemp("rows"), rows)
    assert [tuple(one.values()) for one in objects] == rows
    assert len(sheet) == len(rows) + 1


def test_many_rows_pass_through(tmp_path):
    def rows():
        for number in range(100_000):
            yield str(number), "root"

    Folder(tmp_path).keep("it", COLUMNS, rows())
    with (tmp_path / "it.csv").open() as sheet:
        assert sum(1 for _ in sheet) == 100_001
    with (tmp_path / "it.json").open() as listed:
        assert sum(1 for _ in listed) == 100_002


def test_where_nothing_is_found_no_rows_of_an_earlier_run_stay(tmp_path):
    kept(tmp_path, [("2026", "x")])
    Folder(tmp_path).keep("it", COLUMNS, iter(()))
    assert list(tmp_path.iterdir()) == []


def test_half_of_the_rows_are_none(tmp_path):
    def rows():
        yield "2026", "x"
        raise AwsError("ThrottlingException", "AWS was busy")

    with pytest.raises(AwsError):
        Folder(tmp_path).keep("it", COLUMNS, rows())
    assert list(tmp_path.iterdir()) == []


def test_a_report_comes_back_as_it_was(tmp_path):
    wrong = Result(
        Asked("bad name", "queries/bad name.sql"),
        Standing.WRONG,
        problems=(Problem("queries/bad name.sql", 1, 2, "x", "y"),),
    )
    failed = Result(Asked("a", "queries/a.sql"), Standing.FAILED, reason="AWS was busy")
    written = report(
        found(("2026", "x\u202e")), found(), wrong, failed, notes=("n",), scanned=7, known=("a",)
    )
    write_report(tmp_path, written)
    assert read_report(tmp_path) == written


def test_a_record_comes_back_as_it_was(tmp_path):
    written = (
        IssueOutcome("a", IssueOutcomeKind.OPENED, "https://github.test/1"),
        IssueOutcome("b", IssueOutcomeKind.FAILED, why="no"),
    )
    write_record(tmp_path, written)
    assert read_record(tmp_path) == written


@pytest.mark.parametrize(
    "damage",
    [
        lambda told: told | {"version": 2},
        lambda told: told | {"more": 1},
        lambda told: told | {"source": "two\nlines"},
        lambda told: told | {"made": "today"},
        lambda told: told | {"results": [told["results"][0] | {"count": -1}]},
        lambda told: told | {"results": [told["results"][0] | {"owners": ["@a b](c)"]}]},
        lambda told: told | {"results": [told["results"][0] | {"digest": "x"}]},
        lambda told: told | {"results": [told["results"][0] | {"rows": [["a", "b"]] * 201}]},
        lambda told: told | {"results": [told["results"][0] | {"standing": "fine"}]},
        lambda told: told | {"results": [told["results"][0] | {"path": "a\nb"}]},
    ],
)
def test_what_no_run_can_have_written_is_refused(tmp_path, damage):
    write_report(tmp_path, report(found(("2026", "x"))))
    file = tmp_path / "results.json"
    file.write_text(json.dumps(damage(json.loads(file.read_text()))))
    with pytest.raises(HandoverError, match="not what leastwise of this version wrote"):
        read_report(tmp_path)


def test_what_cannot_be_written_or_read_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(PublishError, match="see --out"):
        Folder(tmp_path / "file").keep("it", COLUMNS, iter([("a", "b")]))
    with pytest.raises(PublishError, match="see --out"):
        write_report(tmp_path / "file", report())
    with pytest.raises(HandoverError, match="could not be read"):
        read_report(tmp_path)
