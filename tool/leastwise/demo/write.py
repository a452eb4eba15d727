"""Lay records out as a trail does: gzip files by account, region and day; and say what the trail logs."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
from isal import igzip

from leastwise.demo.records import ACCOUNT, HOME, record

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path
    from random import Random

    from leastwise.demo.day import Moment

TRAIL = f"arn:aws:cloudtrail:{HOME}:{ACCOUNT}:trail/acme"

_HOURS_IN_A_FILE = 4
# "CloudTrail typically delivers logs within an average of about 5 minutes of an API call"
# (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html).
_DELAY = timedelta(minutes=5)
_COMPRESSION = 1


def write_trail(folder: Path, moments: Iterable[Moment], rng: Random) -> int:
    """Write every moment into ``folder/AWSLogs/...``; returns how many records were written."""
    encode = msgspec.json.Encoder().encode
    files: dict[tuple[str, datetime], list[bytes]] = defaultdict(list)
    for moment in sorted(moments, key=lambda moment: (moment.when, moment.call.name)):
        written = encode(record(moment.caller, moment.call, moment.when, rng))
        files[moment.call.region, _delivered(moment.when)].append(written)
    for (region, delivered), records in files.items():
        file = folder / _name(region, delivered, rng)
        file.parent.mkdir(parents=True, exist_ok=True)
        content = b'{"Records":[' + b",".join(records) + b"]}"
        file.write_bytes(igzip.compress(content, compresslevel=_COMPRESSION, mtime=0))
    return sum(map(len, files.values()))


def write_selectors(file: Path) -> None:
    """What ``aws cloudtrail get-event-selectors --trail-name acme`` prints for this trail."""
    kinds = ("AWS::S3::Object", "AWS::DynamoDB::Table", "AWS::Lambda::Function")
    data = [_selector(f"Data events of {kind}", kind) for kind in kinds]
    selectors = [_selector("Management events"), *data]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"TrailARN": TRAIL, "AdvancedEventSelectors": selectors}, indent=4) + "\n")


def _selector(name: str, resource_type: str | None = None) -> dict[str, object]:
    category = "Data" if resource_type else "Management"
    fields = [{"Field": "eventCategory", "Equals": [category]}]
    if resource_type:
        fields.append({"Field": "resources.type", "Equals": [resource_type]})
    return {"Name": name, "FieldSelectors": fields}


def _delivered(when: datetime) -> datetime:
    """The end of the span whose file a record lands in."""
    arrived = when + _DELAY
    hours = arrived.hour % _HOURS_IN_A_FILE
    start = arrived.replace(minute=0, second=0, microsecond=0) - timedelta(hours=hours)
    return start + timedelta(hours=_HOURS_IN_A_FILE, minutes=-5)


def _name(region: str, delivered: datetime, rng: Random) -> str:
    folder = f"AWSLogs/{ACCOUNT}/CloudTrail/{region}/{delivered:%Y/%m/%d}"
    unique = "".join(rng.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", k=16))
    return f"{folder}/{ACCOUNT}_CloudTrail_{region}_{delivered:%Y%m%dT%H%MZ}_{unique}.json.gz"
