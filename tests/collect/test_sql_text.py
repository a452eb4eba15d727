"""No name gets out of its quotes."""

from __future__ import annotations

import re

import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp

from leastwise.errors import SourceError
from leastwise.sql_text import identifier, literal, literals, quoted_pattern, store_id

PRINTABLE = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")))
BREAKOUTS = [
    "'", "''", "'; DROP TABLE x; --", "\\'", "\\", "' OR ''='", "/*", "*/", "--", "?", "${x}",
    "\u2019", "U&'\\0027'",
    "a' || 'b",
]  # fmt: skip


@given(PRINTABLE | st.sampled_from(BREAKOUTS))
def test_a_literal_is_one_token_that_says_the_text(text):
    parsed = sqlglot.parse_one(f"SELECT {literal(text)}", read="trino")
    (found,) = parsed.expressions
    assert isinstance(found, exp.Literal)
    assert found.this == text


@given(st.lists(PRINTABLE | st.sampled_from(BREAKOUTS), max_size=4))
def test_a_list_of_literals_holds_each(texts):
    parsed = sqlglot.parse_one(f"SELECT ARRAY[{literals(texts)}]", read="trino")
    assert [item.this for item in parsed.expressions[0].expressions] == sorted(texts)


@pytest.mark.parametrize("text", ["a\nb", "a\0b", "\x1b[0m", "\x7f", "\u2028", "\ud800"])
def test_control_characters_are_no_names(text):
    with pytest.raises(SourceError, match=r"expected a name to ask for"):
        literal(text)


@pytest.mark.parametrize("name", ["logs", "aws:cloudtrail", "cloudtrail_logs_pp", "1-2-3", "A"])
def test_identifiers(name):
    assert identifier(name) == f'"{name}"'


@pytest.mark.parametrize("name", ["", 'a"b', "a b", "a;b", "a.b", "-a", "é", "a\n", "x" * 256, "a'b"])
def test_no_identifiers(name):
    with pytest.raises(SourceError, match="the name of a database or table"):
        identifier(name)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "11111111-2222-3333-4444-55555555555",
        "1111111g-2222-3333-4444-555555555555",
        "11111111-2222-3333-4444-555555555555 x",
    ],
)
def test_no_store_ids(text):
    with pytest.raises(SourceError, match="the ID of an event data store"):
        store_id(text)


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=12), PRINTABLE)
def test_a_quoted_pattern_matches_its_name_and_no_other(name, other):
    pattern = re.compile(quoted_pattern(name))
    assert pattern.fullmatch(name)
    assert bool(pattern.fullmatch(other)) == (other == name)
