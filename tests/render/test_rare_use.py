"""A use once a quarter is told as one: it is what a shorter look would have missed."""

from __future__ import annotations

from leastwise.assess import assess
from leastwise.render import text
from leastwise.render.words import RARE_DAYS, longest_pause, usage
from tests.builders import allow, case, day, policy, saw

ONCE_A_QUARTER = saw("s3:GetObject", "arn:aws:s3:::reports/q", [day(100), day(99), day(9)])
STEADY = saw("s3:PutObject", "arn:aws:s3:::reports/q", 60)


def test_the_longest_pause_is_between_two_uses():
    assert longest_pause([]) == 0
    assert longest_pause([saw("s3:GetObject", days=[day(3)])]) == 0
    assert longest_pause([ONCE_A_QUARTER]) == 90
    assert longest_pause([STEADY]) == 1


def test_another_use_shortens_the_pause():
    between = saw("s3:GetObject", "arn:aws:s3:::reports/other", [day(50)])
    assert longest_pause([ONCE_A_QUARTER, between]) == 49


def test_the_evidence_speaks_of_it_only_where_it_matters():
    assert "once 90 days apart" in usage([ONCE_A_QUARTER])
    assert "apart" not in usage([STEADY])
    assert "apart" in usage([saw("s3:GetObject", days=[day(RARE_DAYS + 1), day(1)])])
    assert "apart" not in usage([saw("s3:GetObject", days=[day(RARE_DAYS), day(1)])])


def test_diff_names_what_is_used_rarely():
    content = policy(allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::reports/*"))
    lines = list(text.compared(assess(case(content, ONCE_A_QUARTER, STEADY))))
    assert [line for line in lines if "rarely" in line] == ["  used rarely: s3:GetObject, once 90 days apart"]
