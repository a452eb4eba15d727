"""Random policies over small alphabets, so that patterns and requests meet often."""

from __future__ import annotations

from hypothesis import strategies as st

from leastwise.iam.request import Request
from leastwise.iam.statement import Condition, Effect, PolicyDocument, Statement, Version

ACTION_NAMES = ["s:a", "s:b", "s:ab", "t:a", "t:ba"]
ACTION_PATTERNS = ["*", "s:*", "s:a", "S:B", "s:?", "s:a*", "*:a", "t:?a", "t:*", "s:a?"]
CONTEXT_KEYS = ["k:1", "k:2"]
CONTEXT_TEXTS = ["a", "b", "A", "ab", "*", "true", "false"]

tails = st.text("ab:/", max_size=3)
resources = st.one_of(
    st.just("*"),
    tails.map("arn:p:s3:::".__add__),
    st.builds("arn:p:q:{}:{}:{}".format, st.sampled_from("ab"), st.sampled_from("ab"), tails),
)
wild_tails = st.text("ab*?:/", min_size=1, max_size=4)
settled_patterns = st.one_of(
    st.just("*"),
    wild_tails.map("arn:p:s3:::".__add__),
    st.builds(
        "arn:p:q:{}:{}:{}".format,
        st.sampled_from(["a", "*", "?", ""]),
        st.sampled_from(["a", "b", "*"]),
        st.one_of(
            st.just("*"), st.text("ab", min_size=1, max_size=2), st.sampled_from(["a/*", "a/?b", "a:*"])
        ),
    ),
    st.sampled_from(["arn:p:q:*:a", "arn:p:q:*:a/b", "arn:p:q", "arn:*", "arn:p:*", "arn:p:q:a:*"]),
)
"""Patterns that AWS's documents settle, one reading at a time."""
open_patterns = st.one_of(
    settled_patterns,
    st.sampled_from(["arn:p:q:a:a:a*", "arn:p:q:a:a:?/b", "arn:p:s3:*:*:a"]),
    st.sampled_from(["arn:p:s3:::${k:1}", "arn:p:s3:::a/${k:1}*", "arn:p:q:${k:2}:a:a", "arn:p:q:${k:2}"]),
    st.sampled_from(["arn:p:s3:::${*}", "arn:p:s3:::${$}a"]),
)


def conditions(operators):
    return st.builds(
        Condition,
        st.sampled_from(operators),
        st.sampled_from(CONTEXT_KEYS),
        st.lists(st.sampled_from(CONTEXT_TEXTS), min_size=1, max_size=2).map(tuple),
    )


STRING_OPERATORS = [
    f"{qualifier}{name}{suffix}"
    for qualifier in ("ForAllValues:", "ForAnyValue:", "")
    for name in ("StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase")
    for suffix in ("", "IfExists")
    if (qualifier, suffix) != ("ForAnyValue:", "IfExists")
]


@st.composite
def statements(draw, patterns=settled_patterns, lines=None):
    actions = tuple(draw(st.lists(st.sampled_from(ACTION_PATTERNS), min_size=1, max_size=3)))
    entries = tuple(draw(st.lists(patterns, min_size=1, max_size=3)))
    not_action, not_resource = draw(st.tuples(st.integers(0, 4), st.integers(0, 4)))
    return Statement(
        effect=draw(st.sampled_from([Effect.ALLOW, Effect.ALLOW, Effect.DENY])),
        actions=() if not_action == 0 else actions,
        not_actions=actions if not_action == 0 else (),
        resources=() if not_resource == 0 else entries,
        not_resources=entries if not_resource == 0 else (),
        conditions=tuple(draw(st.lists(lines, max_size=2))) if lines is not None else (),
    )


def documents(patterns=settled_patterns, lines=None, max_size=3, version=None):
    return st.builds(
        PolicyDocument,
        st.lists(statements(patterns, lines), max_size=max_size).map(tuple),
        st.just(version) if version else st.sampled_from(Version),
    )


def requests(contexts=None, closed=True):
    known = contexts if contexts is not None else st.just({})
    return st.builds(Request, st.sampled_from(ACTION_NAMES), resources, known, st.just(closed))


def contexts(most=2):
    values = st.lists(st.sampled_from(CONTEXT_TEXTS), max_size=most).map(tuple)
    return st.dictionaries(st.sampled_from(CONTEXT_KEYS), values)
