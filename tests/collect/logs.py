"""Small CloudTrail log files, made one by one."""

from __future__ import annotations

import gzip
import json
from datetime import date
from typing import TYPE_CHECKING, Any

from leastwise.collect.interface import Silent
from leastwise.collect.roster import Roster
from leastwise.collect.store import LocalFolder
from leastwise.collect.trail_files import TrailFiles
from leastwise.model.declared import Principal, PrincipalKind, TrailFilesSource
from leastwise.model.window import Window
from tests.collect import fakes

if TYPE_CHECKING:
    from pathlib import Path

    from leastwise.model.evidence import Coverage, Evidence

ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app/payments"
USER = f"arn:aws:iam::{ACCOUNT}:user/alice"
WINDOW = Window.of_days(date(2026, 11, 1), date(2026, 11, 30))
PAYMENTS = Principal(PrincipalKind.ROLE, "payments", 1, ROLE, (ACCOUNT,))
ALICE = Principal(PrincipalKind.USER, "alice", 2, USER, (ACCOUNT,))
ROSTER = Roster((PAYMENTS, ALICE))


def session(role: str = ROLE, name: str = "worker", **context: Any) -> dict[str, Any]:
    """The identity of a role session."""
    account = role.split(":")[4]
    return {
        "type": "AssumedRole",
        "arn": f"arn:aws:sts::{account}:assumed-role/{role.rpartition('/')[2]}/{name}",
        "accountId": account,
        "sessionContext": {"sessionIssuer": {"type": "Role", "arn": role}, **context},
    }


def record(event_id: str = "e1", **members: Any) -> dict[str, Any]:
    """A call of the role ``payments``; ``members`` replace or add."""
    return {
        "eventVersion": "1.11",
        "userIdentity": session(),
        "eventTime": "2026-11-10T12:00:00Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject",
        "awsRegion": "eu-west-1",
        "eventID": event_id,
        "eventType": "AwsApiCall",
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Data",
        "resources": [{"ARN": "arn:aws:s3:::bucket/key", "type": "AWS::S3::Object"}],
        **members,
    }


def text(*records: dict[str, Any]) -> bytes:
    """A log file's content, as CloudTrail writes it."""
    return json.dumps({"Records": records}, separators=(",", ":")).encode()


def path_of(day: str, *, name: str = "a", account: str = ACCOUNT, region: str = "eu-west-1") -> str:
    """CloudTrail's own layout; ``day`` is ``2026-11-10``."""
    file = f"{account}_CloudTrail_{region}_{day.replace('-', '')}T1200Z_{name}.json.gz"
    return f"AWSLogs/{account}/CloudTrail/{region}/{day.replace('-', '/')}/{file}"


def write(folder: Path, path: str, content: bytes, *, raw: bool = False) -> None:
    """Put a file below ``folder``; ``*.gz`` is compressed unless ``raw``."""
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(gzip.compress(content) if path.endswith(".gz") and not raw else content)


def collect(folder: Path, *, roster: Roster = ROSTER, window: Window = WINDOW, **settings: Any) -> Evidence:
    """Read a folder with the small reference of ``fakes``."""
    declared = settings.pop("declared", TrailFilesSource("logs", str(folder)))
    store = settings.pop("store", LocalFolder(folder))
    settings.setdefault("processes", 1)
    source = TrailFiles(declared, store, interpret=fakes.interpret, **settings)
    return source.collect(roster, window, Silent())


def coverage_of(evidence: Evidence) -> Coverage:
    """The coverage of the one source."""
    return evidence.coverage["logs"]


def lines(evidence: Evidence) -> list[tuple[str, str, str, int]]:
    """(action, resource, outcome, count) of every observation, in order."""
    return [
        (seen.key.request.action, seen.key.request.resource, seen.key.outcome.value, seen.tally.count)
        for seen in evidence.observations
    ]
