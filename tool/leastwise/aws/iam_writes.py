"""Writing policies of users and roles.

Shapes and error codes: botocore 1.44.5, ``iam`` service model.  A write may take seconds until every read
tells of it (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency,
2026-11-23).
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from leastwise.aws.iam import GONE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leastwise.aws.caller import Caller

_HINTS: Mapping[str, str] = MappingProxyType(
    {
        "LimitExceeded": "it would exceed a quota of IAM: make a new plan, which counts anew",
        "MalformedPolicyDocument": "IAM does not take the policy: run `leastwise check`, then mend its file",
        "EntityAlreadyExists": "the name is taken by a policy that was not there before: make a new plan",
        "DeleteConflict": "somebody holds it or gave it a version meanwhile: make a new plan",
        GONE: "it is not there (any more): make a new plan",
    }
)


class IamWrites:
    """Writes to IAM of one account.  Every method raises ``AwsError``."""

    def __init__(self, caller: Caller) -> None:
        """``caller`` is one of service ``iam``."""
        self._caller = caller

    def create_policy(self, path: str, name: str, text: str) -> str:
        """Make a customer managed policy below an IAM path; its ARN."""
        told = self._call("CreatePolicy", Path=path, PolicyName=name, PolicyDocument=text)
        return str(told["Policy"]["Arn"])

    def add_version(self, arn: str, text: str) -> str:
        """Give a managed policy a new default version; its ID.

        An error of ``UNSURE`` is not tried again here: it would be another version.
        """
        given = {"PolicyArn": arn, "PolicyDocument": text, "SetAsDefault": True}
        told = self._caller.call_once("CreatePolicyVersion", _HINTS, **given)
        return str(told["PolicyVersion"]["VersionId"])

    def set_default(self, arn: str, version: str) -> None:
        """Make a version that is there the default."""
        self._call("SetDefaultPolicyVersion", PolicyArn=arn, VersionId=version)

    def delete_version(self, arn: str, version: str) -> None:
        """Have a version no longer."""
        self._call("DeletePolicyVersion", PolicyArn=arn, VersionId=version)

    def delete_policy(self, arn: str) -> None:
        """Have a managed policy no longer: nobody may hold it, and it may have one version."""
        self._call("DeletePolicy", PolicyArn=arn)

    def attach(self, kind: str, name: str, arn: str) -> None:
        """Attach a managed policy to a ``User`` or ``Role``; done already is done."""
        self._call(f"Attach{kind}Policy", **{f"{kind}Name": name}, PolicyArn=arn)

    def detach(self, kind: str, name: str, arn: str) -> None:
        """Detach a managed policy."""
        self._call(f"Detach{kind}Policy", **{f"{kind}Name": name}, PolicyArn=arn)

    def put_inline(self, kind: str, name: str, policy: str, text: str) -> None:
        """Have an inline policy say this."""
        self._call(f"Put{kind}Policy", **{f"{kind}Name": name}, PolicyName=policy, PolicyDocument=text)

    def delete_inline(self, kind: str, name: str, policy: str) -> None:
        """Have an inline policy no longer."""
        self._call(f"Delete{kind}Policy", **{f"{kind}Name": name}, PolicyName=policy)

    def _call(self, operation: str, **parameters: object) -> Any:  # noqa: ANN401  JSON enters here
        return self._caller.call(operation, _HINTS, **parameters)
