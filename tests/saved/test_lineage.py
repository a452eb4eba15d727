"""A part of a name is found wherever a query takes it; a whole one passes, and is replaced in the answer."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leastwise.asking import Privacy
from leastwise.collect.answers.embedded import Embedded
from leastwise.errors import SourceError
from leastwise.saved.query import Broken
from tests.saved.queries import BOUNDS, HEADER, WEEK, good, problems, read, record

SHOWN = HEADER.replace("-- empty", "-- people: shown\n-- empty")
FROM = f"FROM cloudtrail WHERE {BOUNDS}"

ARN, ADDRESS, SCALAR = "useridentity.arn", "sourceipaddress", "json_extract_scalar"

TAKEN_APART = {
    "renamed in WITH": f"WITH c AS (SELECT {ARN} AS x {FROM}) SELECT split_part(x, '/', 3) AS a FROM c",
    "renamed twice": f"WITH c AS (SELECT {ADDRESS} AS x {FROM}), d AS (SELECT x AS y FROM c) "
    "SELECT substr(y, 1, 9) AS a FROM d",
    "cut first, renamed afterwards": f"WITH c AS (SELECT upper({ARN}) AS x {FROM}) SELECT x AS a FROM c",
    "named by place": f"WITH c (p, q) AS (SELECT eventname, {ARN} {FROM}) SELECT reverse(q) AS a FROM c",
    "named by place in FROM": f"SELECT reverse(q) AS a FROM (SELECT eventname, {ARN} {FROM}) AS t (p, q)",
    "in the second branch": f"WITH c AS (SELECT eventname AS x {FROM} UNION ALL SELECT {ARN} {FROM}) "
    "SELECT reverse(x) AS a FROM c",
    "cut in the second branch": f"SELECT eventname AS a {FROM} UNION ALL SELECT reverse({ARN}) {FROM}",
    "by way of a star": f"WITH c AS (SELECT {ARN} AS x {FROM}), d (y) AS (SELECT * FROM c) "
    "SELECT reverse(y) AS a FROM d",
    "in a lambda": f"SELECT transform(ARRAY[{ARN}], x -> reverse(x)) AS a {FROM}",
    "of resources": f"SELECT transform(resources, r -> split_part(r.arn, '/', 3)) AS a {FROM}",
    "unnested": f"WITH c AS (SELECT array_agg({ARN}) AS l {FROM}) "
    "SELECT reverse(x) AS a FROM c CROSS JOIN UNNEST(l) AS t (x)",
    "a query as a value": f"SELECT reverse((SELECT max({ARN}) {FROM})) AS a {FROM}",
    "run together": f"SELECT concat('x', {ADDRESS}) AS a {FROM}",
    "run together behind": f"SELECT {ADDRESS} || 'x' AS a {FROM}",
    "two names run together": f"SELECT {ARN} || {ADDRESS} AS a {FROM}",
    "a list run together": f"SELECT array_join(array_agg({ADDRESS}), '1') AS a {FROM}",
    "shortened": f"SELECT CAST({ARN} AS varchar(45)) AS a {FROM}",
    "cut by a list": f"SELECT split({ARN}, '/')[3] AS a {FROM}",
    "in a map": f"SELECT map_agg({ARN}, eventname) AS a {FROM}",
    "as a number": f"SELECT length({ARN}) AS a {FROM}",
    "one of a JSON text": f"SELECT {SCALAR}(requestparameters, '$.a.roleSessionName') AS a {FROM}",
    "by a path that is a value": f"SELECT json_extract(requestparameters, '$.r' || eventname) AS a {FROM}",
    "by another function": f"SELECT json_value(requestparameters, 'lax $.roleSessionName') AS a {FROM}",
    "a JSON text as a map": f"SELECT CAST(json_parse(responseelements) AS map(varchar, json)) AS a {FROM}",
    "out of a message": f"SELECT regexp_extract(errormessage, 'User: (.*) is', 1) AS a {FROM}",
    "after the extraction": f"WITH c AS (SELECT {SCALAR}(responseelements, '$.assumedRoleUser.arn') AS x "
    f"{FROM}) SELECT split_part(x, '/', 3) AS a FROM c",
    "who it is on behalf of": f"SELECT useridentity.onbehalfof.userid AS a {FROM}",
    "whose identity it is": f"WITH c AS (SELECT useridentity.sessioncontext.sourceidentity AS x {FROM}) "
    "SELECT x AS a FROM c",
    "a window": f"SELECT reverse(lag({ARN}) OVER (ORDER BY eventtime)) AS a {FROM}",
    "a case": f"SELECT CASE WHEN eventname = 'x' THEN eventname ELSE upper({ADDRESS}) END AS a {FROM}",
}  # fmt: skip


@pytest.mark.parametrize("sql", TAKEN_APART.values(), ids=TAKEN_APART)
def test_what_takes_a_name_apart_needs_a_line_in_the_header(sql):
    found = problems(sql)
    assert all("`-- people: shown`" in one for one in found), found
    good(sql, SHOWN)


PASSES = {
    "whole": f"SELECT {ARN} AS a, {ADDRESS} AS b, requestparameters AS c {FROM}",
    "renamed": f"WITH c (x) AS (SELECT {ARN} {FROM}) SELECT max(x) AS a FROM c",
    "joined": f"SELECT array_join(array_agg(DISTINCT {ADDRESS}), ', ') AS a {FROM}",
    "beside words": f"SELECT 'by ' || {ARN} || ' (' || {ADDRESS} || ')' AS a {FROM}",
    "counted": f"SELECT count(DISTINCT {ARN}) AS a, approx_distinct({ADDRESS}) AS b {FROM}",
    "asked about": f"SELECT split_part({ARN}, '/', 3) = 'drill' AS a, eventname {FROM} "
    f"AND contains('10.0.0.0/8', {ADDRESS}) AND useridentity.sessioncontext.sourceidentity IS NULL",
    "a case": f"SELECT CASE WHEN {ARN} LIKE '%/drill' THEN 'drill' ELSE {ARN} END AS a {FROM}",
    "a member that names nobody": f"SELECT {SCALAR}(requestparameters, '$.roleName') AS a {FROM}",
    "a list of arns": f"SELECT transform(resources, r -> r.arn) AS a {FROM}",
    "cut, of nobody": f"SELECT upper(eventname) || substr(useridentity.sessioncontext.sessionissuer.arn, 9) "
    f"AS a {FROM}",
    "cut, and counted": f"WITH c AS (SELECT split_part({ARN}, '/', 3) AS who {FROM}) "
    "SELECT count(DISTINCT who) AS people FROM c",
}  # fmt: skip


@pytest.mark.parametrize("sql", PASSES.values(), ids=PASSES)
def test_what_stays_whole_or_says_yes_or_no_needs_none(sql):
    good(sql)


NAMES = ("carol", "lorac", "198.51.100.7", "7.001.15.891", "dave@acme", "51.100.7", "198.51.100", "arol")
"""Names of people in the record below, and what the functions below make of them."""
WHO = record(
    userIdentity={
        "type": "AssumedRole",
        "principalId": "AROAEXAMPLE0000000001:carol",
        "arn": "arn:aws:sts::111122223333:assumed-role/ops/carol",
        "sessionContext": {"sourceIdentity": "carol", "sessionIssuer": {"arn": "arn:aws:iam::1:role/ops"}},
    },
    requestParameters={"roleSessionName": "carol", "deep": {"sourceIdentity": "carol"}, "roleName": "ops"},
    responseElements={
        "assumedRoleUser": {"arn": "arn:aws:sts::1:assumed-role/ops/carol"}, "subject": "dave@acme"
    },
    errorMessage="User: arn:aws:sts::1:assumed-role/ops/carol is not authorized from 198.51.100.7",
)  # fmt: skip
COLUMNS = st.sampled_from([
    "useridentity.arn", "useridentity.principalid", "sourceipaddress", "errormessage", "requestparameters",
    "responseelements", "eventname", "useridentity.sessioncontext.sourceidentity", "'ops'",
    "json_extract_scalar(requestparameters, '$.roleSessionName')",
    "json_extract(requestparameters, '$.deep')",
    "json_extract_scalar(responseelements, '$.assumedRoleUser.arn')", "transform(resources, r -> r.arn)[1]",
    "useridentity.sessioncontext.sessionissuer.arn",
])  # fmt: skip
WRAPPED = st.sampled_from([
    "{}", "upper({})", "reverse({})", "substr({}, 2)", "split_part({}, '/', 3)", "replace({}, ':', 'x')",
    "concat('x', {})", "concat('by ', {}, ' ')", "coalesce({}, 'none')", "CAST({} AS varchar)", "max({})",
    "array_join(array_agg({}), ', ')", "array_join(array_agg({}), '')", "ARRAY[{}, 'b'][1]", "array_agg({})",
    "CASE WHEN {} LIKE '%carol%' THEN 'somebody' ELSE 'nobody' END", "IF({} = 'x', 'y', {})", "count({})",
    "transform(ARRAY[{}], y -> y)", "transform(ARRAY[{}], y -> reverse(y))", "nullif({}, 'x')",
    "regexp_extract({}, '[a-z]+$')", "trim({})", "{} || eventname", "regexp_replace({}, '^.*/', '')",
])  # fmt: skip


@st.composite
def queries(draw):
    """A column, wrapped in functions, renamed on the way through a few queries, and perhaps united."""
    first = draw(COLUMNS)
    for wrapped in draw(st.lists(WRAPPED, max_size=2)):
        first = wrapped.replace("{}", first)
    shape = draw(st.sampled_from(["alias", "place", "union", "star"]))
    if shape == "place":
        inner = f"c0 (x0) AS (SELECT {first} {FROM})"
    elif shape == "union":
        inner = f"c0 AS (SELECT eventname AS x0 {FROM} AND eventname = 'x' UNION ALL SELECT {first} {FROM})"
    elif shape == "star":
        inner = f"s AS (SELECT {first} AS y {FROM}), c0 (x0) AS (SELECT * FROM s)"
    else:
        inner = f"c0 AS (SELECT {first} AS x0 {FROM})"
    parts = [inner]
    for number, wrapped in enumerate(draw(st.lists(WRAPPED, max_size=2)), 1):
        last = wrapped.replace("{}", f"x{number - 1}").replace("eventname", "'e'")
        parts.append(f"c{number} AS (SELECT {last} AS x{number} FROM c{number - 1})")
    return f"WITH {', '.join(parts)} SELECT x{len(parts) - 1} AS a FROM c{len(parts) - 1}"


@given(queries())
@settings(max_examples=60)
def test_whatever_a_query_does_no_answer_without_leave_names_anybody(sql):
    query = read(sql)
    if isinstance(query, Broken):
        assert all("people: shown" in problem.expected for problem in query.problems), query.problems
        return
    engine = Embedded(query.uses.names)
    engine.load([json.dumps(WHO)])
    try:
        rows = list(engine.answer(query, WEEK, ()).rows)
    except SourceError:  # types that do not fit: such a query shows nothing
        return
    shown = [cell.lower() for row in Privacy(False, ()).applied(rows, shows_people=False) for cell in row]
    assert [name for cell in shown for name in NAMES if name in cell] == []
