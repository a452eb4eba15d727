"""What a plan is known by: the same wherever and whenever it is made, if it does the same to the same."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

from leastwise.model.plan import Part, canonical

if TYPE_CHECKING:
    from collections.abc import Iterable

    from leastwise.model.plan import Fact, Step


def fingerprint(principal: str, before: Iterable[Fact], steps: Iterable[Step]) -> str:
    """SHA-256 of what is live and of every step, which together say what is wanted."""
    said = {
        "principal": principal,
        "live": [[fact.path, fact.part.value, fact.value] for fact in before],
        "steps": [_said(step) for step in steps],
    }
    return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _said(step: Step) -> list[str | None]:
    values = (step.before, step.after)
    if step.aspect.part is Part.TEXT:
        values = tuple(text if text is None else canonical(text) for text in values)  # type: ignore[assignment]
    return [step.operation.value, step.call, step.path, step.name, step.arn, step.version, *values]
