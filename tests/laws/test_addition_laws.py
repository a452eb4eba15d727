"""Whatever was refused: all is kept, and nothing but the named grants is added."""

from __future__ import annotations

from hypothesis import event, find, given

from leastwise.model.proposal import Proposal
from tests.builders import added
from tests.laws.strategies import allowed, cases, documents_after, documents_of, first_found, heavy, refusals


@heavy
@given(cases(refusals))
def test_an_addition_keeps_all_and_adds_only_what_it_names(subject):
    result = added(subject)
    event(type(result).__name__)
    old = documents_of(subject)
    before, after = allowed(old), allowed(documents_after(subject, result), like=old)
    named = {
        (found.request.action, found.request.resource)
        for found in result.denied
        if found.why_not is None and isinstance(result, Proposal)
    }
    assert before <= after
    assert {(action, resource) for action, resource, *_ in after - before} <= named
    if isinstance(result, Proposal):
        assert {line[:2] for line in after} >= named


def test_the_world_is_rich_enough_to_be_added_to():
    assert find(cases(refusals), lambda subject: isinstance(added(subject), Proposal), settings=first_found)
