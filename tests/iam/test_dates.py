"""Names that hold the date on which they are used."""

from __future__ import annotations

from datetime import date

import pytest

from leastwise.iam.dates import holds_date_of_use

USED = [date(2026, 11, 23), date(2026, 11, 24)]


@pytest.mark.parametrize(
    "name",
    [
        "table/log-2026_11",
        "export-2026-11/report.csv",
        "events/2026/11/23/part-1",
        "dt=2026-11-23/part-1",
        "dump-20261123.sql",
        "dump-20261123093000",
        "closing/2026-10.csv",
        "plan-2026.12",
    ],
)
def test_the_month_of_use_or_the_one_beside_it(name):
    assert holds_date_of_use(name, USED)


@pytest.mark.parametrize(
    "name",
    [
        "orders-2019-05-migrated",
        "orders-2026-08",
        "shard-11",
        "year=2026",
        "2026-13",
        "id-7202611",
        "id-20261123999999999",
        "",
    ],
)
def test_any_other_number_is_a_name(name):
    assert not holds_date_of_use(name, USED)


def test_a_turn_of_the_year_is_one_month():
    assert holds_date_of_use("report-2026-12", [date(2027, 1, 2)])
    assert not holds_date_of_use("report-2026-12", [])
