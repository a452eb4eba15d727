"""What an attacker can name must not become Markdown, a link, a reference, or a picture of other text."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.render import escape
from leastwise.render.escape import CAP, code, plain, prose

HOSTILE = [
    "`]`", "|", "<img src=x>", "@acme/admins", "#12", "[x](y)", "a\\b", "&lt;", "\u202e", "\u200b", "\u0430",
    "\n\n# H", "\r", "\x00", "\U0001f600",
]  # fmt: skip


def test_the_examples_are_true():
    assert doctest.testmod(escape).failed == 0


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_with_a_meaning_gets_through(text):
    assert not set(plain(text)) & set("`|<>@#[]&\n\r\x00\u202e\u200b\u0430")


@given(st.text())
def test_a_page_holds_printable_ascii_alone(text):
    for written in (plain(text), prose(text), code(text)):
        assert all(" " <= character <= "~" or character == "…" for character in written)


@given(st.text(st.sampled_from("`\u202ea|"), max_size=400), st.integers(10, CAP))
def test_a_name_takes_no_more_room_than_it_is_given(text, cap):
    assert len(plain(text, cap)) <= cap + 1


@given(st.text("ab`\u202e", max_size=CAP // 6))
def test_different_names_look_different(text):
    assert plain(text).replace("\\u0060", "`").replace("\\u202e", "\u202e") == text


LINKS = [
    "fixes https://github.com/acme/infra/issues/1",
    "HTTP://evil.example",
    "www.evil.example",
    "closes GH-12",
]


@pytest.mark.parametrize("text", LINKS)
def test_running_text_makes_no_link_and_closes_no_issue(text):
    lowered = prose(text).lower()
    assert not any(link in lowered for link in ("://", "www.", "gh-"))


@pytest.mark.parametrize("text", ["*bold*", "_slanted_", "~~gone~~", "$x^2$"])
def test_running_text_has_no_emphasis(text):
    assert prose(text) == "".join(f"\\{c}" if c in "*_~$" else c for c in text)
