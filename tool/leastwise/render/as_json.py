"""Values as JSON objects.  The schemas are in ``schemas/`` beside this module; tests hold both together."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leastwise.assess import Assessment
    from leastwise.model.event import Event
    from leastwise.model.evidence import Evidence
    from leastwise.model.interpretation import Interpretation
    from leastwise.model.proposal import Proposal, Withheld

Json = dict[str, object]


def traced(event: Event, interpretation: Interpretation) -> Json:
    """One record of ``leastwise trace``."""
    denial = interpretation.denial
    return {
        "eventID": event.event_id,
        "eventTime": event.time,
        "eventSource": event.source,
        "eventName": event.name,
        "principal": event.actor or None,
        "outcome": interpretation.outcome.value,
        "requests": [_request(request) for request in interpretation.requests],
        "unmapped": interpretation.unmapped,
        "denial": denial
        and {
            "action": denial.action or None,
            "resource": denial.resource or None,
            "reason": denial.reason.value,
        },
        "file": str(event.locator),
    }


def evidence(found: Evidence) -> Json:
    """All of an evidence: what ``leastwise observe`` prints and ``leastwise prove --evidence`` reads."""
    return {
        "format": "leastwise-evidence",
        "version": 1,
        "observations": [_observation(observation) for observation in found.observations],
        "coverage": [_coverage(found.coverage[source]) for source in sorted(found.coverage)],
    }


def assessment(assessed: Assessment) -> Json:
    """One principal of ``leastwise diff``."""
    return {
        "principal": assessed.case.principal.key,
        "findings": [_finding(finding) for finding in assessed.findings],
        "denied": [_denied(found) for found in assessed.denied],
    }


def result(found: Proposal | Withheld) -> Json:
    """One proposal, or why there is none."""
    from leastwise.model.proposal import Proposal  # noqa: PLC0415

    if isinstance(found, Proposal):
        return {}
    return {}
