"""Records made to trip an engine up give the same evidence from all of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from leastwise.collect.roster import Roster
from leastwise.errors import SourceError
from leastwise.model.declared import Principal, PrincipalKind
from leastwise.model.evidence import SESSIONS_KEPT
from leastwise.model.request import ResourceForm
from tests.collect.logs import ACCOUNT, ALICE, PAYMENTS, ROLE, ROSTER, USER, WINDOW, record, session
from tests.collect.sql_world import FEDERATED, NAME, AthenaWorld, LakeWorld, differences, from_files

WORLDS = {"lake": LakeWorld, "athena": AthenaWorld, "federated": lambda found: AthenaWorld(found, FEDERATED)}
STRANGER = f"arn:aws:iam::{ACCOUNT}:role/stranger"
USER_IDENTITY = {"type": "IAMUser", "arn": USER, "accountId": ACCOUNT}


def same(tmp_path, records, roster=ROSTER, window=WINDOW, worlds=WORLDS):
    """The evidence from files, once every engine has found the same."""
    here = from_files(tmp_path, records, roster, window)
    for make in worlds.values():
        assert differences(here, make(records).collect(roster, window)) == []
    return here


def _items(**item):
    return {"items": [item]}


def get_object(event_id, key, **members):
    return record(event_id, requestParameters={"bucketName": "b", "key": key}, resources=None, **members)


def resources(evidence):
    return {key.request.resource for key in evidence.tallies}


def test_hostile_names(tmp_path):
    keys = [
        "it's",
        'say "x"',
        "a\\b",
        "né/ü",
        "*",
        "?",
        "${aws:username}",
        "--",
        "'; DROP TABLE x; --",
        "\u202e",
        "\n",
        "%",
        "{}",
        "null",
    ]
    found = same(tmp_path, [get_object(f"e{n}", key) for n, key in enumerate(keys)])
    assert resources(found) == {f"arn:aws:s3:::b/{key}" for key in keys}


HOSTILE_PATHS = ["it's", "''", "a\\'", '"', "?", "';DROP/**/TABLE/**/x;--", "%_", "/*", "${x}", "|", "^.*$"]


@pytest.mark.parametrize("path", HOSTILE_PATHS)
def test_hostile_paths_of_principals(tmp_path, path):
    """IAM lets the path of a role hold any printable character of ASCII."""
    arn = f"arn:aws:iam::{ACCOUNT}:role/{path}/payments"
    roster = Roster((replace(PAYMENTS, arn=arn), ALICE))
    records = [get_object("e1", "a", userIdentity=session(arn)), get_object("e2", "b")]
    assert resources(same(tmp_path, records, roster)) == {"arn:aws:s3:::b/a"}


def test_many_keys_are_rolled_up_alike(tmp_path):
    found = same(tmp_path, [get_object(f"e{n}", f"logs/{n}") for n in range(40)])
    assert {(key.request.resource, key.request.form) for key in found.tallies} == {
        ("arn:aws:s3:::b/logs/*", ResourceForm.ROLLED_UP)
    }


def test_copies_are_counted_once(tmp_path):
    found = same(tmp_path, [get_object("e1", "k"), get_object("e1", "k"), get_object("e2", "k")])
    assert found.coverage[NAME].duplicates == 1
    assert [tally.count for tally in found.tallies.values()] == [2]


def test_records_without_an_id_are_all_counted(tmp_path):
    bare = get_object("e1", "k")
    del bare["eventID"]
    found = same(tmp_path, [bare, bare, {**bare, "eventID": ""}])
    assert [tally.count for tally in found.tallies.values()] == [3]


def test_nested_parameters(tmp_path):
    subnet = {"items": [{"subnetId": "subnet-1", "groupSet": {"items": [{"groupId": "sg-1"}]}}]}
    run = record(
        "e1", eventSource="ec2.amazonaws.com", eventName="RunInstances", resources=None,
        requestParameters={"networkInterfaceSet": subnet, "instancesSet": _items(imageId="ami-1")},
        responseElements={"requestId": "r", "instancesSet": _items(instanceId="i-1", subnetId="subnet-1")},
    )  # fmt: skip
    delete = record(
        "e2", eventName="DeleteObjects", resources=None,
        requestParameters={"bucketName": "b", "delete": {"object": [{"key": "x"}, {"key": "y"}]}},
    )  # fmt: skip
    batch = record(
        "e3", eventSource="dynamodb.amazonaws.com", eventName="BatchWriteItem", resources=None,
        requestParameters={"requestItems": {"T1": [{"putRequest": {"item": {"id": "1"}}}], "T2": [{}]}},
    )  # fmt: skip
    found = resources(same(tmp_path, [run, delete, batch]))
    assert {"arn:aws:s3:::b/x", "arn:aws:s3:::b/y"} <= found
    assert f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/T1" in found
    assert f"arn:aws:ec2:eu-west-1:{ACCOUNT}:subnet/subnet-1" in found


def test_content_omitted_for_its_size(tmp_path):
    omitted = {"reason": "your request exceeded the size limit", "originalSize": 120_000, "omitted": True}
    found = same(tmp_path, [record(requestParameters=omitted, resources=None, eventName="GetObject")])
    assert {key.request.form for key in found.tallies} == {ResourceForm.UNRECORDED}


@pytest.mark.parametrize(
    "parameters", [[1, 2], "text", 7, True, {}, None, {"a": None}, {"k": 1.5e300}, {"n": 10**30}]
)
def test_parameters_of_every_shape(tmp_path, parameters):
    found = same(tmp_path, [record(requestParameters=parameters, responseElements=parameters)])
    assert found.coverage[NAME].records == 1


def test_outcomes_messages_and_hours(tmp_path):
    message = (
        f"User: {ROLE} is not authorized to perform: s3:PutObject on resource: arn:aws:s3:::b/k because no "
        "identity-based policy allows the s3:PutObject action"
    )
    refused = {"errorCode": "AccessDenied", "errorMessage": message}
    encoded = " Encoded authorization failure message: "
    records = [
        get_object("e1", "k", **refused),
        get_object("e2", "k", eventTime="2026-11-10T17:00:00Z", **refused),
        get_object("e3", "k", errorCode="NoSuchKey", errorMessage="The specified key does not exist: a"),
        get_object("e4", "k", errorCode="NoSuchKey", errorMessage="The specified key does not exist: b"),
        *(
            record(
                f"e{n}", eventSource="ec2.amazonaws.com", eventName="StopInstances", resources=None,
                errorCode="Client.UnauthorizedOperation",
                errorMessage=f"You are not authorized to perform this operation.{encoded}{'x' * n}",
                requestParameters={"instancesSet": {"items": [{"instanceId": "i-1"}]}},
            )
            for n in range(5, 9)
        ),
    ]  # fmt: skip
    found = same(tmp_path, records)
    assert {tally.hours for tally in found.tallies.values()} >= {
        frozenset({"2026-11-10T12", "2026-11-10T17"})
    }


def test_who_does_not_count(tmp_path):
    other = "444455556666"
    stranger = session(f"arn:aws:iam::{ACCOUNT}:role/stranger")
    records = [
        record("e1", userIdentity=stranger),
        record("e2", userIdentity=session(f"arn:aws:iam::{other}:role/app/payments")),
        record(
            "e3", userIdentity={"type": "Root", "arn": f"arn:aws:iam::{ACCOUNT}:root", "accountId": ACCOUNT}
        ),
        record("e4", userIdentity={"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}),
        record("e5", userIdentity={"invokedBy": "ec2.amazonaws.com"}),
        record("e6", userIdentity={"type": "IdentityCenterUser", "accountId": ACCOUNT}),
        record("e7", eventType="AwsServiceEvent"),
        record("e8", eventType="AwsUnheardOf", userIdentity=stranger),
        record("e9", eventCategory="NetworkActivity"),
        record("e10", recipientAccountId=other),
        record("e11", userIdentity={"type": "AWSAccount", "accountId": other, "principalId": "A:b"}),
        record("e12", userIdentity=None),
        record(
            "e13", userIdentity={"type": "FederatedUser", "arn": f"arn:aws:sts::{ACCOUNT}:federated-user/x"}
        ),
    ]
    found = same(tmp_path, records)
    assert found.tallies == {}
    assert sum(found.coverage[NAME].excluded.values()) == len(records)
    assert len(found.coverage[NAME].excluded) >= 7


def test_tampering_by_anybody(tmp_path):
    stop = record(
        "e1", eventSource="cloudtrail.amazonaws.com", eventName="StopLogging", eventCategory="Management",
        userIdentity=session(f"arn:aws:iam::{ACCOUNT}:role/stranger"),
    )  # fmt: skip
    again = {**stop, "eventID": "e2", "eventTime": "2026-11-11T08:00:00Z"}
    refused = {**stop, "eventID": "e3", "errorCode": "AccessDenied"}
    found = same(tmp_path, [stop, again, refused])
    assert found.coverage[NAME].tampering == {
        "2026-11-10T12:00:00Z StopLogging e1",
        "2026-11-11T08:00:00Z StopLogging e2",
    }


def test_tampering_without_an_id(tmp_path):
    stop = record(eventSource="cloudtrail.amazonaws.com", eventName="StopLogging", eventID="")
    assert same(tmp_path, [stop]).coverage[NAME].tampering == {"2026-11-10T12:00:00Z StopLogging"}


def test_every_call_that_cannot_be_read_is_counted(tmp_path):
    odd = [record(f"e{n}", requestParameters="no object") for n in range(3)]
    seen = same(tmp_path, [*odd, odd[0], record("e9")]).coverage[NAME]
    assert (seen.unreadable_count, seen.duplicates, seen.records) == (3, 1, 5)


def test_an_empty_type_or_category_says_nothing(tmp_path):
    records = [get_object("e1", "k", eventType=""), get_object("e2", "k", eventCategory="")]
    assert [tally.count for tally in same(tmp_path, records).tallies.values()] == [2]


def test_forward_access_sessions_are_kept_apart(tmp_path):
    direct = record(
        "e1",
        eventSource="kms.amazonaws.com",
        eventName="Decrypt",
        resources=[{"ARN": f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/k"}],
    )
    through = {**direct, "eventID": "e2", "userIdentity": {**session(), "invokedBy": "s3.amazonaws.com"}}
    found = same(tmp_path, [direct, through])
    assert {key.via_service for key in found.tallies} == {"", "s3.amazonaws.com"}


def test_permission_sets_in_several_accounts(tmp_path):
    accounts = ("111122223333", "444455556666")
    where = "aws-reserved/sso.amazonaws.com"
    arns = [
        f"arn:aws:iam::{accounts[0]}:role/{where}/eu-west-1/AWSReservedSSO_Data_Eng+1.x_0123456789abcdef",
        f"arn:aws:iam::{accounts[1]}:role/{where}/AWSReservedSSO_Data_Eng+1.x_fedcba9876543210",
        f"arn:aws:iam::{accounts[1]}:role/{where}/AWSReservedSSO_Data_EngA1Bx_fedcba9876543210",
        f"arn:aws:iam::777788889999:role/{where}/AWSReservedSSO_Data_Eng+1.x_0123456789abcdef",
        f"arn:aws:iam::{accounts[0]}:role/AWSReservedSSO_Data_Eng+1.x_0123456789abcdef",
    ]
    records = [
        record(f"e{n}", userIdentity=session(arn), recipientAccountId=arn.split(":")[4])
        for n, arn in enumerate(arns)
    ]
    roster = Roster((Principal(PrincipalKind.PERMISSION_SET, "Data_Eng+1.x", 1, accounts=accounts),))
    assert [tally.count for tally in same(tmp_path, records, roster).tallies.values()] == [2]


def test_other_partitions(tmp_path):
    role = "arn:aws-us-gov:iam::111122223333:role/app/payments"
    roster = Roster((replace(PAYMENTS, arn=role),))
    gov = get_object("e1", "k", userIdentity=session(role), awsRegion="us-gov-west-1")
    assert resources(same(tmp_path, [gov], roster)) == {"arn:aws-us-gov:s3:::b/k"}


def test_sessions_are_the_smallest_hashes(tmp_path):
    records = [get_object(f"e{n}", "k", userIdentity=session(name=f"person-{n}")) for n in range(20)]
    (tally,) = same(tmp_path, records).tallies.values()
    assert len(tally.sessions) == SESSIONS_KEPT


def test_one_persons_use_of_a_shared_role(tmp_path):
    roster = Roster((replace(PAYMENTS, session_names=("alice",)), ALICE))
    records = [
        get_object("e1", "a", userIdentity=session(name="alice")),
        get_object("e2", "b", userIdentity=session(name="bob")),
        get_object("e3", "c", userIdentity=USER_IDENTITY),
    ]
    found = same(tmp_path, records, roster)
    assert resources(found) == {"arn:aws:s3:::b/a", "arn:aws:s3:::b/c"}
    assert found.coverage[NAME].excluded == {"session not enrolled": 1}


def test_source_identities(tmp_path):
    roster = Roster((replace(PAYMENTS, source_identities=("alice",)),))
    records = [
        get_object("e1", "a", userIdentity=session(sourceIdentity="alice")),
        get_object("e2", "b", userIdentity=session(sourceIdentity="bob")),
        get_object("e3", "c"),
    ]
    worlds = {name: make for name, make in WORLDS.items() if name != "athena"}
    assert resources(same(tmp_path, records, roster, worlds=worlds)) == {"arn:aws:s3:::b/a"}


def test_each_session_is_told_apart_for_whoever_asks_to_see_them(tmp_path):
    """Strangers' sessions make no rows, and a table without source identities tells the rest."""
    roster = Roster((PAYMENTS, ALICE), by_session=True)
    records = [
        get_object("e1", "a", userIdentity=session(name="alice")),
        get_object("e2", "a", userIdentity=session(name="bob@example.com")),
        get_object("e3", "a", userIdentity=USER_IDENTITY),
        *(get_object(f"s{n}", "a", userIdentity=session(STRANGER, f"i-{n}")) for n in range(9)),
    ]
    found = same(tmp_path, records, roster)
    assert {key.principal for key in found.tallies} == {
        f"{ROLE} session alice",
        f"{ROLE} session bob@example.com",
        f"{USER} session (none)",
    }
    world = LakeWorld(records)
    world.collect(roster, WINDOW)
    assert sum(len(query.rows) for query in world.lake.queries.values()) == 4


def test_sessions_with_a_source_identity_are_told_apart(tmp_path):
    roster = Roster((PAYMENTS,), by_session=True)
    records = [get_object("e1", "a", userIdentity=session(name="ci", sourceIdentity="carol"))]
    worlds = {name: make for name, make in WORLDS.items() if name != "athena"}
    found = same(tmp_path, records, roster, worlds=worlds)
    assert {key.principal for key in found.tallies} == {f"{ROLE} session ci set by carol"}


def test_a_table_without_the_filters_column_is_never_answered_from():
    roster = Roster((replace(PAYMENTS, source_identities=("alice",)),))
    with pytest.raises(SourceError, match=r"no sourceIdentity.*athena-table"):
        AthenaWorld([get_object("e1", "a")]).collect(roster, WINDOW)


def test_the_windows_edges(tmp_path):
    times = ("2026-10-31T23:59:59Z", "2026-11-01T00:00:00Z", "2026-11-29T23:59:59Z", "2026-11-30T00:00:00Z")
    records = [get_object(f"e{n}", str(n), eventTime=time) for n, time in enumerate(times)]
    assert resources(same(tmp_path, records)) == {"arn:aws:s3:::b/1", "arn:aws:s3:::b/2"}


def test_what_differs_from_call_to_call_makes_one_row():
    records = [
        record(
            f"e{n}", eventSource="dynamodb.amazonaws.com", eventName="GetItem", resources=None,
            eventTime=f"2026-11-{1 + n % 20:02}T12:00:00Z",
            requestParameters={"tableName": "T", "key": {"id": str(n)}, "clientToken": str(n)},
        )
        for n in range(200)
    ]  # fmt: skip
    world = AthenaWorld(records)
    found = world.collect(ROSTER, WINDOW)
    (execution,) = world.athena.executions.values()
    assert len(execution.rows) == 1
    assert [tally.count for tally in found.tallies.values()] == [200]
