"""Laws of the data files: nothing unknown, nothing superfluous, everything with its source."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from leastwise.model.event import Outcome
from leastwise.reference import actions
from leastwise.reference.calls import SUFFIX
from leastwise.reference.facts import facts
from leastwise.reference.outcomes import outcome_of

DATA = Path(actions.__file__).parent / "data"
CURATED = [
    (service, operation, row)
    for service, rows in facts("calls.toml").items()
    if service != "source"
    for operation, row in rows.items()
]


def by_the_simple_rule(service: str, operation: str) -> list[str] | None:
    """Same name, or the same without a version suffix; ``None``: unmapped, which is not "needs nothing"."""
    names = (f"{service}:{operation}", f"{service}:{SUFFIX.sub('', operation)}")
    return [found] if (found := next(filter(None, map(actions.canonical, names)), None)) else None


@pytest.mark.parametrize(("service", "operation", "row"), CURATED)
def test_every_curated_call_still_disagrees_with_the_simple_rule(
    service: str, operation: str, row: dict[str, Any]
) -> None:
    assert row["actions"] != by_the_simple_rule(service, operation), "delete the row: the simple rule does it"


def test_every_curated_call_names_a_listed_source_and_a_date() -> None:
    listed = facts("calls.toml")["source"]
    assert all(row["source"] in listed and isinstance(row["date"], date) for _, _, row in CURATED)
    assert {row["source"] for _, _, row in CURATED} == set(listed)


def test_every_generated_call_still_has_no_action_of_its_own_name() -> None:
    stale = [event for event in facts("calls.json")["calls"] if by_the_simple_rule(*event.split(":"))]
    assert stale == []


def test_every_action_in_the_data_exists() -> None:
    dependents = facts("dependents.json")
    named = {
        *(action for _, _, row in CURATED for action in row["actions"]),
        *(action for row in facts("calls.json")["calls"].values() for action in row),
        *facts("bindings.json")["bindings"],
        *dependents["pass_role"],
        *dependents["tag_on_create"],
        *(action for row in dependents["tag_on_create"].values() for action in row),
        *(row["action"] for row in facts("companions.toml")["companion"]),
        *(action for row in facts("passes.toml")["pass"] for action in row["actions"]),
        *(action for row in facts("sensitive.toml")["sensitive"] for action in row["actions"]),
        *facts("risk.json")["credentials"],
        *facts("risk.json")["reads"],
        *(action for row in facts("risk.json")["escalations"].values() for action in row["actions"]),
        *(
            action
            for row in facts("logged.toml")["data"]
            for key in ("read", "write", "both")
            for action in row.get(key, ())
        ),
    }
    assert sorted(name for name in named if actions.canonical(name) != name) == []


def test_every_pattern_of_unloggable_actions_still_matches_something() -> None:
    patterns = [
        *facts("logged.toml")["unknown"]["patterns"],
        *(name for row in facts("logged.toml")["never"] for name in row["actions"]),
    ]
    assert [pattern for pattern in patterns if not actions.expand(pattern)] == []


def test_every_service_with_logged_operations_exists() -> None:
    listed = facts("logged.toml")["management"]["services"]
    assert sorted(set(listed)) == listed
    assert set(listed) <= set(actions.services())


def test_event_sources_lead_to_other_prefixes_that_exist() -> None:
    rows = facts("event_sources.toml")["sources"]
    assert [source for source, row in rows.items() if row["prefix"] == source] == []
    assert {row["prefix"] for row in rows.values()} <= set(actions.services())


def test_curated_bindings_are_for_variables_that_exist() -> None:
    for service, types in facts("bindings.toml").items():
        known = {
            (type_.name, variable)
            for action in actions.expand(f"{service}:*")
            for type_ in actions.resource_types(action)
            for template in type_.templates
            for variable in template.variables
        }
        for name, variables in types.items():
            assert {(name, variable) for variable in variables} <= known, (service, name)


def test_the_identifiers_of_ec2_name_types_that_exist() -> None:
    types = {type_.name for type_ in actions.resource_types("ec2:CreateTags")}
    assert set(facts("ec2_ids.toml")["types"].values()) <= types


def test_denied_codes_are_never_proof_of_authorization() -> None:
    for row in facts("outcomes.toml")["proof"]:
        for code in row["codes"]:
            assert outcome_of(code, row["service"]) is Outcome.FAILED


@pytest.mark.parametrize("file", sorted(DATA.glob("*.toml")), ids=lambda file: file.name)
def test_every_curated_row_has_a_source_and_a_date(file: Path) -> None:
    if file.name in {"ephemeral.toml", "ec2_ids.toml"}:
        assert "Source:" in file.read_text("utf-8"), "a list with one source names it at its head"
        return
    content = tomllib.loads(file.read_text("utf-8"))
    assert [
        row for row in _rows(content) if not (row.get("source") and isinstance(row.get("date"), date))
    ] == []


@pytest.mark.parametrize("file", sorted(DATA.glob("*.json")), ids=lambda file: file.name)
def test_every_generated_file_says_how_it_was_made(file: Path) -> None:
    provenance = facts(file.name)["provenance"]
    assert (Path(__file__).parents[2] / provenance["generator"]).is_file()
    assert provenance["inputs"]
    assert date.fromisoformat(provenance["date"])


def _rows(value: object) -> list[dict[str, Any]]:
    """The innermost tables that hold facts: those with a list or a text beside their source."""
    if isinstance(value, list):
        return [row for item in value for row in _rows(item)]
    if not isinstance(value, dict):
        return []
    if {"source", "date"} & value.keys() and not isinstance(value.get("source"), dict):
        return [value, *(row for key, item in value.items() if isinstance(item, list) for row in _rows(item))]
    return [row for key, item in value.items() if key != "source" for row in _rows(item)]
