"""The cast of account 111122223333: who they are, how they work, and what a right tool makes of them.

Eight principals are enrolled.  The committed policies are in ``files/policies``.

``role/payments-api``
    A steady service: DynamoDB, receipts in S3, one secret.  Its policy is hand-written, with a Deny, a
    Condition and odd formatting.  *Tighten*: Scan, DeleteItem, BatchGetItem, most of ``secretsmanager:*``
    and of ``s3:*Object`` were not used.  *Kept as it is*: the Deny with NotAction, the KMS statement with its
    Condition.  *UNKNOWN*: ``sns:Publish`` and ``sqs:SendMessage``, data events that this trail does not log.
``role/nightly-settlement``
    A batch at half past one every night, with whole services allowed on ``*``.  *Tighten* far: most of S3,
    Athena and Glue, all of EC2 and RDS, all of Lambda but ``InvokeFunction``.  ``s3:DeleteObject`` on the
    backups is under ``keep``; the statement ``Announce`` is three weeks old and too young to judge.
``role/jobs/quarterly-report``
    Works once in ninety days.  *Withheld*: active on one day, which proves nothing about the others; a tool
    that looks at "not used lately" would break the books in January.
``permission-set/DataEngineer``
    Three people in a trial that is still open, on PowerUserAccess.  *Withheld*: nothing before it closes.
``role/ci-deployer``
    GitHub Actions through OIDC; CloudFormation, Lambda, ECS, ECR.  *Tighten*: ``ec2:*``, ``rds:*`` and
    most of the rest; ``iam:PassRole`` on ``*`` is never recorded, and is inferred from the deployments.
``role/media-ingest``
    Thousands of keys by date, and a table.  *Tighten* to the calls that were made, by prefix and never key by
    key; throttled and missing-key calls count as what they are.
``role/support-console``
    Rosa and Tom look at logs.  *Add* ``ecs:DescribeServices`` on the payments service: refused on many days
    in several sessions.  One night somebody tried three dozen other calls within half an hour: shown, never
    proposed.
``user/metrics-exporter``
    An IAM user whose trial on PowerUserAccess is over.  *Initial*: a first policy in two regions.

Around them: root, AWS services, callers of another account, service events, and ``role/legacy-cron``, which
nobody has enrolled and which must not appear in any proposal.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

from leastwise.demo import records as aws
from leastwise.demo.day import EVERY_HOUR, OFFICE_HOURS, SHOPPING_HOURS, Day, Member, Moment
from leastwise.demo.deployment import (
    GITHUB_ADDRESS,
    GITHUB_AGENT,
    OIDC_PROVIDER,
    PAYMENTS_SERVICE,
    assumed_with_oidc,
    deployment,
    github,
)
from leastwise.demo.probing import PROBES
from leastwise.demo.records import (
    ACCOUNT,
    GLOBAL,
    HOME,
    Call,
    Caller,
    denied,
    dynamodb,
    failed,
    s3_object,
    write,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from random import Random

QUARTER_DAY = 52
BREAK_IN_DAY = 61

_PYTHON = "Boto3/1.35.71 md/Botocore#1.35.71 ua/2.0 os/linux#6.1.112 md/arch#x86_64 lang/python#3.12.7"
_JAVA = "aws-sdk-java/2.29.15 md/io#async md/http#NettyNio ua/2.1 os/Linux#6.1.112 lang/java#21.0.5"
_CLI = "aws-cli/2.22.4 md/awscrt#0.23.3 ua/2.0 os/macos#24.1.0 md/arch#arm64 lang/python#3.12.6"
_CONSOLE = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"
_PAYMENTS_KEY = "0d6c1f3e-5b1a-4f0e-9c55-0a2b7d9e4c11"
_PAYMENTS_SECRET = f"arn:aws:secretsmanager:{HOME}:{ACCOUNT}:secret:payments/card-gateway-Xq3aT9"


def payments_api(when: datetime, rng: Random) -> Moment:
    """One call of the shop's payment service."""
    call = _payments_call(when, rng)
    if call.service == "dynamodb" and rng.random() < 0.004:
        call = _throttled(call)
    return Moment(when, _payments_task(rng.choice((3, 7, 11))), call)


def nightly_settlement(day: Day) -> Iterator[Moment]:
    """Half past one: read what the banks sent, count it, file it, tell somebody."""
    caller = aws.role_session("nightly-settlement", f"settlement-{day.date:%Y%m%d}", "10.20.9.4", _PYTHON)
    begun, incoming = day.at(1, 30), f"incoming/{day.date:%Y/%m/%d}"
    yield Moment(begun, caller, aws.s3_listing("acme-ledger", incoming + "/"))
    yield Moment(begun, caller, Call("glue", "GetTable", {"databaseName": "ledger", "name": "settlements"}))
    partitions: aws.Json = {"databaseName": "ledger", "tableName": "settlements", "maxResults": 1000}
    yield Moment(begun, caller, Call("glue", "GetPartitions", partitions))
    for number in day.times(3):
        when = begun + timedelta(seconds=20 + number * 30)
        yield Moment(when, caller, s3_object("GetObject", "acme-ledger", f"{incoming}/bank-{number:04}.csv"))
        settled = f"settled/{day.date:%Y/%m/%d}/batch-{number:04}.parquet"
        yield Moment(when, caller, s3_object("PutObject", "acme-ledger", settled))
        yield Moment(
            when, caller, Call("athena", "GetQueryExecution", {"queryExecutionId": _query_id(day.rng)})
        )
    yield from _athena_query(day, begun + timedelta(minutes=55), caller, "settlement", "ledger")
    function = f"arn:aws:lambda:{HOME}:{ACCOUNT}:function:notify-settled"
    resource: aws.Json = {"accountId": ACCOUNT, "type": "AWS::Lambda::Function", "ARN": function}
    told = write("lambda", "Invoke", {"functionName": function, "invocationType": "Event"})
    yield Moment(day.at(2, 30), caller, replace(told, data=True, resources=(resource,)))


def quarterly_report(day: Day) -> Iterator[Moment]:
    """One evening in ninety days: the books of the quarter."""
    if day.number != QUARTER_DAY:
        return
    caller = aws.role_session("quarterly-report", "report-q3", "10.20.9.31", _PYTHON, path="/jobs/")
    yield Moment(day.at(19, 0), caller, Call("sts", "GetCallerIdentity"))
    yield Moment(day.at(19, 1), caller, aws.s3_listing("acme-finance-reports", "2026/Q3/"))
    for number in range(24):
        book = f"2026/Q3/ledger-{number:02}.xlsx"
        yield Moment(day.at(19, 2 + number), caller, s3_object("GetObject", "acme-finance-reports", book))
    summary = s3_object("PutObject", "acme-finance-reports", "2026/Q3/summary.pdf")
    yield Moment(day.at(19, 40), caller, summary)


def data_engineers(day: Day) -> Iterator[Moment]:
    """Maria, Jonas and Wei, through IAM Identity Center, on working days."""
    for _ in day.times(9) if day.is_working_day else ():
        person, address = day.rng.choice(
            (("maria", "198.51.100.7"), ("jonas", "198.51.100.9"), ("wei", "203.0.113.80"))
        )
        path = f"/aws-reserved/sso.amazonaws.com/{HOME}/"
        role = "AWSReservedSSO_DataEngineer_3f1c9a52d7e04b86"
        at_console = person == "maria"
        caller = aws.role_session(
            role, f"{person}@acme.example", address, _CONSOLE if at_console else _CLI, path
        )
        caller = replace(caller, from_console=at_console)
        when = day.sometime(OFFICE_HOURS)
        table = day.rng.choice(("events", "orders", "customers"))
        part = f"curated/{table}/dt={day.date - timedelta(days=1)}/part-{day.rng.randrange(40):05}.parquet"
        job: aws.Json = {"jobName": f"compact-{table}", "runId": "jr_" + _query_id(day.rng).replace("-", "")}
        yield Moment(when, caller, Call("s3", "ListBuckets", {"Host": f"s3.{HOME}.amazonaws.com"}))
        yield Moment(when, caller, Call("glue", "GetDatabases", {"maxResults": 100}))
        yield Moment(when, caller, Call("glue", "GetTable", {"databaseName": "lake", "name": table}))
        yield from _athena_query(day, when, caller, "data-engineering", "lake")
        yield Moment(when, caller, aws.s3_listing("acme-lake", f"curated/{table}/"))
        yield Moment(when, caller, s3_object("GetObject", "acme-lake", part, 8_388_608))
        yield Moment(when, caller, Call("glue", "GetJobRun", job))
        if day.rng.random() < 0.2:
            yield Moment(
                when,
                caller,
                write("glue", "StartJobRun", {"jobName": job["jobName"]}, {"jobRunId": job["runId"]}),
            )


def ci_deployer(day: Day) -> Iterator[Moment]:
    """A merge to main: GitHub Actions becomes the deployer, and the shop gets a new version."""
    for _ in day.times(17) if day.is_working_day else ():
        run = f"GitHubActions-{day.rng.randrange(10**10):010}"
        federation = {"federatedProvider": OIDC_PROVIDER, "attributes": {}}
        caller = aws.role_session(
            "ci-deployer", run, GITHUB_ADDRESS, GITHUB_AGENT, webIdFederationData=federation
        )
        when = day.sometime(OFFICE_HOURS)
        yield Moment(when, github(), assumed_with_oidc("ci-deployer", run))
        for number, call in enumerate(deployment(day.rng)):
            yield Moment(when + timedelta(seconds=5 + 11 * number), caller, call)


def media_ingest(day: Day) -> Iterator[Moment]:
    """Pictures come in all day: one object and one item each, under the date."""
    caller = aws.role_session("media-ingest", "media-ingest", "10.20.5.8", _PYTHON)
    for _ in day.times(3):
        when, picture = day.sometime(SHOPPING_HOURS), f"{day.rng.getrandbits(64):016x}"
        key = f"raw/{when:%Y/%m/%d}/{picture}.jpg"
        yield Moment(when, caller, s3_object("PutObject", "acme-media-uploads", key, 1_204_118))
        indexed = dynamodb(
            "PutItem", "media-index", key={"pictureId": picture}, items=["bucket", "key", "pictureId"]
        )
        yield Moment(when, caller, _throttled(indexed) if day.rng.random() < 0.01 else indexed)
        fetched = s3_object("GetObject", "acme-media-uploads", key, 1_204_118)
        if day.rng.random() < 0.02:
            fetched = failed(fetched, "NoSuchKey", "The specified key does not exist.")
        yield Moment(when + timedelta(seconds=2), caller, fetched)


def support_console(day: Day) -> Iterator[Moment]:
    """Rosa and Tom look at logs and alarms, and are refused one look at the service; and one bad night."""
    for _ in day.times(5) if day.is_working_day else ():
        person, address = day.rng.choice((("rosa.diaz", "198.51.100.23"), ("tom.baker", "198.51.100.24")))
        caller = aws.role_session("support-console", person, address, _CONSOLE)
        when = day.sometime(OFFICE_HOURS)
        group = f"arn:aws:logs:{HOME}:{ACCOUNT}:log-group:/shop/payments-api"
        query: aws.Json = {"logGroupIdentifiers": [group], "queryString": "fields @message", "startTime": 1}
        service: aws.Json = {"cluster": "shop", "services": ["payments-api"]}
        look = Call("ecs", "DescribeServices", service)
        yield Moment(when, caller, Call("logs", "DescribeLogGroups", {"logGroupNamePrefix": "/shop/"}))
        yield Moment(
            when, caller, Call("logs", "StartQuery", query, response={"queryId": _query_id(day.rng)})
        )
        yield Moment(when, caller, Call("monitoring", "DescribeAlarms", {"alarmNames": ["payments-5xx"]}))
        yield Moment(when, caller, Call("ecs", "ListServices", {"cluster": "shop"}))
        yield Moment(when, caller, denied(look, caller, "ecs:DescribeServices", PAYMENTS_SERVICE))
    if day.number == BREAK_IN_DAY:
        yield from _break_in(day)


def metrics_exporter(day: Day) -> Iterator[Moment]:
    """A program with an access key that counts things in two regions, day and night."""
    caller = aws.iam_user("metrics-exporter", "203.0.113.200", _PYTHON)
    for _ in day.times(6):
        when = day.sometime(EVERY_HOUR)
        for region in (HOME, GLOBAL):
            instances: aws.Json = {"maxResults": 1000, "instancesSet": {}, "filterSet": {}}
            yield Moment(when, caller, Call("ec2", "DescribeInstances", instances, region=region))
            yield Moment(
                when, caller, Call("monitoring", "DescribeAlarms", {"stateValue": "ALARM"}, region=region)
            )
        yield Moment(when, caller, Call("rds", "DescribeDBInstances", {"maxRecords": 100}))
        key = f"counts/{when:%Y/%m/%d/%H%M}.json"
        yield Moment(when, caller, s3_object("PutObject", "acme-metrics-archive", key))


def _payments_call(when: datetime, rng: Random) -> Call:
    payment = f"pay_{rng.getrandbits(48):012x}"
    receipt = f"{when:%Y/%m/%d}/{payment}.pdf"
    secret = {"SecretARN": _PAYMENTS_SECRET}
    habits: tuple[Callable[[], Call], ...] = (
        lambda: dynamodb("GetItem", "payments", key={"paymentId": payment}, consistentRead=True),
        lambda: dynamodb("UpdateItem", "payments", key={"paymentId": payment}, returnValues="NONE"),
        lambda: dynamodb("Query", "payments", indexName="by-merchant", limit=50),
        lambda: dynamodb("PutItem", "idempotency-keys", key={"requestId": payment}, items=["requestId"]),
        lambda: s3_object("PutObject", "acme-receipts", receipt, 48_211),
        lambda: s3_object("GetObject", "acme-receipts", receipt, 48_211),
        lambda: Call("secretsmanager", "GetSecretValue", {"secretId": _PAYMENTS_SECRET}),
        lambda: aws.kms_decrypt(_PAYMENTS_KEY, secret, "secretsmanager.amazonaws.com"),
    )
    return rng.choices(habits, (34, 20, 6, 18, 11, 8, 1.5, 1.5))[0]()


@cache
def _payments_task(number: int) -> Caller:
    """One of the containers the service runs in: ECS names the session after the task."""
    return aws.role_session(
        "payments-api", f"{number * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128:032x}", "10.20.3.17", _JAVA
    )


def _athena_query(
    day: Day, when: datetime, caller: Caller, workgroup: str, database: str
) -> Iterator[Moment]:
    query = _query_id(day.rng)
    asked: aws.Json = {
        "queryString": "***OMITTED***", "clientRequestToken": _query_id(day.rng), "workGroup": workgroup,
        "queryExecutionContext": {"database": database},
    }  # fmt: skip
    yield Moment(when, caller, write("athena", "StartQueryExecution", asked, {"queryExecutionId": query}))
    yield Moment(when, caller, Call("athena", "GetQueryExecution", {"queryExecutionId": query}))
    yield Moment(
        when, caller, Call("athena", "GetQueryResults", {"queryExecutionId": query, "maxResults": 1000})
    )


def _break_in(day: Day) -> Iterator[Moment]:
    """Somebody has Rosa's session, and tries every door."""
    caller = aws.role_session("support-console", "rosa.diaz", "203.0.113.66", _CLI)
    for number, (call, action, resource) in enumerate(PROBES):
        yield Moment(day.at(3, 12, number * 40), caller, denied(call, caller, action, resource))


def _throttled(call: Call) -> Call:
    message = (
        "The level of configured provisioned throughput for the table was exceeded. Consider increasing your"
        " provisioning level with the UpdateTable API."
    )
    return failed(call, "ProvisionedThroughputExceededException", message)


def _query_id(rng: Random) -> str:
    digits = f"{rng.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


CAST = (
    Member(0.22, media_ingest),
    Member(0.09, data_engineers),
    Member(0.08, nightly_settlement),
    Member(0.06, ci_deployer),
    Member(0.05, metrics_exporter),
    Member(0.02, support_console),
    Member(0.0, quarterly_report),
)
"""Who works beside ``payments_api``, which makes up the rest."""
