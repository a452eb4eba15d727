"""One statement for any number of principals: strangers may pass its sieve, the enrolled always do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from leastwise.collect.roster import Roster
from leastwise.collect.sql.dialects import ATHENA_LIMIT, LAKE_LIMIT, lake, trail_table
from leastwise.collect.sql.sieve import EVERYBODY, NOBODY, sieve
from leastwise.collect.sql.statement import statement
from leastwise.errors import SourceError
from leastwise.model.declared import Principal, PrincipalKind
from leastwise.model.window import Window
from tests.collect.logs import PAYMENTS, ROLE, record, session
from tests.collect.sql_world import AthenaWorld, LakeWorld, differences, from_files
from tests.fakes.cloudtrail_lake import STORE
from tests.fakes.trino_embedded import Embedded

WINDOW = Window(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC))
SETS = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com"


def role(number, account="111122223333"):
    arn = f"arn:aws:iam::{account}:role/team-{number % 40}/service-{number}"
    return Principal(PrincipalKind.ROLE, f"service-{number}", number, arn=arn, accounts=(account,))


def people(count, accounts=20):
    return [role(number, f"{111122220000 + number % accounts}") for number in range(count)]


def lets_through(condition, actors):
    engine = Embedded()
    rows = ", ".join(f"('{actor}')" for actor in actors)
    _, found = engine.run(f"SELECT {condition} FROM (VALUES {rows}) AS t(actor)")
    return [row[0] == "True" for row in found]


@pytest.mark.parametrize("room", [100_000, 40_000, 600, 30])
def test_nobody_enrolled_is_held_back(room):
    principals = [
        *people(500),
        Principal(PrincipalKind.GROUP, "g", 1, members=(f"{ROLE}",), accounts=("111122223333",)),
        Principal(PrincipalKind.PERMISSION_SET, "Data_Eng", 1, accounts=("111122223333", "444455556666")),
    ]
    arns = [principal.arn for principal in principals if principal.arn]
    actors = [*arns, ROLE, f"{SETS}/eu-west-1/AWSReservedSSO_Data_Eng_0123456789abcdef"]
    condition = sieve(principals, room)
    assert len(condition) <= room
    assert all(lets_through(condition, actors))


def test_the_wider_the_coarser():
    principals = people(100)
    strangers = [f"arn:aws:iam::111122220000:role/stranger-{n}" for n in range(200)] + [
        "arn:aws:iam::999999999999:role/x"
    ]
    let = [sum(lets_through(sieve(principals, room), strangers)) for room in (100_000, 2_000, 600, 5)]
    assert let[0] == 0
    assert let[1] < 5
    assert let[2] == 200
    assert let[3] == len(strangers)
    assert sieve(principals, 5) == EVERYBODY


def test_nobody():
    assert sieve([], 10) == NOBODY


@pytest.mark.parametrize("count", [1, 60, 600, 10_000])
def test_any_number_of_principals_is_one_statement(count):
    roster = Roster(tuple(people(count)))
    assert len(statement(lake(STORE, WINDOW), roster).sql) <= LAKE_LIMIT
    table = trail_table("audit", "logs", WINDOW, by_day=True, has_source_identity=True)
    assert len(statement(table, roster).sql) <= ATHENA_LIMIT


@pytest.mark.parametrize("count", [1, 60, 600, 10_000])
def test_the_evidence_does_not_depend_on_how_many_are_enrolled(tmp_path, count):
    roster = Roster((PAYMENTS, *people(count)))
    records = [
        record("e1"),
        record(
            "e2",
            userIdentity=session("arn:aws:iam::111122220000:role/team-0/service-0"),
            recipientAccountId="111122220000",
        ),
        record(
            "e3",
            userIdentity=session("arn:aws:iam::111122220000:role/stranger"),
            recipientAccountId="111122220000",
        ),
        record(
            "e4",
            userIdentity=session("arn:aws:iam::888888888888:role/stranger"),
            recipientAccountId="888888888888",
        ),
    ]
    here = from_files(tmp_path, records, roster, WINDOW)
    assert len(here.tallies) == 2
    for world in (LakeWorld(records), AthenaWorld(records)):
        assert differences(here, world.collect(roster, WINDOW)) == []


def test_a_name_that_is_no_name():
    roster = Roster((replace(PAYMENTS, arn="arn:aws:iam::111122223333:role/a\nb"),))
    with pytest.raises(SourceError, match=r"correct it in principals.yaml"):
        statement(lake(STORE, WINDOW), roster)


def test_the_statement_is_the_same_whatever_the_order():
    principals = people(30)
    one = statement(lake(STORE, WINDOW), Roster(tuple(principals)))
    assert one == statement(lake(STORE, WINDOW), Roster(tuple(reversed(principals))))
