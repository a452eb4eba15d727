"""CloudTrail: Lake queries, event data stores and trails, as frozen values.

Shapes: botocore 1.44.5, ``cloudtrail`` service model.  Paces, in calls per second (2026-11-23):
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from leastwise.aws.moments import utc
from leastwise.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from leastwise.aws.caller import Caller
    from leastwise.aws.sessions import Aws

PACES: Mapping[str, float] = MappingProxyType(
    {"StartQuery": 3, "DescribeQuery": 10, "GetQueryResults": 10, "ListQueries": 10, "GetEventDataStore": 10}
)
TOO_MANY_QUERIES = "MaxConcurrentQueriesException"
LOST_QUERIES = frozenset({"QueryIdNotFoundException", "InactiveQueryException"})
"""The query is no longer there, or no longer runs."""
_PAGE = 1_000

_OUR_DEFECT = "this is a defect of leastwise: please report it with the output of `--dry-run`"
_NO_SERVICE_ROLE = (
    "the organization lacks CloudTrail's service-linked role: its management account makes one by opening "
    "CloudTrail in the console"
)
_STORE_HINTS: Mapping[str, str] = MappingProxyType(
    {
        "EventDataStoreNotFoundException": "correct `event_data_store` of the source in principals.yaml; "
        "`aws cloudtrail list-event-data-stores` prints what there is",
        "EventDataStoreARNInvalidException": "write the whole ARN, "
        "arn:aws:cloudtrail:REGION:ACCOUNT:eventdatastore/ID, in `event_data_store`",
        "InactiveEventDataStoreException": "the event data store is being deleted or was never enabled: "
        "restore it (`aws cloudtrail restore-event-data-store`), or name another source",
        **dict.fromkeys(
            (
                "InvalidDateRangeException",
                "InvalidMaxResultsException",
                "InvalidNextTokenException",
                "InvalidQueryStatementException",
                "InvalidQueryStatusException",
            ),
            _OUR_DEFECT,
        ),
        "InvalidParameterException": "correct `event_data_store` if AWS's words are about it; else "
        + _OUR_DEFECT,
        "InsufficientEncryptionPolicyException": "let the key policy of the store's KMS key allow "
        "kms:Decrypt and kms:GenerateDataKey to the identity that leastwise runs as",
        "NoManagementAccountSLRExistsException": _NO_SERVICE_ROLE,
        "OperationNotPermittedException": "run as the store's owner, or give `accounts:` a role there",
        "UnsupportedOperationException": "CloudTrail Lake is not to be had in this region or account: use an "
        "athena or trail-files source",
        "ConflictException": "another operation on the query is under way: run again",
    }
)
_TRAIL_HINTS: Mapping[str, str] = MappingProxyType(
    {
        "TrailNotFoundException": "correct `trail` of the source in principals.yaml",
        "InvalidTrailNameException": "write the trail's whole ARN in `trail`",
        "CloudTrailARNInvalidException": "write the trail's whole ARN in `trail`",
        "UnsupportedOperationException": "ask in the trail's home region and owner account",
        "NoManagementAccountSLRExistsException": _NO_SERVICE_ROLE,
        "OperationNotPermittedException": "run as the trail's owner, or give `accounts:` a role there",
    }
)


class QueryState(Enum):
    """Where a query stands; values as CloudTrail writes them."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    FINISHED = "FINISHED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    TIMED_OUT = "TIMED_OUT"


@dataclass(frozen=True, slots=True)
class LakeQuery:
    """A query as ``DescribeQuery`` tells it; ``bytes_scanned`` is what AWS bills."""

    query_id: str
    state: QueryState
    statement: str
    error: str
    bytes_scanned: int


@dataclass(frozen=True, slots=True)
class ListedQuery:
    """A query of the last seven days."""

    query_id: str
    state: QueryState
    created: datetime


@dataclass(frozen=True, slots=True)
class EventDataStore:
    """What an event data store keeps; ``selectors`` is text for ``reference.selectors.read_selectors``.

    ``updated`` is when it was last set to keep something else; ``created`` where it never was.
    """

    arn: str
    status: str
    created: datetime
    updated: datetime
    retention_days: int
    all_regions: bool
    organization: bool
    selectors: str


@dataclass(frozen=True, slots=True)
class TrailFacts:
    """What a trail logs; ``selectors`` is text for ``reference.selectors.read_selectors``.

    ``started`` and ``stopped`` are the last times that logging was switched on and off; ``None``: never.
    """

    arn: str
    all_regions: bool
    organization: bool
    bucket: str
    is_logging: bool
    started: datetime | None
    stopped: datetime | None
    delivery_error: str
    selectors: str


class CloudTrail:
    """CloudTrail in one region and account.  Every method raises ``AwsError``."""

    def __init__(self, caller: Caller) -> None:
        """``caller`` is one of service ``cloudtrail``, with ``PACES``."""
        self._caller = caller

    def start_query(self, statement: str) -> str:
        """Start a query of at most 10,000 characters; its ID.

        ``AwsError`` with code ``TOO_MANY_QUERIES`` where ten are queued or running already.
        """
        return str(self._caller.call("StartQuery", _STORE_HINTS, QueryStatement=statement)["QueryId"])

    def describe_query(self, query_id: str) -> LakeQuery:
        """Where a query stands."""
        told = self._caller.call("DescribeQuery", _STORE_HINTS, QueryId=query_id)
        return LakeQuery(
            query_id,
            QueryState(told["QueryStatus"]),
            str(told.get("QueryString", "")),
            str(told.get("ErrorMessage", "")),
            int(told.get("QueryStatistics", {}).get("BytesScanned", 0)),
        )

    def query_rows(self, query_id: str) -> Iterator[dict[str, str]]:
        """Every row of a finished query: column -> text.

        A row comes as a list of maps with one column each.
        """
        page: dict[str, Any] = {"MaxQueryResults": _PAGE}
        while True:
            told = self._caller.call("GetQueryResults", _STORE_HINTS, QueryId=query_id, **page)
            for row in told.get("QueryResultRows", ()):
                yield {column: text or "" for cell in row for column, text in cell.items()}
            if not told.get("NextToken"):
                return
            page["NextToken"] = told["NextToken"]

    def list_queries(self, store: str, since: datetime) -> Iterator[ListedQuery]:
        """Queries of the store, started since then and at most seven days ago, newest first."""
        page: dict[str, Any] = {}
        while True:
            told = self._caller.call(
                "ListQueries", _STORE_HINTS, EventDataStore=store, StartTime=since, **page
            )
            for row in told.get("Queries", ()):
                yield ListedQuery(
                    str(row["QueryId"]), QueryState(row["QueryStatus"]), utc(row["CreationTime"])
                )
            if not told.get("NextToken"):
                return
            page["NextToken"] = told["NextToken"]

    def cancel_query(self, query_id: str) -> None:
        """Stop a query; what it scanned so far is billed.  One that has ended already is left alone."""
        try:
            self._caller.call("CancelQuery", _STORE_HINTS, QueryId=query_id)
        except AwsError as error:
            if error.code not in LOST_QUERIES:
                raise

    def event_data_store(self, arn: str) -> EventDataStore:
        """What the store is set to keep."""
        told = self._caller.call("GetEventDataStore", _STORE_HINTS, EventDataStore=arn)
        return EventDataStore(
            arn=str(told.get("EventDataStoreArn", arn)),
            status=str(told["Status"]),
            created=utc(told["CreatedTimestamp"]),
            updated=utc(told.get("UpdatedTimestamp", told["CreatedTimestamp"])),
            retention_days=int(told["RetentionPeriod"]),
            all_regions=bool(told.get("MultiRegionEnabled")),
            organization=bool(told.get("OrganizationEnabled")),
            selectors=_selectors(told, EventDataStoreArn=told.get("EventDataStoreArn", arn)),
        )

    def trail(self, arn: str) -> TrailFacts:
        """What the trail is set to log, and since when."""
        trail = self._caller.call("GetTrail", _TRAIL_HINTS, Name=arn)["Trail"]
        status = self._caller.call("GetTrailStatus", _TRAIL_HINTS, Name=arn)
        selectors = self._caller.call("GetEventSelectors", _TRAIL_HINTS, TrailName=arn)
        return TrailFacts(
            arn=str(trail.get("TrailARN", arn)),
            all_regions=bool(trail.get("IsMultiRegionTrail")),
            organization=bool(trail.get("IsOrganizationTrail")),
            bucket=str(trail.get("S3BucketName", "")),
            is_logging=bool(status.get("IsLogging")),
            started=utc(status["StartLoggingTime"]) if "StartLoggingTime" in status else None,
            stopped=utc(status["StopLoggingTime"]) if "StopLoggingTime" in status else None,
            delivery_error=str(status.get("LatestDeliveryError", "")),
            selectors=_selectors(selectors, TrailARN=trail.get("TrailARN", arn)),
        )


def cloudtrail(aws: Aws, arn: str) -> CloudTrail:
    """CloudTrail where a trail or an event data store lives, by its ARN."""
    parts = arn.split(":", 5)
    return CloudTrail(aws.caller("cloudtrail", parts[3], parts[4], PACES))


def _selectors(told: Mapping[str, Any], **arn: object) -> str:
    kept = {name: told[name] for name in ("EventSelectors", "AdvancedEventSelectors") if told.get(name)}
    return json.dumps({"AdvancedEventSelectors": [], **kept, **arn}, sort_keys=True)
