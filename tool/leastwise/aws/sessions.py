"""Sessions with AWS, one for each account: the only place that imports boto3 and botocore."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import boto3  # type: ignore[import-untyped]  # boto3 ships no types
from botocore.config import Config  # type: ignore[import-untyped]  # botocore ships no types
from botocore.exceptions import (  # type: ignore[import-untyped]  # botocore ships no types
    BotoCoreError,
    ClientError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
)

from leastwise.aws.caller import Caller, Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leastwise.aws.caller import Clock

SESSION_NAME = "leastwise"
CONNECTIONS = 32
"""How many requests of one client may be under way at once."""
_TIMEOUTS = {"connect_timeout": 10, "read_timeout": 60}


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
        session: boto3.Session | None = None,
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
        session = self._session or boto3.Session()
        given = self._assumed(session, region, role) if role else {}
        return BotoClient(session.client(service, region_name=region or None, config=_config(), **given))

    def _assumed(self, session: boto3.Session, region: str, role: str) -> dict[str, str]:
        """Credentials of a role, in the names of ``session.client``.  They are kept nowhere else."""
        sts = Caller("sts", region, lambda: BotoClient(_sts(session, region)), self.clock, {})
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


def _sts(session: boto3.Session, region: str) -> Any:  # noqa: ANN401  boto3 ships no types
    return session.client("sts", region_name=region or None, config=_config())


class BotoClient:
    """See ``Client``: botocore's client, its exceptions made ours."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401  boto3 ships no types
        """``client`` is a low-level client of boto3."""
        self._client = client

    def call(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """See ``Client``."""
        method = getattr(self._client, self._method(operation))
        try:
            response: dict[str, Any] = _whole(method(**parameters))
        except ClientError as error:
            told = error.response.get("Error", {})
            raise Refusal(str(told.get("Code", "Unknown")), str(told.get("Message", ""))) from error
        except NoCredentialsError as error:
            raise Refusal("NoCredentials", str(error)) from error
        except (ParamValidationError, NoRegionError) as error:
            raise Refusal("InvalidRequest", str(error)) from error
        except (HTTPClientError, BotoCoreError) as error:
            raise Refusal("Unreachable", str(error)) from error
        return response

    def _method(self, operation: str) -> str:
        names: dict[str, str] = self._client.meta.method_to_api_mapping
        return next(method for method, name in names.items() if name == operation)


def _whole(response: dict[str, Any]) -> dict[str, Any]:
    """The response with a streamed body read to its end, so that a broken stream is tried again too."""
    return {**response, "Body": response["Body"].read()} if "Body" in response else response


def _config() -> Config:
    """Without botocore's own retries: ``Caller`` tries again, and its waiting can be tested."""
    return Config(
        retries={"total_max_attempts": 1, "mode": "standard"},
        max_pool_connections=CONNECTIONS,
        **_TIMEOUTS,
    )
