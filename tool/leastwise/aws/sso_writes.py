"""Writing permission sets, and provisioning them.

Shapes and error codes: botocore 1.44.5, ``sso-admin`` service model.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leastwise.aws.caller import Caller
    from leastwise.aws.sso_admin import PermissionSet, Reference

BUSY = "ConflictException"
"""Another write or provisioning of the permission set is under way."""
_HINTS: Mapping[str, str] = MappingProxyType(
    {
        "ServiceQuotaExceededException": "it would exceed a quota of Identity Center: make a new plan",
        "ValidationException": "Identity Center does not take it: mend the file",
        BUSY: "another change of the permission set is under way: run again when it is done",
    }
)


@dataclass(frozen=True, slots=True)
class Provisioning:
    """Where a provisioning stands: ``IN_PROGRESS``, ``SUCCEEDED`` or ``FAILED`` with its reason."""

    request: str
    status: str
    reason: str = ""


class SsoWrites:
    """Writes to one permission set.  Every method raises ``AwsError``."""

    def __init__(self, caller: Caller, of: PermissionSet) -> None:
        """``caller`` is one of service ``sso-admin``."""
        self._caller = caller
        self._of = of

    def put_inline(self, text: str) -> None:
        """Have the inline policy say this."""
        self._call("PutInlinePolicyToPermissionSet", InlinePolicy=text)

    def delete_inline(self) -> None:
        """Have no inline policy."""
        self._call("DeleteInlinePolicyFromPermissionSet")

    def attach(self, arn: str) -> None:
        """Attach an AWS-managed policy."""
        self._call("AttachManagedPolicyToPermissionSet", ManagedPolicyArn=arn)

    def detach(self, arn: str) -> None:
        """Detach an AWS-managed policy."""
        self._call("DetachManagedPolicyFromPermissionSet", ManagedPolicyArn=arn)

    def refer(self, to: Reference) -> None:
        """Refer to a customer managed policy that each account has."""
        operation = "AttachCustomerManagedPolicyReferenceToPermissionSet"
        self._call(operation, CustomerManagedPolicyReference={"Name": to.name, "Path": to.path})

    def refer_no_more(self, to: Reference) -> None:
        """Refer to a customer managed policy no longer."""
        operation = "DetachCustomerManagedPolicyReferenceFromPermissionSet"
        self._call(operation, CustomerManagedPolicyReference={"Name": to.name, "Path": to.path})

    def provision(self) -> Provisioning:
        """Begin to bring the definition to every account that has the permission set."""
        told = self._call("ProvisionPermissionSet", TargetType="ALL_PROVISIONED_ACCOUNTS")
        return _provisioning(told)

    def provisioning(self, request: str) -> Provisioning:
        """Where that stands."""
        told = self._caller.call(
            "DescribePermissionSetProvisioningStatus",
            _HINTS,
            InstanceArn=self._of.instance,
            ProvisionPermissionSetRequestId=request,
        )
        return _provisioning(told)

    def _call(self, operation: str, **parameters: object) -> Any:  # noqa: ANN401  JSON enters here
        of = {"InstanceArn": self._of.instance, "PermissionSetArn": self._of.arn}
        return self._caller.call(operation, _HINTS, **of, **parameters)


def _provisioning(told: Any) -> Provisioning:  # noqa: ANN401  JSON enters here
    found = told["PermissionSetProvisioningStatus"]
    return Provisioning(found["RequestId"], found["Status"], found.get("FailureReason", ""))
