"""The demo account: the same on every machine, shaped as CloudTrail shapes it, with a real repository."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from leastwise.demo import DEMO_NOW, DemoPlaces, build_demo
from leastwise.demo.account import BREAK_IN_DAY
from leastwise.demo.probing import PROBES
from leastwise.model.event import Event, EventResource
from leastwise.repo import Repository

if TYPE_CHECKING:
    from pathlib import Path

RECORDS = 6000
ACCOUNT = "111122223333"


@pytest.fixture(scope="module")
def places(tmp_path_factory) -> DemoPlaces:
    return build_demo(tmp_path_factory.mktemp("demo"), records=RECORDS)


@pytest.fixture(scope="module")
def records(places) -> list[dict]:
    return [record for _, batch in read_files(places.logs) for record in batch]


def read_files(logs: Path):
    for file in sorted(logs.rglob("*.json.gz")):
        yield file, json.loads(gzip.decompress(file.read_bytes()))["Records"]


def issuer(record: dict) -> str:
    identity = record["userIdentity"]
    session = identity.get("sessionContext", {}).get("sessionIssuer", {})
    return session.get("arn") or identity.get("arn", "")


def by_principal(records: list[dict]) -> dict[str, list[dict]]:
    grouped = defaultdict(list)
    for record in records:
        grouped[issuer(record)].append(record)
    return grouped


def role(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def test_as_many_records_as_asked_for(places, records):
    assert places.records == len(records) == RECORDS
    assert len({record["eventID"] for record in records}) == RECORDS


def test_the_same_arguments_give_the_same_bytes(tmp_path):
    one, two = (build_demo(tmp_path / name, records=500) for name in "ab")
    contents = [
        {
            file.relative_to(places.logs): file.read_bytes()
            for file in places.logs.rglob("*")
            if file.is_file()
        }
        for places in (one, two)
    ]
    assert contents[0] == contents[1]
    assert Repository.open(one.root).commit_id("HEAD") == Repository.open(two.root).commit_id("HEAD")


def test_another_now_moves_everything(tmp_path):
    now = datetime(2025, 2, 3, 21, 30, tzinfo=UTC)
    places = build_demo(tmp_path / "d", now, 500)
    times = [record["eventTime"] for _, batch in read_files(places.logs) for record in batch]
    assert max(times) < "2025-02-03T21:30:00Z"
    assert min(times)[:10] == "2024-10-31"


def test_files_lie_as_a_trail_lays_them(places):
    for file, batch in read_files(places.logs):
        region, year, month, day = file.relative_to(places.logs).parts[3:7]
        stamp = file.name.split("_")[3]
        assert file.name.startswith(f"{ACCOUNT}_CloudTrail_{region}_{year}{month}{day}T")
        for record in batch:
            assert record["awsRegion"] == region
            happened = record["eventTime"].replace("-", "").replace(":", "")
            assert happened[:13] <= stamp[:13]


def test_the_quarter_is_covered_day_by_day_and_ends_now(records):
    days = {record["eventTime"][:10] for record in records}
    first = DEMO_NOW - timedelta(days=90)
    wanted = {f"{first + timedelta(days=number):%Y-%m-%d}" for number in range(90)}
    assert wanted <= days
    assert max(record["eventTime"] for record in records) < f"{DEMO_NOW:%Y-%m-%dT%H:%M:%SZ}"
    assert {record["awsRegion"] for record in records} == {"eu-west-1", "us-east-1"}


def test_every_record_has_what_cloudtrail_always_writes(records):
    always = {
        "eventVersion",
        "userIdentity",
        "eventTime",
        "eventSource",
        "eventName",
        "awsRegion",
        "sourceIPAddress",
        "userAgent",
        "requestParameters",
        "responseElements",
        "requestID",
        "eventID",
        "readOnly",
        "eventType",
        "managementEvent",
        "recipientAccountId",
        "eventCategory",
    }
    for record in records:
        assert always <= record.keys()
        assert record["managementEvent"] == (record["eventCategory"] == "Management")
        assert ("errorCode" in record) == ("errorMessage" in record)
        if record["eventCategory"] == "Data":
            assert record["resources"]


def test_the_cast_is_complete(records):
    grouped = by_principal(records)
    sso = role("aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_DataEngineer_3f1c9a52d7e04b86")
    sessions = {record["userIdentity"]["arn"].rsplit("/", 1)[1] for record in grouped[sso]}
    assert sessions == {"maria@acme.example", "jonas@acme.example", "wei@acme.example"}
    enrolled = ("payments-api", "nightly-settlement", "ci-deployer", "media-ingest", "support-console")
    for name in enrolled:
        active = {record["eventTime"][:10] for record in grouped[role(name)]}
        assert len(active) >= 14, name
    assert len({record["eventTime"][:10] for record in grouped[role("jobs/quarterly-report")]}) == 1
    assert grouped[f"arn:aws:iam::{ACCOUNT}:user/metrics-exporter"]
    assert grouped[role("legacy-cron")]
    assert grouped[f"arn:aws:iam::{ACCOUNT}:root"]
    kinds = {record["userIdentity"].get("type") for record in records}
    assert {"AWSService", "AWSAccount", "WebIdentityUser", "Root", "IAMUser", "AssumedRole"} <= kinds
    assert {"AwsServiceEvent", "AwsConsoleSignIn", "AwsApiCall"} == {
        record["eventType"] for record in records
    }


def test_an_honest_need_and_a_burst_of_probing_look_different(records):
    refused = [r for r in by_principal(records)[role("support-console")] if "errorCode" in r]
    honest = [r for r in refused if r["eventName"] == "DescribeServices"]
    assert len({r["eventTime"][:10] for r in honest}) >= 3
    assert len({r["userIdentity"]["arn"] for r in honest}) == 2
    assert all(
        "because no identity-based policy allows the ecs:DescribeServices action" in r["errorMessage"]
        for r in honest
    )
    burst = [r for r in refused if r["eventName"] != "DescribeServices"]
    assert len(burst) == len(PROBES) >= 30
    assert len({r["eventTime"][:13] for r in burst}) == 1
    assert not {r["eventTime"][:13] for r in burst} & {r["eventTime"][:13] for r in honest}
    assert BREAK_IN_DAY > 5


def test_failures_that_are_no_refusals(records):
    codes = {record.get("errorCode") for record in records}
    assert "NoSuchKey" in codes
    assert "ProvisionedThroughputExceededException" in codes


def test_the_selectors_are_what_the_cli_prints(places):
    selectors = json.loads((places.logs / "selectors.json").read_text())
    assert selectors["TrailARN"] == f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/acme"
    categories = [selector["FieldSelectors"][0]["Equals"] for selector in selectors["AdvancedEventSelectors"]]
    assert categories == [["Management"], ["Data"], ["Data"], ["Data"]]


def test_the_repository_is_old_enough_to_be_judged_save_one_statement(places):
    repository = Repository.open(places.root)
    base = repository.base()
    policies = repository.policies_at(base.commit)
    assert base.branch == "main"
    young = f"{ACCOUNT}/role/nightly-settlement/announce.json"
    for path, text in policies.items():
        json.loads(text)
        changed = repository.changed_at(path, 1, len(text.splitlines()))
        assert changed == DEMO_NOW - timedelta(days=20 if path == young else 200)
    assert "aws/PowerUserAccess.json" in policies


def test_the_declaration_has_its_dates(places):
    text = (places.root / "principals.yaml").read_text()
    assert "@KEEP" not in text
    assert "@ENGINEER" not in text
    assert "opens: 2026-09-24" in text


def event_of(record: dict) -> Event:
    resources = (
        EventResource(r["ARN"], r.get("type", "")) for r in record.get("resources", ()) if "ARN" in r
    )
    return Event(
        event_id=record["eventID"],
        time=record["eventTime"],
        source=record["eventSource"],
        name=record["eventName"],
        region=record["awsRegion"],
        account=record["userIdentity"].get("accountId", ""),
        recipient_account=record["recipientAccountId"],
        actor=issuer(record),
        identity_type=record["userIdentity"].get("type", ""),
        error_code=record.get("errorCode", ""),
        error_message=record.get("errorMessage", ""),
        resources=tuple(resources),
        category=record["eventCategory"],
        request_parameters=record["requestParameters"] or {},
    )


def test_every_call_maps_to_a_permission_or_is_known_to_need_none(records):
    interpreting = pytest.importorskip("leastwise.reference.interpret", reason="it is not there yet")
    calls = {}
    for record in records:
        if record["eventType"] == "AwsApiCall":
            calls.setdefault((record["eventSource"], record["eventName"], record.get("errorCode")), record)
    said = {key: interpreting.interpret(event_of(record)) for key, record in calls.items()}
    assert {key: meaning.unmapped for key, meaning in said.items() if meaning.unmapped} == {}
    assert {key: meaning.denial for key, meaning in said.items() if meaning.disagrees} == {}


ENROLLED_WITH_POLICIES = (
    "payments-api",
    "nightly-settlement",
    "jobs/quarterly-report",
    "ci-deployer",
    "media-ingest",
    "support-console",
)


@pytest.mark.parametrize("name", ENROLLED_WITH_POLICIES)
def test_what_succeeded_is_what_the_committed_policies_allow(places, records, name):
    """Save for KMS, where only the service that asks knows whether the Condition holds."""
    interpreting = pytest.importorskip("leastwise.reference.interpret", reason="it is not there yet")
    document = pytest.importorskip("leastwise.iam.document", reason="it is not there yet")
    evaluating = pytest.importorskip("leastwise.iam.evaluate", reason="it is not there yet")
    asking = pytest.importorskip("leastwise.iam.request", reason="it is not there yet")
    folder = f"{ACCOUNT}/role/{name.rsplit('/', 1)[-1]}/"
    texts = Repository.open(places.root).policies_at("HEAD")
    documents = [document.parse(text) for path, text in texts.items() if path.startswith(folder)]
    calls = defaultdict(list)
    for record in by_principal(records)[role(name)]:
        if "errorCode" not in record:
            calls[record["eventSource"], record["eventName"]].append(record)
    requests = {
        (request.action, request.resource)
        for several in calls.values()
        for record in several[:20]
        for request in interpreting.interpret(event_of(record)).requests
    }
    decisions = {
        pair: evaluating.evaluate_both(documents, asking.Request(*pair)).decision.value for pair in requests
    }
    assert {pair for pair, decision in decisions.items() if decision != "ALLOW"} <= {
        pair for pair in requests if pair[0] == "kms:Decrypt"
    }
    assert decisions
