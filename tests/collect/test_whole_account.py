"""Everybody of an account: who counts, under which name, in every engine alike, and within bounds."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from leastwise.collect import standing
from leastwise.collect.decode import Record, SessionContext, SessionIssuer, UserIdentity
from leastwise.collect.roster import OTHER_RESIDENTS, Roster, resident_of
from leastwise.collect.sql.sieve import EVERYBODY, sieve, sieve_for
from leastwise.collect.standing import Standing
from leastwise.demo.build import build_demo
from leastwise.model.declared import PrincipalKind
from leastwise.model.window import Window
from tests.collect.sql_world import AthenaWorld, LakeWorld, denied, differences, from_files
from tests.collect.test_same_evidence import ALWAYS, DATA, TEN_YEARS, everybody, read

ACCOUNT, OTHER = "111122223333", "444455556666"
WHOLE = Roster((), whole_accounts=frozenset({ACCOUNT}))
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
MARCH = Window(datetime(2024, 3, 1, tzinfo=UTC), datetime(2024, 9, 1, tzinfo=UTC))


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    places = build_demo(tmp_path_factory.mktemp("demo"), records=3_000)
    return read(sorted(Path(places.logs).rglob("*.json.gz")))


def test_every_engine_finds_the_same_of_everybody(demo, tmp_path):
    here = from_files(tmp_path, demo, WHOLE, ALWAYS)
    found = {key.principal for key in here.tallies}
    assert ROOT in found
    assert f"arn:aws:iam::{ACCOUNT}:role/legacy-cron" in found, "nobody has enrolled it"
    assert denied(here) > 10
    (seen,) = here.coverage.values()
    assert "root" not in seen.excluded
    assert "principal not enrolled" not in seen.excluded
    assert seen.excluded["AWS service"] > 0
    for world in (LakeWorld(demo), AthenaWorld(demo)):
        assert differences(here, world.collect(WHOLE, ALWAYS)) == []


def test_it_is_what_enrolling_everybody_would_find(demo, tmp_path):
    whole = from_files(tmp_path, demo, WHOLE, ALWAYS)
    enrolled = from_files(tmp_path, demo, everybody(demo), ALWAYS)
    assert {key: tally for key, tally in whole.tallies.items() if key.principal != ROOT} == enrolled.tallies


def test_every_engine_finds_the_same_on_real_records(tmp_path):
    files = sorted(DATA.glob("*/*.json.gz"))
    if not files:
        pytest.skip(f"real records are not at hand: {DATA} is not there")
    records = read(files)
    roster = Roster((), whole_accounts=frozenset({"123456789012", "056392974792"}))
    here = from_files(tmp_path, records, roster, MARCH)
    assert len({key.principal for key in here.tallies}) > 20
    assert {key.principal.split(":")[4] for key in here.tallies} == set(roster.whole_accounts)
    for world in (LakeWorld(records), AthenaWorld(records)):
        window = TEN_YEARS if isinstance(world, LakeWorld) else MARCH
        expected = from_files(tmp_path, records, roster, window)
        assert differences(expected, world.collect(roster, window)) == []


@pytest.mark.parametrize(
    ("arn", "kind", "name"),
    [
        (ROOT, PrincipalKind.USER, "root"),
        (f"arn:aws:iam::{ACCOUNT}:user/people/root", PrincipalKind.USER, "root"),
        (f"arn:aws-cn:iam::{ACCOUNT}:role/a/b/c", PrincipalKind.ROLE, "c"),
        (f"arn:aws:iam::{ACCOUNT}:user/https://x/=cmd|'", PrincipalKind.USER, "=cmd|'"),
    ],
)
def test_a_user_a_role_and_root_are_residents(arn, kind, name):
    resident = resident_of(arn)
    assert (resident.kind, resident.name, resident.key, resident.accounts) == (kind, name, arn, (ACCOUNT,))
    assert WHOLE.resident(arn) == resident


@pytest.mark.parametrize(
    "arn",
    [
        "",
        f"arn:aws:sts::{ACCOUNT}:federated-user/alice",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/a/b",
        f"arn:aws:iam::{ACCOUNT}:group/admins",
        f"arn:aws:iam::{ACCOUNT}:user/",
        f"arn:aws:iam::{ACCOUNT}:rooted",
        f"arn:aws:iam::{ACCOUNT}:user/a\nb",
        f"x{ROOT}",
    ],
)
def test_nothing_else_is(arn):
    assert resident_of(arn) is None


def record(arn: str, kind: str = "AssumedRole") -> Record:
    identity = UserIdentity(kind, arn, ACCOUNT, None, SessionContext(SessionIssuer(arn), None))
    return Record(
        "2026-10-01T00:00:00Z", "s3.amazonaws.com", "ListBuckets", "eu-west-1", "1", identity, ACCOUNT
    )


def test_root_of_another_account_is_left_out_and_so_is_whoever_is_foreign():
    of = Standing(WHOLE).of
    assert of(record(ROOT, "Root")) == (ROOT,)
    assert of(record(ROOT.replace(ACCOUNT, OTHER), "Root")) == "root"
    assert of(record(f"arn:aws:iam::{OTHER}:role/a")) == "account not enrolled"


def test_without_a_whole_account_nothing_changes():
    assert Standing(Roster(())).of(record(ROOT, "Root")) == "root"


def test_names_without_end_are_told_together_and_it_is_said(demo, tmp_path, monkeypatch):
    monkeypatch.setattr(standing, "RESIDENTS_TOLD", 3)
    found = from_files(tmp_path, demo, WHOLE, ALWAYS)
    others = f"{OTHER_RESIDENTS} {ACCOUNT}"
    assert len({key.principal for key in found.tallies}) == 4
    assert others in {key.principal for key in found.tallies}
    (seen,) = found.coverage.values()
    assert any(others in words for words in seen.limits)


def test_a_statement_holds_back_no_resident_and_few_others():
    (everyone,) = (sieve_for(WHOLE, 10_000),)
    assert everyone == (f"regexp_like(actor, '^arn:aws[a-z-]*:iam::({ACCOUNT}):(root|(user|role)/.+)$')")
    assert sieve_for(WHOLE, 20) == EVERYBODY
    assert sieve_for(Roster(()), 10_000) == sieve((), 10_000)


def test_whoever_is_enrolled_elsewhere_is_let_through_too(demo):
    roster = Roster(everybody(demo).principals[:2], whole_accounts=frozenset({OTHER}))
    condition = sieve_for(roster, 10_000)
    assert OTHER in condition
    assert all(principal.arn in condition for principal in roster.principals)
    assert sieve_for(roster, len(condition) - 1) != condition
