"""Write ``risk.json``: credential-exposing actions, reads of data, and privilege-escalation combinations.

Source: ``cloudsplaining.shared.constants`` of cloudsplaining 0.9.1 (package metadata: MIT; the file's header:
BSD-3-Clause; Salesforce), whose paths name the page of https://pathfinding.cloud (DataDog, Apache-2.0) that
describes them.  Actions that do not exist (any more) are left out, and said so in the provenance.
"""

from __future__ import annotations

import ast
from typing import Any

from common import wheel_files, write

from leastwise.reference import actions

WANTED = (
    "ACTIONS_THAT_RETURN_CREDENTIALS",
    "READ_ONLY_DATA_EXFILTRATION_ACTIONS",
    "PRIVILEGE_ESCALATION_METHODS",
    "PRIVILEGE_ESCALATION_PATHFINDING_PATHS",
)


def main() -> None:
    """Write the file."""
    tables = _tables()
    credentials, reads = (_known(tables[name]) for name in WANTED[:2])
    unknown = sorted({name for table in WANTED[:2] for name in tables[table] if not actions.exists(name)})
    write(
        "risk.json",
        {
            "generator": "tool/generate/risk.py",
            "inputs": ["cloudsplaining==0.9.1 (MIT)"],
            "source": "https://pypi.org/project/cloudsplaining/0.9.1/, https://pathfinding.cloud",
            "date": "2026-11-23",
            "left_out_because_unknown": unknown,
        },
        credentials=credentials,
        reads=reads,
        escalations=_escalations(tables),
    )


def _tables() -> dict[str, Any]:
    """The literal tables, read without importing the package (it would pull in a dozen others)."""
    ((_, text),) = wheel_files("cloudsplaining", "cloudsplaining/shared/constants.py")
    tables = {}
    for node in ast.parse(text).body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(target, ast.Name) and target.id in WANTED:
            tables[target.id] = ast.literal_eval(node.value)  # type: ignore[attr-defined]  # an assignment
    return tables


def _known(names: list[str]) -> list[str]:
    return sorted({action for name in names if (action := actions.canonical(name))})


def _escalations(tables: dict[str, Any]) -> dict[str, dict[str, Any]]:
    pages = tables["PRIVILEGE_ESCALATION_PATHFINDING_PATHS"]
    return {
        name: {
            "actions": _known(needed),
            "source": pages.get(name) or "https://pypi.org/project/cloudsplaining/0.9.1/",
        }
        for name, needed in tables["PRIVILEGE_ESCALATION_METHODS"].items()
        if all(actions.exists(action) for action in needed)
    }


if __name__ == "__main__":
    main()
