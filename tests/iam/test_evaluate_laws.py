"""Laws of the evaluator: it agrees with the obvious one, and its UNKNOWN is honest."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from leastwise.iam import glob
from leastwise.iam.arn import Reading
from leastwise.iam.document import locate, parse, render
from leastwise.iam.evaluate import Decision, evaluate, evaluate_both
from leastwise.iam.request import Request
from leastwise.iam.statement import PolicyDocument, Version
from tests.iam import slow_evaluator
from tests.iam.strategies import STRING_OPERATORS, conditions, contexts, documents, open_patterns, requests

some_conditions = st.one_of(
    conditions(STRING_OPERATORS),
    conditions(["Null"]).map(lambda line: type(line)(line.operator, line.key, ("true",))),
    conditions(["Null"]).map(lambda line: type(line)(line.operator, line.key, ("false",))),
)
some_documents = st.lists(documents(lines=some_conditions), max_size=2)
open_documents = st.lists(documents(open_patterns, some_conditions), max_size=2)


@given(some_documents, requests(contexts(1)), st.sampled_from(Reading))
def test_agrees_with_the_slow_evaluator(documents, request, reading):
    expected = slow_evaluator.decide(documents, request, reading.value)
    assert evaluate(documents, request, reading).decision.value == expected


@given(open_documents, requests(contexts()), st.sampled_from(Reading))
def test_a_certain_answer_is_the_slow_evaluators(documents, request, reading):
    found = evaluate(documents, request, reading).decision
    expected = slow_evaluator.decide(documents, request, reading.value)
    if found is Decision.NONE:
        assert expected in ("NONE", "DENY")  # nothing allows it, whatever an undecided Deny says
    elif found is not Decision.UNKNOWN:
        assert found.value == expected


@given(open_documents, requests(contexts(1), closed=False), contexts(1), st.sampled_from(Reading))
def test_what_is_learnt_later_never_changes_a_certain_answer(documents, request, more, reading):
    found = evaluate(documents, request, reading).decision
    learnt = Request(request.action, request.resource, more | dict(request.context), closed=True)
    later = evaluate(documents, learnt, reading).decision
    if found is Decision.NONE:
        assert later in (Decision.NONE, Decision.DENY)  # both are no
    elif found is not Decision.UNKNOWN:
        assert later in (found, Decision.UNKNOWN) if found is Decision.ALLOW else later is found


@given(some_documents, requests(contexts(1)), st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(documents, request, random):
    again = [
        PolicyDocument(tuple(random.sample(each.statements * 2, 2 * len(each.statements))), each.version)
        for each in documents
    ]
    random.shuffle(again)
    assert evaluate_both(again, request).decision is evaluate_both(documents, request).decision


@given(st.text("ab*?${}", max_size=8), st.text("ab*?${}", max_size=8))
def test_an_escaped_name_matches_only_itself(name, other):
    assert glob.matches(glob.parse(glob.escape(name)), name)
    assert glob.matches(glob.parse(glob.escape(name)), other) == (name == other)


@given(documents(open_patterns, some_conditions, version=Version.V2012))
def test_parse_reads_what_render_writes(document):
    if all(
        len({(c.operator, c.key) for c in s.conditions}) == len(s.conditions) for s in document.statements
    ):
        text = render(document)
        assert _grouped(parse(text)) == _grouped(document)
        assert render(parse(text)) == text
        assert [text[slice(*spans.statement)][:1] for spans in locate(text)] == ["{"] * len(
            document.statements
        )


def _grouped(document):
    """Conditions of one operator stand together in a text."""
    return [
        (s.effect, s.actions, s.not_actions, s.resources, s.not_resources, sorted(s.conditions))
        for s in document.statements
    ]
