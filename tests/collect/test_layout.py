"""What paths say, and how files are dealt out."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.collect.layout import LogFile, batches, is_log
from tests.collect.logs import ACCOUNT, path_of

DAY = date(2026, 11, 10)
PLACE = (ACCOUNT, "eu-west-1")


@pytest.mark.parametrize(
    ("path", "day", "place"),
    [
        (path_of("2026-11-10"), DAY, PLACE),
        (path_of("2026-11-10").rpartition("/")[2], DAY, PLACE),
        (f"prefix/AWSLogs/o-abc123/{path_of('2026-11-10').partition('/')[2]}", DAY, PLACE),
        ("2026/11/10/some.json.gz", DAY, ("", "")),
        ("some.json", None, ("", "")),
        ("2026/13/45/some.json", None, ("", "")),
        ("12026/11/10x/some.json", None, ("", "")),
    ],
)
def test_a_path_says_day_account_and_region(path, day, place):
    file = LogFile(path, 1)
    assert (file.day, file.trail_place) == (day, place)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (path_of("2026-11-10"), True),
        ("a.json", True),
        ("a.json.gz", True),
        ("a.txt", False),
        ("a.log.gz", False),
        (path_of("2026-11-10").replace("CloudTrail", "CloudTrail-Digest"), False),
        (path_of("2026-11-10").replace("CloudTrail", "CloudTrail-Insight"), False),
        (f"AWSLogs/{ACCOUNT}/Config/eu-west-1/2026/11/10/x.json.gz", False),
        (f"AWSLogs/o-abc/{ACCOUNT}/elasticloadbalancing/x.json.gz", False),
    ],
)
def test_what_can_be_a_log(path, expected):
    assert is_log(path) is expected


FILES = st.lists(
    st.builds(
        lambda days, region, name, size: LogFile(
            path_of(str(DAY + timedelta(days=days)), region=region, name=name)
            if days < 20
            else f"{name}.json",
            size,
        ),
        st.integers(0, 21),
        st.sampled_from(["eu-west-1", "us-east-1"]),
        st.text("abc", min_size=1, max_size=4),
        st.integers(0, 1000),
    ),
    unique_by=lambda file: file.path,
    max_size=60,
)


@given(FILES, st.integers(1, 9))
def test_every_file_is_in_one_batch_by_day_and_the_day_before_is_known(files, parts):
    dealt = batches(files, parts)
    assert sorted(file.path for batch in dealt for file in batch.files) == sorted(file.path for file in files)
    for batch in dealt:
        assert len({(file.trail_place, file.day is None) for file in batch.files}) == 1
        days = [file.day or date.min for file in batch.files]
        assert days == sorted(days)
        eve = days[0] - timedelta(days=1) if batch.files[0].day else None
        place = batch.files[0].trail_place
        expected = {file.path for file in files if eve and file.day == eve and file.trail_place == place}
        assert {file.path for file in batch.before} == expected


@given(FILES)
def test_one_part_is_not_cut(files):
    assert all(not batch.before for batch in batches(files, 1))
