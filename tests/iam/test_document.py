"""Texts of policies: what is read, what is refused with its place, and where the parts stand."""

from __future__ import annotations

import pytest

from leastwise.errors import PolicySyntaxError
from leastwise.iam.document import locate, parse, render
from leastwise.iam.size import MAX_DOCUMENT_CHARACTERS
from leastwise.iam.statement import Condition, Effect, PolicyDocument, Statement, Version

TEXT = """{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "Read", "Effect": "Allow", "Action": ["s3:Get*", "s3:List*"], "Resource": "*"},
    { "Resource" : [ "arn:aws:s3:::b" ],
      "NotAction": "s3:Put*", "Effect": "Deny",
      "Condition": {"Bool": {"aws:SecureTransport": false},
                    "NumericLessThan": {"aws:MultiFactorAuthAge": [10]}} }
  ]
}
"""


def test_a_policy_is_read():
    read, refused = parse(TEXT).statements
    assert read == Statement(Effect.ALLOW, ("s3:Get*", "s3:List*"), (), ("*",), sid="Read")
    assert (refused.effect, refused.not_actions, refused.resources) == (
        Effect.DENY,
        ("s3:Put*",),
        ("arn:aws:s3:::b",),
    )
    assert refused.conditions == (
        Condition("Bool", "aws:SecureTransport", ("false",)),
        Condition("NumericLessThan", "aws:MultiFactorAuthAge", ("10",)),
    )


def test_one_entry_means_the_same_with_and_without_brackets():
    listed = parse('{"Statement": [{"Effect": "Allow", "Action": ["s3:*"], "Resource": ["*"]}]}')
    assert listed == parse('{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}')
    assert listed.version is Version.V2008


def test_render_is_stable():
    document = parse(TEXT)
    assert parse(render(document)) == document
    assert render(parse(render(document))) == render(document)
    assert parse(render(PolicyDocument())) == PolicyDocument()
    assert '"Action": "s3:Get*"' in render(
        PolicyDocument((Statement(Effect.ALLOW, ("s3:Get*",), (), ("*",)),))
    )


def test_render_hides_no_character():
    document = PolicyDocument((Statement(Effect.ALLOW, ("s3:*",), (), ("arn:aws:s3:::b/\u202ek\u00e9",)),))
    assert render(document).isascii()
    assert parse(render(document)) == document


def test_render_loses_no_condition():
    lines = (Condition("Bool", "aws:x", ("true",)), Condition("Bool", "aws:x", ("false",)))
    with pytest.raises(ValueError, match="two conditions Bool on aws:x"):
        render(PolicyDocument((Statement(Effect.ALLOW, ("*",), (), ("*",), (), lines),)))


def test_every_part_is_located():
    first, second = locate(TEXT)
    assert [TEXT[slice(*span)] for span in first.actions.elements] == ['"s3:Get*"', '"s3:List*"']
    assert TEXT[slice(*first.actions.value)] == '["s3:Get*", "s3:List*"]'
    assert (first.actions.is_list, first.resources.is_list, first.in_list) == (True, False, True)
    assert TEXT[slice(*first.resources.elements[0])] == TEXT[slice(*first.resources.value)] == '"*"'
    assert (first.not_actions, second.actions) == (None, None)
    assert TEXT[slice(*second.members["Resource"])] == '"Resource" : [ "arn:aws:s3:::b" ]'
    assert TEXT[slice(*second.statement)].startswith('{ "Resource"')
    assert not locate('{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}')[0].in_list


GOOD = {"Effect": '"Allow"', "Action": '"s3:*"', "Resource": '"*"'}


def _policy(*more, **members):
    elements = [f'"{name}": {value}' for name, value in (GOOD | members).items() if value]
    return '{"Statement": [{' + ", ".join([*elements, *more]) + "}]}"


REFUSED = [
    ("", "a value"),
    ("[]", "a policy document"),
    ("{}", "a Statement element"),
    ('{"Statement": [],}', "a member's name"),
    ('{"Statement": []} x', "the end of the text"),
    ('{"Statement": [], "Statement": []}', "each element once"),
    ('{"Version": "2012-10-18", "Statement": []}', "2012-10-17"),
    ('{"Version": 2012, "Statement": []}', "2012-10-17"),
    ('{"statement": []}', "one of Version, Id, Statement"),
    ('{"Statement": ["x"]}', "a statement (an object)"),
    (_policy('"Action": "*"'), "each element once"),
    (_policy('"Principal": "*"'), "no Principal"),
    (_policy('"NotPrincipal": "*"'), "no Principal"),
    (_policy('"Comment": "x"'), "one of Sid, Effect"),
    (_policy('"NotAction": "s3:*"'), "either Action or NotAction"),
    (_policy('"NotResource": "*"'), "either Resource or NotResource"),
    (_policy(Action=""), "either Action or NotAction"),
    (_policy(Resource=""), "either Resource or NotResource"),
    (_policy(Effect=""), "an Effect element"),
    (_policy(Effect='"allow"'), '"Allow" or "Deny"'),
    (_policy(Effect="true"), '"Allow" or "Deny"'),
    (_policy(Sid='"a-b"'), "a Sid of letters"),
    (_policy(Sid='"\u00e9"'), "a Sid of letters"),
    (_policy(Sid="1"), "a string"),
    (_policy(Action="[]"), "at least one action"),
    (_policy(Action="[1]"), "a string naming an action"),
    (_policy(Action="null"), "a string naming an action"),
    (_policy(Action='"GetObject"'), "an action such as"),
    (_policy(Action='"s3:"'), "an action such as"),
    (_policy(Action='"s3:${aws:username}"'), "an action such as"),
    (_policy(Action='"s3:Get Object"'), "an action such as"),
    (_policy(Resource='"b"'), "an ARN"),
    (_policy(Resource='"s3:::b"'), "an ARN"),
    (_policy(Resource='"arn:aws:s3:::"'), "an ARN"),
    (_policy(Resource='"arn::s3:::b"'), "an ARN"),
    (_policy(Resource='["*", ""]'), "an ARN"),
    (_policy(Condition="[]"), "a Condition block"),
    (_policy(Condition='{"Bool": "x"}'), "the keys of Bool"),
    (_policy(Condition='{"Bool": {"aws:x": null}}'), "a string, a number"),
    (_policy(Condition='{"Bool": {"aws:x": "1", "aws:x": "2"}}'), "each element once"),
    (_policy(Condition='{"Bool": {"aws:x": NaN}}'), "a value"),
    (_policy(Condition='{"Bool": {"aws:x": 01}}'), "',' or '}'"),
    (_policy(Sid='"\\ud800"'), "a string of characters"),
    (_policy(Sid='"\\x"'), "a closed string"),
    (_policy(Sid='"a\nb"'), "a closed string"),
    (_policy(Sid='"\u4e00"'), "characters up to U+00FF"),
    ("[" * 100_000, "levels"),
    ('{"a":' * 20_000, "levels"),
    ('{"Statement": []}' + " " * MAX_DOCUMENT_CHARACTERS, "at most 131,072 characters"),
]


@pytest.mark.parametrize(("text", "expected"), REFUSED)
def test_refused(text, expected):
    with pytest.raises(PolicySyntaxError) as error:
        parse(text)
    assert expected in str(error.value)


def test_sids_are_unique():
    statement = '{"Sid": "A", "Effect": "Allow", "Action": "s3:*", "Resource": "*"}'
    with pytest.raises(PolicySyntaxError, match="a Sid that no other statement has, found A"):
        parse(f'{{"Statement": [{statement}, {statement}]}}')


def test_all_mistakes_are_told_at_once_with_their_places():
    lines = ['{"Statement":', ' [{"Effect": "allow",', '  "Action": ["x", 1], "Resource": "*"}]}']
    text = "\n".join(lines)
    with pytest.raises(PolicySyntaxError) as error:
        parse(text, "policies/a.json")
    assert [(problem.path, problem.line, problem.column) for problem in error.value.problems] == [
        ("policies/a.json", 2, 14),
        ("policies/a.json", 3, 14),
        ("policies/a.json", 3, 19),
    ]


def test_a_number_of_a_million_digits_costs_nothing():
    digits = "9" * 100_000
    policy = parse(_policy(Condition='{"NumericEquals": {"aws:x": ' + digits + "}}"))
    assert policy.statements[0].conditions[0].values == (digits,)


@pytest.mark.parametrize(
    "resource",
    ["arn:aws:sqs", "arn:*:s3:::b", "arn:aws:s3:::${aws:username}", "arn:aws:s3:::b/\\u4e00", "**"],
)
def test_accepted_resources(resource):
    assert parse(_policy(Resource=f'"{resource}"'))
