"""What is sent: the file's own text, with literals and the table put in, and nothing that breaks out."""

import sqlglot
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp

from leastwise.errors import SourceError
from leastwise.saved.bind import TableInUse, bind, of_file, values
from leastwise.saved.columns import COLUMNS, IDENTITY_MEMBERS, JSON_NAMES, Shape, view
from tests.saved.queries import BOUNDS, FIRST, WEEK, good

TABLE = TableInUse("the table", '"audit"."logs"', Shape.TRAIL, ("eventtime >= 'a'", "eventtime < 'b'"))
QUERY = f"""\
SELECT eventname, 'a -- b'   AS x,   -- comment
  'two
lines   ' AS y
FROM cloudtrail
WHERE {BOUNDS} AND useridentity.arn IN ({{{{principals}}}}, 'me')
"""


def sent(sql, principals=("arn:a",)):
    query = good(sql)
    return query, bind(query, TABLE, values(WEEK, principals))


def test_the_text_keeps_its_lines_and_loses_its_comments():
    _, bound = sent(QUERY)
    lines = bound.sql.splitlines()
    assert lines[: FIRST - 1] == [""] * (FIRST - 1)
    assert lines[FIRST - 1 : FIRST + 2] == ["SELECT eventname, 'a -- b'   AS x,", "  'two", "lines   ' AS y"]
    assert lines[FIRST + 2].startswith("FROM (SELECT eventname AS eventname, CAST(from_iso8601_timestamp(")
    assert lines[FIRST + 2].endswith(
        "FROM \"audit\".\"logs\" WHERE eventtime >= 'a' AND eventtime < 'b') AS cloudtrail"
    )
    assert lines[FIRST + 3] == (
        "WHERE eventtime >= TIMESTAMP '2026-11-16 00:00:00' AND eventtime < TIMESTAMP '2026-11-23 00:00:00' "
        "AND useridentity.arn IN ('arn:a', 'me')"
    )


def test_an_alias_stays_and_every_use_of_the_table_is_bounded():
    both = BOUNDS.replace("eventtime", "a.eventtime")
    _, bound = sent(
        f"SELECT a.eventname FROM cloudtrail a JOIN CloudTrail AS b ON a.eventid = b.eventid WHERE {both}"
    )
    assert bound.sql.count("eventtime >= 'a' AND eventtime < 'b')") == 2
    assert "') a JOIN (" in bound.sql
    assert "') AS b ON" in bound.sql


def test_a_place_in_what_was_put_in_is_where_the_file_has_the_word():
    query, bound = sent("SELECT eventname FROM cloudtrail WHERE " + BOUNDS + " AND x_y(1) = 2 AND z_z(1) = 2")
    line = bound.sql.splitlines()[FIRST - 1]
    original = query.source.text.splitlines()[FIRST - 1]
    for word in ("eventname FROM", "x_y", "z_z"):
        words = f"line {FIRST}:{line.index(word) + 1}: no {word}"
        assert of_file(query, bound, words) == f"queries/it.sql:{FIRST}:{original.index(word) + 1}: no {word}"
    inside = f"line {FIRST}:{line.index('from_iso8601') + 1}: no"
    assert of_file(query, bound, inside) == f"queries/it.sql:{FIRST}:{original.index('cloudtrail') + 1}: no"
    assert of_file(query, bound, "no place at all") == "queries/it.sql: no place at all"


@given(st.lists(st.text(max_size=40), min_size=1, max_size=4))
def test_no_principal_breaks_out_of_its_literal(principals):
    """The statement says what the file says, with each principal as one string and nothing else."""
    query = good(
        "SELECT eventname FROM cloudtrail WHERE " + BOUNDS + " AND useridentity.arn IN ({{principals}})"
    )
    try:
        bound = bind(query, TABLE, values(WEEK, principals))
    except SourceError:
        return
    (statement,) = sqlglot.parse(bound.sql, read="trino")
    (listed,) = statement.find_all(exp.In)
    assert {one.this for one in listed.expressions} == set(principals)
    assert all(one.is_string for one in listed.expressions)
    assert not list(statement.find_all(exp.Placeholder))
    assert bound.sql.count("\n") == query.source.text.count("\n")


def test_both_shapes_give_the_same_columns():
    for shape in Shape:
        names = [name for name, column in COLUMNS.items() if shape in column.sql]
        tree = sqlglot.parse_one(view(shape, "t", ("true",), names), read="trino")
        assert sorted(tree.named_selects) == sorted(names)
    assert {name for name, column in COLUMNS.items() if Shape.TRAIL not in column.sql} == {"managementevent"}
    assert COLUMNS.keys() == JSON_NAMES.keys()


def test_names_of_members_are_those_of_records_in_lower_case():
    assert all(".".join(members).lower() == path for path, members in IDENTITY_MEMBERS.items())
    assert all(member.lower() == name for name, member in JSON_NAMES.items())
