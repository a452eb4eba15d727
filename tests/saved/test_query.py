"""What a saved query may do, and how a mistake is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.saved.header import Severity
from leastwise.saved.query import Broken, read_query
from leastwise.saved.schedule import EXPECTED, Rhythm, Schedule
from tests.saved.queries import BOUNDS, FIRST, HEADER, good, problems, read

SELECT = "SELECT eventname FROM cloudtrail WHERE "
NAMES = "title, why, severity, schedule, empty, owners, window, people"
OWNERS = "@user, @org/team or e-mail addresses, with commas between them"


def test_a_whole_file():
    query = good(f"{SELECT}{BOUNDS};\n")
    assert query.header.title == "Something happened"
    assert query.header.why == "It should not; each time is worth a question."
    assert query.header.severity is Severity.HIGH
    assert query.header.schedule == Schedule(Rhythm.DAILY)
    assert query.header.days == 7
    assert query.uses.names == {"eventname", "eventtime"}
    assert query.columns == ["eventname"]
    assert query.parameters == {"from", "to"}


@pytest.mark.parametrize(
    ("sql", "word"),
    [
        ("INSERT INTO t SELECT eventname FROM cloudtrail", "INSERT"),
        ("EXPLAIN ANALYZE INSERT INTO t SELECT 1", "EXPLAIN"),
        ("CREATE TABLE t AS SELECT 1", "CREATE"),
        ("CREATE VIEW v AS SELECT 1", "CREATE"),
        ("UNLOAD (SELECT 1) TO 's3://mine/'", "UNLOAD"),
        ("CALL system.runtime.kill_query('x')", "CALL"),
        ("DELETE FROM cloudtrail", "DELETE"),
        ("UPDATE cloudtrail SET eventname = ''", "UPDATE"),
        ("MERGE INTO cloudtrail USING x ON true WHEN MATCHED THEN DELETE", "MERGE"),
        ("DROP TABLE cloudtrail", "DROP"),
        ("ALTER TABLE cloudtrail ADD COLUMN x int", "ALTER"),
        ("TRUNCATE TABLE cloudtrail", "TRUNCATE"),
        ("GRANT SELECT ON cloudtrail TO x", "GRANT"),
        ("SET SESSION a = 1", "SET"),
        ("USE x", "USE"),
        ("SHOW TABLES", "SHOW"),
        ("DESCRIBE cloudtrail", "DESCRIBE"),
        ("PREPARE p FROM SELECT 1", "PREPARE"),
        ("EXECUTE p", "EXECUTE"),
        ("COPY x TO 'f'", "COPY"),
        ("ATTACH 'f.db'", "ATTACH"),
        ("PRAGMA database_list", "PRAGMA"),
        ("TABLE cloudtrail", "TABLE"),
        ("VALUES 1", "VALUES"),
        ("FROM cloudtrail", "FROM"),
    ],
)
def test_only_what_reads_is_taken(sql, word):
    what = "a statement that only reads: SELECT, or WITH ... SELECT"
    assert f"queries/it.sql:{FIRST}:1: expected {what}, found {word}" in problems(sql)


@pytest.mark.parametrize(
    "sql",
    [
        f"WITH x AS (INSERT INTO t SELECT 1) {SELECT}{BOUNDS}",
        f"WITH x AS (DELETE FROM cloudtrail) {SELECT}{BOUNDS}",
        f"SELECT eventname INTO t FROM cloudtrail WHERE {BOUNDS}",
        f"{SELECT}{BOUNDS} FOR UPDATE",
    ],
)
def test_a_write_inside_of_a_select_is_refused(sql):
    assert any("only reads" in problem or "WITH ... AS (SELECT" in problem for problem in problems(sql))


@pytest.mark.parametrize(
    "source",
    [
        "other", "information_schema.tables", "cloudtrail.x", "memory.default.cloudtrail", "'logs.csv'",
        "read_csv('logs.csv')", "read_text('x')", "glob('*')", "TABLE(sequence(1, 2))",
        "TABLE(system.query(query => 'DROP'))", '"logs.parquet"', "duckdb_settings()",
        "generate_series(1, 2)",
    ],
)  # fmt: skip
def test_no_other_table_file_or_function_is_read(source):
    for sql in (
        f"SELECT c.eventname FROM cloudtrail c, {source} x WHERE {BOUNDS}",
        f"SELECT c.eventname FROM cloudtrail c WHERE {BOUNDS} AND EXISTS (SELECT 1 AS y FROM {source})",
    ):
        assert any("the table cloudtrail" in one or "Trino SQL" in one for one in problems(sql)), source


def test_with_gives_names_but_not_that_of_the_table():
    good(f"WITH some AS ({SELECT}{BOUNDS}) SELECT eventname, count(*) AS calls FROM some GROUP BY 1")
    assert any(
        "another name" in one for one in problems(f"WITH cloudtrail AS ({SELECT}{BOUNDS}) {SELECT}{BOUNDS}")
    )


@pytest.mark.parametrize(
    ("before", "sources", "after"),
    [
        ("WITH secrets AS (SELECT a FROM secrets) ", "secrets", ""),
        ("", "secrets", " AND EXISTS (WITH secrets AS (SELECT 1 AS a) SELECT a FROM secrets)"),
        ("WITH b AS (SELECT x FROM secrets), secrets AS (SELECT 1 AS x) ", "b", ""),
    ],
)
def test_a_name_counts_only_where_with_gives_it(before, sources, after):
    """Elsewhere an engine would take it for a real table."""
    sql = f"{before}SELECT eventname FROM cloudtrail, {sources} WHERE {BOUNDS}{after}"
    assert any("found secrets" in one for one in problems(sql))


def test_a_name_of_with_is_seen_by_what_follows_and_below():
    good(
        f"WITH a AS ({SELECT}{BOUNDS}), b AS (SELECT eventname FROM a) "
        "SELECT eventname FROM (SELECT eventname FROM b) AS q UNION SELECT eventname FROM a"
    )
    good(
        "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 3) "
        f"SELECT n.x, eventname FROM n, cloudtrail WHERE {BOUNDS}"
    )


def test_one_statement_at_a_time():
    (found,) = problems(f"{SELECT}{BOUNDS}; DROP TABLE x")
    place = len(SELECT + BOUNDS) + 1
    assert found == f"queries/it.sql:{FIRST}:{place}: expected one statement, found a second one after `;`"


@pytest.mark.parametrize(
    "sql", [f"{SELECT}eventtime >= {{{{from}}}}", f"{SELECT}eventtime < {{{{to}}}}", f"{SELECT}true"]
)
def test_a_query_is_bounded_by_both_ends(sql):
    missing = [name for name in ("from", "to") if f"{{{{{name}}}}}" not in sql]
    found = problems(sql)
    assert len(found) == len(missing)
    assert all(f"found no {{{{{name}}}}}" in line for name, line in zip(missing, found, strict=True))


@pytest.mark.parametrize(
    "text",
    [
        "eventname = '{{from}}'", "eventname LIKE '%{{principals}}%'", '"{{to}}" = 1', "eventtime > {{form}}",
        "eventtime > {{}}", "eventtime > {from}", "eventtime > {{from}", "eventtime > {{from}}{{to}}",
        "eventtime > x{{from}}", "eventtime > {{from}}x", "eventtime > 5{{from}}", "a = {{principals}}",
        "a IN (SELECT {{principals}})", "{{principals}} IN (1)", "f({{principals}})", "a = ?", "a = :x",
        "a = @x", "a = $1", "x.{{from}} = 1", "eventname {{from}} 1",
    ],
)  # fmt: skip
def test_a_parameter_stands_where_a_value_may_and_nowhere_else(text):
    assert problems(f"{SELECT}{BOUNDS} AND {text}")


def test_a_parameter_in_a_comment_is_none():
    query = good(f"{SELECT}{BOUNDS} -- not {{{{principals}}}}, nor '\n /* {{{{nothing}}}} \" */ AND true")
    assert query.parameters == {"from", "to"}
    assert "--" not in query.source.sql
    assert len(query.source.sql) == len(query.source.text)


def test_comments_do_not_nest_as_in_trino():
    sql = f"/* /* */ {SELECT}{BOUNDS} /* ' */"
    assert good(sql).source.sql.strip().startswith("SELECT")
    assert any("found INSERT" in one for one in problems(f"/* /* */ INSERT INTO t {SELECT}{BOUNDS} -- */"))


@pytest.mark.parametrize(
    ("sql", "place", "words"),
    [
        ("SELECT eventname\nFRM cloudtrail", (1, 5), "Trino SQL"),
        ("SELECT (eventname\nFROM cloudtrail", (1, 6), "Trino SQL"),
        ("SELECT eventname,\n  'it''s open FROM cloudtrail", (1, 3), "the end of what begins here"),
        ("SELECT eventname\n/* open", (1, 1), "the end of what begins here"),
        ('SELECT "eventname', (0, 8), "the end of what begins here"),
        ("-- no SQL", (1, 0), "a SELECT"),
    ],
)
def test_a_mistake_has_a_line(sql, place, words):
    (found,) = problems(sql)
    line = int(found.split(":")[1])
    assert words in found
    assert FIRST <= line <= FIRST + place[0] + 1


def test_an_unknown_column_is_told_with_the_nearest_one():
    last, nearest = f"FROM cloudtrail c WHERE {BOUNDS} AND ", "expected a column of cloudtrail: eventname?"
    assert problems(f"SELECT eventname,\n  evntsource AS s\n{last}c.evenname = ''") == [
        f"queries/it.sql:{FIRST + 1}:3: expected a column of cloudtrail: eventsource?, found evntsource",
        f"queries/it.sql:{FIRST + 2}:{len(last) + 1}: {nearest}, found evenname",
    ]


@pytest.mark.parametrize(
    "member",
    [
        "useridentity",
        "useridentity.nothing",
        "useridentity.sessioncontext.attributes.creationdate",
        "useridentity.sessioncontext",
    ],
)
def test_a_member_that_engines_show_differently_is_refused(member):
    assert any(
        "every engine shows alike" in one
        for one in problems(f"SELECT {member} AS x FROM cloudtrail WHERE {BOUNDS}")
    )


@pytest.mark.parametrize(
    ("select", "words"),
    [
        ("*", "the names of the columns"),
        ("count(*)", "a name for each column: count(*) AS calls"),
        ("eventname, eventname", "a different name for each column"),
        ("r.arn AS a FROM cloudtrail CROSS JOIN UNNEST(resources) AS r (arn, b, c) JOIN", "any_match"),
    ],
)
def test_the_columns_of_an_answer_are_the_same_everywhere(select, words):
    assert any(
        words in one
        for one in problems(f"SELECT {select} FROM cloudtrail WHERE {BOUNDS}".replace("JOIN FROM", "JOIN"))
    )


@pytest.mark.parametrize(
    "moment",
    ["now()", "current_timestamp", "current_date", "current_time", "localtimestamp", "random()", "uuid()"],
)
def test_what_differs_from_run_to_run_is_refused_at_its_place(moment):
    (found,) = problems(f"SELECT eventname,\n  {moment} AS a FROM cloudtrail WHERE {BOUNDS}")
    place = f"queries/it.sql:{FIRST + 1}:3: expected {{{{to}}}} in place of the time now"
    assert found.startswith(place)
    assert found.endswith(f"found {moment.partition('(')[0]}")


@pytest.mark.parametrize(
    "path", ["$..a", "$.*", "$[*].a", "$[0:2]", "$[0,1]", "$[?(@.a)]", "$[(@.length-1)]"]
)
def test_a_path_into_json_that_engines_read_differently_is_refused(path):
    (found,) = problems(
        f"SELECT\n  json_extract(requestparameters, '{path}') AS a FROM cloudtrail WHERE {BOUNDS}"
    )
    place, _, words = found.partition(": expected ")
    assert place == f"queries/it.sql:{FIRST + 1}:16"
    assert words.startswith("a path of names and numbers")


def test_every_mistake_of_a_header_has_its_place():
    header = "-- titel: x\n-- severity: hgh\n-- schedule: hourly\n-- window: 999 days\n-- owners: me\n"
    found = problems(f"{SELECT}{BOUNDS}", f"{header}-- severity: low\n\n")
    assert [line.partition(", found ")[::2] for line in found] == [
        ("queries/it.sql:1:1: expected a header line `-- empty: ...`", "none"),
        ("queries/it.sql:1:1: expected a header line `-- title: ...`", "none"),
        ("queries/it.sql:1:1: expected a header line `-- why: ...`", "none"),
        (f"queries/it.sql:1:4: expected `-- NAME: text`, with one of {NAMES}", "'-- titel: x'"),
        ("queries/it.sql:2:14: expected low, medium, high or critical", "'hgh'"),
        (f"queries/it.sql:3:14: expected {EXPECTED}", "'hourly'"),
        ("queries/it.sql:4:12: expected a number of days from 1 to 366, such as 7 days", "'999 days'"),
        (f"queries/it.sql:5:12: expected {OWNERS}", "'me'"),
        ("queries/it.sql:6:4: expected `severity` once", "it again"),
    ]


@pytest.mark.parametrize("name", ["Root Use", "../x", "", "a" * 65, "UPPER", "x.y", "results", "issues"])
def test_a_file_has_a_plain_name(name):
    assert isinstance(read(f"{SELECT}{BOUNDS}", name=name), Broken)


def test_too_long_and_too_deep_are_mistakes_and_no_defects():
    assert any("at most 100,000 characters" in one for one in problems(" " * 100_001))
    assert any("nested too deeply" in one for one in problems(SELECT + "(" * 20_000 + "1" + ")" * 20_000))


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_no_text_is_a_defect(text):
    """Whatever stands in a file, it is a query or mistakes with places."""
    for sql in (text, f"{SELECT}{BOUNDS} AND {text}", f"{SELECT}{BOUNDS} AND eventname = '{text}'"):
        found = read_query("it", "queries/it.sql", HEADER + sql)
        if isinstance(found, Broken):
            assert all(problem.line <= (HEADER + sql).count("\n") + 1 for problem in found.problems)


def test_elements_may_be_unnested_among_the_columns():
    good(f"SELECT unnest(ARRAY[1, 2]) AS a, eventname FROM cloudtrail WHERE {BOUNDS}")


@pytest.mark.parametrize("column", ["columns('.*')", "max(columns(*))"])
def test_columns_are_not_chosen_by_a_pattern(column):
    assert any(
        "the names of the columns" in one
        for one in problems(f"SELECT {column} AS a FROM cloudtrail WHERE {BOUNDS}")
    )


@pytest.mark.parametrize("opened", ["'", '"', "/*", "{#"])
def test_what_has_no_end_is_shown_where_it_begins(opened):
    (found,) = problems(f"SELECT 1\n  {opened}x")
    assert found.startswith(f"queries/it.sql:{FIRST + 1}:3: expected the end of what begins here")
