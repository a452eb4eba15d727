"""Athena as its documents describe it, on an embedded engine: tokens, parameters, pages, limits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.fakes.aws_wire import Fault, TestClock

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tests.fakes.trino_embedded import Embedded

Request = dict[str, Any]
TICKS = 3
"""How often a query must be asked after before it is done."""
SUCCEEDED = ("SUCCEEDED", "", False)
CUT_OFF = "Bytes scanned limit was exceeded"
TRAIL_COLUMNS = {
    "useridentity": "struct<type:string,principalid:string,arn:string,accountid:string,invokedby:string,"
    "accesskeyid:string,username:string,sessioncontext:struct<attributes:struct<mfaauthenticated:string>,"
    "sessionissuer:struct<type:string,arn:string,accountid:string,username:string>>>",
    "resources": "array<struct<arn:string,accountid:string,type:string>>",
    **dict.fromkeys(
        (
            "eventtime", "eventsource", "eventname", "awsregion", "errorcode", "errormessage",
            "requestparameters", "responseelements", "eventid", "eventtype", "recipientaccountid",
            "eventcategory", "sourceipaddress", "useragent", "additionaleventdata", "readonly",
        ),
        "string",
    ),
}  # fmt: skip
LAKE_COLUMNS = {
    **{name: kind for name, kind in TRAIL_COLUMNS.items() if name != "eventtime"},
    "eventtime": "timestamp",
    "useridentity": TRAIL_COLUMNS["useridentity"].removesuffix(">>") + ",sourceidentity:string>>",
    "readonly": "boolean",
    "managementevent": "boolean",
    "eventjson": "string",
}


@dataclass
class Execution:
    request: dict[str, Any]
    started: datetime
    state: str = "QUEUED"
    reason: str = ""
    error: dict[str, Any] | None = None
    asked: int = 0
    scanned: int = 0
    names: list[str] = field(default_factory=list)
    rows: list[list[str | None]] = field(default_factory=list)


class FakeAthena:
    """One workgroup and one table.

    ``ends`` may make a query fail: request -> (state, reason, retryable, and an error type, if AWS tells it).
    """

    def __init__(
        self, engine: Embedded, clock: TestClock, columns: dict[str, str], page: int = 1_000
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._page = page
        self.columns: dict[str, str] | None = columns
        self.partition_keys = {"timestamp": "string"}
        self.executions: dict[str, Execution] = {}
        self.stopped: list[str] = []
        self.deleted: set[str] = set()
        """Queries whose results somebody deleted from the bucket."""
        self.ends: Callable[[dict[str, Any]], tuple[Any, ...]] = lambda _request: SUCCEEDED
        self.scans: Callable[[dict[str, Any]], int] = lambda _request: 10_000_000
        self.workgroup: dict[str, Any] = {
            "Name": "primary",
            "State": "ENABLED",
            "Configuration": {"ResultConfiguration": {"OutputLocation": "s3://athena-results/"}},
        }

    def operations(self) -> dict[str, Callable[..., dict[str, Any]]]:
        return {
            "StartQueryExecution": self.start,
            "GetQueryExecution": self.describe,
            "GetQueryResults": self.results,
            "StopQueryExecution": self.stop,
            "GetTableMetadata": self.table,
            "GetWorkGroup": self.get_workgroup,
        }

    def start(self, request: Request) -> dict[str, Any]:
        token = request["ClientRequestToken"]
        made = f"execution-{token[:40]}"
        known = self.executions.get(made)
        if known is None:
            self.executions[made] = Execution(request, self._clock.moment())
        elif known.request != request:
            raise Fault("InvalidRequestException", "Idempotent parameters do not match")
        return {"QueryExecutionId": made}

    def describe(self, request: Request) -> dict[str, Any]:
        found = self.executions[request["QueryExecutionId"]]
        found.asked += 1
        if found.state in ("QUEUED", "RUNNING"):
            found.state = "RUNNING"
            found.scanned = self.scans(found.request) * min(found.asked, TICKS) // TICKS
            if found.asked >= TICKS:
                self._run(found)
        status: dict[str, Any] = {"State": found.state, "SubmissionDateTime": found.started}
        if found.reason:
            status["StateChangeReason"] = found.reason
        if found.error:
            status["AthenaError"] = found.error
        return {
            "QueryExecution": {
                "QueryExecutionId": request["QueryExecutionId"],
                "Query": found.request["QueryString"],
                "Status": status,
                "Statistics": {"DataScannedInBytes": found.scanned},
            }
        }

    def results(self, request: Request) -> dict[str, Any]:
        found = self.executions[request["QueryExecutionId"]]
        if request["QueryExecutionId"] in self.deleted:
            raise Fault("InvalidRequestException", "Could not find results")
        if found.state != "SUCCEEDED":
            raise Fault(
                "InvalidRequestException", f"Query has not yet finished. Current state: {found.state}"
            )
        table = [found.names, *found.rows]
        first, size = int(request.get("NextToken", 0)), min(request["MaxResults"], self._page)
        told: dict[str, Any] = {
            "ResultSet": {
                "Rows": [
                    {"Data": [{} if cell is None else {"VarCharValue": cell} for cell in row]}
                    for row in table[first : first + size]
                ],
                "ResultSetMetadata": {
                    "ColumnInfo": [{"Name": name, "Type": "varchar"} for name in found.names]
                },
            }
        }
        return {**told, "NextToken": str(first + size)} if first + size < len(table) else told

    def stop(self, request: Request) -> dict[str, Any]:
        found = self.executions[request["QueryExecutionId"]]
        if found.state in ("QUEUED", "RUNNING"):
            found.state, found.reason = "CANCELLED", "Query cancelled by user"
            self.stopped.append(request["QueryExecutionId"])
        return {}

    def table(self, request: Request) -> dict[str, Any]:
        if self.columns is None:
            raise Fault(
                "MetadataException", f"EntityNotFoundException: Table {request['TableName']} not found"
            )
        return {
            "TableMetadata": {
                "Name": request["TableName"],
                "Columns": [{"Name": name, "Type": kind} for name, kind in self.columns.items()],
                "PartitionKeys": [{"Name": name, "Type": kind} for name, kind in self.partition_keys.items()],
            }
        }

    def get_workgroup(self, request: Request) -> dict[str, Any]:
        return {"WorkGroup": {**self.workgroup, "Name": request["WorkGroup"]}}

    def _run(self, found: Execution) -> None:
        found.scanned = self.scans(found.request)
        cutoff = self.workgroup["Configuration"].get("BytesScannedCutoffPerQuery")
        if cutoff is not None and found.scanned > cutoff:
            # Reported by people who met it: CANCELLED at just that many bytes, and no AthenaError.
            found.state, found.reason, found.scanned = "CANCELLED", CUT_OFF, cutoff
            return
        found.state, found.reason, retryable, *error_type = self.ends(found.request)
        if found.state == "FAILED":
            found.error = {"ErrorCategory": 2, "Retryable": retryable, "ErrorMessage": found.reason}
            found.error |= {"ErrorType": error_type[0]} if error_type else {}
        if found.state == "SUCCEEDED":
            found.names, found.rows = self._engine.run(
                found.request["QueryString"], found.request.get("ExecutionParameters", ())
            )
