"""Log files, CloudTrail Lake and Athena find the same evidence in the same records."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from leastwise.collect.roster import Roster
from leastwise.demo.build import build_demo
from leastwise.model.declared import Principal, PrincipalKind
from leastwise.model.window import Window
from tests.collect.sql_world import FEDERATED, AthenaWorld, LakeWorld, denied, differences, from_files

DATA = Path(__file__).parents[3] / "shared" / "data"
ALWAYS = Window(datetime(2013, 11, 13, tzinfo=UTC), datetime(2026, 11, 23, 12, tzinfo=UTC))
TEN_YEARS = Window(datetime(2016, 12, 1, tzinfo=UTC), ALWAYS.end)
"""What an event data store can keep at most."""


def actor(record):
    identity = record.get("userIdentity") or {}
    issuer = (identity.get("sessionContext") or {}).get("sessionIssuer") or {}
    return issuer.get("arn") or identity.get("arn") or ""


def everybody(records, leave_out=0):
    """Every role and user in the records, enrolled, but for the first few."""
    arns = sorted({actor(record) for record in records if ":iam:" in actor(record)})[leave_out:]
    return Roster(
        tuple(
            Principal(
                PrincipalKind.ROLE if ":role/" in arn else PrincipalKind.USER,
                arn.rpartition("/")[2], 1, arn=arn, accounts=(arn.split(":")[4],),
            )
            for arn in arns
            if "/" in arn
        )
    )  # fmt: skip


def read(files):
    return [record for file in files for record in json.loads(gzip.decompress(file.read_bytes()))["Records"]]


@pytest.fixture(scope="module")
def real():
    files = sorted(DATA.glob("*/*.json.gz"))
    if not files:
        pytest.skip(f"real records are not at hand: {DATA} is not there")
    return read(files)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    places = build_demo(tmp_path_factory.mktemp("demo"), records=4_000)
    return read(sorted(Path(places.logs).rglob("*.json.gz")))


@pytest.mark.parametrize("leave_out", [0, 12])
def test_on_real_records(real, tmp_path, leave_out):
    roster = everybody(real, leave_out)
    worlds = [
        (LakeWorld(real), TEN_YEARS),
        (AthenaWorld(real), ALWAYS),
        (AthenaWorld(real, FEDERATED), ALWAYS),
    ]
    for world, window in worlds:
        here = from_files(tmp_path, real, roster, window)
        assert len(here.tallies) > 200
        assert denied(here) > 50
        assert differences(here, world.collect(roster, window)) == []


def test_on_the_demo_account(demo, tmp_path):
    roster = everybody(demo, 3)
    here = from_files(tmp_path, demo, roster, ALWAYS)
    assert len(here.tallies) > 50
    for world in (LakeWorld(demo), AthenaWorld(demo)):
        assert differences(here, world.collect(roster, ALWAYS)) == []


def test_within_a_window(demo, tmp_path):
    roster = everybody(demo)
    window = Window(datetime(2026, 9, 14, 7, tzinfo=UTC), datetime(2026, 10, 20, 15, tzinfo=UTC))
    here = from_files(tmp_path, demo, roster, window)
    assert here.tallies
    for world in (LakeWorld(demo), AthenaWorld(demo)):
        assert differences(here, world.collect(roster, window)) == []
