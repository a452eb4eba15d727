"""Event selectors: what a trail or an event data store is set to log.

The input is what ``aws cloudtrail get-event-selectors`` (or ``get-event-data-store``) prints.  Shapes:
botocore 1.44.5, ``cloudtrail`` service model; meaning (2026-11-23):
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventSelector.html and
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html

A selector that we do not understand in full is kept in words in ``unread``, and counts as logging nothing.
"""

from __future__ import annotations

import json
from typing import Any

from leastwise.model.evidence import DataSelector, Selectors

EVERYTHING = {
    "AWS::S3::Object": ("arn:aws:s3", "arn:aws:s3:::", "arn:aws-cn:s3:::", "arn:aws-us-gov:s3:::"),
    "AWS::Lambda::Function": ("arn:aws:lambda", "arn:aws-cn:lambda", "arn:aws-us-gov:lambda"),
    "AWS::DynamoDB::Table": ("arn:aws:dynamodb", "arn:aws-cn:dynamodb", "arn:aws-us-gov:dynamodb"),
}
"""Values of a basic selector that mean every resource of the type (API_DataResource, 2026-11-23)."""
READ_WRITE = {"All": (True, True), "ReadOnly": (True, False), "WriteOnly": (False, True)}
ADVICE = "save what `aws cloudtrail get-event-selectors --trail-name NAME` prints"
UNDERSTOOD = frozenset({"eventCategory", "readOnly", "eventSource", "resources.type", "resources.ARN"})


class SelectorsError(ValueError):
    """The text is not what ``get-event-selectors`` prints; the message says what to do."""


def read_selectors(text: str) -> Selectors:
    """Read the JSON text.  ``SelectorsError`` where it is something else."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SelectorsError(f"expected JSON, found {error}; {ADVICE}") from error
    if not isinstance(content, dict):
        raise SelectorsError(f"expected an object with EventSelectors, found {_kind(content)}; {ADVICE}")
    basic, advanced = _list(content, "EventSelectors"), _list(content, "AdvancedEventSelectors")
    if not {"EventSelectors", "AdvancedEventSelectors"} & content.keys():
        raise SelectorsError(f"expected EventSelectors or AdvancedEventSelectors, found neither; {ADVICE}")
    parts = [*map(_basic, basic), *map(_advanced, advanced)]
    return _joined(parts, str(content.get("TrailARN") or content.get("EventDataStoreArn") or ""))


def _list(content: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = content.get(name) or []
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise SelectorsError(f"expected {name} to be a list of objects, found {_kind(found)}; {ADVICE}")
    return found


def _texts(content: dict[str, Any], name: str) -> tuple[str, ...]:
    found = content.get(name) or []
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        raise SelectorsError(f"expected {name} to be a list of texts, found {_kind(found)}; {ADVICE}")
    return tuple(found)


def _joined(parts: list[Selectors], trail_arn: str) -> Selectors:
    """An event is logged if any selector asks for it; a source counts as excluded if any excludes it."""
    return Selectors(
        management_read=any(part.management_read for part in parts),
        management_write=any(part.management_write for part in parts),
        excluded_sources=frozenset(source for part in parts for source in part.excluded_sources),
        data=frozenset(selector for part in parts for selector in part.data),
        trail_arn=trail_arn,
        unread=tuple(sorted({words for part in parts for words in part.unread})),
    )


def _basic(selector: dict[str, Any]) -> Selectors:
    read, write = READ_WRITE.get(str(selector.get("ReadWriteType", "All")), (False, False))
    management = selector.get("IncludeManagementEvents", True) is True
    return Selectors(
        management_read=management and read,
        management_write=management and write,
        excluded_sources=frozenset(_texts(selector, "ExcludeManagementEventSources")),
        data=frozenset(
            found
            for resource in _list(selector, "DataResources")
            if (found := _data_resource(resource, read=read, write=write))
        ),
        unread=() if read or write else (_words(selector),),
    )


def _data_resource(resource: dict[str, Any], *, read: bool, write: bool) -> DataSelector | None:
    """No values means no resource, not every one."""
    kind, values = str(resource.get("Type", "")), _texts(resource, "Values")
    if not values or not (read or write):
        return None
    prefixes = () if set(values) & set(EVERYTHING.get(kind, ())) else tuple(sorted(values))
    return DataSelector(kind, read, write, prefixes)


def _advanced(selector: dict[str, Any]) -> Selectors:
    fields = {str(field.get("Field", "")): field for field in _list(selector, "FieldSelectors")}
    categories = _only(fields.get("eventCategory", {}), "Equals")
    read_only = fields.get("readOnly")
    choice = _only(read_only, "Equals") if read_only else ("true", "false")
    understood = fields.keys() <= UNDERSTOOD and choice is not None and set(choice) <= {"true", "false"}
    if understood and choice is not None and categories == ("Management",):
        return _management(selector, fields, read="true" in choice, write="false" in choice)
    if understood and choice is not None and categories == ("Data",):
        return _data(selector, fields, read="true" in choice, write="false" in choice)
    harmless = categories is not None and not set(categories) & {"Management", "Data"} and bool(categories)
    return _nothing(() if harmless else (_words(selector),))


def _management(selector: dict[str, Any], fields: dict[str, Any], *, read: bool, write: bool) -> Selectors:
    excluded: tuple[str, ...] | None = ()
    if "eventSource" in fields:
        excluded = _only(fields["eventSource"], "NotEquals")
    if excluded is None or fields.keys() & {"resources.type", "resources.ARN"}:
        return _nothing((_words(selector),))
    return Selectors(read, write, frozenset(excluded))


def _data(selector: dict[str, Any], fields: dict[str, Any], *, read: bool, write: bool) -> Selectors:
    kinds = _only(fields.get("resources.type", {}), "Equals")
    prefixes: tuple[str, ...] | None = ()
    if "resources.ARN" in fields:
        field = fields["resources.ARN"]
        prefixes = _only(field, "StartsWith") or _only(field, "Equals")
    if not kinds or prefixes is None or "eventSource" in fields:
        return _nothing((_words(selector),))
    chosen = frozenset(DataSelector(kind, read, write, tuple(sorted(prefixes))) for kind in kinds)
    return Selectors(management_read=False, management_write=False, data=chosen)


def _only(field: dict[str, Any], operator: str) -> tuple[str, ...] | None:
    """The values of a field selector that uses this operator and no other; ``None`` for any other."""
    used = {name: values for name, values in field.items() if name != "Field" and values}
    if used.keys() != {operator} or not isinstance(used[operator], list):
        return None
    return tuple(map(str, used[operator]))


def _nothing(unread: tuple[str, ...]) -> Selectors:
    return Selectors(management_read=False, management_write=False, unread=unread)


def _words(selector: dict[str, Any]) -> str:
    """The selector's name, or as much of its text as a person needs to find it."""
    return str(selector.get("Name") or json.dumps(selector, sort_keys=True))[:200]


def _kind(value: object) -> str:
    return f"{type(value).__name__} {value!r:.40}"
