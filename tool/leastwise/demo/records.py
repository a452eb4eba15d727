"""What CloudTrail writes down: callers, calls, and the record of a call.

Member names and their nesting follow the AWS CloudTrail User Guide, "CloudTrail record contents"
(https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html),
and for S3 and DynamoDB their own guides' log examples (read on 2026-11-23).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from random import Random

Json = dict[str, object]

ACCOUNT = "111122223333"
HOME = "eu-west-1"
GLOBAL = "us-east-1"

_TLS = {"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256"}
_GLOBAL_HOSTS = frozenset({"iam", "cloudfront"})


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: the members of ``userIdentity``, where from, and with what."""

    identity: Json
    address: str
    agent: str
    from_console: bool = False

    @property
    def arn(self) -> str:
        """The ARN that AWS names in its error messages."""
        return str(self.identity.get("arn", ""))


@dataclass(frozen=True, slots=True)
class Call:
    """One API call: what was asked, and what came of it."""

    service: str
    """The first part of ``eventSource``."""
    name: str
    parameters: Json | None = None
    read_only: bool = True
    response: Json | None = None
    resources: Sequence[Mapping[str, object]] = ()
    data: bool = False
    """A data event, not a management event."""
    region: str = HOME
    host: str = ""
    extra: Json = field(default_factory=dict)
    """``additionalEventData``."""
    invoked_by: str = ""
    error: tuple[str, str] | None = None
    """``errorCode`` and ``errorMessage``."""
    api_version: str = ""
    event_type: str = "AwsApiCall"


def role_session(
    role: str, session: str, address: str, agent: str, path: str = "/", **more: object
) -> Caller:
    """Somebody in a session of a role.  ``more``: members of ``sessionContext``."""
    role_id = f"AROA{_letters(role)}"
    issuer = {
        "type": "Role",
        "principalId": role_id,
        "arn": f"arn:aws:iam::{ACCOUNT}:role{path}{role}",
        "accountId": ACCOUNT,
        "userName": role,
    }
    identity: Json = {
        "type": "AssumedRole",
        "principalId": f"{role_id}:{session}",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}",
        "accountId": ACCOUNT,
        "accessKeyId": f"ASIA{_letters(role + session)}",
        "sessionContext": {"sessionIssuer": issuer, **more},
    }
    return Caller(identity, address, agent)


def iam_user(name: str, address: str, agent: str) -> Caller:
    """An IAM user with a long-lived access key."""
    identity: Json = {
        "type": "IAMUser",
        "principalId": f"AIDA{_letters(name)}",
        "arn": f"arn:aws:iam::{ACCOUNT}:user/{name}",
        "accountId": ACCOUNT,
        "accessKeyId": f"AKIA{_letters(name)}",
        "userName": name,
    }
    return Caller(identity, address, agent)


def aws_service(service: str) -> Caller:
    """An AWS service that acts on its own behalf."""
    host = f"{service}.amazonaws.com"
    return Caller({"type": "AWSService", "invokedBy": host}, host, host)


def s3_object(name: str, bucket: str, key: str, size: int = 2048) -> Call:
    """A call on one object of a bucket: a data event."""
    arn = f"arn:aws:s3:::{bucket}"
    host = f"{bucket}.s3.{HOME}.amazonaws.com"
    reads = name.startswith(("Get", "Head"))
    return Call(
        "s3", name, {"bucketName": bucket, "Host": host, "key": key}, reads,
        resources=(
            {"type": "AWS::S3::Object", "ARN": f"{arn}/{key}"},
            {"accountId": ACCOUNT, "type": "AWS::S3::Bucket", "ARN": arn},
        ),
        data=True, host=host, extra=_transfer(0 if reads else size, size if reads else 0),
    )  # fmt: skip


def s3_listing(bucket: str, prefix: str) -> Call:
    """A listing of a bucket: CloudTrail files ListObjectsV2 under ``ListObjects``, as a data event."""
    arn = f"arn:aws:s3:::{bucket}"
    host = f"{bucket}.s3.{HOME}.amazonaws.com"
    parameters: Json = {"list-type": "2", "bucketName": bucket, "prefix": prefix, "Host": host}
    return Call(
        "s3", "ListObjects", parameters,
        resources=(
            {"type": "AWS::S3::Object", "ARNPrefix": f"{arn}/{prefix}"},
            {"accountId": ACCOUNT, "type": "AWS::S3::Bucket", "ARN": arn},
        ),
        data=True, host=host, extra=_transfer(0, 912),
    )  # fmt: skip


def dynamodb(name: str, table: str, **parameters: object) -> Call:
    """A call on the items of a table: a data event."""
    arn = f"arn:aws:dynamodb:{HOME}:{ACCOUNT}:table/{table}"
    return Call(
        "dynamodb", name, {"tableName": table, **parameters}, name in {"GetItem", "Query", "BatchGetItem"},
        resources=({"accountId": ACCOUNT, "type": "AWS::DynamoDB::Table", "ARN": arn},),
        data=True, api_version="2012-08-10",
    )  # fmt: skip


def kms_decrypt(key: str, context: Mapping[str, str], invoked_by: str = "") -> Call:
    """A decryption; ``invoked_by``: the service that asks with the caller's permissions."""
    arn = f"arn:aws:kms:{HOME}:{ACCOUNT}:key/{key}"
    parameters: Json = {"encryptionAlgorithm": "SYMMETRIC_DEFAULT", "encryptionContext": dict(context)}
    resource: Json = {"accountId": ACCOUNT, "type": "AWS::KMS::Key", "ARN": arn}
    return Call("kms", "Decrypt", parameters, resources=(resource,), invoked_by=invoked_by)


def write(
    service: str, name: str, parameters: Json, response: Json | None = None, region: str = HOME
) -> Call:
    """A management call that changes something."""
    return Call(service, name, parameters, read_only=False, response=response, region=region)


def failed(call: Call, code: str, message: str) -> Call:
    """The same call, refused by the service for a reason other than permissions."""
    return replace(call, error=(code, message), response=None)


def denied(call: Call, caller: Caller, action: str, resource: str = "*") -> Call:
    """The same call, refused because no policy of the caller allows it; in the words AWS uses for it."""
    refusal = f"User: {caller.arn} is not authorized to perform: {action} on resource: {resource} because no"
    refusal += f" identity-based policy allows the {action} action"
    if call.service == "ec2":
        message = f"You are not authorized to perform this operation. {refusal}."
        message += f" Encoded authorization failure message: {_letters(action) * 12}"
        return failed(call, "Client.UnauthorizedOperation", message)
    code = (
        "AccessDenied"
        if call.service in {"iam", "s3", "sts", "sns", "cloudformation"}
        else "AccessDeniedException"
    )
    return failed(call, code, refusal)


def record(caller: Caller, call: Call, when: datetime, rng: Random) -> Json:
    """The record of one call, in the order of members that CloudTrail uses."""
    written: Json = {
        "eventVersion": "1.11",
        "userIdentity": _identity(caller, call, when),
        "eventTime": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": f"{call.service}.amazonaws.com",
        "eventName": call.name,
        "awsRegion": call.region,
        "sourceIPAddress": call.invoked_by or caller.address,
        "userAgent": call.invoked_by or caller.agent,
    }
    if call.error:
        written["errorCode"], written["errorMessage"] = call.error
    written |= {"requestParameters": call.parameters, "responseElements": call.response}
    if call.extra:
        written["additionalEventData"] = call.extra
    written |= {"requestID": _uuid(rng), "eventID": _uuid(rng), "readOnly": call.read_only}
    if call.resources:
        written["resources"] = call.resources
    written["eventType"] = call.event_type
    if call.api_version:
        written["apiVersion"] = call.api_version
    written |= {
        "managementEvent": not call.data,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Data" if call.data else "Management",
    }
    if not call.invoked_by and caller.address[:1].isdigit():
        written["tlsDetails"] = {**_TLS, "clientProvidedHostHeader": call.host or _host(call)}
    if caller.from_console:
        written["sessionCredentialFromConsole"] = "true"
    return written


def _identity(caller: Caller, call: Call, when: datetime) -> Json:
    """The caller's identity; a session began within the hour before."""
    context = caller.identity.get("sessionContext")
    identity = caller.identity
    if isinstance(context, dict):
        began = (when - timedelta(minutes=when.minute, seconds=when.second)).strftime("%Y-%m-%dT%H:%M:%SZ")
        attributes = {"creationDate": began, "mfaAuthenticated": "false"}
        identity = {**identity, "sessionContext": {**context, "attributes": attributes}}
    return {**identity, "invokedBy": call.invoked_by} if call.invoked_by else identity


def _host(call: Call) -> str:
    region = "" if call.service in _GLOBAL_HOSTS else f"{call.region}."
    return f"{call.service}.{region}amazonaws.com"


def _transfer(received: int, sent: int) -> Json:
    return {
        "SignatureVersion": "SigV4",
        "CipherSuite": "TLS_AES_128_GCM_SHA256",
        "bytesTransferredIn": received,
        "AuthenticationMethod": "AuthHeader",
        "bytesTransferredOut": sent,
    }


def _uuid(rng: Random) -> str:
    digits = f"{rng.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


@cache
def _letters(text: str) -> str:
    """Sixteen capital letters that always belong to the same text."""
    number = int.from_bytes(text.encode(), "big") * 2_654_435_761 % 26**16
    return "".join(chr(65 + number // 26**place % 26) for place in range(16))
