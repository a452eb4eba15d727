"""Sessions with AWS, one for each account."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from leastwise.aws.caller import Caller

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leastwise.aws.boto import BotoClient, Session
    from leastwise.aws.caller import Clock

SESSION_NAME = "leastwise"


class SystemClock:
    """The machine's time."""

    def now(self) -> float:
        """See ``Clock``."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """See ``Clock``."""
        time.sleep(seconds)


class Aws:
    """How every account is reached."""

    def __init__(
        self,
        roles: Mapping[str, str],
        clock: Clock | None = None,
        session: Session | None = None,
    ) -> None:
        """``roles`` holds account ID -> ARN of the role to assume there; other accounts use what is at hand.

        ``session`` is where credentials come from: by default boto3's own chain.
        """
        self.clock: Clock = clock or SystemClock()
        self._roles = roles
        self._session = session

    def caller(
        self, service: str, region: str, account: str = "", paces: Mapping[str, float] | None = None
    ) -> Caller:
        """Calls of one service; nothing is asked of AWS before the first of them.

        Without a ``region`` it is the one of the profile or the environment.
        """
        role = self._roles.get(account, "")
        place = ", ".join(filter(None, (region, f"account {account}" if account else ""))) or "AWS"
        return Caller(service, place, lambda: self._client(service, region, role), self.clock, paces or {})

    def _client(self, service: str, region: str, role: str) -> BotoClient:
        return _connect(self._session, service, region, self._assumed(region, role) if role else {})

    def _assumed(self, region: str, role: str) -> dict[str, str]:
        """Credentials of a role, in the names of ``connect``.  They are kept nowhere else."""
        sts = Caller("sts", region, lambda: _connect(self._session, "sts", region, {}), self.clock, {})
        hints = {
            "AccessDenied": f"let {role} trust the identity that leastwise runs as, and allow "
            "that sts:AssumeRole"
        }
        told = sts.call("AssumeRole", hints, RoleArn=role, RoleSessionName=SESSION_NAME)["Credentials"]
        return {
            "aws_access_key_id": told["AccessKeyId"],
            "aws_secret_access_key": told["SecretAccessKey"],
            "aws_session_token": told["SessionToken"],
        }


def _connect(
    session: Session | None, service: str, region: str, credentials: Mapping[str, str]
) -> BotoClient:
    """See ``leastwise.aws.boto``, which is imported no earlier."""
    from leastwise.aws.boto import connect  # noqa: PLC0415  see the docstring

    return connect(session, service, region, credentials)
