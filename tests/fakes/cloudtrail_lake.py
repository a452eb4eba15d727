"""CloudTrail Lake as its documents describe it, on an embedded engine: queries, quotas, pages."""

from __future__ import annotations

import re
import uuid
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.fakes.aws_wire import Fault, TestClock

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes.trino_embedded import Embedded

Request = dict[str, Any]
STORE = "11111111-2222-3333-4444-555555555555"
ARN = f"arn:aws:cloudtrail:eu-west-1:999988887777:eventdatastore/{STORE}"
TICKS = 2
"""How often a query must be asked after before it is done."""
LIVE = ("QUEUED", "RUNNING")
EVERYTHING = [
    {"Name": "management", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]},
    {
        "Name": "objects",
        "FieldSelectors": [
            {"Field": "eventCategory", "Equals": ["Data"]},
            {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
        ],
    },
]


@dataclass
class Query:
    statement: str
    created: datetime
    status: str = "QUEUED"
    asked: int = 0
    error: str = ""
    rows: list[list[dict[str, str]]] = field(default_factory=list)
    scanned: int = 0


class FakeLake:
    """One event data store.  ``ends`` may make a query fail: statement -> (status, message)."""

    def __init__(self, engine: Embedded, clock: TestClock, page: int = 1_000) -> None:
        self._engine = engine
        self._clock = clock
        self._page = page
        self._recent: dict[str, deque[float]] = {}
        self.queries: dict[str, Query] = {}
        self.most_at_once = 0
        self.cancelled: list[str] = []
        self.others = 0
        """Queries of other people that take up room."""
        self.scans: Callable[[str], int] = lambda _statement: 1_000_000
        self.ends: Callable[[str], tuple[str, str]] = lambda _statement: ("FINISHED", "")
        self.store: dict[str, Any] = {
            "EventDataStoreArn": ARN,
            "Name": "org",
            "Status": "ENABLED",
            "AdvancedEventSelectors": EVERYTHING,
            "MultiRegionEnabled": True,
            "OrganizationEnabled": True,
            "RetentionPeriod": 3653,
            "CreatedTimestamp": datetime.fromisoformat("2026-08-01T00:00:00Z"),
        }

    def operations(self) -> dict[str, Callable[..., dict[str, Any]]]:
        return {
            "StartQuery": self.start_query,
            "DescribeQuery": self.describe_query,
            "GetQueryResults": self.get_query_results,
            "ListQueries": self.list_queries,
            "CancelQuery": self.cancel_query,
            "GetEventDataStore": self.get_event_data_store,
        }

    def start_query(self, request: Request) -> dict[str, Any]:
        self._throttle("StartQuery", 3)
        sql = request["QueryStatement"]
        if len([query for query in self.queries.values() if query.status in LIVE]) + self.others >= 10:
            raise Fault(
                "MaxConcurrentQueriesException", "You are already running the maximum number of queries"
            )
        if f"FROM {STORE}" not in sql:
            raise Fault("EventDataStoreNotFoundException", "no such store")
        made = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{sql}{len(self.queries)}"))
        self.queries[made] = Query(sql, self._clock.moment())
        running = sum(query.status in LIVE for query in self.queries.values())
        self.most_at_once = max(self.most_at_once, running)
        return {"QueryId": made}

    def describe_query(self, request: Request) -> dict[str, Any]:
        self._throttle("DescribeQuery", 10)
        query = self._query(request["QueryId"])
        query.asked += 1
        if query.status in LIVE:
            query.status = "RUNNING"
            if query.asked >= TICKS:
                self._run(query)
        told: dict[str, Any] = {
            "QueryId": request["QueryId"],
            "QueryString": query.statement,
            "QueryStatus": query.status,
            "QueryStatistics": {"BytesScanned": query.scanned, "CreationTime": query.created},
        }
        return {**told, "ErrorMessage": query.error} if query.error else told

    def get_query_results(self, request: Request) -> dict[str, Any]:
        self._throttle("GetQueryResults", 10)
        query = self._query(request["QueryId"])
        first, size = int(request.get("NextToken", 0)), min(request["MaxQueryResults"], self._page)
        told: dict[str, Any] = {
            "QueryStatus": query.status,
            "QueryResultRows": query.rows[first : first + size],
            "QueryStatistics": {"ResultsCount": size, "TotalResultsCount": len(query.rows)},
        }
        return {**told, "NextToken": f"{first + size:04d}"} if first + size < len(query.rows) else told

    def list_queries(self, request: Request) -> dict[str, Any]:
        self._throttle("ListQueries", 10)
        kept = [
            {"QueryId": name, "QueryStatus": query.status, "CreationTime": query.created}
            for name, query in self.queries.items()
            if query.created.timestamp() >= request["StartTime"] and self._remembers(query)
        ]
        first = int(request.get("NextToken", 0))
        told: dict[str, Any] = {"Queries": kept[first : first + 5]}
        return {**told, "NextToken": f"{first + 5:04d}"} if first + 5 < len(kept) else told

    def cancel_query(self, request: Request) -> dict[str, Any]:
        query = self._query(request["QueryId"])
        if query.status not in LIVE:
            raise Fault("InactiveQueryException", "the query has ended")
        query.status = "CANCELLED"
        self.cancelled.append(request["QueryId"])
        return {"QueryId": request["QueryId"], "QueryStatus": "CANCELLED"}

    def get_event_data_store(self, request: Request) -> dict[str, Any]:
        if request["EventDataStore"] != ARN:
            raise Fault("EventDataStoreNotFoundException", "no such store")
        return self.store

    def _run(self, query: Query) -> None:
        query.status, query.error = self.ends(query.statement)
        query.scanned = self.scans(query.statement)
        if query.status == "FINISHED":
            # Lake takes a store's ID as it is; nobody else's parser does.
            sql = re.sub(rf"FROM {STORE}", f'FROM "{STORE}"', query.statement)
            names, rows = self._engine.run(sql)
            query.rows = [
                [{name: cell} for name, cell in zip(names, row, strict=True) if cell is not None]
                for row in rows
            ]

    def _query(self, query_id: str) -> Query:
        query = self.queries.get(query_id)
        if query is None or not self._remembers(query):
            raise Fault("QueryIdNotFoundException", "no such query")
        return query

    def _remembers(self, query: Query) -> bool:
        return self._clock.moment() - query.created < timedelta(days=7)

    def _throttle(self, operation: str, per_second: int) -> None:
        """No more than so many calls in any second (with a microsecond for what floating point loses)."""
        recent = self._recent.setdefault(operation, deque())
        while recent and recent[0] <= self._clock.now() - 1 + 1e-6:
            recent.popleft()
        if len(recent) >= per_second:
            raise Fault("ThrottlingException", "Rate exceeded")
        recent.append(self._clock.now())
