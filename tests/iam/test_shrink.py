"""``leastwise.iam.shrink``: fewer characters, exactly the same actions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.iam import glob
from leastwise.iam.shrink import shrink

S3 = [
    "s3:GetObject",
    "s3:GetObjectAcl",
    "s3:GetObjectTagging",
    "s3:PutObject",
    "s3:PutObjectAcl",
    "s3:ListBucket",
]
WORDS = ["Get", "Put", "Object", "Acl", "Bucket", "Tagging"]
ACTIONS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(lambda words: "s3:" + "".join(words))


def named(patterns, actions):
    globs = [glob.parse(pattern.lower(), variables=False) for pattern in patterns]
    return {action for action in actions if any(glob.matches(found, action.lower()) for found in globs)}


def test_a_word_that_only_the_wanted_share_becomes_a_pattern():
    wanted = ["s3:GetObject", "s3:GetObjectAcl", "s3:GetObjectTagging"]
    assert shrink(wanted, set(S3) - set(wanted)) == ("s3:Get*",)


def test_a_word_is_never_cut():
    others = {"s3:GetObjectTagging", "s3:PutObjectAcl"}
    assert shrink(["s3:GetObject", "s3:GetObjectAcl"], others) == (
        "s3:GetObject",
        "s3:GetObjectAcl",
    )


def test_the_end_of_a_name_can_be_the_shared_part():
    assert shrink(["s3:GetObjectAcl", "s3:PutObjectAcl"], {"s3:GetObject", "s3:PutObject"}) == ("s3:*Acl",)


@pytest.mark.parametrize("wanted", [[], ["s3:GetObject"]])
def test_what_cannot_be_shortened_stays(wanted):
    assert shrink(wanted, set(S3) - set(wanted)) == tuple(wanted)


@given(st.sets(ACTIONS, max_size=12), st.sets(ACTIONS, max_size=12))
def test_exactly_the_wanted_actions_are_named_and_nothing_gets_longer(wanted, others):
    others -= wanted
    patterns = shrink(sorted(wanted), others)
    assert named(patterns, wanted | others) == wanted
    assert sum(map(len, patterns)) <= sum(map(len, wanted))
