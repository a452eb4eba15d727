"""The statement that makes the table."""

from __future__ import annotations

from datetime import date

import pytest

from leastwise.aws.athena import Table
from leastwise.collect.athena import has_source_identity
from leastwise.collect.athena_table import missing_columns, table_statement
from leastwise.errors import SourceError

MADE = table_statement(
    ("audit", "cloudtrail_logs"),
    "s3://org-trail/AWSLogs/o-example",
    ["222233334444", "111122223333"],
    ["us-east-1", "eu-west-1"],
    date(2026, 1, 1),
)


def columns_of(ddl):
    body = ddl[ddl.index("(") + 1 : ddl.index("\n)\nPARTITIONED")]
    depth, text, parts = 0, "", []
    for character in body:
        depth += {"<": 1, ">": -1}.get(character, 0)
        if character == "," and not depth:
            parts.append(text)
            text = ""
        else:
            text += character
    return {
        name.strip().lower(): kind.strip().lower()
        for name, _, kind in (part.strip().partition(" ") for part in [*parts, text])
    }


def test_it_has_every_column_that_a_query_needs():
    table = Table(columns_of(MADE), {"timestamp": "string"})
    assert missing_columns(table, "trail") == []
    assert has_source_identity(table)


def test_its_reach_moves_with_time_unless_a_day_is_given():
    made = table_statement(("a", "t"), "s3://b/", ["1"], ["r"])
    assert "'projection.timestamp.range' = 'NOW-400DAYS,NOW'" in made


def test_its_partitions_are_projected():
    assert "PARTITIONED BY (account STRING, region STRING, `timestamp` STRING)" in MADE
    assert "'projection.account.values' = '111122223333,222233334444'" in MADE
    assert "'projection.timestamp.range' = '2026/01/01,NOW'" in MADE
    assert "'s3://org-trail/AWSLogs/o-example/${account}/CloudTrail/${region}/${timestamp}'" in MADE
    assert MADE.startswith("CREATE EXTERNAL TABLE `audit`.`cloudtrail_logs` (")


@pytest.mark.parametrize(
    ("table", "location", "accounts"),
    [
        (("a`b", "t"), "s3://b/", ["1"]),
        (("a", "t"), "/local/", ["1"]),
        (("a", "t"), "s3://b/${x}/", ["1"]),
        (("a", "t"), "s3://b/", []),
    ],
)
def test_what_is_no_place_for_a_table(table, location, accounts):
    with pytest.raises(SourceError, match="expected"):
        table_statement(table, location, accounts, ["eu-west-1"], date(2026, 1, 1))


def test_quotes_in_a_location_stay_inside():
    assert "LOCATION 's3://b/it''s/'" in table_statement(
        ("a", "t"), "s3://b/it's", ["1"], ["r"], date(2026, 1, 1)
    )
