"""Condition operators as AWS documents them: operator, values, the key's values, answer (None: unknown)."""

from __future__ import annotations

import pytest

from leastwise.iam.condition import holds
from leastwise.iam.request import Request
from leastwise.iam.statement import Condition

ROLE = "arn:aws:iam::111122223333:role/app"

PRESENT = [
    ("StringEquals", "a", "a", True),
    ("StringEquals", "a", "A", False),
    ("StringEquals", ("a", "b"), "b", True),
    ("StringEquals", "a*", "ab", False),
    ("StringEquals", "a*", "a*", True),
    ("StringNotEquals", ("a", "b"), "b", False),
    ("StringNotEquals", ("a", "b"), "c", True),
    ("StringEqualsIgnoreCase", "a", "A", True),
    ("StringNotEqualsIgnoreCase", "a", "A", False),
    ("StringLike", "a?c*", "abcd", True),
    ("StringLike", "a?c*", "Abcd", False),
    ("StringLike", "${*}", "*", True),
    ("StringLike", "${*}", "a", False),
    ("StringNotLike", ("a*", "b*"), "bc", False),
    ("StringNotLike", ("a*", "b*"), "cc", True),
    ("ArnLike", "arn:aws:iam::*:role/*", ROLE, True),
    ("ArnEquals", "arn:aws:iam::*:role/*", ROLE, True),
    ("ArnLike", "arn:aws:iam::*:app", ROLE, False),
    ("ArnLike", "arn:aws:*:role/app", ROLE, None),
    ("ArnLike", "arn:aws:iam::*:ROLE/*", ROLE, False),
    ("ArnLike", "arn:aws:iam::*:role/*", "app", False),
    ("ArnNotLike", "arn:aws:iam::*:role/*", "app", None),
    ("ArnNotEquals", "arn:aws:iam::*:role/*", ROLE, False),
    ("Bool", "true", "true", True),
    ("Bool", "True", "true", True),
    ("Bool", "false", "true", False),
    ("Bool", "yes", "true", None),
    ("Null", "true", "x", False),
    ("Null", "false", "x", True),
    ("NumericEquals", "10", "10.0", True),
    ("NumericNotEquals", "10", "10.0", False),
    ("NumericLessThan", "10", "9", True),
    ("NumericLessThan", "10", "10", False),
    ("NumericLessThanEquals", "10", "10", True),
    ("NumericGreaterThan", "10", "9", False),
    ("NumericGreaterThan", "9", "10", True),
    ("NumericGreaterThanEquals", "10", "10", True),
    ("NumericEquals", "ten", "10", None),
    ("NumericEquals", "NaN", "NaN", None),
    ("NumericEquals", "9" * 100, "9" * 100, None),
    ("DateGreaterThan", "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z", True),
    ("DateLessThan", "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z", False),
    ("DateEquals", "2026-01-01T01:00:00+01:00", "2026-01-01T00:00:00Z", True),
    ("DateEquals", "1767225600", "2026-01-01T00:00:00Z", True),
    ("DateNotEquals", "2026-01-01", "2026-01-01T00:00:00Z", False),
    ("DateLessThanEquals", "2026-01-01", "2026-01-01", True),
    ("DateGreaterThanEquals", "2026-01-02", "2026-01-01", False),
    ("DateLessThan", "soon", "2026-01-01", None),
    ("IpAddress", "10.0.0.0/8", "10.1.2.3", True),
    ("IpAddress", "10.0.0.0/8", "11.1.2.3", False),
    ("IpAddress", "10.1.2.3", "10.1.2.3", True),
    ("IpAddress", ("10.0.0.0/8", "2001:db8::/32"), "2001:db8::1", True),
    ("IpAddress", "10.0.0.0/8", "2001:db8::1", False),
    ("NotIpAddress", "10.0.0.0/8", "11.1.2.3", True),
    ("NotIpAddress", "10.0.0.0/8", "2001:db8::1", None),
    ("IpAddress", "10.0.0.0/8", "lambda.amazonaws.com", None),
    ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", True),
    ("BinaryEquals", "QmluYXJ5", "QmluYXJ6", False),
    ("BinaryEquals", "!", "QmluYXJ5", None),
    ("StringMatches", "a", "a", None),
    ("stringequals", "a", "a", None),
    ("ForSomeValues:StringEquals", "a", "a", None),
    ("NotStringEquals", "a", "a", None),
    ("NumericNotLessThan", "1", "1", None),
    ("StringEqualsIfExists", "a", "b", False),
    ("StringEquals", "a", ("a", "b"), None),
    ("ForAnyValue:StringEquals", ("a", "b"), ("b", "c"), True),
    ("ForAnyValue:StringEquals", ("a", "b"), ("c", "d"), False),
    ("ForAllValues:StringEquals", ("a", "b"), ("a", "b"), True),
    ("ForAllValues:StringEquals", ("a", "b"), ("b", "c"), False),
    ("ForAllValues:StringEquals", "a", "", None),
    ("ForAnyValue:StringNotEquals", "a", ("a", "b"), True),
    ("ForAnyValue:StringNotEquals", "a", "a", False),
    ("ForAllValues:StringNotEquals", "a", ("a", "b"), False),
    ("ForAllValues:StringNotLike", "a*", ("b", "c"), True),
    ("ForAnyValue:StringLike", "a*", ("b", "ab"), True),
]

ABSENT = [
    ("StringEquals", "a", False),
    ("StringNotEquals", "a", True),
    ("ArnNotLike", "arn:aws:iam::*:role/*", True),
    ("NotIpAddress", "10.0.0.0/8", True),
    ("NumericLessThan", "10", False),
    ("Bool", "false", False),
    ("BoolIfExists", "false", True),
    ("StringEqualsIfExists", "a", True),
    ("StringNotEqualsIfExists", "a", True),
    ("Null", "true", True),
    ("Null", "false", False),
    ("Null", ("true", "false"), True),
    ("NullIfExists", "true", None),
    ("ForAllValues:Null", "true", None),
    ("ForAllValues:StringEquals", "a", True),
    ("ForAllValues:StringNotEquals", "a", True),
    ("ForAnyValue:StringEquals", "a", False),
    ("ForAnyValue:StringEqualsIfExists", "a", None),
    ("StringMatches", "a", None),
]


def decide(operator, values, context, *, variables=True):
    listed = (values,) if isinstance(values, str) else values
    return holds(
        Condition(operator, "aws:Key", listed),
        Request("s3:x", "*", context, closed=True),
        variables=variables,
    )


@pytest.mark.parametrize(("operator", "values", "value", "expected"), PRESENT)
def test_key_present(operator, values, value, expected):
    assert decide(operator, values, {"AWS:key": (value,) if isinstance(value, str) else value}) is expected


@pytest.mark.parametrize(("operator", "values", "expected"), ABSENT)
@pytest.mark.parametrize("context", [{}, {"aws:key": None}, {"aws:key": ()}])
def test_key_absent(operator, values, expected, context):
    assert decide(operator, values, context) is expected


@pytest.mark.parametrize(
    "operator", ["StringEquals", "StringNotEquals", "Null", "BoolIfExists", "ForAllValues:StringLike"]
)
def test_key_unknown(operator):
    assert holds(Condition(operator, "aws:Key", ("true",)), Request("s3:x", "*"), variables=True) is None


@pytest.mark.parametrize(
    ("operator", "value", "context", "expected"),
    [
        ("StringEquals", "${aws:username}", {"aws:username": ("bob",)}, True),
        ("StringEquals", "${aws:username}", {"aws:username": ("eve",)}, False),
        ("StringLike", "b${aws:username}", {"aws:username": ("*",)}, False),
        ("StringEquals", "${aws:username, 'bob'}", {}, True),
        ("StringEquals", "${aws:username}", {}, False),
        ("StringNotEquals", "${aws:username}", {}, None),
        ("NumericEquals", "${aws:username}", {"aws:username": ("bob",)}, None),
    ],
)
def test_variables_in_values(operator, value, context, expected):
    assert decide(operator, value, {"aws:Key": ("bob",), **context}) is expected


def test_version_2008_has_no_variables_in_values():
    context = {"aws:Key": ("${aws:username}",), "aws:username": ("bob",)}
    assert decide("StringEquals", "${aws:username}", context, variables=False) is True
    assert (
        decide("StringEquals", "${aws:username}", {**context, "aws:Key": ("bob",)}, variables=False) is False
    )
