"""Services whose names need a word of translation before they are ARNs: each function is one fact about AWS.

Sources (2026-11-23), all below https://docs.aws.amazon.com/ ::

    SQS       AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-general-identifiers.html
    Lambda    lambda/latest/api/API_Invoke.html (the forms of FunctionName),
              lambda/latest/dg/lambda-api-permissions-ref.html (a qualifier is part of the resource)
    Secrets   secretsmanager/latest/userguide/auth-and-access_examples.html (the six characters)
    Logs      AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html (the form with :*)
    KMS       kms/latest/developerguide/alias-authorization.html
    ECS       AmazonECS/latest/developerguide/security_iam_service-with-iam.html
    SSM       systems-manager/latest/userguide/parameter-store-public-parameters.html
    IAM       IAM/latest/UserGuide/reference_identifiers.html (paths)
    ELB       elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html (default: application)
    Organiz.  organizations/latest/userguide/orgs_reference_arn-formats.html
    Bedrock   bedrock/latest/userguide/inference-profiles-prereq.html
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from leastwise.iam import glob
from leastwise.model.request import AuthorizationRequest, Certainty, ResourceForm
from leastwise.reference.actions import resource_types
from leastwise.reference.parameters import name, names
from leastwise.reference.resources import UNRECORDED, Target, literal, pattern, targets

if TYPE_CHECKING:
    from collections.abc import Iterable

    from leastwise.reference.calls import Call
    from leastwise.reference.record import Record

QUEUE_URL = re.compile(r"https?://[^/]+/(\d{12})/([\w.-]+)/?")
FUNCTION = re.compile(r"(?:(?:(?P<account>\d{12}):)?function:)?(?P<name>[\w-]+)(?::(?P<qualifier>[\w$-]+))?")
SECRET_SUFFIX = re.compile(r"-[A-Za-z0-9]{6}")
INFERENCE_PROFILE = re.compile(r"(?:us|eu|apac|us-gov|global|jp|au|ca)\.([\w-]+\.[\w.:-]+)")
ORGANIZATION_MEMBERS = (
    "policyid", "targetid", "accountid", "parentid", "sourceparentid", "destinationparentid",
    "organizationalunitid", "rootid", "childid", "resourceid",
)  # fmt: skip
ORGANIZATION_KINDS = (
    ("policy", "policy/o-*/*/", "p-"),
    ("organizationalunit", "ou/o-*/", "ou-"),
    ("root", "root/o-*/", "r-"),
    ("account", "account/o-*/", ""),
)
NEWER_LOAD_BALANCER = ":loadbalancer/"
LOAD_BALANCER_KINDS = {"application": "app", "network": "net", "gateway": "gwy"}
PUBLIC_PARAMETER = "/aws/service/"
WITHOUT_STAR = frozenset({"logs:TagResource", "logs:UntagResource", "logs:ListTagsForResource"})


def sqs(call: Call, record: Record) -> list[AuthorizationRequest] | None:
    """The queue's URL holds its account and name."""
    found = QUEUE_URL.fullmatch(name(record.members, "queueurl"))
    if found is None:
        return None
    place = record.place
    return _on(call.actions, [literal(f"arn:{place.partition}:sqs:{place.region}:{found[1]}:{found[2]}")])


def functions(call: Call, record: Record) -> list[AuthorizationRequest] | None:
    """``functionName`` is a name, a partial ARN or an ARN, with or without a qualifier."""
    given = name(record.members, "functionname")
    qualifier = name(record.members, "qualifier")
    if not given or not any(_has_type(action, "function") for action in call.actions):
        return None
    place = record.place
    head = f"arn:{place.partition}:lambda:{place.region}:"
    if given.startswith("arn:"):
        head, given = ":".join(given.split(":", 4)[:4]) + ":", given.split(":", 4)[-1]
    found = FUNCTION.fullmatch(given)
    if found is None:
        return None
    arn = f"{head}{found['account'] or place.account}:function:{found['name']}"
    version = found["qualifier"] or qualifier
    return _on(call.actions, [literal(f"{arn}:{version}" if version else arn)])


def secrets(call: Call, record: Record) -> list[AuthorizationRequest] | None:
    """A secret's ARN ends in six characters that its name does not have."""
    member = "name" if call.operation == "CreateSecret" else "secretid"
    given = names(record.members.get(member))
    if not given or not all(_has_type(action, "Secret") for action in call.actions):
        return None
    return _on(call.actions, [_secret(text, record) for text in given])


def _secret(given: str, record: Record) -> Target:
    place = record.place
    head = f"arn:{place.partition}:secretsmanager:{place.region}:{place.account}:secret:"
    if given.startswith("arn:"):
        if SECRET_SUFFIX.fullmatch(given[-7:]):
            return literal(given)
        return pattern(glob.escape(given) + "-??????")
    recorded = next(
        (arn for arn in record.arns if arn.startswith(head + given) and SECRET_SUFFIX.fullmatch(arn[-7:])), ""
    )
    return literal(recorded) if recorded else pattern(glob.escape(head + given) + "-??????")


def logs(call: Call, record: Record) -> list[AuthorizationRequest] | None:
    """Log group actions are checked against the group's ARN with ``:*`` at its end, but for tagging."""
    return [_starred(action, target) for action in call.actions for target in targets(action, record)]


def _starred(action: str, target: Target) -> AuthorizationRequest:
    groups = target.resource.split(":", 6)
    is_group = len(groups) == 7 and groups[5] == "log-group" and ":log-stream:" not in groups[6]
    if not is_group or action in WITHOUT_STAR or target.form is not ResourceForm.LITERAL:
        return AuthorizationRequest(action, target.resource, target.form)
    starred = pattern(glob.escape(target.resource.removesuffix(":*")) + ":*")
    return AuthorizationRequest(action, starred.resource, starred.form)


def kms(call: Call, record: Record) -> list[AuthorizationRequest] | None:
    """A key's alias is no resource of the calls that use the key; ``ReEncrypt`` has a key on each side."""
    if call.operation == "ReEncrypt":
        return _reencrypt(record)
    if name(record.members, "keyid").startswith("alias/") or ":alias/" in name(record.members, "keyid"):
        keys = [arn for arn in record.arns if ":key/" in arn]
        wanted = [
            action for action in call.actions if _has_type(action, "key") and not _has_type(action, "alias")
        ]
        if wanted:
            return _on(wanted, [literal(arn) for arn in keys] or [UNRECORDED])
    return None


def _reencrypt(record: Record) -> list[AuthorizationRequest]:
    keys = [arn for arn in record.arns if ":key/" in arn]
    to = [
        arn
        for arn in keys
        if arn.endswith(name(record.members, "destinationkeyid").rpartition("/")[2] or "?")
    ]
    origin = [arn for arn in keys if arn not in to] or (keys if len(keys) == 1 else [])
    return [
        *_on(["kms:ReEncryptFrom"], [literal(arn) for arn in origin] or [UNRECORDED]),
        *_on(["kms:ReEncryptTo"], [literal(arn) for arn in to] or [UNRECORDED]),
    ]


def parameters(call: Call, record: Record) -> list[AuthorizationRequest] | None:
    """A parameter's ARN has no second slash; AWS's own public parameters belong to no account."""
    given = [*names(record.members.get("name")), *names(record.members.get("names"))]
    given = given or list(names(record.members.get("path")))
    if not given or not all(_has_type(action, "parameter") for action in call.actions):
        return None
    return _on(call.actions, [_parameter(text, record) for text in given])


def _parameter(given: str, record: Record) -> Target:
    """``name:3`` and ``name:label`` ask for one version of ``name``."""
    if given.startswith("arn:"):
        return literal(given)
    place = record.place
    account = "" if given.startswith(PUBLIC_PARAMETER) else place.account
    name = given.removeprefix("/").partition(":")[0]
    return literal(f"arn:{place.partition}:ssm:{place.region}:{account}:parameter/{name}")


def ecs(call: Call, record: Record) -> list[AuthorizationRequest] | None:
    """A call that names no cluster is to the cluster ``default``; a task definition may lack its revision.

    The reference has a resource type for registering a task definition, but AWS's refusals say ``*`` ("not
    authorized to perform: ecs:RegisterTaskDefinition on resource: *"), and AWS's own
    https://github.com/aws-actions/amazon-ecs-deploy-task-definition grants it on ``*``: it is left open.
    """
    if call.operation == "ListTasks" and "containerinstance" not in record.members:
        return _on(call.actions, [UNRECORDED])
    if call.operation == "RegisterTaskDefinition":
        return _on(call.actions, [UNRECORDED])
    if call.operation not in {"CreateCluster", "DescribeClusters"}:
        record.members.setdefault("cluster", "default")
    elif not record.members.keys() & {"clusters", "clustername"}:
        record.members["cluster"] = "default"
    given = name(record.members, "taskdefinition")
    if call.operation not in {"RunTask", "StartTask"} or not given or given.startswith("arn:"):
        return None
    place = record.place
    arn = f"arn:{place.partition}:ecs:{place.region}:{place.account}:task-definition/{given}"
    return _on(call.actions, [literal(arn) if ":" in given else pattern(glob.escape(arn) + ":*")])


def documents(call: Call, record: Record) -> list[AuthorizationRequest] | None:
    """Systems Manager: parameters, and documents, of which those named ``AWS-...`` belong to no account."""
    found = parameters(call, record)
    if found is not None:
        return found
    ours = f"{record.place.account}:document/AWS-"
    return [
        AuthorizationRequest(action, target.resource.replace(ours, ":document/AWS-", 1), target.form)
        for action in call.actions
        for target in targets(action, record)
    ]


def iam(call: Call, record: Record) -> list[AuthorizationRequest] | None:
    """IAM's names have paths: where no response says which, the request of a call that makes something does.

    A record that has neither is read as path ``/``, where nearly every name is.
    """
    if call.operation == "CreateServiceLinkedRole":
        return _on(call.actions, _service_linked(record))
    if _is_about_the_caller(call, record):
        return _on(call.actions, [literal(record.event.actor)])
    path = name(record.members, "path").strip("/") if call.operation.startswith("Create") else ""
    if not path or record.answered_arns():
        return None
    return [
        AuthorizationRequest(action, target.resource.replace("/", f"/{path}/", 1), target.form)
        for action in call.actions
        for target in targets(action, record)
    ]


def _is_about_the_caller(call: Call, record: Record) -> bool:
    """A user who names no user means itself: ``ListAccessKeys`` without ``userName``."""
    is_user = record.event.actor.partition(":user/")[1] != ""
    about_users = all([type_.name for type_ in resource_types(action)] == ["user"] for action in call.actions)
    return is_user and about_users and not name(record.members, "username")


def _service_linked(record: Record) -> list[Target]:
    """AWS names the role and puts it below the service's path."""
    answered = [literal(arn) for arn in record.answered_arns() if ":role/aws-service-role/" in arn]
    service = name(record.members, "awsservicename")
    head = f"arn:{record.place.partition}:iam::{record.place.account}:role/aws-service-role/"
    return answered or [pattern(glob.escape(head + service) + "/*") if service else UNRECORDED]


def organizations(call: Call, record: Record) -> list[AuthorizationRequest] | None:
    """Requests name things by ID; the ARN also holds the organization's ID and the management account."""
    found = [
        request
        for action in call.actions
        for member in ORGANIZATION_MEMBERS
        for text in names(record.members.get(member))
        for request in _of_organization(action, text, record)
    ]
    return found or None


def _of_organization(action: str, identifier: str, record: Record) -> list[AuthorizationRequest]:
    for kind, head, prefix in ORGANIZATION_KINDS:
        fits = identifier.startswith(prefix) if prefix else identifier.isdigit()
        if fits and _has_type(action, kind):
            target = f"arn:{record.place.partition}:organizations::*:{head}{glob.escape(identifier)}"
            return _on([action], [pattern(target)])
    return []


def load_balancers(call: Call, record: Record) -> list[AuthorizationRequest] | None:
    """Two generations of the API share names; the reference describes these names for the first only."""
    if not all(_has_type(action, "loadbalancer") for action in call.actions):
        return None
    found = [literal(arn) for arn in record.arns if NEWER_LOAD_BALANCER in arn]
    given = name(record.members, "name")
    if call.operation == "CreateLoadBalancer" and given:
        kind = LOAD_BALANCER_KINDS.get(name(record.members, "type"), "app")
        place = record.place
        head = (
            f"arn:{place.partition}:elasticloadbalancing:{place.region}:{place.account}{NEWER_LOAD_BALANCER}"
        )
        found = [pattern(glob.escape(f"{head}{kind}/{given}/") + "*")]
    return _on(call.actions, found) if found else None


def bedrock(call: Call, record: Record) -> list[AuthorizationRequest] | None:
    """A model is AWS's and belongs to no account; a profile calls it in other regions too."""
    model = name(record.members, "modelid")
    if not model or not all(_has_type(action, "foundation-model") for action in call.actions):
        return None
    if model.startswith("arn:"):
        return _on(call.actions, [literal(model)])
    place = record.place
    profile = INFERENCE_PROFILE.fullmatch(model)
    if profile is None:
        return _on(
            call.actions, [literal(f"arn:{place.partition}:bedrock:{place.region}::foundation-model/{model}")]
        )
    own = literal(f"arn:{place.partition}:bedrock:{place.region}:{place.account}:inference-profile/{model}")
    behind = pattern(f"arn:{place.partition}:bedrock:*::foundation-model/{glob.escape(profile[1])}")
    beside = [replace(request, certainty=Certainty.INFERRED) for request in _on(call.actions, [behind])]
    return [*_on(call.actions, [own]), *beside]


def _on(actions: Iterable[str], found: Iterable[Target]) -> list[AuthorizationRequest]:
    chosen = tuple(found)
    return [
        AuthorizationRequest(action, target.resource, target.form) for action in actions for target in chosen
    ]


def _has_type(action: str, resource_type: str) -> bool:
    return any(type_.name == resource_type for type_ in resource_types(action))
