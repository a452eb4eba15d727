"""The JSON outputs, read as a program would read them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from leastwise.model.event import Outcome
from leastwise.model.finding import Verdict
from leastwise.model.interpretation import Interpretation
from leastwise.model.proposal import Proposal
from leastwise.render import as_json, json_parts
from tests.render.json_cases import (
    BLIND,
    CASES,
    EVENT,
    JUDGED,
    OUTCOMES,
    PASS_ROLE,
    PATH,
    POLICY,
    POLICY_FILE,
    REFUSED,
    ROLE,
    decided,
    observation,
)

DAYS = (date(2026, 11, 1), date(2026, 11, 2))


def read(output):
    return json.loads(json.dumps(output))


def test_a_record_is_shown_under_the_names_that_cloudtrail_uses():
    assert read(as_json.traced(EVENT, REFUSED)) == {
        "eventID": "11111111-1111-1111-1111-111111111111",
        "eventTime": "2026-11-20T09:00:00Z",
        "eventSource": "lambda.amazonaws.com",
        "eventName": "CreateFunction20150331",
        "principal": ROLE,
        "outcome": "denied",
        "requests": [
            {
                "action": "iam:PassRole",
                "resource": "arn:aws:iam::111122223333:role/worker",
                "certainty": "inferred",
                "form": "literal",
                "context": {"iam:PassedToService": ["lambda.amazonaws.com"]},
            }
        ],
        "unmapped": None,
        "denial": {"action": "iam:PassRole", "resource": None, "reason": "no identity-based policy allows"},
        "file": "logs/a.json.gz#7",
    }


def test_a_call_that_needs_no_permission_is_not_called_unmapped():
    output = as_json.traced(EVENT, Interpretation(Outcome.SUCCEEDED))
    assert (output["requests"], output["unmapped"], output["denial"]) == ([], None, None)


def test_a_context_key_keeps_all_its_values():
    tagged = replace(PASS_ROLE, context=(("aws:TagKeys", "cost"), ("aws:TagKeys", "team")))
    assert read(json_parts.request(tagged))["context"] == {"aws:TagKeys": ["cost", "team"]}


def test_two_sources_that_saw_the_same_calls_do_not_double_them():
    trail = observation("s3:GetObject", "arn:aws:s3:::b/k", DAYS, count=10)
    lake = observation("s3:GetObject", "arn:aws:s3:::b/k", DAYS[:1], count=12, source="lake")
    assert json_parts.usage([trail, lake])["calls"] == 22


def test_two_requests_of_one_source_add_up():
    one = observation("s3:GetObject", "arn:aws:s3:::b/k", DAYS, count=10)
    other = observation("s3:GetObject", "arn:aws:s3:::b/l", DAYS[1:], count=1)
    found = json_parts.usage([one, other])
    assert (found["calls"], found["days"]) == (21, 2)
    assert (found["first"], found["last"]) == ("2026-11-01T09:00:00Z", "2026-11-02T17:00:00Z")


def test_what_was_not_observed_has_no_usage():
    assert json_parts.usage([]) is None


def test_a_finding_names_its_statement_and_its_evidence():
    finding = read(as_json.assessment(JUDGED))["findings"][0]
    assert finding == {
        "verdict": "BROADER_THAN_USED",
        "statement": {"path": PATH, "index": 0, "sid": "Receipts"},
        "pattern": "s3:GetObject",
        "action": "s3:GetObject",
        "request": None,
        "reason": None,
        "detail": None,
        "needed": ["arn:aws:s3:::receipts/2026/1.pdf"],
        "usage": {
            "calls": 400,
            "days": 100,
            "first": "2026-08-15T09:00:00Z",
            "last": "2026-11-22T17:00:00Z",
            "regions": ["eu-west-1"],
            "samples": ["e-s3:GetObject-1", "e-s3:GetObject-2"],
        },
    }


def test_the_summary_counts_every_finding_once():
    output = as_json.assessment(JUDGED)
    summary = output["summary"]
    assert list(summary) == [verdict.name for verdict in Verdict]
    assert sum(each["count"] for each in summary.values()) == len(output["findings"])
    assert summary["UNKNOWN"] == {"count": 2, "reasons": {"NOT_LOGGED": 1, "TOUCHED": 1}}


def test_a_source_that_could_not_see_says_why():
    source = as_json.assessment(BLIND)["sources"][0]
    assert source["blind"]["code"] == "NO_SELECTORS"
    assert "get-event-selectors" in source["blind"]["detail"]


def test_a_denied_call_that_shows_a_missing_grant_has_no_reason_against_it():
    missing, refused = as_json.assessment(JUDGED)["denied"]
    assert (missing["request"]["action"], missing["why_not"]) == ("dynamodb:GetItem", None)
    assert (refused["why_not"]["code"], refused["detail"]) == ("OTHER_POLICY", "explicit deny")


def test_a_proposal_carries_the_hashes_of_its_files_and_its_proof():
    output = as_json.proposals([JUDGED], OUTCOMES)
    tighten = output["proposals"][0]
    proposal = JUDGED.results[0]
    assert isinstance(proposal, Proposal)
    assert tighten["fingerprint"] == proposal.fingerprint
    assert tighten["files"][0]["before"] == tighten["proof"]["certificate"]["before"][PATH]
    assert tighten["files"][0]["after"] == tighten["proof"]["certificate"]["after"][PATH]
    assert tighten["proof"]["holds"] is True
    assert POLICY not in json.dumps(output)


def test_a_refusal_carries_its_reason():
    (tighten,) = as_json.proposals([BLIND], ())["withheld"]
    assert (tighten["kind"], tighten["reason"]["code"]) == ("tighten", "NO_COVERAGE")


def test_outcomes_say_where_or_why():
    assert as_json.proposals((), OUTCOMES)["outcomes"] == [
        {
            "outcome": "opened",
            "kind": "tighten",
            "principal": ROLE,
            "where": "leastwise/tighten/payments-api",
            "why": None,
        },
        {"outcome": "withheld", "kind": "add", "principal": ROLE, "where": None, "why": "nothing to change"},
    ]


def test_a_mistake_in_a_whole_file_has_no_line():
    output = CASES["check"][1]
    assert output["ok"] is False
    assert [(each["line"], each["column"]) for each in output["problems"]] == [(3, 7), (None, None)]


@pytest.mark.parametrize(
    ("action", "resource", "decision", "index"),
    [
        ("s3:GetObject", "arn:aws:s3:::receipts/1", "ALLOW", 0),
        ("s3:GetObject", "arn:aws:s3:::vault/1", "DENY", 2),
        ("ec2:RunInstances", "*", "NONE", None),
    ],
)
def test_a_decision_names_the_statement_that_made_it(action, resource, decision, index):
    output = decided(action, resource)
    assert output["decision"] == decision
    assert (output["statement"] and output["statement"]["index"]) == index
    assert list(output) == ["decision", "statement", "why"]


@pytest.mark.parametrize(("position", "included"), [(0, True), (1, None), (2, False)])
def test_what_is_not_decided_is_not_included(position, included):
    assert CASES["prove"][position]["included"] is included


def test_a_counterexample_names_the_statement_that_allows_it():
    assert CASES["prove"][2]["witness"] == {
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::receipts/1",
        "statement": {"path": POLICY_FILE.path, "index": 0, "sid": "Receipts"},
        "reading": "flat",
        "supposing": [{"condition": "a", "holds": True}],
    }
