"""The connection with GitHub: what is used of PyGithub, and the only import of it.

PyGithub's own objects and its own retries are not used: they repeat a ``POST`` after a 502 (two comments),
never repeat a ``PATCH``, send label arrays that GitHub no longer documents, and refuse to page when a proxy
answers under another host name.  What is used is its connection: authentication, proxies, certificates and
the base URL of GitHub Enterprise Server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import github
from requests.exceptions import RequestException

from leastwise.publish.github_http import PUBLIC_API
from leastwise.publish.rate_limits import UNREACHABLE, Reply

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT = 30
"""Seconds for one request.  GitHub itself ends a request after ten ("Timeouts", GitHub docs, 2026-11)."""

_API_VERSION = "2022-11-28"
_ACCEPT = {"Accept": "application/vnd.github+json"}


class PyGithubTransport:
    """Requests by PyGithub.  ``api_url`` is what Actions gives as ``GITHUB_API_URL``."""

    def __init__(self, token: str, api_url: str = PUBLIC_API) -> None:
        """``token`` is never printed: neither by ``repr`` nor in an error."""
        self._requester = github.Github(
            auth=github.Auth.Token(token),
            base_url=api_url,
            timeout=TIMEOUT,
            user_agent="leastwise",
            retry=0,
            seconds_between_requests=None,
            seconds_between_writes=None,
            api_version=_API_VERSION,
        ).requester

    def send(
        self, method: str, path: str, query: Mapping[str, str], payload: Mapping[str, object] | None
    ) -> Reply:
        """One attempt over the kept connection."""
        try:
            status, headers, text = self._requester.requestJson(
                method, path, parameters=dict(query), headers=dict(_ACCEPT), input=payload
            )
        except RequestException as error:
            return Reply(UNREACHABLE, {}, f'{{"message": "no answer ({type(error).__name__})"}}')
        return Reply(status, {name.lower(): str(value) for name, value in headers.items()}, text)
