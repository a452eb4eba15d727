"""The simulated principals: what each needs is drawn from one list of needs, as services have them."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import TYPE_CHECKING

from bench.quality.needs import (
    ACCOUNT,
    REGION,
    SEED,
    Need,
    Person,
    counted,
    dated,
    every_day,
    fixed,
    in_bursts,
    latest,
    monthly,
    now_and_then,
    on_workdays,
    quarterly,
    since,
    weekly,
    yearly,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

NEEDS = (4, 8)
"""How many needs a principal has, at least and at most."""
NEVER_USED = ("rds", "kinesis", "elasticache")
"""Services that every committed policy allows, and nobody needs."""


def cast(people: int) -> Iterator[Person]:
    """The principals; the same at every run."""
    random = Random(SEED)
    for number in range(people):
        name = f"app{number:02d}"
        needs = tuple(random.sample(_catalogue(name), random.randint(*NEEDS)))
        used = {action.partition(":")[0] for need in needs for action in need.actions}
        yield Person(name, needs, tuple(sorted({*used, *NEVER_USED})))


def _arn(service: str, rest: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"


def _catalogue(app: str) -> list[Need]:
    return [*_steady(app), *_by_date(app), *_growing(app), *_rare(app), *_unforeseeable(app)]


def _steady(app: str) -> list[Need]:
    table = fixed(_arn("dynamodb", f"table/{app}"), _arn("dynamodb", f"table/{app}-sessions"))
    queue, key = (
        fixed(_arn("sqs", f"{app}-jobs")),
        fixed(_arn("kms", f"key/{'1' * 8}-1111-4111-8111-{'1' * 12}")),
    )
    secret = fixed(_arn("secretsmanager", f"secret:{app}/db-AbCdEf"))
    function, topic = fixed(_arn("lambda", f"function:{app}-worker")), fixed(_arn("sns", f"{app}-events"))
    bucket, settings = (
        fixed(f"arn:aws:s3:::{app}-data"),
        fixed(f"arn:aws:s3:::{app}-config/prod/settings.json"),
    )
    return [
        Need(
            "items of tables",
            ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"),
            every_day,
            table,
            400,
        ),
        Need(
            "a queue", ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:SendMessage"), every_day, queue, 300
        ),
        Need("a secret", ("secretsmanager:GetSecretValue",), every_day, secret, 4),
        Need("a key", ("kms:Decrypt", "kms:GenerateDataKey"), every_day, key, 50),
        Need("a function", ("lambda:InvokeFunction",), on_workdays, function, 40),
        Need("a topic", ("sns:Publish",), on_workdays, topic, 30),
        Need("a bucket's list", ("s3:ListBucket", "s3:GetBucketLocation"), every_day, bucket, 12),
        Need("one object", ("s3:GetObject",), every_day, settings, 6),
        Need("no resource", ("ec2:DescribeInstances", "cloudwatch:PutMetricData"), every_day, None, 100),
    ]


def _by_date(app: str) -> list[Need]:
    put_get = ("s3:PutObject", "s3:GetObject")
    streams = dated(_arn("logs", f"log-group:/app/{app}:log-stream:{{day:%Y/%m/%d}}/[$LATEST]{{hex}}"))
    return [
        Need(
            "objects by year/month/day", put_get, every_day,
            dated(f"arn:aws:s3:::{app}-data/events/{{day:%Y/%m/%d}}/part-{{part}}.gz"), 20,
        ),
        Need(
            "objects by Hive partition", put_get, every_day,
            dated(f"arn:aws:s3:::{app}-lake/orders/dt={{day}}/part-{{part}}.parquet"), 15,
        ),
        Need(
            "objects by date in the name", ("s3:PutObject",), every_day,
            dated(f"arn:aws:s3:::{app}-backup/daily/dump-{{day:%Y%m%d}}.sql.gz", 1), 1,
        ),
        Need(
            "objects with random names", put_get, every_day,
            dated(f"arn:aws:s3:::{app}-media/{{hex}}.jpg", 8), 3,
        ),
        Need("log streams", ("logs:CreateLogStream", "logs:PutLogEvents"), every_day, streams, 60),
        Need(
            "a bucket for each month", ("s3:PutObject",), every_day,
            dated(f"arn:aws:s3:::{app}-export-{{day:%Y-%m}}/report-{{part}}.csv", 2), 1,
        ),
        Need(
            "a table for each month", ("dynamodb:PutItem",), every_day,
            dated(_arn("dynamodb", f"table/{app}-log-{{day:%Y_%m}}"), 1), 90,
        ),
    ]  # fmt: skip


def _growing(app: str) -> list[Need]:
    return [
        Need(
            "objects of ever more tenants", ("s3:GetObject", "s3:PutObject"), every_day,
            counted(f"arn:aws:s3:::{app}-uploads/tenant-{{number}}/{{hex}}.png", every=12, shown=6), 4,
        ),
        Need(
            "ever more parameters", ("ssm:GetParameter",), on_workdays,
            counted(_arn("ssm", f"parameter/{app}/flags/flag-{{number}}"), every=20, shown=4), 5,
        ),
        Need(
            "versions of a function", ("lambda:InvokeFunction",), every_day,
            latest(_arn("lambda", f"function:{app}-api:{{number}}"), every=7), 80,
        ),
        Need(
            "instances that come and go", ("ec2:StopInstances", "ec2:StartInstances"), weekly(0),
            dated(_arn("ec2", "instance/i-0{hex}"), 1), 2,
        ),
        Need(
            "tasks", ("ecs:DescribeTasks", "ecs:StopTask"), now_and_then(0.2),
            dated(_arn("ecs", f"task/{app}/{{hex}}{{hex}}"), 2), 2,
        ),
    ]  # fmt: skip


def _rare(app: str) -> list[Need]:
    workgroup, table = fixed(_arn("athena", f"workgroup/{app}")), fixed(_arn("dynamodb", f"table/{app}"))
    group, service = fixed(_arn("logs", f"log-group:/app/{app}:*")), fixed(_arn("ecs", f"service/{app}/web"))
    archive = dated(f"arn:aws:s3:::{app}-archive/{{day:%Y-%m}}/export.json", 1)
    role = fixed(f"arn:aws:iam::{ACCOUNT}:role/{app}-task")
    to_ecs = (("iam:PassedToService", "ecs-tasks.amazonaws.com"),)
    return [
        Need("Sunday's clean-up", ("dynamodb:Scan", "dynamodb:DeleteItem"), weekly(6), table, 30),
        Need("a deployment", ("ecs:UpdateService",), now_and_then(0.3), service, 1),
        Need("a role passed on deployment", ("iam:PassRole",), now_and_then(0.3), role, 1, to_ecs),
        Need(
            "the month's report",
            ("athena:StartQueryExecution", "athena:GetQueryResults"),
            monthly(2),
            workgroup,
            5,
        ),
        Need("the month's backup", ("dynamodb:CreateBackup",), monthly(15), table, 1),
        Need("the quarter's closing", ("s3:PutObject",), quarterly, archive, 1),
        Need("incidents", ("logs:FilterLogEvents", "logs:GetLogEvents"), in_bursts, group, 25),
    ]


def _unforeseeable(app: str) -> list[Need]:
    """What no record of three months shows: a recall of 1 would be a lie of the simulation."""
    number = latest(_arn("dynamodb", f"table/{app}-v{{number}}"), every=45)
    audit, topic = fixed(f"arn:aws:s3:::{app}-audit/ledger.csv"), fixed(_arn("sns", f"{app}-refunds"))
    return [
        Need("a table for each release", ("dynamodb:GetItem", "dynamodb:UpdateItem"), every_day, number, 70),
        Need("the year's audit", ("s3:GetObject", "s3:GetObjectTagging"), yearly(10, 12), audit, 40),
        Need("a new feature", ("sns:Publish", "sns:ListTopics"), since(date(2026, 10, 5)), topic, 25),
    ]
