"""Whole stories: a policy, what was seen, and the files and findings that must come out of it.

Each folder is one: ``story.toml`` (what was seen), ``policy.json`` (what is committed, if anything is) and
``expected.json``: the file as text, line by line, and the sentences that a reviewer reads.  When a change is
meant, delete ``expected.json`` and run the test twice: the first run writes it anew, and fails.
"""

from __future__ import annotations

import json
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest

from leastwise.assess import assess
from leastwise.model.declared import Keep
from leastwise.model.evidence import DenialReason
from leastwise.model.finding import Verdict
from leastwise.model.proposal import Proposal
from leastwise.model.request import ResourceForm
from tests.builders import (
    LONG_AGO,
    MANAGEMENT_ONLY,
    NOW,
    case,
    denied,
    principal,
    saw,
    sees_everything,
    trial,
)

NOT_USED = (Verdict.UNKNOWN, Verdict.KEPT)
HERE = Path(__file__).parent
STORIES = sorted(folder.parent.name for folder in HERE.glob("*/story.toml"))


def observations(told):
    for each in told.get("saw", ()):
        form = ResourceForm(each["form"]) if "form" in each else None
        context = tuple(map(tuple, each.get("context", ())))
        for name in each.get("resources", [each.get("resource", "*")]):
            yield saw(each["action"], name, each.get("days", 20), form=form, context=context)
    for each in told.get("denied", ()):
        reason = DenialReason(each.get("reason", DenialReason.NO_IDENTITY_POLICY.value))
        yield denied(each["action"], each["resource"], each.get("days", 5), reason)


def case_of(folder, told):
    committed = folder / "policy.json"
    own = {"main.json": committed.read_text("utf-8")} if committed.is_file() else None
    bound = told.get("bound")
    who = principal(
        keep=tuple(Keep(**entry) for entry in told.get("keep", ())),
        never=tuple(told.get("never", ())),
        trial=trial(policy="shared/bound.json") if bound else None,
    )
    young = dict.fromkeys(told.get("young", ()), NOW - timedelta(days=7))
    ages = {index: young.get(index, LONG_AGO) for index in range(20)}
    seen = sees_everything(selectors=MANAGEMENT_ONLY) if told.get("logged") == "management" else None
    return case(
        own, *observations(told), seen=seen, who=who, elsewhere=told.get("elsewhere"), bound=bound, since=ages
    )


def why_kept(found):
    reason = found.reason.value if found.reason else found.detail
    return f"{found.atom.action or found.atom.pattern}: {reason}"


def written(result):
    """What a reviewer sees of a result."""
    if not isinstance(result, Proposal):
        return {"withheld": result.reason.value, "detail": result.detail}
    return {
        "files": {
            change.path: change.after.splitlines() if change.after is not None else None
            for change in result.files
        },
        "changes": [change.grant for change in result.changes],
        "still allowed": f"{result.proof.allowed} of {result.proof.recorded}",
        "no longer allowed, for example": result.proof.certificate["witness"],
        "notes": list(result.notes),
        "kept": [why_kept(found) for found in result.findings if found.atom and found.verdict in NOT_USED],
        "left out": [
            f"{found.observation.key.request.action}: {found.reason.value}" for found in result.omissions
        ],
        "denied": [
            f"{found.request.action}: {found.why_not.value}" for found in result.denied if found.why_not
        ],
    }


@pytest.mark.parametrize("name", STORIES)
def test_story(name):
    folder = HERE / name
    told = tomllib.loads((folder / "story.toml").read_text("utf-8"))
    result = next(
        each for each in assess(case_of(folder, told)).results if each.kind.value == told["proposal"]
    )
    found = json.dumps(written(result), indent=1, ensure_ascii=False) + "\n"
    expected = folder / "expected.json"
    if not expected.is_file():
        expected.write_text(found, "utf-8")
        pytest.fail(
            f"{expected.name} of {name} was not there and is written now: read it before you commit it"
        )
    assert json.loads(found) == json.loads(expected.read_text("utf-8"))
