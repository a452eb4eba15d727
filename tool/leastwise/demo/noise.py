"""What a trail holds beside the enrolled: all of it must be counted, and none of it proposed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.demo import records as aws
from leastwise.demo.day import EVERY_HOUR, OFFICE_HOURS, Day, Member, Moment
from leastwise.demo.records import ACCOUNT, GLOBAL, Call, Caller

if TYPE_CHECKING:
    from collections.abc import Iterator

OTHER_ACCOUNT = "444455556666"

_ROOT_DAYS = frozenset({8, 71})
_ROTATION_DAY = 33


def aws_services(day: Day) -> Iterator[Moment]:
    """AWS itself: services take the roles they were given, and look after keys."""
    for _ in day.times(1):
        when = day.sometime(EVERY_HOUR)
        service, role = day.rng.choice((("ecs-tasks", "payments-api"), ("lambda", "media-ingest")))
        arn = f"arn:aws:iam::{ACCOUNT}:role/{role}"
        asked: aws.Json = {"roleArn": arn, "roleSessionName": role}
        resource: aws.Json = {"accountId": ACCOUNT, "type": "AWS::IAM::Role", "ARN": arn}
        yield Moment(when, aws.aws_service(service), Call("sts", "AssumeRole", asked, resources=(resource,)))
    if day.number == _ROTATION_DAY:
        internal = Caller({"accountId": ACCOUNT, "invokedBy": "AWS Internal"}, "AWS Internal", "AWS Internal")
        rotated = Call("kms", "RotateKey", None, read_only=False, event_type="AwsServiceEvent")
        yield Moment(day.at(4), internal, rotated)


def other_account(day: Day) -> Iterator[Moment]:
    """A partner's account reads the exports bucket."""
    identity: aws.Json = {
        "type": "AWSAccount",
        "principalId": "AROAPARTNEREXPORTS01:sync",
        "accountId": OTHER_ACCOUNT,
    }
    caller = Caller(identity, "192.0.2.190", "aws-sdk-go-v2/1.32.4 os/linux lang/go#1.23.3")
    for _ in day.times(1):
        key = f"partner/{day.date}/{day.rng.randrange(10**6):06}.csv"
        yield Moment(day.sometime(EVERY_HOUR), caller, aws.s3_object("GetObject", "acme-exports", key))


def legacy_cron(day: Day) -> Iterator[Moment]:
    """A role that nobody has enrolled, busy all the same."""
    caller = aws.role_session("legacy-cron", "i-0b7e6d5c4f3a29188", "10.20.1.9", "aws-sdk-php/3.334")
    for _ in day.times(2):
        when = day.sometime(EVERY_HOUR)
        snapshots: aws.Json = {
            "snapshotSet": {},
            "ownersSet": {"items": [{"owner": "self"}]},
            "filterSet": {},
        }
        yield Moment(when, caller, Call("ec2", "DescribeSnapshots", snapshots))
        volume: aws.Json = {"volumeId": f"vol-{day.rng.getrandbits(68):017x}"}
        yield Moment(when, caller, aws.write("ec2", "CreateSnapshot", volume))


def root(day: Day) -> Iterator[Moment]:
    """Twice in a quarter somebody signs in as root, to read the bill."""
    if day.number not in _ROOT_DAYS:
        return
    identity: aws.Json = {
        "type": "Root", "principalId": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:root", "accountId": ACCOUNT,
    }  # fmt: skip
    caller = Caller(identity, "198.51.100.2", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:132.0)")
    signed_in = Call(
        "signin", "ConsoleLogin", None, read_only=False, response={"ConsoleLogin": "Success"}, region=GLOBAL,
        extra={"LoginTo": "https://console.aws.amazon.com/billing/", "MobileVersion": "No", "MFAUsed": "Yes"},
        event_type="AwsConsoleSignIn",
    )  # fmt: skip
    when = day.sometime(OFFICE_HOURS)
    yield Moment(when, caller, signed_in)
    yield Moment(when, caller, Call("iam", "GetAccountSummary", region=GLOBAL))


NOISE = (
    Member(0.012, aws_services),
    Member(0.008, other_account),
    Member(0.015, legacy_cron),
    Member(0.0, root),
)
