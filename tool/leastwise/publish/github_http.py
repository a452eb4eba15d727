"""Requests to GitHub as they have to be made: serial, spaced, patient, and never twice by mistake.

The rules are in `rate_limits`; the connection is a `Transport`; clock and sleep are given.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol, TypeVar
from urllib.parse import parse_qsl, urlsplit

import msgspec

from leastwise.errors import PublishError
from leastwise.publish.github_wire import WireError
from leastwise.publish.rate_limits import (
    ATTEMPTS,
    SECONDS_BETWEEN_WRITES,
    UNREACHABLE,
    Reply,
    seconds_to_wait,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

PUBLIC_API = "https://api.github.com"
PATIENCE = 900.0
"""Seconds that one wait may last.  A primary limit can ask for an hour; a runner's minutes cost money."""
PAGE_SIZE = 100

_Wire = TypeVar("_Wire")
_HINTS = {
    401: "The token is missing, expired or mistyped.",
    403: "The token lacks a permission: it needs contents, pull-requests and issues, all with write.",
    404: "The repository does not exist, or the token may not see it.",
}


class Transport(Protocol):
    """Carries one request to GitHub and brings the answer back."""

    def send(
        self, method: str, path: str, query: Mapping[str, str], payload: Mapping[str, object] | None
    ) -> Reply:
        """One attempt.  A connection that fails is a `Reply` with status ``UNREACHABLE``; nothing raises."""


class GitHubHttp:
    """The REST API below ``root`` (``/repos/OWNER/NAME``)."""

    def __init__(
        self,
        root: str,
        transport: Transport,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        patience: float = PATIENCE,
    ) -> None:
        """``clock`` gives Unix time; ``patience`` caps a single wait, in seconds."""
        self._root = root
        self._transport = transport
        self._clock = clock
        self._sleep = sleep
        self._patience = patience
        self._next_write = 0.0
        self._refused_until = 0.0

    def get(self, path: str, wire: type[_Wire], query: Mapping[str, str] | None = None) -> _Wire:
        """What is at ``path``."""
        return decode(self.request("GET", path, query=query), wire)

    def every(self, path: str, wire: type[_Wire], query: Mapping[str, str]) -> list[_Wire]:
        """The items of every page of a list."""
        pages = self.pages(path, list[wire], {**query, "per_page": str(PAGE_SIZE)})  # type: ignore[valid-type]  # a type built at run time, for msgspec
        return [item for page in pages for item in page]

    def pages(self, path: str, wire: type[_Wire], query: Mapping[str, str]) -> Iterator[_Wire]:
        """Page after page.  Of the ``Link`` header only the query is taken: its host may be another's."""
        following: Mapping[str, str] | None = query
        while following is not None:
            reply = self.request("GET", path, query=following)
            yield decode(reply, wire)
            following = _next_query(reply.headers.get("link", ""))

    def create(
        self, path: str, payload: Mapping[str, object], wire: type[_Wire], find: Callable[[], _Wire | None]
    ) -> _Wire | Reply:
        """``POST`` something that must not come to be twice: after a failure, look before trying again.

        Returns the thing, or the reply in which GitHub refuses it (422).
        """
        for attempt in range(1, ATTEMPTS + 1):
            reply = self.request("POST", path, payload, accept=(422,), may_repeat=False)
            if not reply.is_transient:
                return reply if reply.status == 422 else decode(reply, wire)
            self._wait(reply, attempt)
            found = find()
            if found is not None:
                return found
        raise self.refusal("POST", path, reply)

    def request(
        self,
        method: str,
        path: str,
        payload: Mapping[str, object] | None = None,
        *,
        query: Mapping[str, str] | None = None,
        accept: Sequence[int] = (),
        may_repeat: bool = True,
    ) -> Reply:
        """The reply that counts, after waiting out limits and failures.

        ``accept`` lists the refusals that the caller understands.  Without ``may_repeat``, a reply that
        leaves open whether the request was carried out is returned as it is.
        """
        for attempt in range(1, ATTEMPTS + 1):
            reply = self._send_spaced(method, path, query or {}, payload)
            if reply.is_transient and not may_repeat:
                return reply
            if not (reply.is_transient or reply.is_rate_limited or _lags_behind(reply)):
                break
            if attempt < ATTEMPTS:
                self._wait(reply, attempt)
        if reply.status in accept or 200 <= reply.status < 300:
            return reply
        raise self.refusal(method, path, reply)

    def refusal(self, method: str, path: str, reply: Reply) -> PublishError:
        """The error for a refusal that nobody expected, in GitHub's words and with ours on what to mend."""
        hint = _HINTS.get(reply.status, "")
        status = "did not answer" if reply.status == UNREACHABLE else f"answered {reply.status}"
        return PublishError(
            f"GitHub {status} to {method} {self._root}{path}: {words(reply)}. {hint}".rstrip()
        )

    def _send_spaced(
        self, method: str, path: str, query: Mapping[str, str], payload: Mapping[str, object] | None
    ) -> Reply:
        """One attempt; a write starts at least a second after the last one ended.

        None is made while a limit lasts that was too long to wait for: GitHub bans those who go on.
        """
        if self._clock() < self._refused_until:
            raise self._impatience()
        if method == "GET":
            return self._transport.send(method, self._root + path, query, payload)
        wait = self._next_write - self._clock()
        self._sleep(min(max(wait, 0.0), SECONDS_BETWEEN_WRITES))  # no longer where the clock was set back
        reply = self._transport.send(method, self._root + path, query, payload)
        self._next_write = self._clock() + SECONDS_BETWEEN_WRITES
        return reply

    def _wait(self, reply: Reply, attempt: int) -> None:
        seconds = seconds_to_wait(reply, attempt, self._clock())
        if seconds > self._patience:
            self._refused_until = self._clock() + seconds
            raise self._impatience()
        self._sleep(seconds)

    def _impatience(self) -> PublishError:
        seconds = self._refused_until - self._clock()
        return PublishError(
            f"GitHub's rate limit asks for {seconds:.0f} seconds of patience, and leastwise has "
            f"{self._patience:.0f}; the next run publishes what is missing"
        )


def decode(reply: Reply, wire: type[_Wire]) -> _Wire:
    """The body as a value of ``wire``, checked."""
    try:
        return msgspec.json.decode(reply.body, type=wire)
    except msgspec.DecodeError as error:
        raise PublishError(
            f"GitHub's answer was not understood ({error}); is GITHUB_API_URL the address of its REST API?"
        ) from error


def words(reply: Reply) -> str:
    """GitHub's own words for a refusal, or the start of whatever else came."""
    try:
        return msgspec.json.decode(reply.body, type=WireError).sentence()
    except msgspec.DecodeError:
        return reply.body[:200]


def _lags_behind(reply: Reply) -> bool:
    """A git object written a moment ago is not everywhere yet (retried by dependabot-core too)."""
    said = words(reply).lower() if reply.status == 422 else ""
    return "tree sha does not exist" in said or "object does not exist" in said


def _next_query(link: str) -> Mapping[str, str] | None:
    """The query of the ``rel="next"`` part of a ``Link`` header."""
    for part in link.split(","):
        address, _, relation = part.partition(";")
        if 'rel="next"' in relation:
            return dict(parse_qsl(urlsplit(address.strip(" <>")).query))
    return None
