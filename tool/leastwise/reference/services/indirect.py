"""Services whose requests name a resource by something else, or leave it to a default.

Sources (2026-11-23), all below https://docs.aws.amazon.com/ unless they say otherwise::

    Batch       batch/latest/APIReference/API_SubmitJob.html; what is checked is the definition's name without
                its revision ("not authorized to perform: batch:SubmitJob on resource:
                arn:aws:batch:...:job-definition/kedro_run")
    CodeBuild   codebuild/latest/APIReference/API_BatchGetBuilds.html: an ID is ``project:uuid``
    EventBridge eventbridge/latest/APIReference/API_PutTargets.html (EventBusName: a name or an ARN)
    Glue        glue/latest/dg/glue-specifying-resource-arns.html
    RDS         a new database is checked against the default groups too: AmazonRDS/latest/UserGuide/
                security_iam_id-based-policy-examples-create-and-modify-examples.html
    Route 53    Route53/latest/APIReference/API_ChangeResourceRecordSets.html (IDs may be written as paths)
    SNS         sns/latest/api/API_Unsubscribe.html; what is checked is the topic ("not authorized to perform:
                SNS:Unsubscribe on resource: arn:aws:sns:us-east-1:...:topic")
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from leastwise.iam import glob
from leastwise.model.request import AuthorizationRequest, Certainty
from leastwise.reference.actions import resource_types
from leastwise.reference.parameters import name, names
from leastwise.reference.resources import literal, pattern, targets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from leastwise.reference.calls import Call
    from leastwise.reference.record import Record
    from leastwise.reference.resources import Target

DEFAULT_GROUPS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "og": ("optiongroupname", "og:default*"),
        "pg": ("dbparametergroupname", "pg:default*"),
        "cluster-pg": ("dbclusterparametergroupname", "cluster-pg:default*"),
        "subgrp": ("dbsubnetgroupname", "subgrp:default"),
    }
)
"""Resource types of RDS for which AWS takes a default: the member that names another, and the default."""
MAKES_A_DATABASE = ("CreateDBInstance", "CreateDBCluster", "RestoreDBInstance", "RestoreDBCluster")


def jobs(call: Call, record: Record) -> list[AuthorizationRequest] | None:
    """Batch: a job is submitted to a queue, by a definition, with or without its revision."""
    given = name(record.members, "jobdefinition")
    if call.operation != "SubmitJob" or not given or given.startswith("arn:"):
        return None
    definition = literal(_arn(record, "batch", f"job-definition/{given.partition(':')[0]}"))
    return _on(call.actions, [*_found(call, record), definition])


def builds(call: Call, record: Record) -> list[AuthorizationRequest] | None:
    """CodeBuild: the ID of a build (``project:uuid``) or its ARN holds the name of its project."""
    given = [*names(record.members.get("ids")), *names(record.members.get("id"))]
    identifiers = [text.rpartition("/")[2] if text.startswith("arn:") else text for text in given]
    projects = dict.fromkeys(project for text in identifiers if (project := _before(text, ":")))
    if not projects or not _all_have(call, "project"):
        return None
    return _on(call.actions, [literal(_arn(record, "codebuild", f"project/{each}")) for each in projects])


def buses(call: Call, record: Record) -> list[AuthorizationRequest] | None:
    """EventBridge: the ARN of a rule holds its bus, unless that is the default one."""
    rule = name(record.members, "rule", "name", "rulename")
    if not rule or rule.startswith("arn:") or not _all_have(call, "rule-on-custom-event-bus"):
        return None
    bus = name(record.members, "eventbusname").rpartition("event-bus/")[2]
    below = f"{bus}/{rule}" if bus not in {"", "default"} else rule
    return _on(call.actions, [literal(_arn(record, "events", f"rule/{below}"))])


def tables(call: Call, record: Record) -> list[AuthorizationRequest] | None:
    """Glue: listing the tables of a database is checked against them, whatever they are."""
    database = name(record.members, "databasename")
    if call.operation != "GetTables" or not database:
        return None
    below = pattern(_arn(record, "glue", f"table/{glob.escape(database)}/*"))
    beside = AuthorizationRequest("glue:GetTables", below.resource, below.form, (), Certainty.INFERRED)
    return [*_on(call.actions, _found(call, record)), beside]


def databases(call: Call, record: Record) -> list[AuthorizationRequest] | None:
    """RDS: a database is made with default groups where the request names no others."""
    if not call.operation.startswith(MAKES_A_DATABASE):
        return None
    beside = [
        AuthorizationRequest(action, group.resource, group.form, (), Certainty.INFERRED)
        for action in call.actions
        for kind, (member, default) in DEFAULT_GROUPS.items()
        if _has_type(action, kind) and not name(record.members, member)
        for group in [_default(_arn(record, "rds", default))]
    ]
    return [*_on(call.actions, _found(call, record)), *beside]


def _default(arn: str) -> Target:
    return pattern(arn) if arn.endswith("*") else literal(arn)


def zones(call: Call, record: Record) -> list[AuthorizationRequest] | None:
    """Route 53: ``/hostedzone/Z1`` is the hosted zone ``Z1``, and ``/change/C1`` the change ``C1``."""
    for member in ("hostedzoneid", "id", "resourceid"):
        given = name(record.members, member)
        if given.startswith(("/hostedzone/", "/change/")):
            record.members[member] = given.rpartition("/")[2]
    return [
        AuthorizationRequest(action, target.resource, target.form)
        for action in call.actions
        for target in targets(action, record)
    ]


def subscriptions(call: Call, record: Record) -> list[AuthorizationRequest] | None:
    """SNS: what is done to a subscription is checked against its topic."""
    topics = [
        ":".join(parts[:6])
        for text in names(record.members.get("subscriptionarn"))
        if len(parts := text.split(":")) == 7 and text.startswith("arn:")
    ]
    return _on(call.actions, [literal(topic) for topic in topics]) if topics else None


def _found(call: Call, record: Record) -> Iterator[Target]:
    return (target for action in call.actions for target in targets(action, record))


def _arn(record: Record, service: str, resource: str) -> str:
    place = record.place
    return f"arn:{place.partition}:{service}:{place.region}:{place.account}:{resource}"


def _before(text: str, separator: str) -> str:
    """What stands before the separator; empty where there is none."""
    head, found, _ = text.partition(separator)
    return head if found else ""


def _on(actions: Iterable[str], found: Iterable[Target]) -> list[AuthorizationRequest]:
    chosen = tuple(found)
    return [
        AuthorizationRequest(action, target.resource, target.form) for action in actions for target in chosen
    ]


def _all_have(call: Call, resource_type: str) -> bool:
    return all(_has_type(action, resource_type) for action in call.actions)


def _has_type(action: str, resource_type: str) -> bool:
    return any(type_.name == resource_type for type_ in resource_types(action))
