"""Every error that AWS's own models list for a call by which evidence is read says what to do."""

from __future__ import annotations

from datetime import UTC, datetime

import botocore.session
import pytest

from leastwise.aws.athena import Athena, Statement
from leastwise.aws.caller import Caller, Refusal
from leastwise.aws.cloudtrail import LOST_QUERIES, TOO_MANY_QUERIES, CloudTrail
from leastwise.errors import AwsError
from tests.fakes.aws_wire import TestClock

NOW = datetime(2026, 11, 23, tzinfo=UTC)
HANDLED = LOST_QUERIES | {TOO_MANY_QUERIES, "MetadataException"}
"""Errors that a reading gets over by itself; of a table that is not there `existing_table` says it."""
NEVER_ASKED_FOR = ("InvalidS3", "InsufficientS3", "S3Bucket")
"""Beginnings of errors about a bucket for results, which we do not name."""
LAKE = {
    "StartQuery": lambda cloud: cloud.start_query("SELECT 1"),
    "DescribeQuery": lambda cloud: cloud.describe_query("q"),
    "GetQueryResults": lambda cloud: list(cloud.query_rows("q")),
    "ListQueries": lambda cloud: list(cloud.list_queries("s", NOW)),
    "CancelQuery": lambda cloud: cloud.cancel_query("q"),
    "GetEventDataStore": lambda cloud: cloud.event_data_store("s"),
    "GetTrail": lambda cloud: cloud.trail("t"),
    "GetTrailStatus": lambda cloud: cloud.trail("t"),
    "GetEventSelectors": lambda cloud: cloud.trail("t"),
}
ATHENA = {
    "StartQueryExecution": lambda api: api.start(Statement("SELECT 1", (), "t" * 32, "d", "w", None)),
    "GetQueryExecution": lambda api: api.describe("q"),
    "GetQueryResults": lambda api: list(api.rows("q")),
    "StopQueryExecution": lambda api: api.stop("q"),
    "GetTableMetadata": lambda api: api.table("d", "t", "w"),
    "GetWorkGroup": lambda api: api.workgroup("w"),
}


def modelled(service, calls):
    model = botocore.session.Session().get_service_model(service)
    return [
        (operation, shape.name)
        for operation in calls
        for shape in model.operation_model(operation).error_shapes
        if shape.name not in HANDLED and not shape.name.startswith(NEVER_ASKED_FOR)
    ]


class Refuses:
    """A client that answers one operation with an error, and others with next to nothing."""

    def __init__(self, operation, code):
        self._operation, self._code = operation, code

    def call(self, operation, _parameters):
        if operation == self._operation:
            raise Refusal(self._code, "as AWS says.")
        return {"Trail": {}}


def refused(service, wrapped, operation, code, call):
    """What a person reads."""
    client = Refuses(operation, code)
    with pytest.raises(AwsError, match=code) as found:
        call(wrapped(Caller(service, "eu-west-1", lambda: client, TestClock(NOW), {})))
    return str(found.value)


@pytest.mark.parametrize(("operation", "code"), modelled("cloudtrail", LAKE))
def test_of_cloudtrail(operation, code):
    words = refused("cloudtrail", CloudTrail, operation, code, LAKE[operation])
    assert words.partition("as AWS says; ")[2]


@pytest.mark.parametrize(("operation", "code"), modelled("athena", ATHENA))
def test_of_athena(operation, code):
    words = refused("athena", Athena, operation, code, ATHENA[operation])
    assert words.partition("as AWS says; ")[2]
