"""IAM Identity Center: permission sets and what they hold, as frozen values.

Shapes: botocore 1.44.5, ``sso-admin`` service model.  A permission set is a definition in the account that
administers Identity Center; its roles in other accounts change only when it is *provisioned*
(https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ProvisionPermissionSet.html, 2026-11-23).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from leastwise.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leastwise.aws.caller import Caller
    from leastwise.aws.sessions import Aws
    from leastwise.model.declared import IdentityCenter

GONE = "ResourceNotFoundException"
BEHIND = "LATEST_PERMISSION_SET_NOT_PROVISIONED"
_ELSEWHERE = "set `identity_center: {account: ..., region: ...}` in principals.yaml"


@dataclass(frozen=True, slots=True)
class PermissionSet:
    """A permission set's name and the two ARNs that every call about it wants."""

    name: str
    instance: str
    arn: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A customer managed policy that each account must have under this IAM path and name."""

    name: str
    path: str = "/"


class SsoAdmin:
    """IAM Identity Center as its administrator sees it.  Every method raises ``AwsError``."""

    def __init__(self, caller: Caller) -> None:
        """``caller`` is one of service ``sso-admin``."""
        self.caller = caller

    def permission_set(self, name: str) -> PermissionSet:
        """The permission set with that name; ``AwsError`` with code ``GONE`` where there is none."""
        for instance in self._pages("ListInstances", "Instances"):
            place = str(instance["InstanceArn"])
            for arn in self._pages("ListPermissionSets", "PermissionSets", InstanceArn=place):
                found = PermissionSet(name, place, str(arn))
                told = self._call("DescribePermissionSet", found)["PermissionSet"]
                if told["Name"] == name:
                    return found
        raise AwsError(GONE, f"Identity Center has no permission set {name} there; {_ELSEWHERE}")

    def inline_policy(self, of: PermissionSet) -> object | None:
        """The JSON value of its inline policy; ``None`` where it has none."""
        text = self._call("GetInlinePolicyForPermissionSet", of).get("InlinePolicy")
        return json.loads(text) if text else None

    def managed(self, of: PermissionSet) -> tuple[str, ...]:
        """The ARNs of the AWS-managed policies that are attached, sorted."""
        rows = self._of("ListManagedPoliciesInPermissionSet", "AttachedManagedPolicies", of)
        return tuple(sorted(str(row["Arn"]) for row in rows))

    def references(self, of: PermissionSet) -> tuple[Reference, ...]:
        """The customer managed policies that it refers to, by name."""
        operation = "ListCustomerManagedPolicyReferencesInPermissionSet"
        rows = self._of(operation, "CustomerManagedPolicyReferences", of)
        found = [Reference(str(row["Name"]), str(row.get("Path", "/"))) for row in rows]
        return tuple(sorted(found, key=lambda reference: (reference.name, reference.path)))

    def boundary(self, of: PermissionSet) -> str:
        """Its permissions boundary, as an ARN or as IAM path and name; empty where it has none."""
        try:
            told = self._call("GetPermissionsBoundaryForPermissionSet", of)["PermissionsBoundary"]
        except AwsError as error:
            if error.code == GONE:
                return ""
            raise
        named = told.get("CustomerManagedPolicyReference", {})
        return str(told.get("ManagedPolicyArn") or named.get("Path", "/") + named.get("Name", ""))

    def accounts(self, of: PermissionSet, status: str = "") -> tuple[str, ...]:
        """The accounts it is provisioned to, sorted; with ``BEHIND`` those that hold an older definition."""
        only = {"ProvisioningStatus": status} if status else {}
        rows = self._of("ListAccountsForProvisionedPermissionSet", "AccountIds", of, **only)
        return tuple(sorted(map(str, rows)))

    def _of(self, operation: str, member: str, of: PermissionSet, **more: object) -> Iterator[Any]:
        return self._pages(operation, member, InstanceArn=of.instance, PermissionSetArn=of.arn, **more)

    def _pages(self, operation: str, member: str, **parameters: object) -> Iterator[Any]:
        page: dict[str, object] = {}
        while True:
            told = self.caller.call(operation, None, **parameters, **page)
            yield from told[member]
            if not told.get("NextToken"):
                return
            page = {"NextToken": told["NextToken"]}

    def _call(self, operation: str, of: PermissionSet) -> Any:  # noqa: ANN401  JSON enters here
        return self.caller.call(operation, InstanceArn=of.instance, PermissionSetArn=of.arn)


def sso_admin(aws: Aws, center: IdentityCenter) -> SsoAdmin:
    """Identity Center where the declaration says it is administered."""
    return SsoAdmin(aws.caller("sso-admin", center.region, center.account))
