"""Whatever was applied and whatever was refused after it: nothing comes back that was not there."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import event, find, given
from hypothesis import strategies as st

from leastwise.assess import assess
from leastwise.model.applied import Applied, PastApply
from leastwise.model.policies import PolicyKind
from leastwise.model.proposal import Proposal, ProposalKind
from tests.builders import case, policy, policy_file
from tests.laws.strategies import (
    allowed,
    documents_after,
    documents_of,
    evidences,
    first_found,
    heavy,
    policies,
    refusals,
)

APPLIED = Applied(datetime(2026, 11, 1, tzinfo=UTC), "c0ffee", 7)


@st.composite
def applied_cases(draw):
    """Some statements before an apply, fewer or others after it, and calls that were refused since."""
    before, extra = draw(policies), draw(st.just([]) | policies)
    now = [*before[draw(st.integers(0, len(before) - 1)) :][1:], *extra] or draw(policies)
    subject = case(policy(*now), *draw(evidences), *draw(refusals))
    old = policy_file(before, "main.json", PolicyKind.MANAGED)
    past = PastApply(APPLIED, {old.path: old}, {old.path: subject.own[0]})
    return replace(subject, applies=(past,)), old


def restored(subject):
    return next(found for found in assess(subject).results if found.kind is ProposalKind.RESTORE)


@heavy
@given(applied_cases())
def test_a_restoration_keeps_all_and_brings_back_only_what_was_held(drawn):
    subject, old = drawn
    result = restored(subject)
    event(type(result).__name__)
    if not isinstance(result, Proposal):
        return
    now, held = documents_of(subject), [old.document]
    everything = [*now, *held]
    has, had = allowed(now, like=everything), allowed(held, like=everything)
    gets = allowed(documents_after(subject, result), like=everything)
    asked = {
        (seen.key.request.action, seen.key.request.resource)
        for change in result.changes
        for seen in change.observations
    }
    assert has <= gets <= has | had
    assert {line[0] for line in gets - has} <= {action for action, _ in asked}
    assert asked <= {line[:2] for line in gets}


def test_the_world_is_rich_enough_to_be_restored():
    found = find(
        applied_cases(), lambda drawn: isinstance(restored(drawn[0]), Proposal), settings=first_found
    )
    assert restored(found[0]).proof.holds
