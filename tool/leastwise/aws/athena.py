"""Athena: queries, tables and workgroups, as frozen values.

Shapes: botocore 1.44.5, ``athena`` service model.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from leastwise.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from leastwise.aws.caller import Caller
    from leastwise.aws.sessions import Aws

CATALOG = "AwsDataCatalog"
_PAGE = 1_000
_TABLE_MISSING = "MetadataException"
_DISABLED = "DISABLED"
RESULTS_DELETED = "Could not find results"
"""AWS's words, below a code that says nothing, for a query whose results are no longer in the bucket
(seen in people's reports: https://github.com/DyfanJones/noctua/issues/104)."""
_HINTS: Mapping[str, str] = MappingProxyType(
    {
        "InvalidRequestException": "check `workgroup`, `database`, `table` and `output` of the source in "
        "principals.yaml; a workgroup without a result location needs `output: s3://BUCKET/PREFIX/`",
        _TABLE_MISSING: "make the table: `leastwise athena-table` prints the statement",
        "TooManyRequestsException": "Athena's queue is full: run again later, or in another workgroup",
    }
)


class ExecutionState(Enum):
    """Where a query stands; values as Athena writes them."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class Execution:
    """A query as ``GetQueryExecution`` tells it; ``bytes_scanned`` is what AWS bills (10 MB at least).

    ``error_type`` is ``AthenaError.ErrorType`` of a query that failed; ``None``: AWS tells none.
    """

    execution_id: str
    state: ExecutionState
    reason: str
    retryable: bool
    bytes_scanned: int
    error_type: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the Glue Data Catalog: lower-case column name -> Hive type, and its partition keys."""

    columns: Mapping[str, str]
    partition_keys: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class WorkGroup:
    """What matters of a workgroup.

    ``output`` is where it puts results, empty: nowhere.  ``cutoff`` is what one of its queries may scan, in
    bytes; ``None``: any amount.  ``enforced``: its ``output`` holds whatever a query asks for.
    """

    name: str
    output: str
    cutoff: int | None = None
    enforced: bool = False
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Statement:
    """A query to start.  ``parameters`` are SQL literals for its ``?``, in order.

    ``token`` (32 to 128 characters) makes starting it twice one query.
    """

    sql: str
    parameters: Sequence[str]
    token: str
    database: str
    workgroup: str
    output: str | None


class Athena:
    """Athena in one region.  Every method raises ``AwsError``."""

    def __init__(self, caller: Caller) -> None:
        """``caller`` is one of service ``athena``."""
        self._caller = caller

    def start(self, statement: Statement) -> str:
        """Start a query, or find the one that the same token has started; its ID."""
        request: dict[str, Any] = {
            "QueryString": statement.sql,
            "ClientRequestToken": statement.token,
            "QueryExecutionContext": {"Catalog": CATALOG, "Database": statement.database},
            "WorkGroup": statement.workgroup,
        }
        if statement.parameters:
            request["ExecutionParameters"] = list(statement.parameters)
        if statement.output:
            request["ResultConfiguration"] = {"OutputLocation": statement.output}
        return str(self._caller.call("StartQueryExecution", _HINTS, **request)["QueryExecutionId"])

    def describe(self, execution_id: str) -> Execution:
        """Where a query stands."""
        told = self._caller.call("GetQueryExecution", _HINTS, QueryExecutionId=execution_id)["QueryExecution"]
        status = told["Status"]
        error = status.get("AthenaError", {})
        return Execution(
            execution_id,
            ExecutionState(status["State"]),
            str(status.get("StateChangeReason") or error.get("ErrorMessage", "")),
            bool(error.get("Retryable")),
            int(told.get("Statistics", {}).get("DataScannedInBytes", 0)),
            error.get("ErrorType"),
        )

    def rows(self, execution_id: str) -> Iterator[dict[str, str]]:
        """Every row of a finished query: column -> text.  Athena repeats the columns' names as first row."""
        page: dict[str, Any] = {"MaxResults": _PAGE}
        is_header = True
        while True:
            told = self._caller.call("GetQueryResults", _HINTS, QueryExecutionId=execution_id, **page)
            results = told["ResultSet"]
            names = [column["Name"] for column in results["ResultSetMetadata"]["ColumnInfo"]]
            for row in results["Rows"][1 if is_header else 0 :]:
                cells = [cell.get("VarCharValue", "") for cell in row["Data"]]
                yield dict(zip(names, cells, strict=True))
            is_header = False
            if not told.get("NextToken"):
                return
            page["NextToken"] = told["NextToken"]

    def stop(self, execution_id: str) -> None:
        """Stop a query; what it scanned so far is billed.  One that has ended already is left alone."""
        self._caller.call("StopQueryExecution", _HINTS, QueryExecutionId=execution_id)

    def table(self, database: str, table: str, workgroup: str) -> Table | None:
        """The table's columns; ``None`` where there is no such table."""
        try:
            told = self._caller.call(
                "GetTableMetadata",
                _HINTS,
                CatalogName=CATALOG,
                DatabaseName=database,
                TableName=table,
                WorkGroup=workgroup,
            )
        except AwsError as error:
            if error.code == _TABLE_MISSING:
                return None
            raise
        found = told["TableMetadata"]
        return Table(_types(found.get("Columns", ())), _types(found.get("PartitionKeys", ())))

    def workgroup(self, name: str) -> WorkGroup:
        """Where the workgroup writes results, and what one query may scan."""
        told = self._caller.call("GetWorkGroup", _HINTS, WorkGroup=name)["WorkGroup"]
        settings = told.get("Configuration", {})
        output = str(settings.get("ResultConfiguration", {}).get("OutputLocation", ""))
        if not output and settings.get("ManagedQueryResultsConfiguration", {}).get("Enabled"):
            output = "managed by Athena"
        return WorkGroup(
            name,
            output,
            settings.get("BytesScannedCutoffPerQuery"),
            enforced=bool(settings.get("EnforceWorkGroupConfiguration")),
            enabled=told.get("State") != _DISABLED,
        )


def athena(aws: Aws, region: str, account: str) -> Athena:
    """Athena in one region, in the role of an account if it has one, else with the credentials at hand."""
    return Athena(aws.caller("athena", region, account))


def _types(columns: Sequence[Mapping[str, str]]) -> Mapping[str, str]:
    return MappingProxyType({column["Name"].lower(): column.get("Type", "").lower() for column in columns})
