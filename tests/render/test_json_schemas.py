"""Whatever is shown fits its schema, and the schemas allow nothing that is not shown."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from leastwise.audit.values import Change, Kind
from leastwise.iam.arn import Reading
from leastwise.iam.evaluate import Decision
from leastwise.model.event import Outcome
from leastwise.model.evidence import DenialReason
from leastwise.model.finding import Verdict
from leastwise.model.proposal import ChangeKind, OutcomeKind, ProposalKind
from leastwise.model.request import Certainty, ResourceForm
from leastwise.render import as_json
from tests.render import json_strategies as shown
from tests.render.json_cases import CASES
from tests.render.schemas import OUTPUTS, schema, valid, validator

DOCS = Path(__file__).parents[2] / "docs" / "json.md"
MAPS = {"context", "reasons", "cells"}
"""Members that hold a mapping, with names that are not ours."""
OPEN = {"certificate", "coverage"}
"""What may grow, and what has members with defaults: ``tests/evidence_file`` holds coverage to its schema."""


def test_every_output_has_a_schema_and_every_schema_is_one():
    for name in ("common", *OUTPUTS):
        Draft202012Validator.check_schema(schema(name))


@given(shown.events, shown.interpretations)
def test_trace_fits_its_schema_and_names_no_session(event, interpretation):
    output = valid("trace", as_json.traced(event, interpretation))
    assert shown.SESSION not in json.dumps(output)


@given(shown.assessments)
def test_diff_fits_its_schema_and_tells_nothing_of_sessions(assessment):
    output = valid("diff", as_json.assessment(assessment))
    assert shown.SESSION not in json.dumps(output)


@given(st.lists(shown.assessments, max_size=2), st.lists(shown.outcomes, max_size=2))
def test_propose_fits_its_schema_and_tells_nothing_of_sessions(assessments, outcomes):
    output = valid("propose", as_json.proposals(assessments, outcomes))
    assert shown.SESSION not in json.dumps(output)


@given(st.lists(shown.problems, max_size=3), st.lists(shown.texts, max_size=2))
def test_check_fits_its_schema(problems, notes):
    output = valid("check", as_json.problems(problems, principals=3, policies=None, notes=notes))
    assert output["ok"] is (not problems)


@given(shown.replays, st.lists(shown.texts, max_size=2))
def test_prove_fits_its_schema_and_tells_nothing_of_sessions(replay, doubts):
    output = valid("prove", as_json.inclusion(as_json.Included(), replay, doubts))
    assert shown.SESSION not in json.dumps(output)


@pytest.mark.parametrize("name", OUTPUTS)
def test_the_cases_fit_their_schema(name):
    for output in CASES[name]:
        valid(name, output)


@pytest.mark.parametrize("name", [name for name in OUTPUTS if name != "evidence"])
def test_a_member_that_is_missing_or_unknown_is_refused(name):
    for output in CASES[name]:
        for words, mutant in _damaged(_thinned(json.loads(json.dumps(output)))):
            assert not validator(name).is_valid(mutant), words


@pytest.mark.parametrize("name", OUTPUTS)
def test_every_member_of_a_schema_comes_out_in_some_case(name):
    reached = set()
    for output in CASES[name]:
        reached |= _names(json.loads(json.dumps(output)))
    assert _properties(schema(name)) <= reached


@pytest.mark.parametrize("name", ["common", *OUTPUTS])
def test_every_member_says_what_it_is(name):
    silent = [path for path, member in _declared(schema(name)) if not {"description", "$ref"} & member.keys()]
    assert silent == []


@pytest.mark.parametrize(
    ("name", "pointer", "members"),
    [
        ("common", "$defs/verdict", [member.name for member in Verdict]),
        ("common", "$defs/certainty", [member.value for member in Certainty]),
        ("common", "$defs/form", [member.value for member in ResourceForm]),
        ("trace", "properties/outcome", [each.value for each in Outcome if each is not Outcome.ATTEMPTED]),
        ("trace", "properties/denial/properties/reason", [member.value for member in DenialReason]),
        ("evidence", "$defs/observation/properties/outcome", [member.value for member in Outcome]),
        (
            "evidence",
            "$defs/observation/properties/denial",
            [None, *(member.value for member in DenialReason)],
        ),
        ("propose", "$defs/kind", [member.value for member in ProposalKind]),
        ("propose", "$defs/change/properties/kind", [member.value for member in ChangeKind]),
        (
            "propose",
            "properties/outcomes/items/properties/outcome",
            [member.value for member in OutcomeKind],
        ),
        ("replay", "properties/decision", [member.value for member in Decision]),
        ("prove", "properties/witness/properties/reading", [member.value for member in Reading]),
        ("audit", "$defs/use/properties/change", [member.value for member in Change]),
        ("audit", "$defs/denied/properties/reason", [member.value for member in DenialReason]),
        ("audit", "properties/principals/items/properties/kind", [member.value for member in Kind]),
    ],
)
def test_the_schema_lists_exactly_the_values_there_are(name, pointer, members):
    found = schema(name)
    for step in pointer.split("/"):
        found = found[step]
    assert found["enum"] == members


@pytest.mark.parametrize("name", OUTPUTS)
def test_the_page_shows_an_example_that_fits(name):
    sections = re.split(r"^## ", DOCS.read_text("utf-8"), flags=re.MULTILINE)
    section = next(each for each in sections if f"\n\n`{name}.schema.json`." in each)
    examples = re.findall(r"```json\n(.*?)```", section, re.DOTALL)
    assert examples
    for example in examples:
        valid(name, json.loads(example))


def _thinned(value):
    """The output with one item of each form in a list: a hundred alike are damaged alike."""
    if isinstance(value, dict):
        return {key: _thinned(below) for key, below in value.items()}
    if isinstance(value, list):
        return list({_form(below): _thinned(below) for below in reversed(value)}.values())
    return value


def _form(value):
    """Which members and kinds of values there are, at any depth; the same for outputs of one form."""
    if isinstance(value, dict):
        return frozenset((key, _form(below)) for key, below in value.items())
    return frozenset(map(_form, value)) if isinstance(value, list) else type(value)


def _damaged(value):
    """Copies of the output, each with one member missing or one too many; items of a list are alike."""
    done = set()
    for path, holder in _objects(value):
        if OPEN & set(path) or MAPS & set(path[-1:]):
            continue
        kind = tuple("[]" if isinstance(step, int) else step for step in path)
        for key in {"odd", *holder}:
            if (*kind, key) not in done:
                done.add((*kind, key))
                yield f"{path}: {key}", _toggled(value, path, key)


def _toggled(value, path, key):
    damaged = copy.deepcopy(value)
    holder = damaged
    for step in path:
        holder = holder[step]
    if key in holder:
        del holder[key]
    else:
        holder[key] = 1
    return damaged


def _objects(value, path=()):
    if isinstance(value, dict):
        yield path, value
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in pairs:
        yield from _objects(below, (*path, key))


def _names(value):
    return {key for _, found in _objects(value) for key in found}


def _declared(value):
    for path, found in _objects(value):
        if path and path[-1] == "properties":
            yield from ((f"{path}/{name}", member) for name, member in found.items())


def _properties(value):
    return {name for path, found in _objects(value) if path and path[-1] == "properties" for name in found}
