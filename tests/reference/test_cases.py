"""Readable cases: one record in, the requests that it stands for out (``cases/<service>.json``)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from leastwise.model.request import AuthorizationRequest, Certainty, ResourceForm
from leastwise.reference.interpret import interpret
from tests.reference.events import event_of

CASES = [
    pytest.param(case, id=f"{file.stem}-{index}-{case['event']['eventName']}")
    for file in sorted((Path(__file__).parent / "cases").glob("*.json"))
    for index, case in enumerate(json.loads(file.read_text("utf-8")))
]


@pytest.mark.parametrize("case", CASES)
def test_an_event_stands_for_these_requests(case: dict[str, Any]) -> None:
    found = interpret(event_of(case["event"]))
    assert [_shown(request) for request in found.requests] == case["requests"]
    assert found.unmapped == case.get("unmapped")
    assert found.outcome.value == case.get("outcome", "succeeded")
    denial = found.denial and {
        "action": found.denial.action,
        "resource": found.denial.resource,
        "reason": found.denial.reason.name,
    }
    assert denial == case.get("denial")


def _shown(request: AuthorizationRequest) -> dict[str, Any]:
    shown: dict[str, Any] = {"action": request.action, "resource": request.resource}
    if request.form is not ResourceForm.LITERAL:
        shown["form"] = request.form.value
    if request.certainty is not Certainty.CERTAIN:
        shown["certainty"] = request.certainty.value
    if request.context:
        shown["context"] = dict(request.context)
    return shown
