"""Whose call is it?  Role chaining, web identity, other partitions, accounts and sessions, by record."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime

import pytest

from leastwise.collect.interface import Silent
from leastwise.collect.roster import Roster
from leastwise.collect.standing import SESSIONS_TOLD
from leastwise.collect.store import LocalFolder
from leastwise.collect.trail_files import TrailFiles
from leastwise.errors import UsageError
from leastwise.model.declared import (
    AccessAnalyzerSource,
    Declaration,
    Principal,
    PrincipalKind,
    TrailFilesSource,
)
from leastwise.model.window import Window
from leastwise.pipeline import observe_sessions
from leastwise.verbs import observe
from leastwise.verbs.scope import Scope
from tests.collect.fakes import interpret
from tests.collect.s3_world import ONE, TWO, record, role

WINDOW = Window(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
DAY = "2026-11-04"


def session_of(account, name, session="s", partition="aws", path="", **context):
    """``userIdentity`` of a role session."""
    issuer = f"arn:{partition}:iam::{account}:role/{path}{name}"
    return {
        "type": "AssumedRole",
        "arn": f"arn:{partition}:sts::{account}:assumed-role/{name}/{session}",
        "accountId": account,
        "sessionContext": {"sessionIssuer": {"type": "Role", "arn": issuer, "accountId": account}, **context},
    }


def call(identity, event="e1", **more):
    return record(
        ONE,
        DAY,
        userIdentity=identity,
        eventID=event,
        **{"recipientAccountId": identity.get("accountId"), **more},
    )


def enrolled(arn, **more):
    account = arn.split(":")[4]
    return Principal(
        PrincipalKind.ROLE, arn.rpartition("/")[2], 1, arn, (account,), sources=("logs",), **more
    )


def permission_set(name, *accounts):
    return Principal(PrincipalKind.PERMISSION_SET, name, 1, accounts=accounts, sources=("logs",))


def collect(folder, records, *principals, by_session=False):
    (folder / "a.json.gz").write_bytes(gzip.compress(json.dumps({"Records": records}).encode()))
    source = TrailFiles(TrailFilesSource("logs", ""), LocalFolder(folder), processes=1, interpret=interpret)
    return source.collect(Roster(principals, by_session), WINDOW, Silent())


def counts(evidence):
    """Principal -> calls."""
    found = {}
    for key, tally in evidence.tallies.items():
        found[key.principal] = found.get(key.principal, 0) + tally.count
    return found


def test_role_chaining_counts_for_the_last_role(tmp_path):
    """A session that a session assumed holds the permissions of the second role only."""
    first, second = enrolled(role(ONE, "first")), enrolled(role(TWO, "second"))
    assume = call(session_of(ONE, "first"), "e1", eventName="AssumeRole", eventSource="sts.amazonaws.com")
    chained = call(session_of(TWO, "second", session="first-s", sourceIdentity="alice"), "e2")
    assert counts(collect(tmp_path, [assume, chained], first, second)) == {first.key: 1, second.key: 1}


def test_source_identity_stays_through_a_chain(tmp_path):
    alice = enrolled(role(TWO, "second"), source_identities=("alice",))
    chained = [
        call(session_of(TWO, "second", session="x", sourceIdentity=who), f"e-{who}")
        for who in ("alice", "bob")
    ]
    assert counts(collect(tmp_path, chained, alice)) == {alice.key: 1}


def test_web_identity_counts_for_the_role_and_assuming_it_for_nobody(tmp_path):
    web = {
        "webIdFederationData": {"federatedProvider": "token.actions.githubusercontent.com", "attributes": {}}
    }
    deploy = enrolled(role(ONE, "deploy"))
    assuming = call(
        {
            "type": "WebIdentityUser",
            "principalId": "x",
            "userName": "repo:acme/app",
            "identityProvider": "github",
        },
        "e1",
        eventName="AssumeRoleWithWebIdentity",
        eventSource="sts.amazonaws.com",
        recipientAccountId=ONE,
    )
    evidence = collect(tmp_path, [assuming, call(session_of(ONE, "deploy", **web), "e2")], deploy)
    assert counts(evidence) == {deploy.key: 1}
    assert evidence.coverage["logs"].excluded == {"federated user, without a role": 1}


def test_of_the_two_copies_of_a_cross_account_call_the_callers_counts(tmp_path):
    caller = enrolled(role(ONE))
    both = [
        call(session_of(ONE, "app"), "caller", sharedEventID="s", recipientAccountId=ONE),
        call(session_of(ONE, "app"), "owner", sharedEventID="s", recipientAccountId=TWO),
    ]
    evidence = collect(tmp_path, both, caller, enrolled(role(TWO)))
    assert counts(evidence) == {caller.key: 1}
    assert evidence.coverage["logs"].excluded == {"another account's copy of a call": 1}


def test_a_role_with_a_path_is_not_the_role_without(tmp_path):
    with_path, without = enrolled(f"arn:aws:iam::{ONE}:role/services/app"), enrolled(role(ONE))
    evidence = collect(tmp_path, [call(session_of(ONE, "app", path="services/"))], with_path, without)
    assert counts(evidence) == {with_path.key: 1}


@pytest.mark.parametrize("partition", ["aws-us-gov", "aws-cn"])
def test_partitions_are_kept_apart(tmp_path, partition):
    here = enrolled(f"arn:{partition}:iam::{ONE}:role/app")
    evidence = collect(
        tmp_path, [call(session_of(ONE, "app", partition=partition))], here, enrolled(role(ONE))
    )
    assert counts(evidence) == {here.key: 1}


@pytest.mark.parametrize(
    ("partition", "region"), [("aws-us-gov", "us-gov-west-1/"), ("aws-cn", "cn-north-1/")]
)
def test_permission_sets_of_other_partitions_and_of_every_suffix(tmp_path, partition, region):
    engineers = permission_set("Data_Engineer", ONE, TWO)
    path = f"aws-reserved/sso.amazonaws.com/{region}"
    roles = [
        (ONE, "0123456789abcdef"),
        (ONE, "fedcba9876543210"),
        (TWO, "0123456789abcdef"),
        ("3" * 12, "0" * 16),
    ]
    records = [
        call(
            session_of(account, f"AWSReservedSSO_Data_Engineer_{suffix}", partition=partition, path=path),
            f"e{n}",
        )
        for n, (account, suffix) in enumerate(roles)
    ]
    assert counts(collect(tmp_path, records, engineers)) == {engineers.key: 3}


def test_forward_access_sessions_count_and_are_marked(tmp_path):
    app = enrolled(role(ONE))
    identity = {**session_of(ONE, "app"), "invokedBy": "athena.amazonaws.com"}
    (key,) = collect(tmp_path, [call(identity)], app).tallies
    assert (key.principal, key.via_service) == (app.key, "athena.amazonaws.com")


def sessions(*names):
    return [call(session_of(ONE, "app", name), f"e{n}") for n, name in enumerate(names)]


def test_sessions_are_told_apart_on_demand_only(tmp_path):
    app = enrolled(role(ONE))
    records = [*sessions("alice@example.com", "bob@example.com", "alice@example.com")]
    records.append(call(session_of(ONE, "app", "ci", sourceIdentity="carol"), "e9"))
    hidden = collect(tmp_path, records, app)
    assert "alice" not in repr(hidden)
    assert counts(hidden) == {app.key: 4}
    assert counts(collect(tmp_path, records, app, by_session=True)) == {
        f"{app.key} session alice@example.com": 2,
        f"{app.key} session bob@example.com": 1,
        f"{app.key} session ci set by carol": 1,
    }


def test_filters_hold_where_sessions_are_told_apart(tmp_path):
    app = enrolled(role(ONE), session_names=("alice",))
    found = counts(collect(tmp_path, sessions("alice", "bob"), app, by_session=True))
    assert found == {f"{app.key} session alice": 1}


def test_a_flood_of_sessions_stays_bounded(tmp_path):
    app = enrolled(role(ONE))
    found = counts(
        collect(tmp_path, sessions(*(f"i-{n}" for n in range(SESSIONS_TOLD + 50))), app, by_session=True)
    )
    assert len(found) == SESSIONS_TOLD + 1
    assert found[f"{app.key} other sessions"] == 50


def test_what_names_sessions_reaches_no_proposal(tmp_path):
    """Its observations belong to nobody who is enrolled, so that nothing can be concluded from them."""
    app = enrolled(role(ONE))
    evidence = collect(tmp_path, sessions("alice"), app, by_session=True)
    assert evidence.of(app.key).tallies == {}


def test_access_analyzer_knows_no_sessions():
    analyzer = AccessAnalyzerSource("logs", "arn", "arn")
    declaration = Declaration({"logs": analyzer}, (enrolled(role(ONE)),))
    with pytest.raises(UsageError, match="does not tell sessions apart; name a source with log records"):
        observe_sessions(declaration, declaration.principals, lambda _: object(), WINDOW, Silent())


def test_sessions_are_never_kept(tmp_path, monkeypatch):
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    monkeypatch.delenv("CI", raising=False)
    (tmp_path / "principals.yaml").write_text("version: 1\nprincipals: []\n", "utf-8")
    scope = Scope(tmp_path, WINDOW.end, state="state")
    with pytest.raises(UsageError, match="never kept"):
        observe.run(scope, (), "text", print, people=True)
