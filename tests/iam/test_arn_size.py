"""ARNs split, and the characters that IAM counts."""

from __future__ import annotations

import pytest

from leastwise.iam import arn
from leastwise.iam.arn import DOUBT_SCOPES, Arn, Reading
from leastwise.iam.size import non_white_bytes, non_white_length


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("arn:aws:s3:::b/a:b", Arn("aws", "s3", "", "", "b/a:b")),
        ("arn:aws-cn:sqs:cn-north-1:111122223333:q", Arn("aws-cn", "sqs", "cn-north-1", "111122223333", "q")),
        ("arn:aws:s3", None),
        ("*", None),
        ("urn:aws:s3:::b", None),
    ],
)
def test_parse(text, expected):
    assert arn.parse(text) == expected
    assert expected is None or str(expected) == text


@pytest.mark.parametrize(
    "text", ["arn:aws:s3:::b/k", "arn:aws:iam::1:user/x", "arn:aws:sqs:r:1:q", "arn:aws:logs:r:1:g:s", "*"]
)
@pytest.mark.parametrize("pattern", ["arn:aws:iam::*:u*", "arn:aws:s3:*:*:b/k", "arn:aws:logs:*:*:g*"])
def test_the_scopes_of_a_doubt_are_what_in_doubt_says(pattern, text):
    read = arn.pattern(pattern)
    assert read.doubt is not None
    scopes = map(arn.pattern, DOUBT_SCOPES[read.doubt])
    assert arn.in_doubt(read, text) == any(arn.matches(scope, text, Reading.SEGMENT) for scope in scopes)


def test_a_service_that_is_s3_to_the_letter_has_one_scope_only():
    assert not arn.in_doubt(arn.pattern("arn:aws:s3:*:*:b/k"), "arn:aws:s3:us-east-1:1:accesspoint/k")


def test_a_value_with_colons_may_move_what_stands_behind_it():
    outer, inner = (
        arn.pattern("arn:aws:iam::*:role/x"),
        arn.pattern("arn:aws:iam::${aws:PrincipalAccount}:role/x"),
    )
    assert arn.covers(outer, inner, Reading.FLAT)
    assert not arn.covers(outer, inner, Reading.SEGMENT)
    assert arn.covers(arn.pattern("arn:aws:iam::${aws:PrincipalAccount}:role/*"), inner, Reading.SEGMENT)


def test_white_space_is_not_counted():
    assert non_white_length('{ "a":\t"b c"\r\n}') == len('{"a":"bc"}')
    assert non_white_bytes("é ") == 2
