"""Whatever the policy and whatever was recorded: nothing new, nothing lost, and an end to it."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import event, find, given
from hypothesis import strategies as st

from leastwise.model.proposal import ChangeKind, Proposal, Withheld, WithheldReason
from leastwise.render.pull_request import pull_request_text
from tests.builders import LONG_AGO, case, policy_file, tightened
from tests.laws.strategies import (
    allowed,
    cases,
    documents_after,
    documents_of,
    evidences,
    first_found,
    heavy,
    lines_of,
    texts_after,
    with_more,
)


@heavy
@given(cases())
def test_a_tightening_allows_nothing_new_and_loses_no_recorded_call(subject):
    result = tightened(subject)
    event(type(result).__name__)
    old = documents_of(subject)
    before, after = allowed(old), allowed(documents_after(subject, result), like=old)
    assert after <= before
    for observation in subject.evidence.observations:
        assert lines_of(observation, before) <= after, observation


@heavy
@given(cases())
def test_proposing_again_proposes_nothing(subject):
    result = tightened(subject)
    if isinstance(result, Proposal):
        own = {path.rpartition("/")[2]: text for path, text in texts_after(subject, result).items()}
        again = case(own, *subject.evidence.observations, seen=subject.coverage[0])
        assert isinstance(tightened(again), Withheld)
        assert result.proof.certificate["witness"]
    elif result.reason is WithheldReason.PROOF_FAILED:
        assert result.detail.startswith("something is taken away"), result.detail


@heavy
@given(cases(), evidences)
def test_more_evidence_never_removes_a_permission(subject, more):
    richer = with_more(subject, more)
    old = documents_of(subject)
    less, rest = (documents_after(each, tightened(each)) for each in (subject, richer))
    assert allowed(less, like=old) <= allowed(rest, like=old)


@heavy
@given(cases(), st.randoms())
def test_the_order_of_evidence_changes_not_a_byte(subject, shuffle):
    seen = list(subject.evidence.tallies.items())
    shuffle.shuffle(seen)
    other = replace(subject, evidence=replace(subject.evidence, tallies=dict(seen)))
    one, two = tightened(subject), tightened(other)
    assert one == two
    if isinstance(one, Proposal):
        assert pull_request_text(one, subject) == pull_request_text(two, other)


@heavy
@given(cases())
def test_a_statement_nobody_judged_keeps_every_byte(subject):
    result = tightened(subject)
    if isinstance(result, Proposal):
        touched = {change.statement.index for change in result.changes}
        kept = [
            statement
            for index, statement in enumerate(subject.own[0].document.statements)
            if index not in touched
        ]
        left = [
            statement for document in documents_after(subject, result) for statement in document.statements
        ]
        assert all(statement in left for statement in kept)
        assert policy_file(result.files[0].before).document == subject.own[0].document
        assert set(subject.unchanged_since.values()) == {LONG_AGO}


def test_the_world_is_rich_enough_to_be_tightened():
    def has_both_kinds(subject):
        kinds = {change.kind for change in getattr(tightened(subject), "changes", ())}
        return kinds >= {ChangeKind.REMOVED, ChangeKind.NARROWED}

    assert find(cases(), has_both_kinds, settings=first_found)
