"""What interpreting never looks at holds nothing that it reads, and leaving it out changes nothing."""

from __future__ import annotations

import ast
import inspect

import pytest

from leastwise.model.event import Event
from leastwise.reference.actions import expand, services
from leastwise.reference.calls import service_of
from leastwise.reference.facts import facts
from leastwise.reference.interpret import interpret
from leastwise.reference.resources import _types
from leastwise.reference.services import apigateway, dynamodb, ec2, indirect, others, s3
from leastwise.reference.unread import readable, unread_everywhere, unread_of_sources

ACTOR = "arn:aws:iam::111122223333:role/app"


def event(source="dynamodb.amazonaws.com", name="GetItem", request=None, response=None):
    return Event(
        event_id="e", time="2026-11-10T12:00:00Z", source=source, name=name, region="eu-west-1",
        account="111122223333", recipient_account="111122223333", actor=ACTOR, identity_type="AssumedRole",
        request_parameters=request or {}, response_elements=response or {},
    )  # fmt: skip


def unread_of(service):
    named = [
        names
        for source, names in unread_of_sources().items()
        if service_of(f"{source}.amazonaws.com") == service
    ]
    return unread_everywhere().union(*named)


def members_read(service):
    """The first steps of every path at which the ladder looks for a name."""
    return {
        member.partition(".")[0]
        for action in expand(f"{service}:*")
        for type_ in _types(action)
        for filler in type_.fillers
        for source in filler.sources
        for member in source.members
    }


def test_no_member_that_may_name_a_resource():
    assert {
        service: both for service in services() if (both := members_read(service) & unread_of(service))
    } == {}


def test_no_member_that_asks_for_another_permission():
    companions = facts("companions.toml")["companion"]
    wrong = {
        row["action"]: both for row in companions if (both := set(row["members"]) & unread_of(row["service"]))
    }
    assert wrong == {}


def test_no_member_that_passes_a_role():
    rows = facts("passes.toml")["pass"]
    paths = {path for row in rows for path in (*row.get("role", ()), *row.get("profile", ()))}
    services_ = {action.partition(":")[0] for row in rows for action in row["actions"]}
    assert not {path.partition(".")[0] for path in paths} & set().union(*map(unread_of, services_))


@pytest.mark.parametrize("module", [apigateway, dynamodb, ec2, indirect, others, s3])
def test_no_member_that_a_services_own_module_reads(module):
    """Every text in the module's code is taken for a member that it may read."""
    constants = {
        node.value
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.Constant)
    }
    texts = {step for text in constants if isinstance(text, str) for step in text.split(".")[:1]}
    own = module.__name__.rpartition(".")[2]
    unread = set().union(*unread_of_sources().values()) if module is others else unread_of(own)
    unread -= unread_of_sources()["s3"] | unread_of_sources()["dynamodb"] if module is others else set()
    assert texts & (unread | unread_everywhere()) <= set(getattr(module, "IGNORED", ()))


def test_values_are_left_out_and_names_stay():
    asked, _ = readable(event(request={"tableName": "T", "Key": {"id": "1"}, "ClientToken": "t"}))
    assert asked == {"tableName": "T", "Key": None, "ClientToken": None}


def test_another_services_member_of_that_name_is_kept():
    asked, _ = readable(event("s3.amazonaws.com", "GetObject", {"bucketName": "b", "key": "k"}))
    assert asked == {"bucketName": "b", "key": "k"}


def test_of_a_response_only_members_with_arns_are_kept():
    response = {
        "requestId": "r",
        "made": {"deep": ["arn:aws:sqs:eu-west-1:111122223333:q"]},
        "quoted": "ARN%3Aaws",
    }
    _, answered = readable(event(response=response))
    assert answered == {"requestId": None, "made": response["made"], "quoted": "ARN%3Aaws"}


def test_a_response_that_is_read_whole():
    response = {"instancesSet": {"items": [{"subnetId": "subnet-1"}]}}
    _, answered = readable(event("ec2.amazonaws.com", "RunInstances", response=response))
    assert answered == response


@pytest.mark.parametrize(
    "key", [{"id": "1"}, {"id": "2", "arn": "arn:aws:dynamodb:eu-west-1:111122223333:table/Other"}]
)
def test_what_is_left_out_changes_nothing(key):
    assert interpret(event(request={"tableName": "T", "key": key})) == interpret(
        event(request={"tableName": "T", "key": {}})
    )
