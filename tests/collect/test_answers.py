"""The same saved query on log files, CloudTrail Lake and Athena: the same rows, the same mistakes."""

import gzip
import json
import re
from dataclasses import replace
from datetime import date

import pytest

from leastwise.aws.athena import athena
from leastwise.aws.cloudtrail import cloudtrail
from leastwise.aws.sessions import Aws
from leastwise.collect.answers import embedded as embedded_module
from leastwise.collect.answers.athena import AthenaServer, members_of
from leastwise.collect.answers.embedded import SECONDS, Embedded
from leastwise.collect.answers.lake import LakeServer
from leastwise.collect.answers.loading import load
from leastwise.collect.answers.sql import SqlAnswers
from leastwise.collect.athena_table import table_statement
from leastwise.collect.interface import Silent
from leastwise.collect.store import LocalFolder
from leastwise.errors import DeclarationError, SourceError
from leastwise.saved.columns import COLUMNS, IDENTITY_MEMBERS, Shape
from leastwise.saved.query import Broken
from tests.collect.sql_world import FEDERATED, LAKE, TRAIL_TABLE, AthenaWorld, LakeWorld
from tests.fakes.athena import TICKS
from tests.fakes.cloudtrail_lake import ARN
from tests.saved.queries import BOUNDS, FIRST, WEEK, good, read, record

RUN = "2026-11-23T06:00:00+00:00"
ROLE = {
    "type": "AssumedRole",
    "arn": "arn:aws:sts::111122223333:assumed-role/ops/carol",
    "sessionContext": {
        "sessionIssuer": {"arn": "arn:aws:iam::111122223333:role/ops", "userName": "ops"},
        "attributes": {"mfaAuthenticated": "true"},
    },
}
RECORDS = [
    record(),
    record(
        "AttachRolePolicy", "2026-11-20T10:00:00Z", userIdentity=ROLE, requestParameters={"roleName": "x"}
    ),
    record(
        "GetUser", "2026-11-20T11:00:00Z", readOnly=True, errorCode="AccessDenied", requestParameters=None
    ),
    record(
        "GetObject",
        "2026-11-20T12:00:00Z",
        resources=[
            {"ARN": "arn:aws:s3:::it's", "accountId": "111122223333", "type": "AWS::S3::Bucket"},
            {"ARN": "arn:aws:s3:::it's/k", "type": "AWS::S3::Object"},
        ],
        requestParameters={"nested": {"list": [1, 2]}, "n": 7, "yes": True},
    ),
    record("TooEarly", "2026-11-15T23:59:59Z"),
    record("TooLate", "2026-11-23T00:00:00Z"),
]
EVERYTHING = f"""\
SELECT eventtime, eventname, readonly, useridentity.username AS who,
  COALESCE(useridentity.sessioncontext.sessionissuer.arn, useridentity.arn) AS actor,
  useridentity.sessioncontext.attributes.mfaauthenticated AS mfa,
  json_extract_scalar(requestparameters, '$.userName') AS user_name, -- a comment?
  json_extract_scalar(requestparameters, '$.nested') AS an_object,
  json_extract_scalar(requestparameters, '$.n') AS n,
  errorcode IS NULL AS fine,
  any_match(resources, r -> r.arn = 'arn:aws:s3:::it''s') AS on_bucket,
  date_trunc('day', eventtime) AS day
FROM cloudtrail
WHERE {BOUNDS} /* and no more */
ORDER BY eventtime
"""


def sql_answers(world, most_bytes=None):
    aws = Aws({}, world.clock, world.wire.session())
    if isinstance(world, LakeWorld):
        server = LakeServer(LAKE, cloudtrail(aws, ARN))
    else:
        server = AthenaServer(world.source, athena(aws, world.source.region, world.source.reader), RUN)
    return SqlAnswers("source", server, world.clock, most_bytes)


def embedded(records, columns):
    engine = Embedded(columns)
    engine.load([json.dumps(one) for one in records])
    return engine


WORLDS = {
    "lake": LakeWorld,
    "trail": AthenaWorld,
    "federated": lambda records: AthenaWorld(records, FEDERATED),
}


@pytest.fixture(params=WORLDS)
def world(request):
    return WORLDS[request.param](RECORDS)


def rows(answers, query, principals=()):
    answer = answers.answer(query, WEEK, principals)
    return answer.columns, [tuple(map(alike, row)) for row in answer.rows]


def alike(cell):
    """Booleans and times as every engine of the tests writes them."""
    return cell.lower().removesuffix(".000")


def test_every_engine_gives_the_same_rows(world):
    query = good(EVERYTHING)
    columns, found = rows(embedded(RECORDS, query.uses.names), query)
    assert [row[1] for row in found] == ["createuser", "attachrolepolicy", "getuser", "getobject"]
    assert found[3][7:11] == ("", "7", "true", "true")
    assert rows(sql_answers(world), query) == (columns, found)


def test_principals_are_literals_and_an_apostrophe_stays_one(world):
    query = good(
        f"SELECT eventname FROM cloudtrail WHERE {BOUNDS} AND useridentity.arn IN ({{{{principals}}}})"
    )
    strange = ["x') OR ('1'='1", "arn:aws:iam::111122223333:user/alice"]
    for engine in (sql_answers(world), embedded(RECORDS, query.uses.names)):
        assert sorted(rows(engine, query, strange)[1]) == [("createuser",), ("getobject",), ("getuser",)]
        assert rows(engine, query, strange[:1])[1] == []


def test_a_column_that_the_table_lacks_is_named_and_nothing_is_asked():
    world = AthenaWorld(RECORDS)
    query = good(f"SELECT managementevent AS m, requestid FROM cloudtrail WHERE {BOUNDS}")
    with pytest.raises(DeclarationError) as told:
        sql_answers(world).answer(query, WEEK, ())
    what = "expected a column that Athena table audit.logs of source source has, found"
    assert str(told.value).splitlines() == [
        f"queries/it.sql:{FIRST}:8: {what} managementevent",
        f"queries/it.sql:{FIRST}:30: {what} requestid",
    ]
    assert world.athena.executions == {}


def test_a_member_that_the_table_lacks_is_named():
    header = "".join(f"-- {name}: x\n" for name in ("title", "why", "empty"))
    header += "-- severity: low\n-- schedule: daily\n-- people: shown\n"
    query = good(
        f"SELECT useridentity.sessioncontext.sourceidentity AS s FROM cloudtrail WHERE {BOUNDS}", header
    )
    with pytest.raises(DeclarationError, match=r"found useridentity\.sessioncontext\.sourceidentity"):
        sql_answers(AthenaWorld(RECORDS)).answer(query, WEEK, ())
    assert list(sql_answers(LakeWorld(RECORDS)).answer(query, WEEK, ()).rows)


@pytest.mark.parametrize(
    "kind", ["", "string", "struct<", "struct<arn:string>", "struct<sessioncontext:string>"]
)
def test_types_of_a_table_are_read_or_have_no_members(kind):
    assert members_of(kind) == ({"arn"} if "arn:" in kind else frozenset())


def test_the_table_that_athena_table_prints_has_every_column_and_member():
    made = table_statement(("a", "t"), "s3://b/", ["111122223333"], ["eu-west-1"], date(2026, 1, 1))
    columns = made[made.index("(\n") + 1 : made.index("\n)\n")]
    kinds = dict(re.findall(r"^  (\w+) (.+?)(?:,$|\Z)(?=\n  \w|\Z)", columns, re.MULTILINE | re.DOTALL))
    needed = {one.needs[Shape.TRAIL] for one in COLUMNS.values() if Shape.TRAIL in one.needs}
    assert needed <= kinds.keys()
    assert members_of(kinds["useridentity"]) == IDENTITY_MEMBERS.keys()


def test_what_athena_says_of_a_line_is_said_of_the_files_line():
    world = AthenaWorld(RECORDS)
    query = good(f"SELECT nosuch(\n  eventname) AS x\nFROM cloudtrail WHERE {BOUNDS} AND 1 = badly(2)")
    words = f"SYNTAX_ERROR: line {FIRST}:8: Function 'nosuch' not registered"
    world.athena.ends = lambda _request: ("FAILED", words, False)
    with pytest.raises(SourceError, match=rf"^queries/it\.sql:{FIRST}:8: .*Function 'nosuch' not registered"):
        sql_answers(world).answer(query, WEEK, ())


def test_a_column_after_what_was_put_in_is_told_as_the_file_has_it():
    world = AthenaWorld(RECORDS)
    query = good(f"SELECT eventname FROM cloudtrail WHERE {BOUNDS} AND 1 = badly(2)")

    def fails(request):
        column = request["QueryString"].splitlines()[FIRST - 1].index("badly") + 1
        return "FAILED", f"SYNTAX_ERROR: line {FIRST}:{column}: Function 'badly' not registered", False

    world.athena.ends = fails
    column = f"SELECT eventname FROM cloudtrail WHERE {BOUNDS} AND 1 = badly(2)".index("badly") + 1
    with pytest.raises(SourceError, match=rf"^queries/it\.sql:{FIRST}:{column}: "):
        sql_answers(world).answer(query, WEEK, ())


def test_lake_says_what_failed_at_the_files_line():
    world = LakeWorld(RECORDS)
    world.lake.ends = lambda _sql: ("FAILED", f"line {FIRST}:8: Column 'x' cannot be resolved")
    with pytest.raises(SourceError, match=rf"^queries/it\.sql:{FIRST}:8: .*CloudTrail Lake says: Column 'x'"):
        sql_answers(world).answer(good(EVERYTHING), WEEK, ())


def test_a_statement_that_is_too_long_for_lake_is_not_sent():
    world = LakeWorld(RECORDS)
    query = good(
        f"SELECT eventname FROM cloudtrail WHERE {BOUNDS} AND useridentity.arn IN ({{{{principals}}}})"
    )
    many = [f"arn:aws:iam::111122223333:role/role-{number}" for number in range(300)]
    with pytest.raises(SourceError, match=r"queries/it\.sql: the statement has 1[0-9],[0-9]{3} characters"):
        sql_answers(world).answer(query, WEEK, many)
    assert world.lake.queries == {}


def test_a_header_does_not_fill_the_statement():
    world = LakeWorld(RECORDS)
    header = (
        "-- title: t\n-- why: " + "long " * 3_000 + "\n-- severity: low\n-- schedule: daily\n-- empty: e\n"
    )
    assert list(sql_answers(world).answer(good(EVERYTHING, header), WEEK, ()).rows)


def test_a_limit_on_bytes_ends_a_query_that_runs():
    world = AthenaWorld(RECORDS)
    world.athena.scans = lambda _: 5_000_000_000
    answers = sql_answers(world, most_bytes=1_000_000_000)
    with pytest.raises(SourceError, match=r"--max-scan-gb is 1"):
        answers.answer(good(EVERYTHING), WEEK, ())
    assert len(world.athena.stopped) == 1
    assert answers.scanned == 5_000_000_000 // TICKS


def test_beyond_a_limit_on_bytes_nothing_more_is_asked():
    world = LakeWorld(RECORDS)
    world.lake.scans = lambda _: 5_000_000_000
    answers = sql_answers(world, most_bytes=1_000_000_000)
    assert list(answers.answer(good(EVERYTHING), WEEK, ()).rows)
    with pytest.raises(SourceError, match=r"5\.000 GB were scanned, and --max-scan-gb is 1"):
        answers.answer(good(EVERYTHING), WEEK, ())
    assert len(world.lake.queries) == 1


def test_nothing_found_is_doubted_where_there_is_no_record_at_all(world):
    answers = sql_answers(world)
    assert answers.doubt(WEEK) == ""
    earlier = replace(WEEK, start=WEEK.start.replace(year=2020), end=WEEK.end.replace(year=2020))
    assert "no record at all of 2020-11-16 00:00 to 2020-11-23 00:00" in answers.doubt(earlier)


def test_rows_of_many_pages_are_read_page_by_page():
    records = [record(at=f"2026-11-20T{number // 60:02}:{number % 60:02}:00Z") for number in range(1_000)]
    world = AthenaWorld(records, TRAIL_TABLE, page=100)
    answer = sql_answers(world).answer(good(EVERYTHING), WEEK, ())
    next(answer.rows)
    assert world.wire.names().count("GetQueryResults") == 1
    assert sum(1 for _ in answer.rows) == 999


def test_the_embedded_engine_says_which_line_it_cannot_follow():
    query = good(f"SELECT 1 AS one,\n  nosuch(eventname) AS x\nFROM cloudtrail WHERE {BOUNDS}")
    with pytest.raises(
        SourceError, match=rf"^queries/it\.sql:{FIRST + 1}:3: the embedded engine says: .*nosuch"
    ):
        embedded(RECORDS, query.uses.names).answer(query, WEEK, ())


def write(folder, records, name="a.json.gz"):
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(gzip.compress(json.dumps({"Records": records}).encode()))


def loaded(folder, query):
    engine = Embedded(query.uses.names)
    load(engine, LocalFolder(folder), WEEK, Silent(), "logs")
    return engine


def test_log_files_are_read_once_each_event_and_damage_is_doubt(tmp_path):
    query = good(EVERYTHING)
    write(tmp_path, RECORDS)
    write(tmp_path, RECORDS[:2], "b.json.gz")
    engine = loaded(tmp_path, query)
    assert (engine.records, engine.doubt(WEEK)) == (4, "")
    (tmp_path / "c.json.gz").write_bytes(gzip.compress(b"no log at all"))
    torn = json.dumps({"Records": RECORDS}).encode()
    (tmp_path / "d.json").write_bytes(torn[: len(torn) // 2])
    damaged = loaded(tmp_path, query)
    assert damaged.records == 4
    assert damaged.doubt(WEEK) == "2 files or records could not be read"


@pytest.mark.parametrize(
    "members",
    [
        {"eventTime": "yesterday"},
        {"eventTime": "2026-13-45T00:00:00Z"},
        {"eventTime": None},
    ],
)
def test_a_record_without_a_time_is_unreadable(tmp_path, members):
    write(tmp_path, [record() | members])
    assert loaded(tmp_path, good(EVERYTHING)).unreadable == 1


@pytest.mark.parametrize(
    "members",
    [
        {"resources": "text"}, {"userIdentity": None}, {"userIdentity": "x"}, {"readOnly": "maybe"},
        {"requestParameters": ["a"]}, {"errorCode": {"a": 1}}, {"eventID": None},
    ],
)  # fmt: skip
def test_members_of_any_shape_lose_no_record(tmp_path, members):
    columns = (
        "eventname, readonly, useridentity.arn AS a, requestparameters, resources IS NULL AS n, errorcode"
    )
    query = good(f"SELECT {columns} FROM cloudtrail WHERE {BOUNDS}")
    write(tmp_path, [record() | members])
    assert len(rows(loaded(tmp_path, query), query)[1]) == 1


def test_half_a_character_loses_no_record(tmp_path):
    text = json.dumps({"Records": [record(userAgent="@")]}).replace('"@"', r'"agent \ud83d"')
    (tmp_path / "a.json").write_text(text, "ascii")
    query = good(f"SELECT useragent FROM cloudtrail WHERE {BOUNDS}")
    assert rows(loaded(tmp_path, query), query)[1] == [("agent \ufffd",)]


def test_the_engine_is_closed_to_files_network_and_settings():
    engine = embedded(RECORDS, ["eventname"])
    run = engine._connection.execute
    for sql in (
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM glob('/*')",
        "COPY (SELECT 1) TO '/tmp/leastwise-escape'",
        "ATTACH '/tmp/leastwise-escape.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET memory_limit = '1TB'",
        "SELECT * FROM local_rows",
    ):
        with pytest.raises(Exception, match=r"disabled|locked|does not exist|Cannot"):
            run(sql)


@pytest.mark.parametrize(
    ("column", "shown"),
    [
        ("from_iso8601_timestamp('2026-11-20T09:00:00.5+02:00')", "2026-11-20 07:00:00.500 UTC"),
        ("CAST(eventtime AS timestamp with time zone)", "2026-11-20 09:00:00.000 UTC"),
        ("ARRAY[CAST(eventtime AS timestamp with time zone)]", "['2026-11-20 09:00:00+00']"),
        ("to_utf8('a b')", "61 20 62"),
        ("eventtime", "2026-11-20 09:00:00.000"),
    ],
)
def test_a_time_with_a_zone_is_shown_and_needs_no_other_module(column, shown):
    query = good(f"SELECT eventname, {column} AS a FROM cloudtrail WHERE {BOUNDS} ORDER BY eventtime")
    rows = list(embedded(RECORDS, query.uses.names).answer(query, WEEK, ()).rows)
    assert rows[0] == ("CreateUser", shown)
    assert [name for name, _ in rows] == ["CreateUser", "AttachRolePolicy", "GetUser", "GetObject"]


def test_a_query_that_needs_too_much_memory_is_ended_and_the_next_one_is_answered(monkeypatch):
    monkeypatch.setattr(embedded_module, "MEMORY", "40MB")
    engine = Embedded({"eventname"})
    engine.load([json.dumps(record())])
    many = f"cloudtrail, {_sequence('x', 100_000)}"
    heavy = f"SELECT array_agg(rpad('a', 1000, 'b')) AS a FROM {many} WHERE {BOUNDS}"
    with pytest.raises(
        SourceError, match=r"^queries/it\.sql: the query needs more than 40MB of memory: ask for"
    ):
        engine.answer(good(heavy), WEEK, ())
    assert list(engine.answer(good(f"SELECT eventname FROM cloudtrail WHERE {BOUNDS}"), WEEK, ()).rows)


def _sequence(name, count):
    return f"UNNEST(sequence(1, {count})) AS t{name} ({name})"


@pytest.mark.parametrize(
    "endless",
    [
        "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT 1 FROM n) SELECT sum(x) AS a FROM n, cloudtrail",
        f"SELECT count(*) AS a FROM cloudtrail, {', '.join(_sequence(x, 1_000_000) for x in 'xyz')}",
        f"SELECT x AS a FROM cloudtrail, {_sequence('x', 9_000_000)}, {_sequence('y', 9_000)}",
    ],
    ids=["recursive", "counted", "streamed"],
)
def test_a_query_without_end_is_ended_and_the_next_one_is_answered(endless):
    engine = Embedded({"eventname"}, seconds=0.5)
    engine.load([json.dumps(record())])
    with pytest.raises(SourceError, match=r"^queries/it\.sql: the query was ended after 0\.5 seconds"):
        for _ in engine.answer(good(f"{endless} WHERE {BOUNDS}"), WEEK, ()).rows:
            pass
    engine._seconds = SECONDS  # a machine may be slow
    assert list(engine.answer(good(f"SELECT eventname FROM cloudtrail WHERE {BOUNDS}"), WEEK, ()).rows)


def test_however_deep_a_query_is_nested_that_is_no_defect():
    """How deep is too deep depends on where the caller stands: for the parser first, later on the way out."""
    for depth in range(50, 130, 5):
        sql = "SELECT a FROM (" * depth + f"SELECT eventname AS a FROM cloudtrail WHERE {BOUNDS}"
        query = read(sql + ") AS q" * depth)
        if isinstance(query, Broken):
            assert [one.found for one in query.problems] == ["a query nested too deeply"]
            continue
        try:
            assert list(Embedded({"eventname"}).answer(query, WEEK, ()).rows) == []
        except SourceError as error:
            assert str(error).startswith("queries/it.sql: a query nested too deeply")  # noqa: PT017  one of two
