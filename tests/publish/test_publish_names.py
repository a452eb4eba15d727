"""Names of branches and files: readable, safe, and never shared."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leastwise.model.proposal import ProposalKind
from leastwise.publish.names import branch_name, slug


@pytest.mark.parametrize(
    ("principal", "name"),
    [
        ("arn:aws:iam::111122223333:role/payments-api", "111122223333/role/payments-api"),
        ("arn:aws:iam::111122223333:role/team/api", "111122223333/role/team%2Fapi"),
        ("arn:aws:iam::111122223333:user/a+b=c,d.e@f_g", "111122223333/user/a+b=c,d.e@f_g"),
        ("arn:aws-cn:iam::111122223333:user/li", "aws-cn/111122223333/user/li"),
        ("permission-set/DataEngineer", "permission-set/DataEngineer"),
        ("group/backend developers", "group/backend%20developers"),
        ("group/a..b", "group/a%2E.b"),
        ("group/.x.lock", "group/%2Ex%2Elock"),
        ("group/Aux.json", "group/%41ux.json"),
        ("nonsense", "other/nonsense"),
    ],
)
def test_names_are_readable(principal, name):
    assert slug(principal) == name


def test_a_branch_says_what_it_proposes_for_whom():
    name = branch_name("arn:aws:iam::111122223333:role/payments-api", ProposalKind.TIGHTEN)
    assert name == "leastwise/tighten/111122223333/role/payments-api"


names = (
    st.text(min_size=1, max_size=40)
    | st.text("ab./%@{*~^: \\lock", min_size=1, max_size=12)
    | st.text("é/", min_size=150, max_size=300)
)
principals = st.one_of(
    names,
    names.map("group/{}".format),
    names.map("permission-set/{}".format),
    names.map("arn:aws:iam::111122223333:role/{}".format),
    names.map("arn:aws-us-gov:iam::111122223333:user/{}".format),
)


@given(principals, principals)
def test_two_principals_never_share_a_name_nor_does_one_lie_in_anothers_folder(one, other):
    if one == other:
        return
    assert slug(one) != slug(other)
    assert not slug(one).startswith(slug(other) + "/")


@settings(max_examples=40, deadline=None)
@given(principals)
def test_git_and_file_systems_take_the_name(principal):
    branch = branch_name(principal, ProposalKind.ADD)
    assert branch.isascii()
    assert all(len(part) <= 200 and not part.endswith((".", " ")) for part in branch.split("/"))
    assert (
        subprocess.run(
            ["git", "check-ref-format", "--branch", branch], capture_output=True, check=False
        ).returncode
        == 0
    )
