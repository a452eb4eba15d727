"""The least that leastwise itself must be allowed, for each source, as IAM policies."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from leastwise.collect.analyzer.desk import role_in
from leastwise.model.declared import AccessAnalyzerSource, AthenaSource, LakeSource, TrailFilesSource

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from leastwise.model.declared import EmailTarget, SecondOpinion, Source

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_BUCKET_URL = re.compile(r"s3://([^/]+)/?(.*)")
_VERSION = "2012-10-17"
ENTERING = "assumed-role"
"""The kind of the row that lets our own identity assume a role."""
VALIDATION, CUSTOM_CHECKS = "validation", "custom-checks"
_EMPTY = '"Statement": []'
_EACH = "each"
"""In the place of an account: every one in which somebody is enrolled."""


@dataclass(frozen=True, slots=True)
class Needed:
    """A policy, and the ARN of the role that must hold it; empty: the identity that leastwise runs as."""

    holder: str
    policy: str


def policies_for(
    source: Source, roles: Mapping[str, str], accounts: Iterable[str] = ()
) -> tuple[Needed, ...]:
    """What each identity must be allowed for one source, our own first; ``roles`` are declared, by account.

    ``accounts`` are those in which somebody is enrolled with it.
    """
    values = _values(source)
    by_account = [values | _values_in(source, account) for account in sorted(accounts)]
    return _held([source.kind], by_account or [values], roles)


def policies_for_opinions(
    allowed: SecondOpinion, roles: Mapping[str, str], accounts: Iterable[str]
) -> tuple[Needed, ...]:
    """What each identity must be allowed for AWS's own checks of proposals, as far as they are declared."""
    known = [{_EACH: account} for account in sorted(accounts)] or [{}]
    kinds = [
        *([VALIDATION] if allowed.validate else []),
        *([CUSTOM_CHECKS] if allowed.custom_checks else []),
    ]
    return tuple(needed for needed in _held(kinds, known, roles) if _EMPTY not in needed.policy)


def _held(
    kinds: Sequence[str], by_account: Sequence[Mapping[str, str]], roles: Mapping[str, str]
) -> tuple[Needed, ...]:
    """The rows of some kinds as policies, each held by who makes the calls; what is the same is said once."""
    held: dict[str, list[dict[str, object]]] = {"": []}
    for values in by_account:
        for row, statement in (found for kind in kinds for found in _statements(kind, values)):
            account = values.get(row.get("account", ""), "")
            statements = held.setdefault(roles.get(account, ""), [])
            if statement not in statements:
                statements.append(statement)
    for role in sorted(filter(None, held)):
        held[""] += _entering(role)
    return tuple(Needed(holder, _text(statements)) for holder, statements in sorted(held.items()))


def policy_for_entering(role: str) -> str:
    """The policy that lets our own identity assume a role."""
    return _text(_entering(role))


def policy_for_state(url: str, partition: str) -> str:
    """The policy for keeping evidence below an ``s3://`` prefix; without statements for any other place."""
    return _text(
        [statement for _, statement in _statements("state", _bucket(url) | {"partition": partition})]
    )


def policy_for_sending(mails: Iterable[EmailTarget], topics: Iterable[str]) -> str:
    """The policy of the jobs that tell people: to send as these senders, and to publish to these topics."""
    wanted = [("email", _sender(mail)) for mail in mails] + [("sns", {"topic": topic}) for topic in topics]
    found: dict[str, dict[str, Any]] = {}
    for kind, values in wanted:
        for row, statement in _statements(kind, values):
            whole = found.setdefault(row["sid"], {**statement, "Resource": []})
            whole["Resource"] += [each for each in statement["Resource"] if each not in whole["Resource"]]
    return _text(list(found.values()))


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
            known = _bucket(source.path) | {"trail": trail, "trail_account": _account(trail)}
            known["bucket_account"] = source.account or _account(trail)
        case LakeSource():
            store = source.event_data_store
            known = {"store": store, "store_account": _account(store)}
        case AthenaSource():
            known = {name: getattr(source, name) for name in ("workgroup", "database", "table", "region")}
            known["results"] = _bucket(source.output or "").get("bucket", "")
            known |= {"trail": source.trail or "", "trail_account": _account(source.trail or "")}
            known["athena_account"] = source.reader
        case AccessAnalyzerSource():
            known = {"trail": source.trail, "trail_account": _account(source.trail)}
            known |= _values_in(source, _account(source.access_role))
    arn = known.get("trail") or known.get("store", "")
    known["partition"] = arn.split(":")[1] if arn else _partition(known.get("region", ""))
    return {name: value for name, value in known.items() if value or name == "prefix"}


def _values_in(source: Source, account: str) -> dict[str, str]:
    """What else is known where the calls are made in each account."""
    if not isinstance(source, AccessAnalyzerSource):
        return {}
    return {_EACH: account, "access_role": role_in(source.access_role, account)}


def _bucket(url: str) -> dict[str, str]:
    found = _BUCKET_URL.fullmatch(url)
    if not found:
        return {}
    bucket, prefix = found.groups()
    return {"bucket": bucket, "prefix": f"{prefix.rstrip('/')}/" if prefix else ""}


def _sender(mail: EmailTarget) -> dict[str, str]:
    domain = mail.sender.rpartition("@")[2]
    return {
        "sender": mail.sender, "domain": domain, "region": mail.region, "partition": _partition(mail.region)
    }  # fmt: skip


def _account(arn: str) -> str:
    return arn.split(":")[4] if arn else ""


def _partition(region: str) -> str:
    """By the region's name (https://docs.aws.amazon.com/general/latest/gr/aws-arns-and-namespaces.html)."""
    return {"cn": "aws-cn", "us-gov": "aws-us-gov"}.get(region.rpartition("-")[0].rpartition("-")[0], "aws")


def _statements(kind: str, values: Mapping[str, str]) -> Iterator[tuple[Mapping[str, Any], dict[str, Any]]]:
    """The rows of a kind whose placeholders all have values, each with its statement."""
    for row in table():
        known = {**row.get("otherwise", {}), **values}
        needed = set(_PLACEHOLDER.findall(json.dumps(row["resources"])))
        if kind in row["kinds"] and needed <= known.keys():
            yield row, _statement(row, known)


def _entering(role: str) -> list[dict[str, object]]:
    values = {"role": role, "account": _account(role)}
    return [statement for _, statement in _statements(ENTERING, values)]


def _statement(row: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    filled = [_filled(resource, values) for resource in row["resources"]]
    statement = {
        "Sid": _filled(row["sid"], values),
        "Effect": "Allow",
        "Action": row["actions"],
        "Resource": filled,
    }
    condition = {
        operator: {key: _filled(value, values) for key, value in keys.items()}
        for operator, keys in row.get("condition", {}).items()
    }
    return {**statement, "Condition": condition} if condition else statement


def _filled(template: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: values[found[1]], template)


def _text(statements: Sequence[dict[str, object]]) -> str:
    return json.dumps({"Version": _VERSION, "Statement": statements}, indent=2)
