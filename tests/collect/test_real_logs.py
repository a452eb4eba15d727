"""Real CloudTrail records, where they lie beside the checkout."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from leastwise.collect.interface import Silent
from leastwise.collect.roster import Roster
from leastwise.collect.store import LocalFolder
from leastwise.collect.trail_files import TrailFiles
from leastwise.model.declared import Principal, PrincipalKind, TrailFilesSource
from leastwise.model.event import Outcome
from leastwise.model.request import Certainty
from leastwise.model.window import Window

DATA = Path(__file__).parents[3] / "shared" / "data"
EVER = Window(datetime(2010, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real records are not beside this checkout")


def _records(folder: str) -> list[dict]:
    return [
        record
        for path in (DATA / folder).glob("*.json.gz")
        for record in json.loads(gzip.decompress(path.read_bytes()))["Records"]
    ]


def _actor(record: dict) -> str:
    identity = record.get("userIdentity", {})
    return identity.get("sessionContext", {}).get("sessionIssuer", {}).get("arn") or identity.get("arn", "")


def _enrolled(folder: str) -> Roster:
    actors = sorted({_actor(record) for record in _records(folder)} - {""})
    kinds = {"user": PrincipalKind.USER, "role": PrincipalKind.ROLE}
    return Roster(
        tuple(
            Principal(
                kinds[arn.split(":")[5].partition("/")[0]],
                arn.rpartition("/")[2],
                1,
                arn,
                (arn.split(":")[4],),
            )
            for arn in actors
        )
    )


@pytest.mark.parametrize("folder", ["boogy_anonymised_2024", "stratus_red_team", "umccr_version_examples"])
def test_every_record_is_counted_or_left_out_for_a_reason(folder):
    source = TrailFiles(TrailFilesSource("logs", folder), LocalFolder(DATA / folder), processes=1)
    evidence = source.collect(_enrolled(folder), EVER, Silent())
    coverage = evidence.coverage["logs"]
    records = _records(folder)
    assert coverage.unreadable == ()
    assert coverage.records == len(records)
    repeated = Counter(record["eventID"] for record in records if "eventID" in record)
    assert coverage.duplicates == sum(count - 1 for count in repeated.values())
    nobody = sum(not _actor(record) for record in records)
    assert sum(coverage.excluded.values()) >= nobody
    assert evidence.observations


def test_a_denied_call_is_seen_as_denied_and_never_as_used():
    folder = "stratus_red_team"
    source = TrailFiles(TrailFilesSource("logs", folder), LocalFolder(DATA / folder), processes=1)
    evidence = source.collect(_enrolled(folder), EVER, Silent())
    (leave,) = (
        seen for seen in evidence.observations if seen.key.request.action == "organizations:LeaveOrganization"
    )
    assert leave.key.outcome is Outcome.DENIED
    assert leave.key.request.certainty is Certainty.CERTAIN
    assert {change.split()[1] for change in evidence.coverage["logs"].tampering} == {
        "StopLogging", "DeleteTrail", "PutEventSelectors",
    }  # fmt: skip
