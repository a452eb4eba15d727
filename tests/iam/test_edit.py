"""Edits of a policy's text: what is planned changes, and not a byte more."""

from __future__ import annotations

import json

import pytest
from hypothesis import assume, given, reject
from hypothesis import strategies as st

from leastwise.errors import PolicySyntaxError
from leastwise.iam.document import locate, parse
from leastwise.iam.edit import Part, append, edit, parts_of
from leastwise.iam.statement import Effect, Statement

ODD = """\
{ "Statement" :[
   {"Resource":["arn:aws:s3:::b",
                "arn:aws:s3:::b/*"] , "Sid" : "Files",
    "Condition": {"Bool":{"aws:SecureTransport":true}},   "Action" : "s3:*", "Effect":"Allow" },

\t{"Effect":"Deny","Action":"s3:DeleteObject","Resource":"*"},
   {"Effect":"Allow","NotAction":[ "iam:*" ],"Resource":"*","Sid":"Most"}
 ],
  "Version":"2012-10-17"}"""


def test_only_the_planned_values_change():
    edited = edit(ODD, {0: [Part("Files", ("s3:GetObject",), ("arn:aws:s3:::b/*",))]})
    expected = ODD.replace('"s3:*"', '"s3:GetObject"')
    expected = expected.replace('"arn:aws:s3:::b",\n                "arn:aws:s3:::b/*"', '"arn:aws:s3:::b/*"')
    assert edited == expected


def test_conditions_go_with_every_part():
    parts = [Part("Files", ("s3:Get*",), ("*",)), Part("Files2", ("s3:Put*",), ("arn:aws:s3:::b",))]
    first, second, *_ = parse(edit(ODD, {0: parts})).statements
    assert first.conditions == second.conditions == parse(ODD).statements[0].conditions
    assert (first.sid, second.sid) == ("Files", "Files2")


def test_a_plan_that_changes_nothing_changes_nothing():
    assert edit(ODD, {0: [parts_of(ODD)[0]]}) == ODD


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_a_statement_goes_with_its_comma(gone):
    plain = json.dumps(
        {"Statement": [{"Effect": "Allow", "Action": f"s3:{x}*", "Resource": "*"} for x in "abc"]}
    )
    kept = [statement for index, statement in enumerate(parse(plain).statements) if index != gone]
    assert list(parse(edit(plain, {gone: []})).statements) == kept


def test_a_policy_needs_a_statement():
    with pytest.raises(ValueError, match="no statement would remain"):
        edit('{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}', {0: []})


def test_a_lone_statement_becomes_a_list_when_it_is_parted():
    text = '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'
    edited = edit(text, {0: [Part(None, ("s3:*",), ("*",)), Part(None, ("sqs:*",), ("*",))]})
    assert [statement.actions for statement in parse(edited).statements] == [("s3:*",), ("sqs:*",)]


@pytest.mark.parametrize("indent", [2, 4, "\t", None])
def test_a_new_statement_is_written_in_the_manner_of_the_others(indent):
    written = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    statement = Statement(Effect.ALLOW, actions=("sqs:*",), resources=("*",), sid="New")
    appended = append(json.dumps(written, indent=indent), statement)
    written["Statement"].append({"Sid": "New", "Effect": "Allow", "Action": "sqs:*", "Resource": "*"})
    assert json.loads(appended) == written
    if indent:
        assert appended == json.dumps(written, indent=indent)


texts = st.text(st.characters(max_codepoint=0xFF), max_size=6)
resources = texts.map("arn:aws:s3:::b/".__add__)
actions = st.sampled_from(["s3:Get*", "s3:PutObject", "sqs:*", "ec2:Describe?", "*"])


def lists(entries):
    return st.lists(entries, min_size=1, max_size=3, unique=True)


def one_or_list(entries):
    return lists(entries).flatmap(lambda some: st.sampled_from([some, some[0]]))


@st.composite
def statements(draw):
    members = {"Effect": draw(st.sampled_from(["Allow", "Deny"]))}
    members["Action"] = draw(one_or_list(actions))
    members["Resource"] = draw(one_or_list(resources))
    if draw(st.booleans()):
        members["Sid"] = draw(st.text("AZaz09", min_size=1, max_size=4))
    if draw(st.booleans()):
        members["Condition"] = {"StringLike": {"aws:username": draw(texts)}}
    names = draw(st.permutations(list(members)))
    return {name: members[name] for name in names}


@st.composite
def policies(draw):
    """Policies in many formats: the white space between tokens is drawn too."""
    written = draw(st.lists(statements(), min_size=1, max_size=4))
    value = written[0] if len(written) == 1 and draw(st.booleans()) else written
    document = {"Version": "2012-10-17", "Statement": value}
    indent = draw(st.sampled_from([None, 0, 1, 2, 4, "\t"]))
    separators = draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", " : "), (",\r\n\t", ":\n")]))
    text = json.dumps(document, indent=indent, separators=separators, ensure_ascii=draw(st.booleans()))
    try:
        parse(text)
    except PolicySyntaxError:  # equal Sids
        reject()
    return text


parts_of_two = st.lists(st.tuples(lists(actions).map(tuple), lists(resources).map(tuple)), max_size=3)
plans = st.dictionaries(st.integers(0, 3), parts_of_two)


def with_sids(plan):
    return {
        index: [Part(f"New{index}x{number}", *part) for number, part in enumerate(parts)]
        for index, parts in plan.items()
    }


@given(policies(), plans)
def test_an_edit_means_its_plan_and_leaves_the_rest_byte_for_byte(text, plan):
    before = parse(text).statements
    plan = {index: parts for index, parts in with_sids(plan).items() if index < len(before)}
    assume(any(plan.get(index, True) for index in range(len(before))))
    edited = edit(text, plan)
    expected = [
        (part.actions, part.resources, statement.conditions, statement.effect)
        for index, statement in enumerate(before)
        for part in plan.get(index, [statement])
    ]
    found = [
        (each.actions, each.resources, each.conditions, each.effect) for each in parse(edited).statements
    ]
    assert found == expected
    for index, spans in enumerate(locate(text)):
        if index not in plan:
            assert text[slice(*spans.statement)] in edited
    assert edited.startswith(text[: locate(text)[0].statement.start])
    assert edited.endswith(text[locate(text)[-1].statement.end :])


@given(policies())
def test_nothing_planned_nothing_changed(text):
    assert edit(text, {}) == text
    assert edit(text, {index: [part] for index, part in enumerate(parts_of(text))}) == text


@given(policies(), lists(actions), lists(resources))
def test_an_appended_statement_stands_at_the_end(text, some_actions, some_resources):
    added = Statement(Effect.ALLOW, actions=tuple(some_actions), resources=tuple(some_resources), sid="New")
    *rest, last = parse(append(text, added)).statements
    assert last == added
    assert tuple(rest) == parse(text).statements
