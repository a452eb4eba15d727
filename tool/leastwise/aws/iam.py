"""IAM: roles, users and the policies they hold, as frozen values.

Shapes: botocore 1.44.5, ``iam`` service model.  IAM is one service for all regions of a partition.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from leastwise.aws.moments import utc
from leastwise.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from leastwise.aws.caller import Caller
    from leastwise.aws.sessions import Aws

GONE = "NoSuchEntity"
RESERVED_PATH = "/aws-reserved/sso.amazonaws.com/"
"""Where IAM Identity Center makes the roles of permission sets
(https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html, 2026-11-23)."""

_HINTS: Mapping[str, str] = MappingProxyType(
    {GONE: "it is not there (any more): check its name and the account, or take it out of principals.yaml"}
)


@dataclass(frozen=True, slots=True)
class Held:
    """One policy of a user or role: inline where ``arn`` is empty, else managed, with its default version."""

    name: str
    document: object
    """The JSON value of the policy."""
    arn: str = ""
    version: str = ""
    attachments: int = 1
    """How many users, groups and roles a managed policy is attached to."""
    boundaries: int = 0
    """How many users and roles have it as their permissions boundary."""


class Iam:
    """IAM of one account.  Every method raises ``AwsError``, with code ``GONE`` for what is not there."""

    def __init__(self, caller: Caller) -> None:
        """``caller`` is one of service ``iam``."""
        self.caller = caller

    def reserved_roles(self) -> tuple[str, ...]:
        """The ARNs of the roles that IAM Identity Center made here, sorted."""
        rows = self._pages("ListRoles", "Roles", PathPrefix=RESERVED_PATH)
        return tuple(sorted(str(row["Arn"]) for row in rows))

    def held_by(self, kind: str, name: str) -> tuple[Held, ...]:
        """The policies of a user or role (``kind`` is ``User`` or ``Role``): managed ones first, by name."""
        of = {f"{kind}Name": name}
        managed = [self.managed(arn) for arn in self.attached_to(kind, name)]
        names = sorted(str(policy) for policy in self._pages(f"List{kind}Policies", "PolicyNames", **of))
        inline = [Held(policy, self.inline(kind, name, policy)) for policy in names]
        return (*sorted(managed, key=lambda held: (held.name, held.arn)), *inline)

    def attached_to(self, kind: str, name: str) -> tuple[str, ...]:
        """The ARNs of the managed policies of a user or role."""
        rows = self._pages(f"ListAttached{kind}Policies", "AttachedPolicies", **{f"{kind}Name": name})
        return tuple(str(row["PolicyArn"]) for row in rows)

    def inline(self, kind: str, name: str, policy: str) -> object:
        """The JSON value of an inline policy of a user or role."""
        return self._call(f"Get{kind}Policy", **{f"{kind}Name": name}, PolicyName=policy)["PolicyDocument"]

    def boundary_of(self, arn: str) -> str:
        """The ARN of the permissions boundary of a user or role; empty where it has none."""
        return str(self._entity(arn).get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", ""))

    def made(self, arn: str) -> datetime:
        """When a user or role was made."""
        return utc(self._entity(arn)["CreateDate"])

    def trust_of(self, role: str) -> object:
        """The JSON value of a role's trust policy."""
        return self._call("GetRole", RoleName=role)["Role"].get("AssumeRolePolicyDocument", {})

    def groups_of(self, user: str) -> tuple[str, ...]:
        """The names of the groups of a user, whose policies it holds too."""
        return tuple(
            sorted(str(row["GroupName"]) for row in self._pages("ListGroupsForUser", "Groups", UserName=user))
        )

    def managed(self, arn: str) -> Held:
        """A managed policy with its default version."""
        policy = self._call("GetPolicy", PolicyArn=arn)["Policy"]
        version = str(policy["DefaultVersionId"])
        return Held(
            name=str(policy["PolicyName"]),
            document=self.document(arn, version),
            arn=arn,
            version=version,
            attachments=int(policy.get("AttachmentCount", 1)),
            boundaries=int(policy.get("PermissionsBoundaryUsageCount", 0)),
        )

    def document(self, arn: str, version: str) -> object:
        """The JSON value of one version of a managed policy."""
        return self._call("GetPolicyVersion", PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]

    def versions(self, arn: str) -> tuple[str, ...]:
        """The IDs of a managed policy's versions, oldest first (AWS counts up: ``v1``, ``v2``)."""
        rows = self._pages("ListPolicyVersions", "Versions", PolicyArn=arn)
        return tuple(sorted((str(row["VersionId"]) for row in rows), key=lambda each: int(each[1:])))

    def customer_managed(self) -> Mapping[str, str]:
        """Every customer managed policy of the account: name -> ARN; names are unique, paths aside."""
        rows = self._pages("ListPolicies", "Policies", Scope="Local")
        return {str(row["PolicyName"]): str(row["Arn"]) for row in rows}

    def most_attached(self, kind: str) -> int:
        """How many managed policies a user or role may have attached in this account."""
        return int(self._call("GetAccountSummary")["SummaryMap"][f"AttachedPoliciesPer{kind}Quota"])

    def _entity(self, arn: str) -> Any:  # noqa: ANN401  JSON enters here
        """A user or role; code ``GONE`` too where its name is that of one with another path."""
        kind = "User" if ":user/" in arn else "Role"
        entity = self._call(f"Get{kind}", **{f"{kind}Name": arn.rpartition("/")[2]})[kind]
        if entity["Arn"] != arn:
            raise AwsError(
                GONE, f"there is no {arn}: {entity['Arn']} has its name; write its ARN with the path"
            )
        return entity

    def _pages(self, operation: str, member: str, **parameters: object) -> Iterator[Any]:
        page: dict[str, object] = {}
        while True:
            told = self._call(operation, **parameters, **page)
            yield from told[member]
            if not told.get("IsTruncated"):
                return
            page = {"Marker": told["Marker"]}

    def _call(self, operation: str, **parameters: object) -> Any:  # noqa: ANN401  JSON enters here
        return self.caller.call(operation, _HINTS, **parameters)


def iam(aws: Aws, account: str, region: str = "") -> Iam:
    """IAM of an account; ``region``: any of its partition; empty: that of the profile or environment."""
    return Iam(aws.caller("iam", region, account))


def is_gone(error: AwsError) -> bool:
    """Whether AWS says that what was asked about is not there."""
    return error.code == GONE
