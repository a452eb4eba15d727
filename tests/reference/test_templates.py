"""ARN templates, and which resources an action can have."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.reference import actions
from leastwise.reference.arns import fits
from leastwise.reference.templates import Place, compile_templates

PLACE = Place("aws", "eu-west-1", "111122223333")
NAMES = st.text(st.characters(exclude_characters="/:", exclude_categories=("Cs",)), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("arn", "action", "expected"),
    [
        ("arn:aws:s3:::b", "s3:ListBucket", True),
        ("arn:aws:s3:::b/k", "s3:ListBucket", False),
        ("arn:aws:s3:::b/k/l", "s3:GetObject", True),
        ("arn:aws:s3:::b", "s3:GetObject", False),
        ("arn:aws-cn:s3:::b/k", "s3:GetObject", True),
        ("arn:aws:dynamodb:eu-west-1:111122223333:table/T", "dynamodb:GetItem", True),
        ("arn:aws:dynamodb:eu-west-1:111122223333:table/T/index/I", "dynamodb:GetItem", False),
        ("arn:aws:iam::111122223333:role/a/b/c", "iam:GetRole", True),
        ("arn:aws:iam::111122223333:user/a", "iam:GetRole", False),
        ("arn:aws:iam::aws:policy/ReadOnlyAccess", "iam:GetPolicy", True),
        ("arn:aws:ssm:eu-west-1::parameter/aws/service/x", "ssm:GetParameter", True),
        ("arn:aws:sqs:eu-west-1:111122223333:q", "sqs:SendMessage", True),
        ("nonsense", "s3:GetObject", False),
        ("", "s3:GetObject", False),
    ],
)
def test_an_arn_belongs_to_the_most_specific_type(arn: str, action: str, *, expected: bool) -> None:
    assert fits(arn, action) is expected


@given(st.data())
def test_what_fills_a_template_fits_it_or_a_more_specific_one(data: st.DataObject) -> None:
    action = data.draw(st.sampled_from(actions.expand("dynamodb:*") + actions.expand("logs:*")))
    for type_ in actions.resource_types(action):
        for template in type_.templates:
            values = {variable: data.draw(NAMES) for variable in template.variables}
            arn = template.fill(PLACE, values)
            assert template.shape.fullmatch(arn)
            if template.fits(arn):
                assert template.values(arn) == tuple(values.values())


def test_unknown_names_are_stars_and_known_ones_are_escaped() -> None:
    (template,) = compile_templates(
        {"stack": ["arn:${Partition}:x:${Region}:${Account}:stack/${Name}/${Id}"]}
    )["stack"]
    assert template.pattern(PLACE, {"Name": "a*$"}) == "arn:aws:x:eu-west-1:111122223333:stack/a${*}${$}/*"


def test_a_crafted_arn_is_refused_without_backtracking() -> None:
    (template,) = actions.resource_types("logs:PutLogEvents")[0].templates
    hostile = "arn:aws:logs:eu-west-1:111122223333:log-group:" + ":log-stream" * 20_000
    assert not template.fits(hostile)
