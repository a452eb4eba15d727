"""The parts that several JSON outputs share; their schema is ``schemas/common.schema.json``.

What is not there is ``null``, never an empty text.  Where a value of ours is a sentence, programs get its
name as a ``code`` that stays, and the sentence beside it.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Protocol

from leastwise.evidence_file.writing import context_object
from leastwise.model.evidence import SAMPLES_KEPT, calls_by_day
from leastwise.model.finding import Verdict
from leastwise.model.joining import smallest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from enum import Enum

    from leastwise.errors import Problem
    from leastwise.iam.evaluate import Place
    from leastwise.iam.statement import PolicyDocument
    from leastwise.model.evidence import Observation
    from leastwise.model.finding import Denied, Finding, StatementRef
    from leastwise.model.request import AuthorizationRequest

Json = dict[str, object]


class Named(Protocol):
    """A policy and the file it was read from."""

    @property
    def path(self) -> str:
        """The file's name, as it is to be shown."""

    @property
    def document(self) -> PolicyDocument:
        """What it says."""


def request(asked: AuthorizationRequest) -> Json:
    """One authorization request; ``leastwise replay`` takes it, if it stands for one resource."""
    return {
        "action": asked.action,
        "resource": asked.resource,
        "certainty": asked.certainty.value,
        "form": asked.form.value,
        "context": context_object(asked.context),
    }


def statement(reference: StatementRef) -> Json:
    """A statement of a policy file."""
    return {"path": reference.path, "index": reference.index, "sid": reference.sid or None}


def statement_at(place: Place, policies: Sequence[Named]) -> Json:
    """The same for a place among policies."""
    policy = policies[place.document]
    sid = policy.document.statements[place.statement].sid
    return {"path": policy.path, "index": place.statement, "sid": sid or None}


def code(member: Enum) -> Json:
    """A reason: its name for programs, its sentence for people."""
    return {"code": member.name, "text": member.value}


def usage(observations: Iterable[Observation]) -> Json | None:
    """How often and when; ``None`` where nothing was observed.  No call counts twice (``calls_by_day``)."""
    observed = tuple(observations)
    if not observed:
        return None
    tallies = [observation.tally for observation in observed]
    days = calls_by_day(observed)
    return {
        "calls": sum(days.values()),
        "days": len(days),
        "first": min(tally.first for tally in tallies),
        "last": max(tally.last for tally in tallies),
        "regions": sorted({region for tally in tallies for region in tally.regions}),
        "samples": smallest((sample for tally in tallies for sample in tally.samples), SAMPLES_KEPT),
    }


def finding(found: Finding) -> Json:
    """One grant, or one request outside every grant, and its verdict."""
    atom = found.atom
    return {
        "verdict": found.verdict.name,
        "statement": statement(atom.statement) if atom else None,
        "pattern": atom.pattern if atom else None,
        "action": (atom.action or None) if atom else found.request and found.request.action,
        "request": request(found.request) if found.request else None,
        "reason": code(found.reason) if found.reason else None,
        "detail": found.detail or None,
        "needed": list(found.needed),
        "usage": usage(found.observations),
    }


def denied(found: Denied) -> Json:
    """One denied request, and why it is no missing grant, if it is none."""
    return {
        "request": request(found.request),
        "why_not": code(found.why_not) if found.why_not else None,
        "detail": found.detail or None,
        "usage": usage(found.observations),
    }


def summary(findings: Sequence[Finding]) -> Json:
    """How many findings have each verdict, and for which reasons; a verdict that nothing has is there too."""
    return {verdict.name: _verdict(verdict, findings) for verdict in Verdict}


def _verdict(verdict: Verdict, findings: Iterable[Finding]) -> Json:
    of_verdict = [found for found in findings if found.verdict is verdict]
    reasons = Counter(found.reason.name for found in of_verdict if found.reason)
    return {"count": len(of_verdict), "reasons": dict(sorted(reasons.items()))}


def problem(found: Problem) -> Json:
    """One mistake in a file; without a place where it has none."""
    return {
        "path": found.path,
        "line": found.line or None,
        "column": found.column or None,
        "expected": found.expected,
        "found": found.found,
    }
