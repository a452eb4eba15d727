"""What a record's error code and type say: succeeded, denied or failed; and whether it is a call at all.

Facts and their sources: ``data/outcomes.toml``.
"""

from __future__ import annotations

from functools import cache, lru_cache

from leastwise.model.event import Outcome
from leastwise.reference.facts import facts


@lru_cache(maxsize=4_096)
def outcome_of(error_code: str, service: str = "") -> Outcome:
    """What became of a call.  ``service`` is the IAM service prefix: one word means different things."""
    if not error_code:
        return Outcome.SUCCEEDED
    code = error_code.lower()
    denied = facts("outcomes.toml")["denied"]
    excepted = {row["part"] for row in denied["except"] if row["service"] == service}
    if any(part in code for part in denied["parts"] if part not in excepted):
        return Outcome.DENIED
    return Outcome.FAILED


def denying_words() -> tuple[str, ...]:
    """Parts of lower-case error codes of which one is in the code of every refusal."""
    return tuple(facts("outcomes.toml")["denied"]["parts"])


@lru_cache(maxsize=4_096)
def proves_authorization(error_code: str, service: str) -> bool:
    """Whether the call got past authorization: it succeeded, or its error is one that comes only after."""
    return not error_code or (service, error_code) in _proofs()


@lru_cache(maxsize=1_024)
def not_a_call(event_type: str, category: str) -> str | None:
    """Why a record is no API call; ``None`` if it is one.  Old records have no ``eventType``: calls."""
    rows = facts("outcomes.toml")["not_calls"]
    reason = rows["types"].get(event_type) or rows["categories"].get(category)
    if reason:
        return f"not an API call ({event_type or category}): {reason}"
    if event_type not in {"", "AwsApiCall"}:
        return f"not an API call ({event_type}): an event type that leastwise does not know"
    return None


@cache
def _proofs() -> frozenset[tuple[str, str]]:
    rows = facts("outcomes.toml")["proof"]
    return frozenset((row["service"], code) for row in rows for code in row["codes"])
