"""GitHub's rate limits and failures as pure rules: given an answer, how long to wait, or whether to give up.

Source of the numbers: GitHub docs, "Rate limits for the REST API" and "Best practices for using the REST
API", read 2026-11.  They ask for serial requests, a second between writes, ``retry-after`` first, then
``x-ratelimit-reset`` once nothing remains, else at least a minute, doubled each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

SECONDS_BETWEEN_WRITES = 1.0
SECONDARY_LIMIT_WAIT = 60.0
"""Seconds after the first secondary limit that names no time; doubled with each further one."""
FIRST_BACKOFF = 2.0
"""Seconds after the first failure of the server; doubled with each further one."""
ATTEMPTS = 5
"""How often one request is made before leastwise gives up."""
UNREACHABLE = 0
"""The status of a `Reply` that never came: connection refused, dropped or timed out."""

_TRANSIENT = frozenset({UNREACHABLE, 502, 503, 504})
_RATE_WORDS = ("rate limit", "abuse detection", "please wait a few minutes", "retry your request again later")


@dataclass(frozen=True, slots=True)
class Reply:
    """GitHub's answer: status, headers with lower-case names, and the body as text."""

    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def is_transient(self) -> bool:
        """The server failed, or could not be reached: whether the request was carried out is unknown."""
        return self.status in _TRANSIENT

    @property
    def is_rate_limited(self) -> bool:
        """GitHub refused for now, and did not carry the request out.

        A 403 says so by ``retry-after``, by nothing remaining, or in words; any other 403 is a missing
        permission, which no waiting mends.
        """
        if self.status == 429:
            return True
        if self.status != 403:
            return False
        words = self.body.lower()
        return (
            "retry-after" in self.headers
            or self.headers.get("x-ratelimit-remaining") == "0"
            or any(phrase in words for phrase in _RATE_WORDS)
        )


def seconds_to_wait(reply: Reply, attempt: int, epoch: float) -> float:
    """Seconds to wait after failed attempt number ``attempt`` (from 1), at ``epoch`` (Unix time)."""
    if not reply.is_rate_limited:
        return FIRST_BACKOFF * 2.0 ** (attempt - 1)
    named = _number(reply.headers.get("retry-after"))
    if named is not None:
        return named
    reset = _number(reply.headers.get("x-ratelimit-reset"))
    if reply.headers.get("x-ratelimit-remaining") == "0" and reset is not None:
        # One second more: the reset may come at any moment within its second.
        return max(reset - epoch, 0.0) + 1.0
    return SECONDARY_LIMIT_WAIT * 2.0 ** (attempt - 1)


def _number(text: str | None) -> float | None:
    """A header's number of seconds; ``None`` where it is missing or no plain number."""
    return float(text) if text is not None and text.strip().isdecimal() else None
