"""Values as the JSON objects that ``--format json`` prints, one function for each output.

Each has its schema in ``schemas/`` beside this module and an example in ``docs/json.md``; tests hold the
three together.  The objects have no session names, and outside of ``evidence`` no hashes of them either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.evidence_file.writing import coverage_object, evidence_object
from leastwise.iam.includes import Included, Undecided, Witness
from leastwise.model.proposal import Proposal
from leastwise.render import json_parts, json_proposals

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from leastwise.assess import Assessment
    from leastwise.errors import Problem
    from leastwise.iam.evaluate import Evaluation
    from leastwise.model.event import Event
    from leastwise.model.evidence import Evidence
    from leastwise.model.interpretation import Denial, Interpretation
    from leastwise.model.proposal import PublishOutcome
    from leastwise.propose.replay import Replay
    from leastwise.render.json_parts import Json, Named
    from leastwise.review import GrantDelta, Review
    from leastwise.visibility import View

PROPOSALS_FORMAT = "leastwise-proposals"
PROPOSALS_VERSION = 1


def traced(event: Event, interpretation: Interpretation) -> Json:
    """One record of ``leastwise trace``."""
    return {
        "eventID": event.event_id,
        "eventTime": event.time,
        "eventSource": event.source,
        "eventName": event.name,
        "principal": event.actor or None,
        "outcome": interpretation.outcome.value,
        "requests": [json_parts.request(request) for request in interpretation.requests],
        "unmapped": interpretation.unmapped,
        "denial": _denial(interpretation.denial) if interpretation.denial else None,
        "file": str(event.locator),
    }


def evidence(found: Evidence) -> Json:
    """All of an evidence: ``leastwise observe`` prints it, ``evidence_file.read_evidence`` reads it back."""
    return evidence_object(found)


def assessment(assessed: Assessment) -> Json:
    """One principal of ``leastwise diff``."""
    return {
        "principal": assessed.case.principal.key,
        "sources": [_source(view) for view in assessed.case.views],
        "summary": json_parts.summary(assessed.findings),
        "findings": [json_parts.finding(finding) for finding in assessed.findings],
        "denied": [json_parts.denied(denied) for denied in assessed.denied],
    }


def proposals(assessments: Iterable[Assessment], outcomes: Iterable[PublishOutcome]) -> Json:
    """All that ``leastwise propose`` proposed and withheld, and what publishing did."""
    assessed = tuple(assessments)
    results = [result for each in assessed for result in each.results]
    return {
        "format": PROPOSALS_FORMAT,
        "version": PROPOSALS_VERSION,
        "principals": [_ground(each) for each in assessed],
        "proposals": [json_proposals.proposal(each) for each in results if isinstance(each, Proposal)],
        "withheld": [json_proposals.withheld(each) for each in results if not isinstance(each, Proposal)],
        "outcomes": [json_proposals.outcome(each) for each in outcomes],
    }


def problems(
    found: Iterable[Problem],
    *,
    principals: int | None,
    policies: int | None,
    notes: Iterable[str] = (),
    reviews: Iterable[Review] = (),
) -> Json:
    """What ``leastwise check`` found.

    ``principals`` and ``policies`` say how many were read; ``None`` where mistakes kept them from being read.
    ``reviews`` say what an edit really changes (``--base``).
    """
    listed = [json_parts.problem(problem) for problem in found]
    return {
        "ok": not listed,
        "principals": principals,
        "policies": policies,
        "problems": listed,
        "notes": list(notes),
        "reviews": [_review(review) for review in reviews],
    }


def decision(found: Evaluation, policies: Sequence[Named]) -> Json:
    """One line of ``leastwise replay``; ``policies`` are those that were evaluated, in that order."""
    return {
        "decision": found.decision.value,
        "statement": json_parts.statement_at(found.statement, policies) if found.statement else None,
        "why": found.why,
    }


def inclusion(
    result: Included | Witness | Undecided,
    replayed: Replay | None,
    doubts: Iterable[str],
    new: Sequence[Named] = (),
) -> Json:
    """The answer of ``leastwise prove``.

    ``doubts`` say what does not agree with a certificate.  ``new`` are the policies asked about, by which a
    counterexample names its statement.
    """
    return {
        "included": None if isinstance(result, Undecided) else isinstance(result, Included),
        "witness": _witness(result, new) if isinstance(result, Witness) else None,
        "undecided": result.reason if isinstance(result, Undecided) else None,
        "replay": _replay(replayed) if replayed else None,
        "doubts": list(doubts),
    }


def _denial(denial: Denial) -> Json:
    return {
        "action": denial.action or None,
        "resource": denial.resource or None,
        "reason": denial.reason.value,
    }


def _source(view: View) -> Json:
    """What a source could see of a principal; ``blind`` says why nothing can be called unused by it."""
    blind = view.blind
    return {
        "source": view.coverage.source,
        "kind": view.coverage.kind,
        "blind": {**json_parts.code(blind.reason), "detail": blind.detail or None} if blind else None,
    }


def _ground(assessed: Assessment) -> Json:
    """What the results for one principal stand on."""
    views = assessed.case.views
    return {
        "principal": assessed.case.principal.key,
        "sources": [{**_source(view), "coverage": coverage_object(view.coverage)} for view in views],
        "summary": json_parts.summary(assessed.findings),
        "denied": [json_parts.denied(denied) for denied in assessed.denied],
    }


def _review(found: Review) -> Json:
    return {
        "folder": found.folder,
        "widens": found.widens,
        "inside": inclusion(found.inside, None, ()),
        "added": [_delta(delta) for delta in found.added],
        "removed": [_delta(delta) for delta in found.removed],
        "opaque": list(found.opaque),
    }


def _delta(delta: GrantDelta) -> Json:
    return {
        "action": delta.action,
        "resources": list(delta.resources),
        "risks": list(delta.risks),
        "usage": json_parts.usage(delta.observations),
    }


def _witness(witness: Witness, new: Sequence[Named]) -> Json:
    return {
        "action": witness.action,
        "resource": witness.resource,
        "statement": json_parts.statement_at(witness.statement, new) if new else None,
        "reading": witness.reading.value,
        "supposing": [{"condition": words, "holds": truth} for words, truth in witness.supposing],
    }


def _replay(replayed: Replay) -> Json:
    return {
        "recorded": replayed.recorded,
        "allowed": replayed.allowed,
        "undecided": replayed.undecided,
        "lost": [
            {"request": json_parts.request(seen.key.request), "usage": json_parts.usage([seen])}
            for seen in replayed.lost
        ],
    }
