"""How far the reading is, for people and for CI logs."""

from __future__ import annotations

import io
from itertools import count

from rich.console import Console

from leastwise.collect.progress import Bar, Lines, listener


def _read(heard):
    heard.begin("logs", 100, 1_000_000)
    for _ in range(100):
        heard.advance(1, 10_000, 50)
    heard.finish()


def test_a_ci_log_gets_one_plain_line_of_what_was_read():
    stream = io.StringIO()
    heard = listener(Console(file=stream, force_terminal=False))
    assert isinstance(heard, Lines)
    _read(heard)
    assert stream.getvalue() == "logs: read 100 files, 1.0 MB, 5,000 records\n"


def test_what_takes_long_says_now_and_then_how_far_it_is():
    said, seconds = [], count(step=7.0)
    _read(Lines(said.append, lambda: next(seconds)))
    assert said[:2] == [
        "logs: 3 of 100 files, 0.0 of 1.0 MB, 150 records",
        "logs: 6 of 100 files, 0.1 of 1.0 MB, 300 records",
    ]
    assert said[-1] == "logs: read 100 files, 1.0 MB, 5,000 records"
    assert len(said) == 34


def test_an_empty_source_is_said_in_a_line():
    said = []
    heard = Lines(said.append)
    heard.begin("logs", 0, 0)
    heard.finish()
    assert said == ["logs: read 0 files, 0.0 MB, 0 records"]


def test_a_terminal_gets_a_bar_that_can_be_used_again():
    stream = io.StringIO()
    heard = listener(Console(file=stream, force_terminal=True, width=100))
    assert isinstance(heard, Bar)
    _read(heard)
    _read(heard)
    assert "reading logs (100 files)" in stream.getvalue()
