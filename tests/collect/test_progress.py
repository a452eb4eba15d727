"""How far the reading is, for people and for CI logs."""

from __future__ import annotations

import io

from rich.console import Console

from leastwise.collect.progress import Bar, Lines, listener


def _read(heard):
    heard.begin("logs", 100, 1_000_000)
    for _ in range(100):
        heard.advance(1, 10_000, 50)
    heard.finish()


def test_a_ci_log_gets_a_few_plain_lines():
    stream = io.StringIO()
    heard = listener(Console(file=stream, force_terminal=False))
    assert isinstance(heard, Lines)
    _read(heard)
    lines = stream.getvalue().splitlines()
    assert lines[0] == "logs: reading 100 files, 1.0 MB"
    assert lines[1] == "logs: 10 of 100 files, 500 records"
    assert lines[-1] == "logs: read 100 files, 5,000 records"
    assert len(lines) == 11
    assert "\x1b" not in stream.getvalue()


def test_an_empty_source_is_said_in_two_lines():
    said = []
    heard = Lines(said.append)
    heard.begin("logs", 0, 0)
    heard.finish()
    assert said == ["logs: reading 0 files, 0.0 MB", "logs: read 0 files, 0 records"]


def test_a_terminal_gets_a_bar_that_can_be_used_again():
    stream = io.StringIO()
    heard = listener(Console(file=stream, force_terminal=True, width=100))
    assert isinstance(heard, Bar)
    _read(heard)
    _read(heard)
    assert "reading logs (100 files)" in stream.getvalue()
