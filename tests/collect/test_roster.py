"""Which identity belongs to which principal: accounts and whole ARNs, never look-alikes."""

from __future__ import annotations

import pytest

from leastwise.collect.roster import Roster
from leastwise.model.declared import Principal, PrincipalKind

ONE, TWO = "111122223333", "444455556666"
SUFFIX = "0123456789abcdef"


def _set(name: str = "Data_Engineer", accounts: tuple[str, ...] = (ONE, TWO)) -> Principal:
    return Principal(PrincipalKind.PERMISSION_SET, name, 1, accounts=accounts)


def _sso(
    name: str, *, account: str = ONE, region: str = "", partition: str = "aws", suffix: str = SUFFIX
) -> str:
    place = f"role/aws-reserved/sso.amazonaws.com/{region}"
    return f"arn:{partition}:iam::{account}:{place}AWSReservedSSO_{name}_{suffix}"


@pytest.mark.parametrize(
    "actor",
    [
        _sso("Data_Engineer"),
        _sso("Data_Engineer", region="eu-west-1/"),
        _sso("Data_Engineer", account=TWO, region="us-gov-west-1/", partition="aws-us-gov"),
        _sso("Data_Engineer", partition="aws-cn", region="cn-north-1/"),
        _sso("Data_Engineer", suffix="ffffffffffffffff"),
    ],
)
def test_a_permission_set_is_known_by_its_roles_in_its_accounts(actor):
    assert Roster((_set(),)).keys_of(actor) == ("permission-set/Data_Engineer",)


@pytest.mark.parametrize(
    "actor",
    [
        _sso("Data_Engineer", account="999999999999"),
        _sso("Data"),
        _sso("Engineer"),
        _sso("Data_Engineer_2"),
        _sso("data_engineer"),
        _sso("Data_Engineer", suffix="0123456789abcde"),
        _sso("Data_Engineer", suffix="0123456789ABCDEF"),
        _sso("Data_Engineer", suffix=f"{SUFFIX}\n"),
        f"arn:aws:iam::{ONE}:role/AWSReservedSSO_Data_Engineer_{SUFFIX}",
        f"arn:aws:iam::{ONE}:role/x/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Data_Engineer_{SUFFIX}",
        f"arn:aws:iam::{ONE}:role/aws-reserved/sso.amazonaws.com/a/b/AWSReservedSSO_Data_Engineer_{SUFFIX}",
        f"arn:evil:iam::{ONE}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Data_Engineer_{SUFFIX}",
        "",
    ],
)
def test_look_alikes_are_not_taken_for_a_permission_set(actor):
    assert Roster((_set(),)).keys_of(actor) == ()


def test_two_sets_that_share_a_beginning_are_told_apart():
    roster = Roster((_set("Data"), _set("Data_Engineer")))
    assert roster.keys_of(_sso("Data")) == ("permission-set/Data",)
    assert roster.keys_of(_sso("Data_Engineer")) == ("permission-set/Data_Engineer",)


@pytest.mark.parametrize(
    "other",
    [
        f"arn:aws:iam::{TWO}:role/app/api",
        f"arn:aws:iam::{ONE}:role/api",
        f"arn:aws:iam::{ONE}:role/other/api",
        f"arn:aws-cn:iam::{ONE}:role/app/api",
        f"arn:aws:iam::{ONE}:user/app/api",
        f"arn:aws:iam::{ONE}:role/app/API",
    ],
)
def test_roles_are_known_by_their_whole_arn(other):
    arn = f"arn:aws:iam::{ONE}:role/app/api"
    roster = Roster((Principal(PrincipalKind.ROLE, "api", 1, arn, (ONE,)),))
    assert roster.keys_of(arn) == (arn,)
    assert roster.keys_of(other) == ()


def test_a_group_counts_its_members_and_a_member_enrolled_itself_counts_twice():
    alice, bob = (f"arn:aws:iam::{ONE}:user/{name}" for name in ("alice", "bob"))
    group = Principal(PrincipalKind.GROUP, "team", 1, members=(alice, bob, alice))
    roster = Roster((group, Principal(PrincipalKind.USER, "bob", 2, bob, (ONE,))))
    assert roster.keys_of(alice) == ("group/team",)
    assert roster.keys_of(bob) == ("group/team", bob)
    assert roster.accounts == {ONE}


def test_session_filters_let_only_their_sessions_through():
    arn = f"arn:aws:iam::{ONE}:role/shared"
    named = Principal(PrincipalKind.ROLE, "shared", 1, arn, (ONE,), session_names=("etl", "api"))
    sourced = Principal(PrincipalKind.GROUP, "people", 1, members=(arn,), source_identities=("alice",))
    roster = Roster((named, sourced))
    assert roster.keys_of(arn, "etl") == (arn,)
    assert roster.keys_of(arn, "ETL", "alice") == ("group/people",)
    assert roster.keys_of(arn, "api", "alice") == (arn, "group/people")
    assert roster.keys_of(arn) == ()
