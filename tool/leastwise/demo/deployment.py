"""A deployment: what GitHub Actions does in the account when something is merged to main."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from leastwise.demo.records import ACCOUNT, GLOBAL, HOME, Call, Caller, Json, s3_object, write

if TYPE_CHECKING:
    from random import Random

OIDC_PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
GITHUB_ADDRESS = "192.0.2.44"
GITHUB_AGENT = (
    "aws-cli/2.22.4 md/installer#exe ua/2.0 os/linux#6.8.0 md/distrib#ubuntu.24 exec-env/GitHubActions"
)
PAYMENTS_SERVICE = f"arn:aws:ecs:{HOME}:{ACCOUNT}:service/shop/payments-api"


def deployment(rng: Random) -> list[Call]:
    """One deployment, call by call: the image, the service, the stack at the edge."""
    return _image_push(rng) + _ecs_deployment(rng) + _stack_update(rng)


def github() -> Caller:
    """The workflow, before it has a role: known by its OIDC token."""
    subject = "repo:acme/shop:ref:refs/heads/main"
    identity: Json = {
        "type": "WebIdentityUser",
        "principalId": f"{OIDC_PROVIDER}:sts.amazonaws.com:{subject}",
        "userName": subject,
        "identityProvider": OIDC_PROVIDER,
    }
    return Caller(identity, GITHUB_ADDRESS, GITHUB_AGENT)


def assumed_with_oidc(role: str, session: str) -> Call:
    """The workflow takes the role."""
    arn = f"arn:aws:iam::{ACCOUNT}:role/{role}"
    asked: Json = {"roleArn": arn, "roleSessionName": session, "durationSeconds": 3600}
    resource: Json = {"accountId": ACCOUNT, "type": "AWS::IAM::Role", "ARN": arn}
    return Call("sts", "AssumeRoleWithWebIdentity", asked, resources=(resource,))


def _image_push(rng: Random) -> list[Call]:
    repository = f"arn:aws:ecr:{HOME}:{ACCOUNT}:repository/payments-api"
    resources = ({"accountId": ACCOUNT, "ARN": repository},)
    image: Json = {"registryId": ACCOUNT, "repositoryName": "payments-api"}
    layers = ["BatchCheckLayerAvailability", "InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload"]
    token = Call("ecr", "GetAuthorizationToken")
    tagged = {**image, "imageTag": f"{rng.getrandbits(28):07x}"}
    pushed = [write("ecr", name, image) for name in layers] + [write("ecr", "PutImage", tagged)]
    return [token, *(replace(call, resources=resources) for call in pushed)]


def _ecs_deployment(rng: Random) -> list[Call]:
    revision = rng.randrange(100, 400)
    role = f"arn:aws:iam::{ACCOUNT}:role"
    definition = f"arn:aws:ecs:{HOME}:{ACCOUNT}:task-definition/payments-api:{revision}"
    task: Json = {
        "family": "payments-api",
        "taskRoleArn": f"{role}/payments-api",
        "executionRoleArn": f"{role}/ecs-execution",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
    }
    made: Json = {"taskDefinition": {"taskDefinitionArn": definition, "revision": revision}}
    update: Json = {"cluster": "shop", "service": "payments-api", "taskDefinition": definition}
    return [
        write("ecs", "RegisterTaskDefinition", task, made),
        write("ecs", "UpdateService", update, {"service": {"serviceArn": PAYMENTS_SERVICE}}),
        Call("ecs", "DescribeServices", {"cluster": "shop", "services": ["payments-api"]}),
    ]


def _stack_update(rng: Random) -> list[Call]:
    stack = f"arn:aws:cloudformation:{HOME}:{ACCOUNT}:stack/shop-edge/6f1d2c30-8a51-11ef-9d44-0a1b2c3d4e5f"
    changes = f"release-{rng.getrandbits(28):07x}"
    named: Json = {"stackName": "shop-edge", "changeSetName": changes}
    role = f"arn:aws:iam::{ACCOUNT}:role/cloudformation-shop"
    create: Json = {**named, "capabilities": ["CAPABILITY_NAMED_IAM"], "roleARN": role}
    function: Json = {
        "functionName": "image-resizer", "s3Bucket": "acme-artifacts",
        "s3Key": f"image-resizer/{changes}.zip", "publish": True, "dryRun": False,
    }  # fmt: skip
    invalidate: Json = {
        "distributionId": "E2QWRTYU1OPLKJ",
        "invalidationBatch": {"paths": {"quantity": 1, "items": ["/*"]}, "callerReference": changes},
    }
    return [
        s3_object("PutObject", "acme-artifacts", f"image-resizer/{changes}.zip", 5_242_880),
        write("lambda", "UpdateFunctionCode20150331v2", function),
        write("cloudformation", "CreateChangeSet", create, {"stackId": stack}),
        Call("cloudformation", "DescribeChangeSet", named),
        write("cloudformation", "ExecuteChangeSet", named),
        Call("cloudformation", "DescribeStacks", {"stackName": "shop-edge"}),
        write("cloudfront", "CreateInvalidation", invalidate, region=GLOBAL),
    ]
