"""IAM Identity Center as its API reference describes it: definitions, and accounts they are provisioned to.

Moto has no ``DescribePermissionSetProvisioningStatus``, checks no size, and never says that an account is
behind; so this is our own.  ``ends`` says how each provisioning ends: ``SUCCEEDED``, a reason it fails for,
or ``None``: never.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from tests.fakes.aws_wire import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

Request = dict[str, Any]
INSTANCE = "arn:aws:sso:::instance/ssoins-1234567890abcdef"
POLLS = 2
"""How often a provisioning is in progress before it ends."""
NOT_FOUND = "ResourceNotFoundException"


@dataclass
class Definition:
    name: str
    arn: str
    accounts: list[str]
    inline: str = ""
    managed: list[str] = field(default_factory=list)
    references: list[tuple[str, str]] = field(default_factory=list)
    boundary: Request | None = None
    provisioned: dict[str, tuple[object, ...]] = field(default_factory=dict)

    def now(self) -> tuple[object, ...]:
        """What an account gets from a provisioning."""
        return (self.inline, tuple(self.managed), tuple(self.references))


class FakeIdentityCenter:
    """One instance with permission sets."""

    def __init__(self, *names: str, accounts: tuple[str, ...] = ("111122223333", "444455556666")) -> None:
        self.sets = {}
        for number, name in enumerate(names):
            arn = f"arn:aws:sso:::permissionSet/ssoins-1234567890abcdef/ps-{number:016x}"
            found = Definition(name, arn, list(accounts))
            found.provisioned = dict.fromkeys(accounts, found.now())
            self.sets[arn] = found
        self.ends: list[str | None] = []
        self.under_way: dict[str, list[Any]] = {}
        self.page = 1
        self.is_slow = False
        """Whether it does not tell yet which accounts are behind."""

    def named(self, name: str) -> Definition:
        return next(found for found in self.sets.values() if found.name == name)

    def settle(self) -> None:
        """Provision everything as it is defined now."""
        for found in self.sets.values():
            found.provisioned = dict.fromkeys(found.accounts, found.now())

    def operations(self) -> dict[str, Callable[[Request], Request]]:
        return {
            "ListInstances": lambda _: {"Instances": [{"InstanceArn": INSTANCE, "Status": "ACTIVE"}]},
            "ListPermissionSets": lambda asked: self._paged(asked, "PermissionSets", list(self.sets)),
            "DescribePermissionSet": self._describe,
            "GetInlinePolicyForPermissionSet": self._inline,
            "PutInlinePolicyToPermissionSet": self._put,
            "DeleteInlinePolicyFromPermissionSet": self._delete,
            "ListManagedPoliciesInPermissionSet": self._managed,
            "AttachManagedPolicyToPermissionSet": self._attach,
            "DetachManagedPolicyFromPermissionSet": self._detach,
            "ListCustomerManagedPolicyReferencesInPermissionSet": self._references,
            "AttachCustomerManagedPolicyReferenceToPermissionSet": self._refer,
            "DetachCustomerManagedPolicyReferenceFromPermissionSet": self._refer_no_more,
            "GetPermissionsBoundaryForPermissionSet": self._boundary,
            "ListAccountsForProvisionedPermissionSet": self._accounts,
            "ProvisionPermissionSet": self._provision,
            "DescribePermissionSetProvisioningStatus": self._status,
        }

    def _found(self, asked: Request) -> Definition:
        assert asked["InstanceArn"] == INSTANCE
        if asked["PermissionSetArn"] not in self.sets:
            raise Fault(NOT_FOUND)
        return self.sets[asked["PermissionSetArn"]]

    def _paged(self, asked: Request, member: str, rows: list[Any]) -> Request:
        start = int(asked.get("NextToken", 0))
        more = {"NextToken": str(start + self.page)} if start + self.page < len(rows) else {}
        return {member: rows[start : start + self.page], **more}

    def _describe(self, asked: Request) -> Request:
        found = self._found(asked)
        return {"PermissionSet": {"Name": found.name, "PermissionSetArn": found.arn}}

    def _inline(self, asked: Request) -> Request:
        inline = self._found(asked).inline
        return {"InlinePolicy": inline} if inline else {}

    def _put(self, asked: Request) -> Request:
        text = asked["InlinePolicy"]
        dense = "".join(text.split())
        if len(text.encode()) > 32_768 or len(dense.encode()) > 10_240:
            raise Fault("ServiceQuotaExceededException")
        self._found(asked).inline = text
        return {}

    def _delete(self, asked: Request) -> Request:
        found = self._found(asked)
        if not found.inline:
            raise Fault(NOT_FOUND)
        found.inline = ""
        return {}

    def _managed(self, asked: Request) -> Request:
        rows = [{"Name": arn.rpartition("/")[2], "Arn": arn} for arn in self._found(asked).managed]
        return self._paged(asked, "AttachedManagedPolicies", rows)

    def _attach(self, asked: Request) -> Request:
        found = self._found(asked)
        self._add(found, found.managed, asked["ManagedPolicyArn"])
        return {}

    def _detach(self, asked: Request) -> Request:
        return self._remove(self._found(asked).managed, asked["ManagedPolicyArn"])

    def _references(self, asked: Request) -> Request:
        rows = [{"Name": name, "Path": path} for name, path in self._found(asked).references]
        return self._paged(asked, "CustomerManagedPolicyReferences", rows)

    def _refer(self, asked: Request) -> Request:
        found = self._found(asked)
        self._add(found, found.references, _reference(asked))
        return {}

    def _refer_no_more(self, asked: Request) -> Request:
        return self._remove(self._found(asked).references, _reference(asked))

    def _add(self, found: Definition, held: list[Any], new: object) -> None:
        if new in held:
            raise Fault("ConflictException")
        if len(found.managed) + len(found.references) >= 20:
            raise Fault("ServiceQuotaExceededException")
        held.append(new)

    def _remove(self, held: list[Any], old: object) -> Request:
        if old not in held:
            raise Fault(NOT_FOUND)
        held.remove(old)
        return {}

    def _boundary(self, asked: Request) -> Request:
        boundary = self._found(asked).boundary
        if boundary is None:
            raise Fault(NOT_FOUND)
        return {"PermissionsBoundary": boundary}

    def _accounts(self, asked: Request) -> Request:
        found = self._found(asked)
        only = asked.get("ProvisioningStatus")
        latest = {"LATEST_PERMISSION_SET_PROVISIONED": True, "LATEST_PERMISSION_SET_NOT_PROVISIONED": False}
        rows = [
            account
            for account, held in found.provisioned.items()
            if only is None or (self.is_slow or held == found.now()) is latest[only]
        ]
        return self._paged(asked, "AccountIds", rows)

    def _provision(self, asked: Request) -> Request:
        found = self._found(asked)
        assert asked["TargetType"] == "ALL_PROVISIONED_ACCOUNTS"
        assert "TargetId" not in asked
        if any(self._goes_on(each) for each in self.under_way.values() if each[1] is found):
            raise Fault("ConflictException")
        name = str(uuid4())
        self.under_way[name] = [POLLS, found, self.ends.pop(0) if self.ends else "SUCCEEDED"]
        return {"PermissionSetProvisioningStatus": {"Status": "IN_PROGRESS", "RequestId": name}}

    def _goes_on(self, under_way: list[Any]) -> bool:
        """Time goes by while somebody asks."""
        left, found, end = under_way
        if end is None:
            return True
        under_way[0] = left - 1
        if left == 1 and end == "SUCCEEDED":
            found.provisioned = dict.fromkeys(found.accounts, found.now())
        return bool(left > 0)

    def _status(self, asked: Request) -> Request:
        name = asked["ProvisionPermissionSetRequestId"]
        if name not in self.under_way:
            raise Fault(NOT_FOUND)
        left, found, end = self.under_way[name]
        told = {"RequestId": name, "PermissionSetArn": found.arn}
        if left > 0 or end is None:
            self.under_way[name][0] = left - 1 if end else left
            return {"PermissionSetProvisioningStatus": {**told, "Status": "IN_PROGRESS"}}
        if end != "SUCCEEDED":
            return {"PermissionSetProvisioningStatus": {**told, "Status": "FAILED", "FailureReason": end}}
        found.provisioned = dict.fromkeys(found.accounts, found.now())
        return {"PermissionSetProvisioningStatus": {**told, "Status": "SUCCEEDED"}}


def _reference(asked: Request) -> tuple[str, str]:
    reference = asked["CustomerManagedPolicyReference"]
    return reference["Name"], reference.get("Path", "/")
