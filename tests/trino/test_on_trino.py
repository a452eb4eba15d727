"""The emitted SQL on a real Trino: the engine behind CloudTrail Lake and Athena.

``make test-trino`` runs it; it needs Java 17, Maven and Maven Central.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from leastwise.collect.roster import Roster
from leastwise.saved.cases import read_case
from leastwise.saved.query import read_query
from tests.collect import sql_world, test_answers, test_same_evidence, test_same_evidence_crafted
from tests.collect.sql_world import (
    FEDERATED,
    TRAIL_TABLE,
    AthenaWorld,
    LakeWorld,
    denied,
    differences,
    from_files,
    from_sql,
)
from tests.collect.strategies import ROSTERS, WINDOWS, deliveries
from tests.collect.test_same_evidence import ALWAYS, DATA, TEN_YEARS, everybody, read
from tests.collect.test_same_evidence_laws import TABLES, patient
from tests.fakes.trino_embedded import Embedded
from tests.trino.real_trino import RealTrino

CLASSPATH = os.environ.get("LEASTWISE_TRINO_CLASSPATH", "")
pytestmark = pytest.mark.skipif(not CLASSPATH, reason="needs a real Trino: `make test-trino`")


@pytest.fixture(scope="module")
def trino(tmp_path_factory):
    assert shutil.which("java"), "Java 17 is not at hand"
    engine = RealTrino(Path(CLASSPATH).read_text("utf-8"), tmp_path_factory.mktemp("trino") / "stderr.txt")
    yield engine
    engine.close()


@pytest.fixture
def worlds_on_trino(trino, monkeypatch):
    """Every world that a test makes asks the real Trino."""
    monkeypatch.setattr(sql_world, "Embedded", lambda: trino)


demo = test_same_evidence.demo


def test_real_records(trino, tmp_path, worlds_on_trino):
    files = sorted(DATA.glob("*/*.json.gz"))
    if not files:
        pytest.skip(f"real records are not at hand: {DATA} is not there")
    records = read(files)
    roster = everybody(records, 5)
    for make, window in (
        (LakeWorld, TEN_YEARS),
        (AthenaWorld, ALWAYS),
        (lambda r: AthenaWorld(r, FEDERATED), ALWAYS),
    ):
        here = from_files(tmp_path, records, roster, window)
        assert denied(here) > 50
        assert differences(here, make(records).collect(roster, window)) == []


def test_the_demo_account(demo, tmp_path, worlds_on_trino):
    roster = everybody(demo, 3)
    here = from_files(tmp_path, demo, roster, ALWAYS)
    for make in (LakeWorld, AthenaWorld):
        assert differences(here, make(demo).collect(roster, ALWAYS)) == []


def whole(records, *, by_session=False):
    """Everybody of every account that the records name, the two best known of them enrolled as well."""
    accounts = {each["recipientAccountId"] for each in records if each.get("recipientAccountId")}
    return Roster(everybody(records, 2).principals, by_session, frozenset(accounts))


@pytest.mark.parametrize("by_session", [False, True])
def test_whole_accounts_of_the_demo(demo, tmp_path, worlds_on_trino, by_session):
    """What the audit of a whole account asks: the rows of everybody, and of root."""
    roster = whole(demo, by_session=by_session)
    here = from_files(tmp_path, demo, roster, ALWAYS)
    found = {key.principal for key in here.tallies}
    assert any(principal.startswith("arn:aws:iam::111122223333:root") for principal in found)
    assert any(" session " in principal for principal in found) is by_session
    for make in (LakeWorld, AthenaWorld, lambda records: AthenaWorld(records, FEDERATED)):
        assert differences(here, make(demo).collect(roster, ALWAYS)) == []


@pytest.mark.parametrize("by_session", [False, True])
def test_whole_accounts_of_real_records(tmp_path, worlds_on_trino, by_session):
    files = sorted(DATA.glob("*/*.json.gz"))
    if not files:
        pytest.skip(f"real records are not at hand: {DATA} is not there")
    records = read(files)
    roster = whole(records, by_session=by_session)
    here = from_files(tmp_path, records, roster, ALWAYS)
    assert len({key.principal for key in here.tallies}) > 20
    # The documented table over log files has no column for who set a session's source identity.
    shape = FEDERATED if by_session else TRAIL_TABLE
    for world, window in ((LakeWorld(records), TEN_YEARS), (AthenaWorld(records, shape), ALWAYS)):
        expected = from_files(tmp_path, records, roster, window)
        assert differences(expected, world.collect(roster, window)) == []


CRAFTED = [
    name
    for name in vars(test_same_evidence_crafted)
    if name.startswith("test_")
    and name not in ("test_parameters_of_every_shape", "test_hostile_paths_of_principals")
]


@pytest.mark.parametrize("name", CRAFTED)
def test_crafted_records(name, tmp_path, worlds_on_trino):
    test = getattr(test_same_evidence_crafted, name)
    test(*([tmp_path] if "tmp_path" in test.__code__.co_varnames[: test.__code__.co_argcount] else []))


@pytest.mark.parametrize("path", test_same_evidence_crafted.HOSTILE_PATHS)
def test_hostile_paths_of_principals(path, tmp_path, worlds_on_trino):
    test_same_evidence_crafted.test_hostile_paths_of_principals(tmp_path, path)


@pytest.mark.parametrize(
    "parameters", [[1, 2], "text", 7, True, {}, None, {"a": None}, {"k": 1.5e300}, {"n": 10**30}]
)
def test_parameters_of_every_shape(parameters, tmp_path, worlds_on_trino):
    test_same_evidence_crafted.test_parameters_of_every_shape(tmp_path, parameters)


@settings(patient, max_examples=12, phases=[Phase.generate])
@given(st.lists(deliveries(), min_size=2, max_size=4), ROSTERS, WINDOWS, TABLES)
def test_whatever_the_records(trino, tmp_path_factory, batches, roster, window, table):
    """The law of ``tests.collect.test_same_evidence_laws``, with fewer and larger examples."""
    records = [record for batch in batches for record in batch]
    here = from_files(tmp_path_factory.mktemp("logs"), records, roster, window)
    assert differences(here, from_sql(trino, table, records, roster, window)) == []


def test_the_embedded_engine_answers_as_trino_does(trino):
    """The translation that the everyday tests rely on."""
    members = """CAST(json_parse('{"a":1,"b":["x"]}') AS map(varchar, json))"""
    questions = [
        f"SELECT json_format(CAST(transform_values({members}, (k, v) -> IF(k = 'a', NULL, v)) AS json))",
        "SELECT lower(substr(to_hex(sha256(to_utf8('person'))), 1, 8))",
        "SELECT split_part('a/b/c', '/', 1), element_at(split('a/b/c', '/'), -1), strpos('abc', 'c')",
        "SELECT regexp_like('arn:aws:iam::1:role/x', '^arn:aws[a-z-]*:iam::(1|2):role/[xX]$')",
        "SELECT TRY(CAST(json_parse('[1]') AS map(varchar, json))) IS NULL",
    ]
    embedded = Embedded()
    for question in questions:
        mine = [[str(cell).lower() for cell in row] for row in embedded.run(question)[1]]
        assert mine == [[str(cell).lower() for cell in row] for row in trino.run(question)[1]]


QUERIES = Path(__file__).resolve().parents[2] / "queries"
CASES = sorted(QUERIES.glob("*.test/*.json"))


def alike(rows):
    """Rows with moments as every engine can write them."""
    return [
        tuple(
            re.sub(r"^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?(\.0+)?$", r"\1 \2\3", cell.lower())
            for cell in row
        )
        for row in rows
    ]


def rows_of(answers, query, case):
    return alike(answers.answer(query, case.window, case.principals).rows)


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.stem}-{path.stem}")
def test_the_shipped_queries_find_on_trino_what_they_find_embedded(path, worlds_on_trino):
    """The cases that are shipped with them as data, behind both shapes of table."""
    file = path.parent.with_suffix(".sql")
    query = read_query(file.stem, file.name, file.read_text("utf-8"))
    case = read_case(path.name, path.read_bytes())
    engine = test_answers.Embedded(query.uses.names)
    engine.load(case.records)
    here = rows_of(engine, query, case)
    assert len(here) == len(case.rows)
    records = [json.loads(record) for record in case.records]
    for make in test_answers.WORLDS.values():
        there = rows_of(test_answers.sql_answers(make(records)), query, case)
        assert [row[1:] for row in there] == [row[1:] for row in here]
        assert [row[0][:16] for row in there] == [row[0][:16] for row in here]


@pytest.mark.parametrize("name", test_answers.WORLDS)
def test_a_query_of_every_column_gives_the_same_rows(name, worlds_on_trino):
    query = test_answers.good(test_answers.EVERYTHING)
    engine = test_answers.embedded(test_answers.RECORDS, query.uses.names)
    here = alike(engine.answer(query, test_answers.WEEK, ()).rows)
    world = test_answers.WORLDS[name](test_answers.RECORDS)
    there = alike(test_answers.sql_answers(world).answer(query, test_answers.WEEK, ()).rows)
    assert [row[1:-1] for row in there] == [row[1:-1] for row in here]
    assert len(here) == 4
