"""The page of a run: what does not fit is cut, for of a page too long GitHub shows nothing."""

from __future__ import annotations

import pytest

from leastwise.publish.actions import PAGE, ActionsRun


@pytest.fixture
def page(tmp_path):
    return tmp_path / "summary.md"


def test_texts_come_one_below_the_other(page):
    run = ActionsRun(summary=page)
    run.summarize("one\n")
    run.summarize("zwei ü\n")
    assert page.read_text("utf-8") == "one\nzwei ü\n"


def test_what_does_not_fit_is_cut_at_a_line_and_said(page):
    run = ActionsRun(summary=page)
    run.summarize("first\n")
    run.summarize("ü line\n" * 200_000)
    run.summarize("last\n" * 100)
    told = page.read_bytes()
    assert len(told) <= PAGE
    assert told.decode().endswith("ü line\n\nCut: the page of a step holds 1 MiB.\n")


def test_without_a_page_nothing_is_written():
    ActionsRun().summarize("nowhere\n")
