"""Make CloudTrail log files to measure with: native layout, realistic shape and size, fixed seed.

A record is about 2 KB of JSON, as in real logs: half of it is user agent, TLS details, session context and
parameters that leastwise never reads.  About a quarter of an enrolled role's calls differ from all before
(object keys, session names, log streams); the rest repeats itself, as steady work does.
"""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from isal import igzip

SEED = 20_261_123
FIRST_DAY = date(2026, 8, 1)
ACCOUNTS = tuple(f"{number:012d}" for number in (111122223333, 222233334444, 333344445555, 444455556666))
REGIONS = ("eu-west-1", "us-east-1", "eu-central-1", "us-west-2", "ap-southeast-2")
ROLES = 60
"""In each account."""
ENROLLED = 6
"""Of them enrolled; chosen evenly, so that they make that share of the records."""
USER_AGENT = (
    "aws-sdk-java/2.25.60 Linux/5.10.209-198.858.amzn2.x86_64 Java/17.0.10 OpenJDK_64-Bit_Server_VM "
    "kotlin/1.9.22-release-704(1.9.22) vendor/Amazon.com_Inc. io/sync "
    "http/Apache cfg/retry-mode/standard cfg/auth-source#container"
)
PLACEHOLDER = "\ue000{}\ue001"

Parameters = dict[str, Any]
MakeParameters = Callable[["Caller"], Parameters]


@dataclass(frozen=True)
class Call:
    """One kind of call: how often it is made, its parameters, and the resource it names."""

    weight: int
    source: str
    name: str
    parameters: MakeParameters
    resource: tuple[str, str] | None = None
    """Type and ARN template of ``resources``; the template may use parameters, ``account`` and ``region``."""
    data: bool = False
    error: str = ""


@dataclass(frozen=True)
class Caller:
    """Who makes a call; a role has habits: its own bucket, tables, keys and secrets."""

    source: random.Random
    role: int
    account: str
    region: str

    def word(self, length: int) -> str:
        """Lower-case letters that no other call will have."""
        return "".join(self.source.choices(string.ascii_lowercase, k=length))


def _object(caller: Caller) -> Parameters:
    bucket = f"data-{caller.role % 8}"
    tenant, day = caller.source.randrange(400), caller.source.randrange(100)
    key = f"tenant={tenant}/day={day}/part-{caller.source.getrandbits(64):016x}.parquet"
    return {"bucketName": bucket, "Host": f"{bucket}.s3.{caller.region}.amazonaws.com", "key": key}


def _item(caller: Caller) -> Parameters:
    return {
        "tableName": f"orders-{caller.role % 6 + caller.source.randrange(2)}",
        "key": {"pk": "***", "sk": "***"},
        "consistentRead": False,
        "returnConsumedCapacity": "NONE",
    }


def _key(caller: Caller) -> Parameters:
    key = f"key/1234abcd-12ab-34cd-56ef-{caller.role % 6:012d}"
    return {
        "encryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "keyId": f"arn:aws:kms:{caller.region}:{caller.account}:{key}",
        "encryptionContext": {"aws:s3:arn": f"arn:aws:s3:::data-{caller.source.randrange(8)}"},
    }


def _assumed(caller: Caller) -> Parameters:
    role = f"arn:aws:iam::{caller.account}:role/services/svc-{(caller.role + 1) % ROLES}"
    return {"roleArn": role, "roleSessionName": caller.word(12), "durationSeconds": 3600}


def _secret(caller: Caller) -> Parameters:
    secret = f"secret:app/{caller.role % 9}/db-AbCdEf"
    return {"secretId": f"arn:aws:secretsmanager:{caller.region}:{caller.account}:{secret}"}


def _filtered(caller: Caller) -> Parameters:
    names = {"items": [{"value": f"web-{caller.source.randrange(20)}"}]}
    return {"maxResults": 1000, "filterSet": {"items": [{"name": "tag:Name", "valueSet": names}]}}


def _unfiltered(_caller: Caller) -> Parameters:
    return {"networkInterfaceIdSet": {}, "filterSet": {}}


def _parameters(caller: Caller) -> Parameters:
    return {"names": [f"/app/{caller.role % 12}/config"], "withDecryption": True}


def _stream(caller: Caller) -> Parameters:
    stream = f"2026/11/23/[$LATEST]{caller.word(32)}"
    return {"logGroupName": f"/aws/lambda/fn-{caller.role % 20}", "logStreamName": stream}


def _role(caller: Caller) -> Parameters:
    return {"roleName": f"svc-{caller.source.randrange(ROLES)}"}


_OBJECT = ("AWS::S3::Object", "arn:aws:s3:::{bucketName}/{key}")
_TABLE = ("AWS::DynamoDB::Table", "arn:aws:dynamodb:{region}:{account}:table/{tableName}")

CALLS = (
    Call(9, "s3", "GetObject", _object, _OBJECT, data=True),
    Call(6, "s3", "PutObject", _object, _OBJECT, data=True),
    Call(12, "dynamodb", "GetItem", _item, _TABLE, data=True),
    Call(7, "dynamodb", "PutItem", _item, _TABLE, data=True),
    Call(12, "kms", "Decrypt", _key, ("AWS::KMS::Key", "{keyId}")),
    Call(6, "kms", "GenerateDataKey", _key, ("AWS::KMS::Key", "{keyId}")),
    Call(5, "sts", "AssumeRole", _assumed, ("AWS::IAM::Role", "{roleArn}")),
    Call(14, "ec2", "DescribeInstances", _filtered),
    Call(9, "ec2", "DescribeNetworkInterfaces", _unfiltered),
    Call(7, "secretsmanager", "GetSecretValue", _secret),
    Call(6, "ssm", "GetParameters", _parameters),
    Call(3, "logs", "CreateLogStream", _stream),
    Call(3, "iam", "GetRole", _role),
    Call(1, "s3", "GetObject", _object, _OBJECT, data=True, error="AccessDenied"),
)  # fmt: skip


@dataclass(frozen=True)
class Set:
    """A set of log files: so many records, in so many days of every account and region."""

    records: int
    days: int = 100

    @property
    def per_file(self) -> int:
        """Records of one file."""
        return self.records // self.files

    @property
    def files(self) -> int:
        """One file for each day of each account and region."""
        return self.days * len(ACCOUNTS) * len(REGIONS)


def enrolled() -> list[str]:
    """The ARNs of the roles that the benchmark enrols."""
    return [
        role_arn(account, number) for account in ACCOUNTS for number in range(0, ROLES, ROLES // ENROLLED)
    ]


def role_arn(account: str, number: int) -> str:
    """The ARN of one of the roles that make calls."""
    return f"arn:aws:iam::{account}:role/services/svc-{number}"


def write(folder: Path, wanted: Set) -> int:
    """Write the files below ``folder`` with two processes; the bytes of JSON in them."""
    places = [(account, region) for account in ACCOUNTS for region in REGIONS]
    with get_context("spawn").Pool(2) as pool:
        return sum(pool.starmap(_write_place, [(folder, wanted, *place) for place in places], chunksize=1))


def _write_place(folder: Path, wanted: Set, account: str, region: str) -> int:
    """All days of one account and region."""
    source = random.Random(f"{SEED} {account} {region} {wanted.records}")
    templates = [_template(call, account, region) for call in CALLS]
    weights = [call.weight for call in CALLS]
    size = 0
    for number in range(wanted.days):
        day = FIRST_DAY + timedelta(days=number)
        chosen = source.choices(range(len(CALLS)), weights, k=wanted.per_file)
        records = (_record(source, CALLS[index], templates[index], account, region, day) for index in chosen)
        text = f'{{"Records":[{",".join(records)}]}}'.encode()
        size += len(text)
        path = folder / _path(account, region, day)
        path.parent.mkdir(parents=True)
        path.write_bytes(igzip.compress(text, 2))
    return size


def _path(account: str, region: str, day: date) -> Path:
    name = f"{account}_CloudTrail_{region}_{day:%Y%m%d}T0000Z_{'a' * 16}.json.gz"
    return Path("AWSLogs", account, "CloudTrail", region, f"{day:%Y/%m/%d}", name)


def _record(source: random.Random, call: Call, template: str, account: str, region: str, day: date) -> str:
    role = source.randrange(ROLES)
    parameters = call.parameters(Caller(source, role, account, region))
    second = source.randrange(86_400)
    values = {
        "role": str(role),
        "session": f"{source.getrandbits(40):010x}",
        "time": f"{day}T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}Z",
        "event": _uuid(source),
        "request": _uuid(source),
        "ip": f"203.0.113.{source.randrange(256)}",
        "id": base64.b64encode(source.randbytes(57)).decode(),
        "access": f"ASIA{base64.b32encode(source.randbytes(10)).decode()}",
        "parameters": json.dumps(parameters, separators=(",", ":")),
        "arn": call.resource[1].format(account=account, region=region, **parameters) if call.resource else "",
    }
    pieces = template.split("\ue000")
    filled = [pieces[0]]
    for piece in pieces[1:]:
        name, _, rest = piece.partition("\ue001")
        filled += (values[name], rest)
    return "".join(filled)


def _template(call: Call, account: str, region: str) -> str:
    """The record's text with placeholders where records of one kind differ."""
    return json.dumps(_shape(call, account, region), separators=(",", ":"), ensure_ascii=False).replace(
        f'"{_hole("parameters")}"', _hole("parameters")
    )


def _shape(call: Call, account: str, region: str) -> dict[str, Any]:
    source = f"{call.source}.amazonaws.com"
    record: dict[str, Any] = {
        "eventVersion": "1.11",
        "userIdentity": _identity(account),
        "eventTime": _hole("time"),
        "eventSource": source,
        "eventName": call.name,
        "awsRegion": region,
        "sourceIPAddress": _hole("ip"),
        "userAgent": USER_AGENT,
        "requestParameters": _hole("parameters"),
        "responseElements": None,
        "additionalEventData": {
            "SignatureVersion": "SigV4", "CipherSuite": "TLS_AES_128_GCM_SHA256", "bytesTransferredIn": 0,
            "AuthenticationMethod": "AuthHeader", "bytesTransferredOut": 48_213,
            "x-amz-id-2": _hole("id"),
        },
        "requestID": _hole("request"),
        "eventID": _hole("event"),
        "readOnly": True,
        "eventType": "AwsApiCall",
        "managementEvent": not call.data,
        "recipientAccountId": account,
        "eventCategory": "Data" if call.data else "Management",
        "vpcEndpointId": "vpce-0a1b2c3d4e5f60718",
        "vpcEndpointAccountId": account,
        "tlsDetails": {
            "tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256",
            "clientProvidedHostHeader": f"{call.source}.{region}.amazonaws.com",
        },
    }  # fmt: skip
    if call.resource:
        record["resources"] = [{"accountId": account, "type": call.resource[0], "ARN": _hole("arn")}]
    if call.error:
        record |= {"errorCode": call.error, "errorMessage": "Access Denied"}
    return record


def _identity(account: str) -> dict[str, Any]:
    role = f"svc-{_hole('role')}"
    principal = "AROAEXAMPLEEXAMPLE123"
    return {
        "type": "AssumedRole",
        "principalId": f"{principal}:{_hole('session')}",
        "arn": f"arn:aws:sts::{account}:assumed-role/{role}/{_hole('session')}",
        "accountId": account,
        "accessKeyId": _hole("access"),
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": principal,
                "arn": f"arn:aws:iam::{account}:role/services/{role}",
                "accountId": account,
                "userName": role,
            },
            "webIdFederationData": {},
            "attributes": {"creationDate": "2026-11-23T07:42:34Z", "mfaAuthenticated": "false"},
        },
    }


def _hole(name: str) -> str:
    return PLACEHOLDER.format(name)


def _uuid(source: random.Random) -> str:
    text = f"{source.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
