"""Who we are to AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leastwise.aws.sessions import Aws


def caller_identity(aws: Aws, account: str, region: str = "") -> str:
    """Our ARN in an account: ``sts:GetCallerIdentity``, which needs no permission.  Raises ``AwsError``."""
    return str(aws.caller("sts", region, account).call("GetCallerIdentity")["Arn"])
