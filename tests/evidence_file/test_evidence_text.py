"""What is written is read back, all of it, and nothing else passes for evidence."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leastwise.errors import EvidenceFileError, NewerEvidenceError
from leastwise.evidence_file import evidence_object, evidence_text, read_evidence
from leastwise.model.evidence import Evidence
from tests.evidence_file.cases import FULL, ROLE
from tests.evidence_file.strategies import evidences
from tests.render.schemas import validator


@given(evidences)
def test_what_is_written_is_read_back_whatever_its_layout(evidence):
    assert read_evidence(evidence_text(evidence), "e.json") == evidence
    assert read_evidence(json.dumps(evidence_object(evidence), indent=2), "e.json") == evidence


@given(evidences, st.randoms())
def test_the_text_is_plain_fits_the_schema_and_hangs_on_nothing_but_the_evidence(evidence, random):
    text = evidence_text(evidence)
    assert text.isascii()
    assert all(line.isprintable() for line in text.split("\n"))
    validator("evidence").validate(json.loads(text))
    shuffled = list(evidence.tallies.items())
    random.shuffle(shuffled)
    coverage = dict(reversed(evidence.coverage.items()))
    looked = dict(reversed(evidence.looked_since.items()))
    assert evidence_text(Evidence(dict(shuffled), coverage, looked)) == text


def _values(value):
    """The value itself and everything below it that is a dataclass."""
    if is_dataclass(value):
        yield value
        value = [getattr(value, field.name) for field in fields(value)]
    if isinstance(value, Mapping):
        value = [*value, *value.values()]
    if isinstance(value, list | tuple | frozenset):
        for below in value:
            yield from _values(below)


def test_the_full_evidence_has_every_member_there_is_and_none_is_lost():
    for value in _values(FULL):
        default = {field.name for field in fields(value) if getattr(value, field.name) == _default(field)}
        assert not default, f"{type(value).__name__} in tests/evidence_file/cases.py"
    assert read_evidence(evidence_text(FULL), "e.json") == FULL


def _default(field):
    return field.default_factory() if callable(field.default_factory) else field.default


def test_every_observation_is_one_line():
    text = evidence_text(FULL)
    assert sum("iam:PassRole" in line and line.startswith("{") for line in text.splitlines()) == 1


def test_days_of_delivery_are_written_as_runs():
    delivered = evidence_object(FULL)["coverage"]["trail"]["delivered"]
    assert json.loads(json.dumps(delivered)) == {
        "111122223333": [["2026-11-01", "2026-11-03"], ["2026-11-05", "2026-11-05"]]
    }


def test_no_evidence_is_evidence_too():
    assert read_evidence(evidence_text(Evidence()), "e.json") == Evidence()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"format": "leastwise-evidence"}',
        '{"Records": []}',
        '{"format": "leastwise-proposals", "version": 1}',
        '{"format": "leastwise-evidence", "version": true, "coverage": {}, "principals": {}}',
        '{"format": "leastwise-evidence", "version": 0, "coverage": {}, "principals": {}}',
        '{"format": "leastwise-evidence", "version": "1", "coverage": {}, "principals": {}}',
        '{"format": "leastwise-evidence", "version": 1, "coverage": {}, "coverage": {}, "principals": {}}',
        "[" * 200_000,
        "9" * 5_000,
    ],
)
def test_what_is_no_evidence_is_refused_by_name_and_with_advice(text):
    with pytest.raises(EvidenceFileError, match=r"^kept/e\.json: .*`leastwise observe --format json`$"):
        read_evidence(text, "kept/e.json")


def test_evidence_of_a_newer_version_is_not_called_damaged():
    text = '{"format": "leastwise-evidence", "version": 2, "anything": []}'
    with pytest.raises(NewerEvidenceError, match=r"expected version 1, found 2; update leastwise"):
        read_evidence(text, "e.json")


@given(st.data())
@settings(max_examples=50)
def test_evidence_that_was_cut_off_is_refused(data):
    text = evidence_text(FULL).rstrip()
    with pytest.raises(EvidenceFileError):
        read_evidence(text[: data.draw(st.integers(0, len(text) - 1))], "e.json")


def test_an_observation_that_stands_twice_is_refused():
    document = json.loads(evidence_text(FULL))
    document["principals"][ROLE] *= 2
    with pytest.raises(EvidenceFileError, match="stands twice: iam:PassRole by arn:aws:iam"):
        read_evidence(json.dumps(document), "e.json")


def test_a_day_that_stands_twice_is_refused():
    text = evidence_text(FULL).replace('"2026-11-20":3', '"2026-11-20":3,"2026-11-20":1')
    with pytest.raises(EvidenceFileError, match="'2026-11-20' stands twice"):
        read_evidence(text, "e.json")


def test_a_run_that_ends_before_it_begins_is_refused():
    text = evidence_text(FULL).replace('"2026-11-05","2026-11-05"', '"2026-11-05","2026-11-04"')
    with pytest.raises(EvidenceFileError, match="ends before it begins"):
        read_evidence(text, "e.json")


def test_what_the_file_says_reaches_no_terminal_unescaped():
    text = evidence_text(FULL).replace('"denied"', '"\\u001b[31m\\u202e' + "x" * 500 + '"')
    with pytest.raises(EvidenceFileError) as refused:
        read_evidence(text, "e.json")
    assert str(refused.value).isascii()
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 400


def _members(value, path=()):
    """The path of every member and item, at any depth."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in pairs:
        yield (*path, key)
        yield from _members(below, (*path, key))


def _damaged(document):
    """The document with one member missing, under another name, or of another kind; each with its words."""
    for path in list(_members(document)):
        for change in ("dropped", "renamed", -1, None, [], {}, "x"):
            mutant = copy.deepcopy(document)
            holder = mutant
            for key in path[:-1]:
                holder = holder[key]
            value = holder[path[-1]]
            if change == "dropped":
                del holder[path[-1]]
            elif change == "renamed":
                _rename(holder, path[-1])
            else:
                holder[path[-1]] = change
            yield f"{path} {change} (was {value!r})", mutant


def _rename(holder, key):
    if isinstance(holder, dict):
        holder[f"{key}!"] = holder.pop(key)


def _is_read(document):
    try:
        read_evidence(json.dumps(document), "e.json")
    except EvidenceFileError:
        return False
    return True


def test_the_reader_takes_what_the_schema_takes_and_nothing_else():
    verdicts = [
        (words, _is_read(mutant), validator("evidence").is_valid(mutant))
        for words, mutant in _damaged(json.loads(evidence_text(FULL)))
    ]
    assert [words for words, read, fits in verdicts if read != fits] == []
    assert {read for _, read, _ in verdicts} == {True, False}
