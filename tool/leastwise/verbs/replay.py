"""``leastwise replay``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from leastwise.errors import UsageError
from leastwise.iam.evaluate import prepare
from leastwise.iam.request import Request
from leastwise.render import as_json
from leastwise.render.escape import plain
from leastwise.verbs.policies import read_named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

_FORM = '{"action": "s3:GetObject", "resource": "arn:aws:s3:::b/k", "context": {"aws:SourceIp": "192.0.2.1"}}'


def run(policies: Iterable[Path], requests: Iterable[str], form: str, show: Callable[[str], object]) -> int:
    """Show one decision for every line of requests; empty lines are passed over."""
    named = read_named(policies)
    evaluator = prepare([policy.document for policy in named])
    for number, line in _numbered(requests):
        if not line.strip():
            continue
        request = _request(line, number)
        evaluation = evaluator.evaluate_both(request)
        if form == "json":
            show(json.dumps(as_json.decision(evaluation, named)))
        else:
            asked = f"{plain(request.action)} on {plain(request.resource, 200)}"
            show(f"{evaluation.decision.value:8} {asked}: {evaluation.why}")
    return 0


def _numbered(requests: Iterable[str]) -> Iterator[tuple[int, str]]:
    try:
        yield from enumerate(requests, start=1)
    except UnicodeDecodeError as error:
        raise UsageError(f"the requests are not UTF-8 text (byte {error.start}): expected {_FORM}") from None


def _request(line: str, number: int) -> Request:
    try:
        members = json.loads(line)
        context = members.get("context") or {}
        action, resource = _name(members["action"], ":"), _name(members["resource"])
        return Request(action, resource, {key: _values(value) for key, value in context.items()})
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        expected = f"line {number} of the requests: expected one action on one resource, {_FORM}"
        raise UsageError(f"{expected}, found {plain(line.strip(), 80)}") from error


def _name(value: object, part: str = "") -> str:
    """The name of one action, which has a prefix and no wildcard, or of one resource."""
    if not isinstance(value, str) or not value or part not in value:
        raise ValueError(f"{value!r} names nothing")
    if part and ("*" in value or "?" in value):
        raise ValueError(f"{value!r} is a pattern: a request is for one action")
    return value


def _values(value: object) -> tuple[str, ...] | None:
    """A text, a list of texts, or null for a key that is known to be absent; booleans as IAM writes them."""
    if value is None:
        return None
    listed = value if isinstance(value, list) else [value]
    return tuple(_word(entry) for entry in listed)


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    raise TypeError(f"a context value is a text, not {type(value).__name__}")
