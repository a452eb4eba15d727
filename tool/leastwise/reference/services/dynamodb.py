"""DynamoDB: batches, transactions, PartiQL, indexes.

Sources (2026-11-23): https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html,
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html,
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/logging-using-cloudtrail.html; a query on an
index is checked against the index:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/using-identity-based-policies.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from leastwise.model.request import AuthorizationRequest
from leastwise.reference.parameters import MAX_NODES, at_path, name
from leastwise.reference.resources import literal, targets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leastwise.reference.calls import Call
    from leastwise.reference.record import Record
    from leastwise.reference.resources import Target

WRITES = {
    "put": "dynamodb:PutItem",
    "update": "dynamodb:UpdateItem",
    "delete": "dynamodb:DeleteItem",
    "conditioncheck": "dynamodb:ConditionCheckItem",
}
STATEMENTS = {
    "select": "dynamodb:PartiQLSelect",
    "insert": "dynamodb:PartiQLInsert",
    "update": "dynamodb:PartiQLUpdate",
    "delete": "dynamodb:PartiQLDelete",
}
PARTIQL = {
    "ExecuteStatement": ("statement",),
    "BatchExecuteStatement": ("statements.statement",),
    "ExecuteTransaction": ("transactstatements.statement",),
}


def requests(call: Call, record: Record) -> list[AuthorizationRequest] | None:
    """The requests of a call to DynamoDB; ``None`` where the general ladder is right."""
    if call.operation in PARTIQL:
        return list(_partiql(call.operation, record))
    if call.operation == "TransactWriteItems":
        return list(_transaction(record))
    if call.operation == "TransactGetItems":
        return _on_tables(call.actions, at_path(record.members, "transactitems.get.tablename"), record)
    if call.operation in {"BatchGetItem", "BatchWriteItem"}:
        items = record.members.get("requestitems")
        tables = tuple(map(str, items))[:MAX_NODES] if isinstance(items, Mapping) else ()
        return _on_tables(call.actions, tables, record)
    index = name(record.members, "indexname")
    if index and call.operation in {"Query", "Scan"}:
        return _on_index(call.actions, index, record)
    return None


def _on_index(actions: tuple[str, ...], index: str, record: Record) -> list[AuthorizationRequest] | None:
    tables = [target for target in targets("dynamodb:DescribeTable", record) if target.resource != "*"]
    return [
        AuthorizationRequest(action, f"{table.resource}/index/{index}")
        for action in actions
        for table in tables
    ] or None


def _on_tables(
    actions: tuple[str, ...], tables: tuple[str, ...], record: Record
) -> list[AuthorizationRequest] | None:
    if not tables:
        return None
    return [
        AuthorizationRequest(action, _table(table, record).resource) for action in actions for table in tables
    ]


def _transaction(record: Record) -> Iterator[AuthorizationRequest]:
    for kind, action in WRITES.items():
        for table in at_path(record.members, f"transactitems.{kind}.tablename"):
            yield AuthorizationRequest(action, _table(table, record).resource)


def _partiql(operation: str, record: Record) -> Iterator[AuthorizationRequest]:
    """PartiQL names the table in the statement; the record's resources say which it is."""
    for path in PARTIQL[operation]:
        for statement in at_path(record.members, path):
            action = STATEMENTS.get(statement.lstrip().partition(" ")[0].lower())
            for target in targets(action, record) if action else ():
                yield AuthorizationRequest(action or "", target.resource, target.form)


def _table(table: str, record: Record) -> Target:
    place = record.place
    if table.startswith("arn:"):
        return literal(table)
    return literal(f"arn:{place.partition}:dynamodb:{place.region}:{place.account}:table/{table}")
