"""The least that leastwise itself must be allowed, for each source, as IAM policies."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from leastwise.errors import SourceError
from leastwise.model.declared import AthenaSource, LakeSource, TrailFilesSource

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from leastwise.model.declared import Source

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_BUCKET_URL = re.compile(r"s3://([^/]+)/?(.*)")
_VERSION = "2012-10-17"


@dataclass(frozen=True, slots=True)
class OwnPolicies:
    """What the identity that leastwise runs as must hold, and what each role that it assumes must.

    ``role`` is empty where nothing is assumed; then ``own`` does the reading itself.
    """

    own: str
    role: str = ""
    assumed: str = ""


def policies_for(source: Source, roles: Mapping[str, str]) -> OwnPolicies:
    """The policies for one source; ``roles`` are the declared ones by account.

    Raises ``SourceError`` for a kind that this version does not read.
    """
    values = _values(source)
    reading = _statements(source.kind, values)
    role = roles.get(values.get("account", ""), "")
    if not role:
        return OwnPolicies(_text(reading))
    partition = role.split(":")[1]
    entering = _statements(source.kind, {"role": role, "partition": partition})
    return OwnPolicies(_text(entering), role, _text(reading))


def policy_for_state(url: str, partition: str) -> str:
    """The policy for keeping evidence below an ``s3://`` prefix; without statements for any other place."""
    return _text(_statements("state", _bucket(url) | {"partition": partition}))


@cache
def table() -> tuple[Mapping[str, Any], ...]:
    """The rows of ``permissions.toml``."""
    text = resources.files("leastwise.doctor").joinpath("permissions.toml").read_text("utf-8")
    return tuple(tomllib.loads(text)["statement"])


def _values(source: Source) -> dict[str, str]:
    """What the placeholders stand for; only what is known."""
    match source:
        case TrailFilesSource():
            trail = source.trail or ""
            known = _bucket(source.path) | {"trail": trail, "account": source.account or _account(trail)}
        case LakeSource():
            store = source.event_data_store
            known = {"store": store, "trail": "", "account": _account(store), "arn": store}
        case AthenaSource():
            results = _bucket(source.output or "").get("bucket", "")
            known = {name: getattr(source, name) for name in ("workgroup", "database", "table", "region")}
            known |= {
                "results": results,
                "trail": source.trail or "",
                "account": _account(source.trail or ""),
            }
        case _:
            raise SourceError(f"source {source.name}: kind {source.kind} is not read by this version")
    arn = known.get("trail") or known.pop("arn", "")
    known["partition"] = arn.split(":")[1] if arn else _partition(known.get("region", ""))
    return {name: value for name, value in known.items() if value or name == "prefix"}


def _bucket(url: str) -> dict[str, str]:
    found = _BUCKET_URL.fullmatch(url)
    if not found:
        return {}
    bucket, prefix = found.groups()
    return {"bucket": bucket, "prefix": f"{prefix.rstrip('/')}/" if prefix else ""}


def _account(arn: str) -> str:
    return arn.split(":")[4] if arn else ""


def _partition(region: str) -> str:
    """By the region's name (https://docs.aws.amazon.com/general/latest/gr/aws-arns-and-namespaces.html)."""
    return {"cn": "aws-cn", "us-gov": "aws-us-gov"}.get(region.rpartition("-")[0].rpartition("-")[0], "aws")


def _statements(kind: str, values: Mapping[str, str]) -> Iterator[dict[str, object]]:
    for row in table():
        known = {**row.get("otherwise", {}), **values}
        needed = set(_PLACEHOLDER.findall(json.dumps(row["resources"])))
        if kind in row["kinds"] and needed <= known.keys():
            yield _statement(row, known)


def _statement(row: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, object]:
    filled = [_filled(resource, values) for resource in row["resources"]]
    statement = {"Sid": row["sid"], "Effect": "Allow", "Action": row["actions"], "Resource": filled}
    condition = {
        operator: {key: _filled(value, values) for key, value in keys.items()}
        for operator, keys in row.get("condition", {}).items()
    }
    return {**statement, "Condition": condition} if condition else statement


def _filled(template: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: values[found[1]], template)


def _text(statements: Iterator[dict[str, object]]) -> str:
    return json.dumps({"Version": _VERSION, "Statement": list(statements)}, indent=2)
