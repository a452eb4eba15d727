"""Laws of inclusion: never wrong against brute force, its witnesses are real, and it is a preorder."""

from __future__ import annotations

from itertools import product

from hypothesis import assume, example, given
from hypothesis import strategies as st

from leastwise.iam import arn
from leastwise.iam.arn import Reading
from leastwise.iam.evaluate import Decision, evaluate, prepare
from leastwise.iam.includes import Included, Undecided, Witness, covers, includes, includes_requests
from leastwise.iam.request import Request
from leastwise.iam.statement import Effect, PolicyDocument
from tests.iam.policies import allow as allow_of
from tests.iam.policies import document
from tests.iam.strategies import (
    ACTION_NAMES,
    conditions,
    contexts,
    documents,
    open_patterns,
    requests,
)
from tests.iam.worlds_in_tests import is_confirmed

few_conditions = conditions(["StringEquals", "StringNotEquals"])
plain = st.lists(documents(max_size=3), min_size=1, max_size=2)
conditional = st.lists(documents(open_patterns, few_conditions), min_size=1, max_size=2)

SMALL_RESOURCES = ["*"]
SMALL_RESOURCES += ["arn:p:s3:::" + "".join(tail) for size in range(4) for tail in product("ab", repeat=size)]
SMALL_RESOURCES += [
    f"arn:p:q:{r}:{a}:{t}" for r in "ab" for a in "ab" for t in ("a", "b", "a/b", "a:a", "x:a/b")
]


def allowed(policies, request, reading):
    return evaluate(policies, request, reading).decision is Decision.ALLOW


def small_requests(policies, reading):
    """The requests of the small universe that the policies allow, as (action, resource)."""
    evaluator = prepare(policies)
    return {
        (action, resource)
        for action, resource in product(ACTION_NAMES, SMALL_RESOURCES)
        if evaluator.evaluate(Request(action, resource, closed=True), reading).decision is Decision.ALLOW
    }


@given(plain, plain)
def test_no_request_contradicts_an_inclusion_and_each_witness_is_one(outer, inner):
    result = includes(outer, inner)
    if isinstance(result, Witness):
        request = Request(result.action, result.resource, closed=True)
        assert not result.supposing
        assert allowed(inner, request, result.reading)
        assert not allowed(outer, request, result.reading)
    else:
        assert isinstance(result, Included)
        for reading in Reading:
            assert small_requests(inner, reading) <= small_requests(outer, reading)


@given(conditional, conditional, st.lists(requests(contexts(1)), min_size=20, max_size=20))
def test_inclusion_holds_in_every_context(outer, inner, asked):
    result = includes(outer, inner)
    if isinstance(result, Witness):
        assert is_confirmed(result, outer, inner)
    for request, reading in product(asked if isinstance(result, Included) else (), Reading):
        if allowed(inner, request, reading):
            assert evaluate(outer, request, reading).decision in (Decision.ALLOW, Decision.UNKNOWN)


@example([document()], [document(allow_of("*", "arn:p:q:*:a"))], ACTION_NAMES[0], "arn:p:q")
@given(conditional, conditional, st.sampled_from(ACTION_NAMES), open_patterns)
def test_inclusion_of_some_requests_holds_for_each(outer, inner, action, resources):
    """What is asked of one action and a glob is never more favourable than what is asked of everything."""
    names = arn.pattern(resources)
    assume(not names.flat.variables)
    result = includes_requests(prepare(outer), prepare(inner), action, resources)
    if includes(outer, inner) == Included():
        assert result == Included()
    if isinstance(result, Witness):
        assert is_confirmed(result, outer, inner)
    elif result == Included():
        fitting = [Request(action, name, closed=True) for name in SMALL_RESOURCES]
        for request, reading in product(fitting, Reading):
            if arn.matches(names, request.resource, reading) and allowed(inner, request, reading):
                assert evaluate(outer, request, reading).decision in (Decision.ALLOW, Decision.UNKNOWN)


@given(conditional)
def test_reflexive(policies):
    assert includes(policies, policies) == Included()


@given(conditional, conditional)
def test_a_union_includes_its_allowing_part(policies, more):
    assume(not any(s.effect is Effect.DENY for document in more for s in document.statements))
    assert includes([*policies, *more], policies) == Included()


@given(plain, plain, plain)
def test_transitive(one, two, three):
    if includes(one, two) == Included() and includes(two, three) == Included():
        assert includes(one, three) == Included()


@given(conditional, conditional, st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(outer, inner, random):
    def again(policies):
        return [
            PolicyDocument(tuple(random.sample(p.statements * 2, 2 * len(p.statements))), p.version)
            for p in policies
        ]

    assert type(includes(again(outer), again(inner))) is type(includes(outer, inner))


@given(conditional, conditional)
def test_a_small_budget_never_claims_more(outer, inner):
    full = includes(outer, inner)
    for budget in (0, 10, 100):
        assert includes(outer, inner, budget=budget) in (
            full,
            Undecided(f"not decided within {budget:,} steps"),
        ) or (isinstance(full, Witness))


@given(plain, st.sampled_from(ACTION_NAMES), open_patterns)
def test_covers_speaks_for_every_resource(policies, action, resources):
    if covers(prepare(policies), action, resources) is Decision.ALLOW:
        assert decisions(policies, action, resources, {}) <= {Decision.ALLOW}


@given(conditional, st.sampled_from(ACTION_NAMES), open_patterns, contexts(1))
def test_covers_is_never_refuted_by_one_resource(policies, action, resources, context):
    if covers(prepare(policies), action, resources, context) is Decision.ALLOW:
        # a pattern and its complement allow all; one value at a time, that stays unknown
        assert decisions(policies, action, resources, context) <= {Decision.ALLOW, Decision.UNKNOWN}


def decisions(policies, action, resources, context):
    """What is said of each small resource that fits the glob, under either reading."""
    held, pattern = prepare(policies), arn.pattern(resources)
    return {
        held.evaluate(Request(action, resource, context), reading).decision
        for resource, reading in product(SMALL_RESOURCES, Reading)
        if arn.matches(pattern, resource, reading)
    }
