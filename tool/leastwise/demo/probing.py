"""The calls of an intruder who looks around: three dozen doors within half an hour, all of them shut."""

from __future__ import annotations

from leastwise.demo.records import ACCOUNT, GLOBAL, HOME, Call, Json

_SECRET = f"arn:aws:secretsmanager:{HOME}:{ACCOUNT}:secret:payments/card-gateway-Xq3aT9"
_ROLE = f"arn:aws:iam::{ACCOUNT}:role"


def _iam(name: str, parameters: Json | None = None, resource: str = f"{_ROLE}/") -> tuple[Call, str, str]:
    return (
        Call("iam", name, parameters, name.startswith(("List", "Get")), region=GLOBAL),
        f"iam:{name}",
        resource,
    )


def _look(service: str, name: str, parameters: Json | None = None, action: str = "") -> tuple[Call, str, str]:
    """A reading call; ``action`` where IAM's name for it is not the event's."""
    return Call(service, name, parameters), f"{service}:{action or name}", "*"


# (the call, the action, the resource that AWS names in its refusal)
PROBES: tuple[tuple[Call, str, str], ...] = (
    _iam("ListUsers", None, f"arn:aws:iam::{ACCOUNT}:user/"),
    _iam("ListRoles"),
    _iam("ListGroups", None, f"arn:aws:iam::{ACCOUNT}:group/"),
    _iam("GetAccountAuthorizationDetails", None, "*"),
    _iam("GetAccountSummary", None, "*"),
    _iam("ListAccessKeys", None, f"arn:aws:iam::{ACCOUNT}:user/"),
    _iam("CreateUser", {"userName": "helpdesk2"}, f"arn:aws:iam::{ACCOUNT}:user/helpdesk2"),
    _iam(
        "CreateAccessKey", {"userName": "metrics-exporter"}, f"arn:aws:iam::{ACCOUNT}:user/metrics-exporter"
    ),
    _iam(
        "AttachRolePolicy",
        {"roleName": "support-console", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
        f"{_ROLE}/support-console",
    ),
    _look("s3", "ListBuckets", {"Host": f"s3.{HOME}.amazonaws.com"}, "ListAllMyBuckets"),
    _look("ec2", "DescribeInstances", {"instancesSet": {}, "filterSet": {}}),
    _look("ec2", "DescribeSnapshots", {"snapshotSet": {}, "filterSet": {}}),
    _look("ec2", "DescribeSecurityGroups", {"securityGroupSet": {}, "filterSet": {}}),
    _look("ec2", "DescribeVpcs", {"vpcSet": {}, "filterSet": {}}),
    _look("ec2", "DescribeKeyPairs", {"keyPairSet": {}, "filterSet": {}}),
    _look("rds", "DescribeDBInstances"),
    _look("rds", "DescribeDBSnapshots"),
    _look("lambda", "ListFunctions20150331", None, "ListFunctions"),
    _look("dynamodb", "ListTables"),
    _look("secretsmanager", "ListSecrets"),
    (
        Call("secretsmanager", "GetSecretValue", {"secretId": _SECRET}),
        "secretsmanager:GetSecretValue",
        _SECRET,
    ),
    _look("ssm", "DescribeParameters"),
    _look("kms", "ListKeys"),
    _look("sqs", "ListQueues"),
    _look("sns", "ListTopics"),
    _look("ecr", "DescribeRepositories"),
    _look("ecs", "ListClusters"),
    _look("cloudtrail", "DescribeTrails", {"trailNameList": []}),
    _look("guardduty", "ListDetectors"),
    _look("organizations", "DescribeOrganization"),
    _look("athena", "ListWorkGroups"),
    _look("glue", "GetDatabases"),
    _look("cloudformation", "ListStacks"),
    _look("eks", "ListClusters"),
    _look("redshift", "DescribeClusters"),
    _look("backup", "ListBackupVaults"),
)
