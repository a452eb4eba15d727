"""A bucket of log files on moto's S3, in AWS's own layout, and who may read what of it."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import boto3
from botocore.exceptions import ClientError

from leastwise.aws.sessions import Aws
from leastwise.collect.interface import Silent
from leastwise.collect.roster import Roster
from leastwise.collect.settings import NOTHING_TOLD
from leastwise.collect.trail_files import TrailFiles
from leastwise.model.declared import Principal, PrincipalKind, TrailFilesSource
from leastwise.model.window import Window
from tests.collect.fakes import interpret

BUCKET = "org-trail"
ORGANIZATION = "o-exampleorgid"
ONE, TWO, OWNER = "111122223333", "222233334444", "999988887777"
FIRST = date(2026, 11, 1)
WINDOW = Window(datetime(2026, 11, 3, tzinfo=UTC), datetime(2026, 11, 6, tzinfo=UTC))


class Hurried:
    """A clock whose pauses take no time."""

    def __init__(self):
        self.slept = []

    def now(self):
        return 0.0

    def sleep(self, seconds):
        self.slept.append(seconds)


@dataclass
class Refusing:
    """A boto3 session whose S3 refuses what ``refuse`` names; it counts every call it makes."""

    refuse: object = lambda _operation, _parameters: None
    calls: Counter = field(default_factory=Counter)
    made: list = field(default_factory=list)
    session: boto3.Session = field(default_factory=lambda: boto3.Session(region_name="eu-west-1"))

    def client(self, service, **chosen):
        client = self.session.client(service, **chosen)
        client.meta.events.register("provide-client-params.*.*", self._before)
        return client

    def _before(self, params, model, **_):
        self.calls[model.name] += 1
        self.made.append((model.service_model.service_name, model.name, dict(params)))
        code = self.refuse(model.name, params)
        if code:
            raise ClientError({"Error": {"Code": code, "Message": "as the test wants"}}, model.name)


def refusing(part):
    """Access denied wherever a prefix or key holds ``part``."""
    return lambda _operation, asked: (
        "AccessDenied" if part in asked.get("Prefix", "") + asked.get("Key", "") else None
    )


def role(account, name="app"):
    return f"arn:aws:iam::{account}:role/{name}"


def record(account, day, name="GetObject", region="eu-west-1", who=None, **more):
    """A call of the role ``app`` at noon of a day."""
    event = f"{account}-{region}-{day}-{name}-{len(more)}"
    return {
        "eventTime": f"{day}T12:00:00Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": name,
        "awsRegion": region,
        "eventID": event,
        "recipientAccountId": account,
        "userIdentity": {
            "type": "AssumedRole",
            "arn": f"arn:aws:sts::{account}:assumed-role/app/session",
            "accountId": account,
            "sessionContext": {"sessionIssuer": {"type": "Role", "arn": who or role(account)}},
        },
        "resources": [{"ARN": "arn:aws:s3:::b/k", "type": "AWS::S3::Object"}],
        **more,
    }


def key_of(account, region, day, organization=ORGANIZATION, prefix=""):
    above = f"{prefix}AWSLogs/{organization}/" if organization else f"{prefix}AWSLogs/"
    name = f"{account}_CloudTrail_{region}_{day:%Y%m%d}T1200Z_abcdefghij.json.gz"
    return f"{above}{account}/CloudTrail/{region}/{day:%Y/%m/%d}/{name}"


def put(key, records, client=None):
    body = gzip.compress(json.dumps({"Records": records}).encode())
    (client or s3()).put_object(Bucket=BUCKET, Key=key, Body=body)


def s3():
    """Making a client takes longer than using it."""
    return boto3.client("s3", region_name="eu-west-1")


def make_bucket():
    s3().create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})


def fill(accounts=(ONE, TWO), regions=("eu-west-1", "us-east-1"), days=8, **layout):
    """One file with one record for each account, region and day."""
    client = s3()
    for account in accounts:
        for region in regions:
            for number in range(days):
                day = FIRST + timedelta(days=number)
                put(key_of(account, region, day, **layout), [record(account, day, region=region)], client)


def roster(*accounts):
    return Roster(
        tuple(
            Principal(
                PrincipalKind.ROLE, "app", 1, arn=role(account), accounts=(account,), sources=("bucket",)
            )
            for account in accounts
        )
    )


def aws(session=None, clock=None):
    return Aws({}, clock or Hurried(), session or Refusing())


def collect(store, who, settings=NOTHING_TOLD, window=WINDOW):
    source = TrailFilesSource("bucket", "s3://org-trail/")
    return TrailFiles(source, store, settings, processes=1, interpret=interpret).collect(
        who, window, Silent()
    )
