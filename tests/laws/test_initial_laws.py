"""Whatever was recorded: a first policy allows it, stays inside its bound, and grows with the evidence."""

from __future__ import annotations

from hypothesis import event, find, given
from hypothesis import strategies as st

from leastwise.assess import observed_policy
from leastwise.iam.document import parse, render
from leastwise.model.proposal import Proposal, Withheld, WithheldReason
from leastwise.model.request import ResourceForm
from tests.builders import case, first_policy, principal, trial
from tests.laws.strategies import (
    allowed,
    documents_after,
    evidences,
    explained,
    first_found,
    heavy,
    lines_of,
    policies,
    written,
)

bounds = st.none() | policies


def first(bound, observations):
    held = written(*bound) if bound else None
    who = principal(trial=trial(policy="shared/bound.json")) if bound else None
    return case(None, *observations, bound=held, who=who)


@heavy
@given(bounds, evidences, st.booleans())
def test_a_first_policy_is_inside_its_bound_and_allows_every_call_it_does_not_leave_out(bound, seen, inside):
    subject = first(bound, explained(bound, seen) if bound and inside else seen)
    result = first_policy(subject)
    event(type(result).__name__)
    assert not isinstance(result, Withheld) or result.reason is not WithheldReason.PROOF_FAILED, result.detail
    documents = documents_after(subject, result)
    like = [subject.bound.document] if bound else documents
    granted = allowed(documents, like=like)
    everything = allowed([parse(written({"Effect": "Allow", "Action": "*", "Resource": "*"}))], like=like)
    if bound:
        assert granted <= allowed(like)
    left_out = {omission.observation.key for omission in getattr(result, "omissions", ())}
    for observation in subject.evidence.observations if isinstance(result, Proposal) else ():
        if observation.key not in left_out:
            assert lines_of(observation, everything) <= granted


@given(bounds, evidences)
def test_what_would_do_but_for_unnamed_resources_allows_every_call_that_names_one(bound, seen):
    derivation, _ = observed_policy(first(bound, seen))
    for grant in derivation.grants:
        if not grant.narrower:
            continue
        event("narrower")
        statement = {"Effect": "Allow", "Action": grant.action}
        narrower = [parse(written({**statement, "Resource": list(grant.narrower)}))]
        wide = [parse(written({**statement, "Resource": "*"}))]
        for observation in grant.observations:
            if observation.key.request.form is not ResourceForm.UNRECORDED:
                assert lines_of(observation, allowed(wide, like=narrower)) <= allowed(narrower, like=wide)


@given(bounds, evidences, evidences)
def test_more_evidence_never_removes_a_permission(bound, seen, more):
    _, less = observed_policy(first(bound, seen))
    _, rest = observed_policy(first(bound, [*seen, *more]))
    assert allowed([less]) <= allowed([rest], like=[less])


@given(bounds, evidences, st.randoms())
def test_the_same_evidence_gives_the_same_bytes(bound, seen, shuffle):
    _, document = observed_policy(first(bound, seen))
    shuffle.shuffle(seen)
    _, other = observed_policy(first(bound, seen))
    assert render(document) == render(other)
    if document.statements:
        assert parse(render(document)) == document


def test_the_world_is_rich_enough_for_a_first_policy_inside_a_bound():
    def is_proposed(bound, seen):
        result = first_policy(first(bound, seen))
        return isinstance(result, Proposal) and bool(bound) and bool(result.omissions)

    assert find(st.tuples(bounds, evidences), lambda drawn: is_proposed(*drawn), settings=first_found)
