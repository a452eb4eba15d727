"""Roles of accounts: assumed once for everything that a run does there, and anew where that is due."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import pytest

from leastwise.aws.sessions import MARGIN, Aws
from tests.fakes.aws_wire import Fault, TestClock, Wire

ROLE, OTHER = (f"arn:aws:iam::{account}:role/leastwise-read" for account in ("111122223333", "444455556666"))
ROLES = {"111122223333": ROLE, "444455556666": OTHER}
END = datetime(2030, 1, 1, tzinfo=UTC)
"""When the credentials end that the wire's STS gives."""


@pytest.fixture
def wire():
    return Wire({"sso-admin": {"ListInstances": lambda _: {"Instances": []}}})


def connected(wire, now=None):
    clock = TestClock(now or datetime(2026, 11, 23, tzinfo=UTC))
    return Aws(ROLES, clock, wire.session("eu-west-1")), clock


def ask(aws, account="111122223333"):
    aws.caller("sso-admin", "eu-west-1", account).call("ListInstances")


def test_a_role_is_assumed_once_for_all_callers(wire):
    aws, _ = connected(wire)
    for _ in range(5):
        ask(aws)
    assert wire.names() == ["AssumeRole", *["ListInstances"] * 5]
    ask(aws, "444455556666")
    assert wire.names().count("AssumeRole") == 2
    assert wire.keys[-1] == "ASIAASSUMED00002"


def test_each_account_gets_the_credentials_of_its_own_role(wire):
    aws, _ = connected(wire)
    for account in ("111122223333", "444455556666", "111122223333", "999988887777"):
        ask(aws, account)
    asked = [key for key, name in zip(wire.keys, wire.names(), strict=True) if name == "ListInstances"]
    assert asked[:3] == ["ASIAASSUMED00001", "ASIAASSUMED00002", "ASIAASSUMED00001"]
    assert not asked[3].startswith("ASIAASSUMED")


def test_shortly_before_their_end_credentials_are_renewed(wire):
    aws, clock = connected(wire, END - timedelta(seconds=MARGIN + 10))
    ask(aws)
    ask(aws)
    assert wire.names().count("AssumeRole") == 1
    clock.sleep(20)
    ask(aws)
    assert wire.names().count("AssumeRole") == 2


def test_credentials_that_aws_calls_expired_are_not_handed_out_again(wire):
    aws, _ = connected(wire)
    ask(aws)
    wire.faults["ListInstances"] = [Fault("ExpiredTokenException")]
    ask(aws)
    ask(aws)
    assert wire.names().count("AssumeRole") == 2
    assert wire.keys[-2:] == ["ASIAASSUMED00002"] * 2


def test_it_travels_to_the_processes_that_read_log_files_without_credentials(wire):
    """The roles are those of a declaration, whose mapping pickle does not take."""
    aws = Aws(MappingProxyType({"111122223333": ROLE}), session=wire.session("eu-west-1"))
    aws.lend("eu-west-1", ROLE, None)
    sent = pickle.dumps(aws)
    assert b"SecretAccessKey" not in sent
    assert b"aws_secret_access_key" not in sent
    there = pickle.loads(sent)  # noqa: S301  our own bytes
    assert there.__dict__["_roles"] == {"111122223333": ROLE}
    assert there.__dict__["_lent"] == {}
