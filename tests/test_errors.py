"""What an error says may quote what others named; nothing of it acts on a terminal or on a workflow."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.cli import main
from leastwise.errors import PROBLEMS_SHOWN, DeclarationError, Problem, one_line
from leastwise.render.annotations import annotations_of_problems


@given(st.text(st.one_of(st.sampled_from(list(" \t\n\r\x1b\u2028\u202e\u200b")), st.characters())))
def test_a_line_is_one_line_and_prints(text: str) -> None:
    assert one_line(text).isprintable()
    assert one_line(one_line(text)) == one_line(text)


def test_every_part_of_a_problem_is_one_line() -> None:
    problem = Problem("policies/a\n::error::b.json", 1, 2, "x\x1b[31m", "y\u202e")
    assert str(problem) == "policies/a\\u000a::error::b.json:1:2: expected x\\u001b[31m, found y\\u202e"


def test_of_a_million_mistakes_a_hundred_are_named() -> None:
    problems = [Problem("p", line, 1, "x", "y") for line in range(1, 1_002)]
    error = DeclarationError(problems)
    assert len(error.problems) == len(problems)
    lines = str(error).splitlines()
    assert lines[PROBLEMS_SHOWN:] == ["… and 901 more"]
    assert len(list(annotations_of_problems(problems))) == PROBLEMS_SHOWN


def test_an_error_that_quotes_lines_writes_no_command_into_the_log(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "policies" / "111122223333" / "role" / "x\n::add-mask::y"
    folder.mkdir(parents=True)
    (folder / "a.json").write_text("{}")
    (tmp_path / "principals.yaml").write_text("version: 1\n")
    with pytest.raises(SystemExit):
        main(["check"])
    said = capsys.readouterr().err
    assert "add-mask" in said
    assert not re.search(r"(?m)^\s*::", said)
