"""What is written is read back, all of it, and nothing else passes for evidence."""

from __future__ import annotations

import copy
import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leastwise.errors import EvidenceFileError, NewerEvidenceError
from leastwise.evidence_file import evidence_object, evidence_text, read_evidence
from leastwise.model.event import Outcome
from leastwise.model.evidence import (
    Coverage,
    DataSelector,
    DenialReason,
    Evidence,
    ObservationKey,
    Selectors,
    Tally,
    Unreadable,
)
from leastwise.model.request import AuthorizationRequest, Certainty, ResourceForm
from tests.evidence_file.strategies import evidences
from tests.render.schemas import validator

ROLE = "arn:aws:iam::111122223333:role/payments-api"
FULL = Evidence(
    {
        ObservationKey(
            source="trail",
            principal=ROLE,
            request=AuthorizationRequest(
                "iam:PassRole",
                "arn:aws:iam::111122223333:role/worker",
                ResourceForm.LITERAL,
                (("iam:PassedToService", "lambda.amazonaws.com"),),
                Certainty.INFERRED,
            ),
            outcome=Outcome.DENIED,
            denial=DenialReason.EXPLICIT_DENY,
            error_code="AccessDenied",
            proves_authorization=True,
            via_service="cloudformation.amazonaws.com",
        ): Tally(
            days={date(2026, 11, 20): 3},
            first="2026-11-20T09:00:00Z",
            last="2026-11-20T11:00:00Z",
            samples=("e1", "e2"),
            regions=frozenset({"eu-west-1"}),
            sessions=frozenset({"9f86d081"}),
            hours=frozenset({"2026-11-20T09"}),
        )
    },
    {
        "trail": Coverage(
            source="trail",
            kind="trail-files",
            start=datetime(2026, 8, 25, tzinfo=UTC),
            end=datetime(2026, 11, 23, 12, 30, tzinfo=UTC),
            selectors=Selectors(
                management_read=True,
                management_write=True,
                excluded_sources=frozenset({"kms.amazonaws.com"}),
                data=frozenset({DataSelector("AWS::S3::Object", True, False, ("arn:aws:s3:::b/",))}),
                trail_arn="arn:aws:cloudtrail:eu-west-1:111122223333:trail/org",
                unread=("odd",),
            ),
            regions=frozenset({"eu-west-1"}),
            all_regions=True,
            logged_regions=frozenset({"eu-west-1"}),
            delivered=frozenset(("111122223333", date(2026, 11, day)) for day in (1, 2, 3, 5)),
            tampering=frozenset({"2026-11-02T00:00:00Z StopLogging e9"}),
            unreadable=(Unreadable("a.json.gz", "cut off"),),
            unreadable_count=1,
            excluded={"root": 2},
            unmapped={"odd.amazonaws.com:Call": 1},
            disagreements={"s3.amazonaws.com:HeadObject": 1},
            records=10,
            duplicates=2,
            limits=frozenset({"no data events"}),
        )
    },
)
"""Every member has a value that is not its default."""


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
    assert evidence_text(Evidence(dict(shuffled), coverage)) == text


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
