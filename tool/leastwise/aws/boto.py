"""AWS's own library for Python: the only place that imports boto3 and botocore.

Nobody imports this module before the first call of AWS: most verbs make none, and it takes half a second.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from boto3 import Session  # type: ignore[import-untyped]  # boto3 ships no types
from botocore.config import Config  # type: ignore[import-untyped]  # botocore ships no types
from botocore.exceptions import (  # type: ignore[import-untyped]  # botocore ships no types
    BotoCoreError,
    ClientError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
)
from botocore.loaders import Loader, create_loader  # type: ignore[import-untyped]  # as above
from botocore.session import get_session  # type: ignore[import-untyped]  # as above

from leastwise.aws.caller import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["BotoClient", "Session", "connect"]

CONNECTIONS = 32
"""How many requests of one client may be under way at once."""
_TIMEOUTS = {"connect_timeout": 10, "read_timeout": 60}


def connect(session: Session | None, service: str, region: str, credentials: Mapping[str, str]) -> BotoClient:
    """A client of one service, without a request.

    Without a ``session`` credentials come by boto3's own chain, without a ``region`` the profile or the
    environment names it.  ``credentials`` are in the words of ``Session.client``; empty: the session's.
    """
    client = (session or _new_session()).client(
        service, region_name=region or None, config=_config(), **credentials
    )
    return BotoClient(client)


def _new_session() -> Session:
    """Looks for credentials anew, but does not read botocore's models of AWS again: they are 20 MB."""
    core = get_session()
    core.register_component("data_loader", _models(core.get_config_variable("data_path")))
    return Session(botocore_session=core)


@cache
def _models(folders: str | None) -> Loader:
    return create_loader(folders)


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
