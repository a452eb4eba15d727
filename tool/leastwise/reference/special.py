"""Which services have calls whose requests hang on more than their name."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from leastwise.reference.services import apigateway, dynamodb, ec2, indirect, others, s3

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from leastwise.model.request import AuthorizationRequest
    from leastwise.reference.calls import Call
    from leastwise.reference.record import Record

    Special = Callable[[Call, Record], list[AuthorizationRequest] | None]

_BY_SERVICE: Mapping[str, Special] = MappingProxyType(
    {
        "apigateway": apigateway.requests,
        "batch": indirect.jobs,
        "bedrock": others.bedrock,
        "codebuild": indirect.builds,
        "dynamodb": dynamodb.requests,
        "ec2": ec2.requests,
        "ecs": others.ecs,
        "elasticloadbalancing": others.load_balancers,
        "events": indirect.buses,
        "glue": indirect.tables,
        "iam": others.iam,
        "kms": others.kms,
        "lambda": others.functions,
        "logs": others.logs,
        "organizations": others.organizations,
        "rds": indirect.databases,
        "route53": indirect.zones,
        "s3": s3.requests,
        "secretsmanager": others.secrets,
        "sns": indirect.subscriptions,
        "sqs": others.sqs,
        "ssm": others.documents,
    }
)


def special(call: Call, record: Record) -> list[AuthorizationRequest] | None:
    """The requests of a call that needs more than the general ladder; ``None`` where the ladder is right."""
    handle = _BY_SERVICE.get(call.service)
    return handle(call, record) if handle else None
