"""Patterns: tokens, matching, escaping, covering."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.iam.glob import Variable, Wildcard, covers, escape, matches, parse, substitute, widen
from tests.iam import slow_evaluator

patterns = st.text("ab*?", max_size=8)
texts = st.text("ab", max_size=8)


@given(patterns, texts)
def test_matches_what_the_slow_matcher_matches(pattern, text):
    expected = slow_evaluator.fits(slow_evaluator.read(pattern, {}, False), text)
    assert matches(parse(pattern), text) == expected


@given(patterns, patterns, texts)
def test_covers_is_a_proof(outer, inner, text):
    if covers(parse(outer), parse(inner)) and matches(parse(inner), text):
        assert matches(parse(outer), text)


@given(patterns)
def test_covers_is_reflexive_and_the_star_covers_all(pattern):
    assert covers(parse(pattern), parse(pattern))
    assert covers(parse("*"), parse(pattern))


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("a*?", ["a", Wildcard.STAR, Wildcard.ANY]),
        ("${*}${?}${$}", ["*", "?", "$"]),
        ("$a", ["$", "a"]),
        ("${aws:username}", [Variable("${aws:username}", "aws:username")]),
        ("${ aws:username , 'x}y' }", [Variable("${ aws:username , 'x}y' }", "aws:username", "x}y")]),
        ("${aws:PrincipalTag/a b}", [Variable("${aws:PrincipalTag/a b}", "aws:PrincipalTag/a b")]),
        ("${}", [Variable("${}", "")]),
        ("${username}", [Variable("${username}", "")]),
        ("${aws:username, x}", [Variable("${aws:username, x}", "")]),
        ("a${aws:username", ["a", Variable("${aws:username", "")]),
    ],
)
def test_tokens(text, tokens):
    assert list(parse(text).tokens) == tokens


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("*a*a*", "a", False),
        ("*ab*ba*", "aba", False),
        ("*ab*ba*", "abba", True),
        ("a*a", "a", False),
        ("*?b*", "bab", True),
        ("*a?b*", "aaxb", True),
        ("**", "", True),
        ("", "a", False),
        ("*aab", "aaab", True),
    ],
)
def test_matches(pattern, text, expected):
    assert matches(parse(pattern), text) is expected


def test_without_variables_a_dollar_is_plain():
    assert list(parse("${*}", variables=False).tokens) == ["$", "{", Wildcard.STAR, "}"]


def test_variables_must_have_values_before_matching():
    pattern = parse("a/${aws:username}/*")
    with pytest.raises(ValueError, match="no values"):
        matches(pattern, "a/b/c")
    assert matches(widen(pattern), "a/b/c")
    assert substitute(pattern, lambda _: None) is None
    filled = substitute(pattern, lambda _: "*")
    assert filled is not None
    assert matches(filled, "a/*/c")
    assert not matches(filled, "a/b/c")


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [
        ("a/*", "a/${aws:username}", True),
        ("a/?", "a/${aws:username}", False),
        ("${aws:username}*", "${aws:username}/x", True),
        ("${aws:username}", "${aws:userid}", False),
        ("?*", "*?", True),
        ("a?", "a*", False),
        ("*a*", "*ba*", True),
        ("*a", "*b", False),
    ],
)
def test_covers(outer, inner, expected):
    assert covers(parse(outer), parse(inner)) is expected


def test_escape_shows_every_special_character():
    assert escape("a*b?c$d{}") == "a${*}b${?}c${$}d{}"
