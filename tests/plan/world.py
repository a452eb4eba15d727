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
TRUST = {"role": {"AssumeRolePolicyDocument": "{}"}, "user": {}}


@dataclass
class World:
    """One role or user, enrolled with ``ownership: apply`` unless ``entry`` says otherwise."""

    root: Path
    entry: dict[str, object] = field(default_factory=lambda: {"ownership": "apply"})
    iam: Any = None
    kind: str = "role"

    def __post_init__(self):
        self.iam = boto3.client("iam")
        self.call("create_{}", **TRUST[self.kind])
        self.declare()

    def call(self, operation, **parameters):
        """An operation of IAM that is there for roles and for users."""
        named = {f"{self.kind.capitalize()}Name": NAME}
        return getattr(self.iam, operation.format(self.kind))(**named, **parameters)

    def declare(self, **more):
        self.entry |= more
        arn = f"arn:aws:iam::{ACCOUNT}:{self.kind}/{NAME}"
        declared = {"version": 1, "principals": [{"arn": arn, **self.entry}]}
        (self.root / "principals.yaml").write_text(json.dumps(declared, indent=1))

    def commit(self, path, *statements):
        """Have a file below ``policies/``; without statements have it no longer."""
        own = f"{ACCOUNT}/{self.kind}/{NAME}/{path}"
        below = path if "/" in path and path.split("/")[0] in ("shared", "aws") else own
        file = self.root / "policies" / f"{below}.json"
        if not statements:
            file.unlink()
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(policy(*statements))

    def live(self, name, *statements, attach=(NAME,)):
        """Have a customer managed policy in AWS; its ARN."""
        arn = self.iam.create_policy(PolicyName=name, PolicyDocument=policy(*statements))["Policy"]["Arn"]
        for holder in attach:
            named = {f"{self.kind.capitalize()}Name": holder}
            getattr(self.iam, f"attach_{self.kind}_policy")(**named, PolicyArn=arn)
        return arn

    def version(self, arn, *statements):
        """Give a managed policy a new default version."""
        self.iam.create_policy_version(PolicyArn=arn, PolicyDocument=policy(*statements), SetAsDefault=True)

    def inline(self, name, *statements):
        self.call("put_{}_policy", PolicyName=name, PolicyDocument=policy(*statements))

    def attach(self, arn):
        self.call("attach_{}_policy", PolicyArn=arn)

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
        """What the principal holds now: name of a policy -> its statements."""
        attached = self.call("list_attached_{}_policies")["AttachedPolicies"]
        held = {}
        for row in attached:
            version = self.iam.get_policy(PolicyArn=row["PolicyArn"])["Policy"]["DefaultVersionId"]
            told = self.iam.get_policy_version(PolicyArn=row["PolicyArn"], VersionId=version)
            held[row["PolicyName"]] = told["PolicyVersion"]["Document"]["Statement"]
        for name in self.call("list_{}_policies")["PolicyNames"]:
            told = self.call("get_{}_policy", PolicyName=name)
            held[name] = told["PolicyDocument"]["Statement"]
        return held

    def versions(self, arn):
        rows = self.iam.list_policy_versions(PolicyArn=arn)["Versions"]
        return sorted((row["VersionId"] for row in rows), key=lambda each: int(each[1:]))
