"""A repository and an account beside each other, and the command line between them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
from click.testing import CliRunner

from leastwise.cli import cli
from tests.builders import policy
from tests.fakes.iam_account import ACCOUNT

if TYPE_CHECKING:
    from pathlib import Path

NAME = "payments-api"
ARN = f"arn:aws:iam::{ACCOUNT}:role/{NAME}"
FOLDER = f"{ACCOUNT}/role/{NAME}"


@dataclass
class World:
    """One role, enrolled with ``ownership: apply`` unless ``entry`` says otherwise."""

    root: Path
    entry: dict[str, object] = field(default_factory=lambda: {"ownership": "apply"})
    iam: Any = None

    def __post_init__(self):
        self.iam = boto3.client("iam")
        self.iam.create_role(RoleName=NAME, AssumeRolePolicyDocument="{}")
        self.declare()

    def declare(self, **more):
        self.entry |= more
        declared = {"version": 1, "principals": [{"arn": ARN, **self.entry}]}
        (self.root / "principals.yaml").write_text(json.dumps(declared, indent=1))

    def commit(self, path, *statements):
        """Have a file below ``policies/``; without statements have it no longer."""
        below = path if "/" in path and path.split("/")[0] in ("shared", "aws") else f"{FOLDER}/{path}"
        file = self.root / "policies" / f"{below}.json"
        if not statements:
            file.unlink()
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(policy(*statements))

    def live(self, name, *statements, attach=(NAME,)):
        """Have a customer managed policy in AWS; its ARN."""
        arn = self.iam.create_policy(PolicyName=name, PolicyDocument=policy(*statements))["Policy"]["Arn"]
        for role in attach:
            self.iam.attach_role_policy(RoleName=role, PolicyArn=arn)
        return arn

    def version(self, arn, *statements):
        """Give a managed policy a new default version."""
        self.iam.create_policy_version(PolicyArn=arn, PolicyDocument=policy(*statements), SetAsDefault=True)

    def inline(self, name, *statements):
        self.iam.put_role_policy(RoleName=NAME, PolicyName=name, PolicyDocument=policy(*statements))

    def attach(self, arn):
        self.iam.attach_role_policy(RoleName=NAME, PolicyArn=arn)

    def run(self, *arguments, exit_code=None):
        """The command line; its exit code is checked where one is given."""
        done = CliRunner().invoke(cli, [*arguments, "--root", str(self.root)])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        if exit_code is not None:
            assert done.exit_code == exit_code, done.output
        return done.output

    def plan(self, *arguments, now="2026-11-23"):
        """The one principal of ``leastwise plan --format json``."""
        (found,) = json.loads(self.run("plan", "--format", "json", "--now", now, *arguments))["principals"]
        return found

    def calls(self):
        return [step["call"].partition(":")[2] for step in self.plan()["steps"]]

    def holds(self):
        """What the role holds now: name of a policy -> its statements."""
        attached = self.iam.list_attached_role_policies(RoleName=NAME)["AttachedPolicies"]
        held = {}
        for row in attached:
            version = self.iam.get_policy(PolicyArn=row["PolicyArn"])["Policy"]["DefaultVersionId"]
            told = self.iam.get_policy_version(PolicyArn=row["PolicyArn"], VersionId=version)
            held[row["PolicyName"]] = told["PolicyVersion"]["Document"]["Statement"]
        for name in self.iam.list_role_policies(RoleName=NAME)["PolicyNames"]:
            told = self.iam.get_role_policy(RoleName=NAME, PolicyName=name)
            held[name] = told["PolicyDocument"]["Statement"]
        return held

    def versions(self, arn):
        rows = self.iam.list_policy_versions(PolicyArn=arn)["Versions"]
        return sorted((row["VersionId"] for row in rows), key=lambda each: int(each[1:]))
