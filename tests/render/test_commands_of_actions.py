"""What is printed commands no runner of Actions, whatever a log holds."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.render.annotations import annotation, harmless

COMMANDS = ("error", "warning", "notice", "set-output name=x", "stop-commands", "add-mask", "add-matcher")


def obeyed(printed):
    """What the runner takes for commands: actions/runner, ``ActionCommand.TryParseV2``, then ``TryParse``."""
    lines = re.split(r"\r\n|\r|\n", printed)
    return [line for line in lines if line.lstrip().startswith("::") or "##[" in line]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "form",
    ["    ::{}::x", "a\n::{}::x", "a\r::{}::x", "\t ::{}::x", "a ##[{}]x", "::error::a\n::{}::x", "##[{}]x"],
)
def test_no_text_commands_the_runner(form, command):
    assert obeyed(form.format(command)) != []
    assert obeyed(harmless(form.format(command))) == []


@pytest.mark.parametrize("command", COMMANDS[3:])
def test_no_command_but_an_annotation_passes(command):
    assert obeyed(harmless(f"::{command}::x")) == []


@given(st.text(st.sampled_from(":# []\r\n\tarowe"), max_size=30), st.text(max_size=20))
def test_an_annotation_passes_whole_with_any_words(words, title):
    line = annotation("error", words, title=title)
    assert harmless(line).replace("#\\u0023[", "##[") == line
    assert obeyed(line.replace("##[", "")) == [line.replace("##[", "")]


@given(st.text(st.sampled_from(":# [\r\n\tx"), max_size=30))
def test_any_other_text_commands_nothing(text):
    assert obeyed(harmless(text)) == []
    assert obeyed(harmless(f"::error::{text}"))[1:] == []


@given(st.text(st.characters(exclude_characters="#:"), max_size=30))
def test_what_has_no_command_stays(text):
    assert harmless(text) == text
