"""Sessions with AWS, one for each account."""

from __future__ import annotations

import time
from threading import Lock
from typing import TYPE_CHECKING

from leastwise.aws.caller import Caller

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leastwise.aws.boto import BotoClient, Session
    from leastwise.aws.caller import Clock

SESSION_NAME = "leastwise"
MARGIN = 300.0
"""Seconds before their end in which credentials are not handed out any more."""


class SystemClock:
    """The machine's time."""

    def now(self) -> float:
        """See ``Clock``."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """See ``Clock``."""
        time.sleep(seconds)


class Aws:
    """How every account is reached.

    It travels to other processes without credentials: each assumes its own, from boto3's own chain.
    """

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
        self._lent: dict[str, Lent] = {}
        self._lending = Lock()

    def __reduce__(self) -> tuple[type[Aws], tuple[dict[str, str], Clock]]:
        """Roles and clock: neither locks nor a declaration's read-only mapping can be pickled."""
        return type(self), (dict(self._roles), self.clock)

    def caller(
        self, service: str, region: str, account: str = "", paces: Mapping[str, float] | None = None
    ) -> Caller:
        """Calls of one service; nothing is asked of AWS before the first of them.

        Without a ``region`` it is the one of the profile or the environment.
        """
        role = self._roles.get(account, "")
        place = ", ".join(filter(None, (region, f"account {account}" if account else ""))) or "AWS"
        return Caller(service, place, Entrance(self, service, region, role).connect, self.clock, paces or {})

    def connect(self, service: str, region: str, lent: Lent | None) -> BotoClient:
        """A client with the credentials of a role, or with our own."""
        return _connect(self._session, service, region, lent.keys if lent else {})

    def lend(self, region: str, role: str, not_again: Lent | None) -> Lent:
        """Credentials of a role, assumed once for all that is done with it; anew for whom they failed.

        They are kept in this process and nowhere else.  Raises ``AwsError``.
        """
        with self._lending:  # several accounts are read by threads
            found = self._lent.get(role)
            if found is None or found is not_again or found.until - self.clock.now() < MARGIN:
                found = self._lent[role] = self._assumed(region, role)
            return found

    def _assumed(self, region: str, role: str) -> Lent:
        sts = Caller("sts", region, lambda: _connect(self._session, "sts", region, {}), self.clock, {})
        hints = {
            "AccessDenied": f"let {role} trust the identity that leastwise runs as, and allow "
            "that sts:AssumeRole"
        }
        told = sts.call("AssumeRole", hints, RoleArn=role, RoleSessionName=SESSION_NAME)["Credentials"]
        keys = {
            "aws_access_key_id": told["AccessKeyId"],
            "aws_secret_access_key": told["SecretAccessKey"],
            "aws_session_token": told["SessionToken"],
        }
        return Lent(keys, told["Expiration"].timestamp())


class Lent:
    """Credentials of a role, in the names of ``connect``, and until when (seconds since the epoch)."""

    def __init__(self, keys: Mapping[str, str], until: float) -> None:
        """No ``repr`` tells the keys."""
        self.keys = keys
        self.until = until


class Entrance:
    """How one caller gets in: with our own credentials, or with those of a role."""

    def __init__(self, aws: Aws, service: str, region: str, role: str) -> None:
        """``role`` is an ARN; empty: our own credentials."""
        self._aws = aws
        self._service = service
        self._region = region
        self._role = role
        self._lent: Lent | None = None

    def connect(self) -> BotoClient:
        """A client; another time, one with fresh credentials.  Raises ``AwsError``."""
        if self._role:
            self._lent = self._aws.lend(self._region, self._role, self._lent)
        return self._aws.connect(self._service, self._region, self._lent)


def _connect(
    session: Session | None, service: str, region: str, credentials: Mapping[str, str]
) -> BotoClient:
    """See ``leastwise.aws.boto``, which is imported no earlier."""
    from leastwise.aws.boto import connect  # noqa: PLC0415  see the docstring

    return connect(session, service, region, credentials)
