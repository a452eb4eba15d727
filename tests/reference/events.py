"""Events for tests, from the members of a raw CloudTrail record."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from leastwise.model.event import Event, EventResource

REAL = Path(__file__).parents[3] / "shared" / "data"
ROLE = "arn:aws:iam::111122223333:role/app"
CALLER = {
    "type": "AssumedRole",
    "accountId": "111122223333",
    "sessionContext": {"sessionIssuer": {"arn": ROLE}},
}


def event_of(record: dict[str, Any]) -> Event:
    """The event of a record; members that it lacks are those of a role ``app`` in eu-west-1."""
    identity = record.get("userIdentity", CALLER) or {}
    issuer = (identity.get("sessionContext") or {}).get("sessionIssuer") or {}
    return Event(
        event_id=record.get("eventID", "e"),
        time=record.get("eventTime", "2026-11-23T14:00:00Z"),
        source=record.get("eventSource", ""),
        name=record.get("eventName", ""),
        region=record.get("awsRegion", "eu-west-1"),
        account=identity.get("accountId", ""),
        recipient_account=record.get("recipientAccountId", "111122223333"),
        actor=issuer.get("arn") or identity.get("arn", ""),
        identity_type=identity.get("type", ""),
        error_code=record.get("errorCode") or "",
        error_message=record.get("errorMessage") or "",
        event_type=record.get("eventType", "AwsApiCall"),
        category=record.get("eventCategory", "Management"),
        resources=tuple(
            EventResource(entry.get("ARN", ""), entry.get("type", ""), entry.get("accountId", ""))
            for entry in record.get("resources") or []
        ),
        request_parameters=record.get("requestParameters") or {},
        response_elements=record.get("responseElements") or {},
    )


def call(source: str, name: str, parameters: dict[str, Any] | None = None, **members: Any) -> Event:
    """The event of one call: ``call("s3", "GetObject", {"bucketName": "b", "key": "k"})``."""
    record = {"eventSource": f"{source}.amazonaws.com", "eventName": name, "requestParameters": parameters}
    return event_of({**record, **members})


def real_events() -> list[Event]:
    """Every record of the real data, where it is present."""
    return [
        event_of(record)
        for file in sorted(REAL.glob("*/*.json.gz"))
        for record in json.loads(gzip.decompress(file.read_bytes()))["Records"]
    ]
