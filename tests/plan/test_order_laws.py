"""Nothing that stays allowed is ever missing on the way, whatever changes into whatever."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from leastwise.iam.arn import Reading
from leastwise.iam.evaluate import Decision, evaluate
from leastwise.iam.request import Request
from leastwise.iam.statement import Effect, PolicyDocument, Statement, Version
from leastwise.plan.order import NoOrderError, moves, states
from tests.iam import strategies
from tests.laws.strategies import heavy
from tests.plan.held import of_document

PATHS = ["a", "b", "c", "d"]
documents = strategies.documents(max_size=2, version=Version.V2012)
policies = st.dictionaries(st.sampled_from(PATHS), documents, max_size=4).map(
    lambda found: {path: of_document(path, document) for path, document in found.items()}
)


def allows(held, request, reading):
    found = [policy.document for policy in held.values() if policy.attached]
    return evaluate(found, request, reading).decision is Decision.ALLOW


ASKED = [
    Request(action, resource, {}, closed=True)
    for action in strategies.ACTION_NAMES
    for resource in ("arn:p:s3:::a", "arn:p:s3:::b", "arn:p:q:a:a:a")
]


@st.composite
def reshuffled(draw):
    """A few grants and refusals, in other policies afterwards, some gone and some new."""
    before, after = {}, {}
    places = st.sampled_from(["a", "b", "c", "a", "b", "c", None])
    for action in draw(
        st.lists(st.sampled_from(["s:a", "s:b", "s:ab", "t:a", "s:*"]), min_size=3, max_size=6)
    ):
        effect = draw(st.sampled_from([Effect.ALLOW] * 5 + [Effect.DENY]))
        statement = Statement(effect, actions=(action,), resources=("*",))
        for side in (before, after):
            path = draw(places)
            if path:
                side.setdefault(path, []).append(statement)
    return tuple(
        {path: of_document(path, PolicyDocument(tuple(found))) for path, found in side.items()}
        for side in (before, after)
    )


def missed(before, after):
    """Requests allowed at both ends, and refused at a moment in between."""
    moments = list(states(before, moves(before, after)))
    return [
        (request, reading)
        for request in ASKED
        for reading in Reading
        if allows(before, request, reading) and allows(after, request, reading)
        for held in moments
        if not allows(held, request, reading)
    ]


@given(reshuffled())
def test_what_stays_allowed_is_allowed_while_grants_change_places(both):
    assert missed(*both) == []


@heavy
@given(policies, policies)
def test_what_stays_allowed_is_allowed_whatever_changes(before, after):
    assert missed(before, after) == []


@given(policies, policies)
def test_the_last_moment_is_what_is_wanted(before, after):
    *_, last = states(before, moves(before, after))
    assert {path: policy.text for path, policy in last.items()} == {
        path: policy.text for path, policy in after.items()
    }


@given(policies)
def test_nothing_moves_where_nothing_differs(held):
    assert moves(held, held) == ()


@given(policies, policies)
def test_each_policy_changes_once_or_over_one_bridge(before, after):
    made = moves(before, after)
    for path in PATHS:
        texts = [move.after.text if move.after else None for move in made if move.path == path]
        assert len(texts) == len(set(texts)) <= 2


@given(
    st.dictionaries(st.sampled_from(PATHS), strategies.documents(max_size=2), max_size=4),
    st.dictionaries(st.sampled_from(PATHS), strategies.documents(max_size=2), max_size=4),
)
def test_documents_of_two_versions_are_never_one(before, after):
    held, wanted = (
        {path: of_document(path, document) for path, document in found.items()} for found in (before, after)
    )
    try:
        made = moves(held, wanted)
    except NoOrderError:
        assert any(before[path].version is not after[path].version for path in before.keys() & after.keys())
        return
    for move in made:
        versions = {side[move.path].version for side in (before, after) if move.path in side}
        assert move.after is None or move.after.document.version in versions
