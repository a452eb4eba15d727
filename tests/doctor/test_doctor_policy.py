"""The policy that leastwise asks for itself, held to the calls that it makes, by its own means."""

from __future__ import annotations

import inspect
import json
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from leastwise.aws.access_analyzer import Order, PolicyChecks, PolicyGeneration
from leastwise.aws.athena import Athena, Statement
from leastwise.aws.caller import Caller, Refusal
from leastwise.aws.cloudtrail import CloudTrail
from leastwise.aws.iam import Iam
from leastwise.aws.messages import Messages
from leastwise.aws.s3 import Bucket
from leastwise.doctor.policy import (
    policies_for,
    policies_for_opinions,
    policy_for_sending,
    policy_for_state,
    table,
)
from leastwise.errors import AwsError
from leastwise.iam.document import parse
from leastwise.iam.evaluate import Decision, evaluate_both
from leastwise.iam.request import Request
from leastwise.model.declared import (
    AccessAnalyzerSource,
    AthenaSource,
    EmailTarget,
    LakeSource,
    SecondOpinion,
    TrailFilesSource,
)
from leastwise.model.event import Event
from leastwise.model.request import ResourceForm
from leastwise.model.window import Window
from leastwise.reference.actions import canonical
from leastwise.reference.interpret import interpret

ACCOUNT = "111122223333"
TRAIL = f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/org"
STORE = f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:eventdatastore/EXAMPLE-f852-4e8f-8bd1-bcf6cEXAMPLE"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/leastwise-read"
S3 = TrailFilesSource("bucket", "s3://org-trail/AWSLogs/", trail=TRAIL)
LAKE = LakeSource("lake", STORE)
MONITOR = f"arn:aws:iam::{ACCOUNT}:role/AccessAnalyzerMonitor"
ANALYZER = AccessAnalyzerSource("analyzer", TRAIL, MONITOR)
ATHENA = AthenaSource(
    "archive", "audit", "logs", "cloudtrail", "eu-west-1", output="s3://results/x/", trail=TRAIL
)
PASSED = {"iam:PassRole": {"iam:PassedToService": ("access-analyzer.amazonaws.com",)}}
"""The only role that leastwise passes."""
TOPIC = f"arn:aws:sns:eu-west-1:{ACCOUNT}:leastwise"
MAIL = EmailTarget("audit@acme.example", ("security@acme.example",), "eu-west-1")
IDENTITY = f"arn:aws:ses:eu-west-1:{ACCOUNT}:identity"
RAW = "ses:SendRawEmail"
"""What SES asks for beside ``ses:SendEmail`` where a message is sent as a whole."""
RECORDED_AS = {"ListObjectsV2": "ListObjects"}
"""API operation -> the name under which CloudTrail records it."""


class Recorder:
    """A client that answers nothing useful, and remembers what it was asked."""

    def __init__(self):
        self.asked = []

    def call(self, operation, parameters):
        self.asked.append((operation, parameters))
        raise Refusal("AccessDenied", "recorded")

    def caller(self, service):
        return Caller(service, "here", lambda: self, None, {})


def calls_of(service, edge, arguments):
    """Every call that the methods of an edge class make, by giving each method arguments of its own."""
    recorder = Recorder()
    edge = edge(recorder.caller(service), *arguments.pop("__init__", ()))
    methods = [name for name, _ in inspect.getmembers(type(edge), inspect.isfunction) if name[0] != "_"]
    assert methods == sorted(arguments), (
        "a new method of the edge needs arguments here, and a permission there"
    )
    for name in methods:
        with pytest.raises(AwsError):
            list(getattr(edge, name)(*arguments[name]))
    return recorder.asked


def of_s3(prefix="AWSLogs/"):
    key = f"{prefix}x"
    arguments = {
        "__init__": ("org-trail",), "folders": (prefix,), "objects": (prefix,), "read": (key,),
        "find": (key,), "write": (key, b""), "replace": (key, b"", None), "delete": (key,),
    }  # fmt: skip
    return calls_of("s3", Bucket, arguments)


def of_cloudtrail():
    now = datetime(2026, 11, 23, tzinfo=UTC)
    arguments = {
        "start_query": ("SELECT 1",), "describe_query": ("q",), "query_rows": ("q",),
        "list_queries": (STORE, now), "cancel_query": ("q",), "event_data_store": (STORE,), "trail": (TRAIL,),
    }  # fmt: skip
    rest = ["GetTrailStatus", "GetEventSelectors"]  # the first refusal ends `trail`
    return [*calls_of("cloudtrail", CloudTrail, arguments), *((name, {"Name": TRAIL}) for name in rest)]


def of_athena():
    statement = Statement("SELECT 1", (), "t" * 32, "logs", "audit", None)
    arguments = {
        "start": (statement,), "describe": ("q",), "rows": ("q",), "stop": ("q",),
        "table": ("logs", "cloudtrail", "audit"), "workgroup": ("audit",),
    }  # fmt: skip
    return calls_of("athena", Athena, arguments)


def of_analyzer():
    window = Window(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC))
    order = Order(ROLE, TRAIL, MONITOR, window, "t" * 64)
    return calls_of("accessanalyzer", PolicyGeneration, {"generated": ("j",), "jobs": (), "start": (order,)})


def of_checks():
    arguments = {"no_new_access": ("{}", "{}"), "not_granted": ("{}", ("s3:*",)), "validate": ("{}",)}
    return calls_of("accessanalyzer", PolicyChecks, arguments)


def of_iam():
    """What is asked of IAM for Access Analyzer; the rest of that edge is asked for what is live."""
    recorder = Recorder()
    edge = Iam(recorder.caller("iam"))
    user = f"arn:aws:iam::{ACCOUNT}:user/rosa"
    asks = (
        edge.reserved_roles,
        lambda: edge.trust_of("AccessAnalyzerMonitor"),
        lambda: edge.made(MONITOR),
        lambda: edge.made(user),
    )
    for ask in asks:
        with pytest.raises(AwsError):
            ask()
    return recorder.asked


def own(source):
    """The policy where no role is assumed."""
    (needed,) = policies_for(source, {})
    assert needed.holder == ""
    return needed.policy


def requests_of(service, calls, unnamed):
    """What the calls need: each is read as the record that CloudTrail would write of it."""
    names = {"Bucket": "bucketName"}
    for operation, asked in calls:
        parameters = {names.get(name, name[0].lower() + name[1:]): value for name, value in asked.items()}
        if operation == "GetEventSelectors":
            parameters = {"trailName": TRAIL}
        event = Event(
            "e", "2026-11-23T00:00:00Z", f"{service}.amazonaws.com", RECORDED_AS.get(operation, operation),
            "eu-west-1", ACCOUNT, ACCOUNT, ROLE, "AssumedRole", request_parameters=parameters,
        )  # fmt: skip
        found = interpret(event)
        assert found.requests, operation
        for request in found.requests:
            named = request.form is ResourceForm.LITERAL
            context = (
                {"s3:prefix": (asked["Prefix"],)} if "Prefix" in asked else PASSED.get(request.action, {})
            )
            yield Request(request.action, request.resource if named else unnamed, context, closed=True)


CASES = {
    "s3": (S3, lambda: requests_of("s3", [call for call in of_s3() if call[0] in READS], "")),
    "trail": (
        S3,
        lambda: requests_of("cloudtrail", [c for c in of_cloudtrail() if c[0] in TRAIL_READS], TRAIL),
    ),
    "lake": (
        LAKE,
        lambda: requests_of("cloudtrail", [c for c in of_cloudtrail() if c[0] not in TRAIL_READS], STORE),
    ),
    "athena": (
        ATHENA,
        lambda: requests_of("athena", of_athena(), f"arn:aws:athena:eu-west-1:{ACCOUNT}:workgroup/audit"),
    ),
    "access analyzer": (ANALYZER, lambda: requests_of("access-analyzer", of_analyzer(), "*")),
    "access analyzer's roles": (ANALYZER, lambda: requests_of("iam", of_iam(), "*")),
    "athena's trail": (
        ATHENA,
        lambda: requests_of("cloudtrail", [c for c in of_cloudtrail() if c[0] in TRAIL_READS], TRAIL),
    ),
}
READS = {"ListObjectsV2", "GetObject"}
TRAIL_READS = {"GetTrail", "GetTrailStatus", "GetEventSelectors"}


@pytest.mark.parametrize("case", CASES)
def test_every_call_is_allowed(case):
    source, requests = CASES[case]
    policy = parse(own(source))
    asked = list(requests())
    assert asked
    assert [
        request for request in asked if evaluate_both([policy], request).decision is not Decision.ALLOW
    ] == []


def test_every_check_of_a_proposal_is_allowed():
    (needed,) = policies_for_opinions(SecondOpinion(custom_checks=1), {}, [])
    for request in requests_of("access-analyzer", of_checks(), "*"):
        assert evaluate_both([parse(needed.policy)], request).decision is Decision.ALLOW, request


def test_every_call_on_kept_evidence_is_allowed():
    policy = parse(policy_for_state("s3://org-trail/state", "aws"))
    for request in requests_of("s3", of_s3("state/"), ""):
        assert evaluate_both([policy], request).decision is Decision.ALLOW, request


class Sending:
    """What ``Messages`` takes for ``Aws``: every service is the recorder."""

    def __init__(self):
        self.recorder, self.services = Recorder(), []

    def caller(self, service, _region):
        self.services.append(service)
        return self.recorder.caller(service)


def of_messages():
    """Every call that tells people, as IAM's prefix and the operation."""
    sending = Sending()
    arguments = {"publish": (TOPIC, "s", "m"), "mail": (MAIL, "s", "t"), "mail_whole": (MAIL, b"m")}
    methods = [name for name, _ in inspect.getmembers(Messages, inspect.isfunction) if name[0] != "_"]
    assert methods == sorted(arguments)
    for name in methods:
        with pytest.raises(AwsError):
            getattr(Messages(sending), name)(*arguments[name])
    operations = [operation for operation, _ in sending.recorder.asked]
    services = [service.removesuffix("v2") for service in sending.services]
    return {f"{service}:{name}" for service, name in zip(services, operations, strict=True)}


def test_every_message_is_allowed():
    policy = parse(policy_for_sending([MAIL], [TOPIC]))
    assert of_messages() == {"sns:Publish", "ses:SendEmail"}
    places = {"sns": [TOPIC], "ses": [f"{IDENTITY}/audit@acme.example", f"{IDENTITY}/acme.example"]}
    for action in of_messages() | {RAW}:
        for place in places[action[:3]]:
            allowed = evaluate_both([policy], Request(action, place, closed=True)).decision
            refused = evaluate_both([policy], Request(action, f"{place}x", closed=True)).decision
            assert (allowed, refused) == (Decision.ALLOW, Decision.NONE), (action, place)


def test_two_senders_and_topics_are_one_policy_and_each_is_named_once():
    other = replace(MAIL, sender="leastwise@acme.example")
    statements = json.loads(policy_for_sending([MAIL, other], [TOPIC, TOPIC + "2"]))["Statement"]
    assert [statement["Sid"] for statement in statements] == ["SendMail", "PublishToTopic"]
    assert [len(statement["Resource"]) for statement in statements] == [3, 2]


def test_no_action_is_asked_for_that_no_call_needs():
    needed = {request.action for _, requests in CASES.values() for request in requests()}
    needed |= of_messages() | {RAW}
    needed |= {request.action for request in requests_of("s3", of_s3(), "")} | {"sts:AssumeRole"}
    needed |= {request.action for request in requests_of("access-analyzer", of_checks(), "*")}
    asked = {action for row in table() if "by" not in row for action in row["actions"]}
    assert asked == needed


def test_every_action_exists_and_is_spelt_as_aws_does():
    for row in table():
        assert row["actions"] == sorted(row["actions"])
        assert [canonical(action) for action in row["actions"]] == row["actions"]


@pytest.mark.parametrize("source", [S3, LAKE, ATHENA], ids=lambda source: source.kind)
def test_the_policy_is_as_narrow_as_the_source(source):
    policy = parse(own(source))
    for action, resource in (
        ("s3:GetObject", "arn:aws:s3:::other/AWSLogs/x"),
        ("s3:GetObject", "arn:aws:s3:::org-trail/else/x"),
        ("cloudtrail:GetTrail", TRAIL + "2"),
        ("cloudtrail:StartQuery", STORE + "2"),
        ("cloudtrail:StopLogging", TRAIL),
        ("cloudtrail:PutEventSelectors", TRAIL),
        ("athena:StartQueryExecution", f"arn:aws:athena:eu-west-1:{ACCOUNT}:workgroup/primary"),
        ("athena:StartQueryExecution", f"arn:aws:athena:us-east-1:{ACCOUNT}:workgroup/audit"),
        ("s3:DeleteObject", "arn:aws:s3:::org-trail/AWSLogs/x"),
        ("s3:PutObject", "arn:aws:s3:::org-trail/AWSLogs/x"),
    ):
        decision = evaluate_both([policy], Request(action, resource, closed=True)).decision
        assert decision is Decision.NONE, (action, resource)


def test_where_a_role_is_assumed_only_that_is_allowed_to_ourselves():
    ours, assumed = policies_for(S3, {ACCOUNT: ROLE})
    (statement,) = json.loads(ours.policy)["Statement"]
    assert (statement["Action"], statement["Resource"]) == (["sts:AssumeRole"], [ROLE])
    assert (assumed.holder, json.loads(assumed.policy)) == (ROLE, json.loads(own(S3)))


def test_the_bucket_and_the_trail_may_be_in_different_accounts():
    """As AWS Control Tower makes them: the trail in the management account, the bucket in the archive."""
    archive = ROLE.replace(ACCOUNT, "222233334444")
    found = policies_for(replace(S3, account="222233334444"), {ACCOUNT: ROLE, "222233334444": archive})
    held = {needed.holder: {s["Sid"] for s in json.loads(needed.policy)["Statement"]} for needed in found}
    assert held == {
        "": {"EnterAccount111122223333", "EnterAccount222233334444"},
        ROLE: {"ReadTrailSettings"},
        archive: {"ListLogFiles", "ReadLogFiles"},
    }


def test_without_an_account_of_its_own_athena_is_asked_by_the_role_of_its_trail():
    ours, assumed = policies_for(ATHENA, {ACCOUNT: ROLE})
    assert "athena:StartQueryExecution" in assumed.policy
    assert [s["Sid"] for s in json.loads(ours.policy)["Statement"]] == [f"EnterAccount{ACCOUNT}"]
    (alone,) = policies_for(replace(ATHENA, trail=None), {ACCOUNT: ROLE})
    assert (alone.holder, "athena:StartQueryExecution" in alone.policy) == ("", True)


@pytest.mark.parametrize("partition", ["aws-cn", "aws-us-gov"])
def test_other_partitions(partition):
    region = {"aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}[partition]
    trail = f"arn:{partition}:cloudtrail:{region}:{ACCOUNT}:trail/org"
    athena = AthenaSource("a", "audit", "logs", "cloudtrail", region)
    for source in (TrailFilesSource("bucket", "s3://b/", trail=trail), athena):
        resources = [r for s in json.loads(own(source))["Statement"] for r in s["Resource"]]
        assert resources
        assert all(resource.startswith(f"arn:{partition}:") for resource in resources)


def test_a_folder_needs_nothing():
    assert json.loads(own(TrailFilesSource("logs", "logs/")))["Statement"] == []


def test_athena_is_asked_by_the_role_of_its_account():
    workgroups = ROLE.replace(ACCOUNT, "222233334444")
    source = replace(ATHENA, account="222233334444")
    found = policies_for(source, {ACCOUNT: ROLE, "222233334444": workgroups})
    held = {needed.holder: {s["Sid"] for s in json.loads(needed.policy)["Statement"]} for needed in found}
    assert held[ROLE] == {"ReadTrailSettings"}
    assert "RunQueries" in held[workgroups]
    assert held[""] == {f"EnterAccount{ACCOUNT}", "EnterAccount222233334444"}


def test_second_opinions_need_what_is_declared():
    def actions(**declared):
        found = policies_for_opinions(SecondOpinion(**declared), {ACCOUNT: ROLE}, [ACCOUNT])
        return {
            needed.holder: [a for s in json.loads(needed.policy)["Statement"] for a in s["Action"]]
            for needed in found
        }

    assert actions() == {ROLE: ["access-analyzer:ValidatePolicy"], "": ["sts:AssumeRole"]}
    assert "access-analyzer:CheckNoNewAccess" in actions(custom_checks=5)[ROLE]
    assert actions(validate=False) == {}


def test_sids_are_unique_in_every_policy():
    sids = defaultdict(list)
    for row in table():
        for kind in row["kinds"]:
            sids[kind].append(row["sid"])
    assert all(len(set(found)) == len(found) for found in sids.values())
