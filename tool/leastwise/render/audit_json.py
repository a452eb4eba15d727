"""An audit as the object of ``audit.json``; ``schemas/audit.schema.json`` says what every member means."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from leastwise.evidence_file.writing import coverage_object
from leastwise.render.audit_words import subject_line

if TYPE_CHECKING:
    from datetime import date

    from leastwise.audit.month import Days
    from leastwise.audit.values import Audit, Count, DeniedAction, PrincipalAudit, SourceAudit, Use
    from leastwise.render.json_parts import Json

FORMAT = "leastwise-audit"
VERSION = 1


def audit_object(audit: Audit) -> Json:
    """All of an audit."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "month": str(audit.month),
        "made": f"{audit.made.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "subject": subject_line(audit),
        "days": _days(audit.month_days),
        "days_before": _days(audit.days_before),
        "whole_accounts": list(audit.whole_accounts),
        "notes": list(audit.notes),
        "sources": [_source(each) for each in audit.sources],
        "principals": [_principal(each) for each in audit.principals],
    }


def _days(days: Days) -> Json:
    """Both ends included; ``null`` where there is no day yet."""
    return {
        "first": days.first.isoformat(),
        "last": days.last.isoformat() if len(days) else None,
        "days": len(days),
    }


def _source(source: SourceAudit) -> Json:
    return {
        "source": source.coverage.source,
        "kind": source.coverage.kind,
        "days_with_records": {"month": source.month, "before": source.before},
        "first_record": _day(source.first),
        "new_cannot_be_told": source.unsure_before or None,
        "silent_cannot_be_told": source.unsure_month or None,
        "coverage": coverage_object(source.coverage),
    }


def _principal(each: PrincipalAudit) -> Json:
    subject = each.subject
    return {
        "principal": subject.key,
        "kind": subject.kind.value,
        "name": subject.name,
        "session": subject.session or None,
        "accounts": list(subject.accounts),
        "sources": list(subject.sources),
        "enrolled": subject.enrolled,
        "calls": each.calls,
        "denied_calls": each.denied_calls,
        "last_seen": _day(each.last_seen),
        "new_cannot_be_told": each.unsure_before or None,
        "silent_cannot_be_told": each.unsure_month or None,
        "uses": [_use(use) for use in each.uses],
        "denied": [_denied(found) for found in each.denied],
    }


def _use(use: Use) -> Json:
    return {
        "action": use.action,
        "change": use.change.value,
        "why_it_cannot_be_told": use.why or None,
        "sensitive": use.sensitive or None,
        "month": _count(use.month),
        "year": _count(use.year),
        "failed": use.failed,
        "inferred": use.inferred,
        "uncounted": use.uncounted,
        "resources": list(use.resources),
        "more_resources": use.more,
    }


def _denied(found: DeniedAction) -> Json:
    return {
        "action": found.action,
        "reason": found.reason.value,
        "sensitive": found.sensitive or None,
        "month": _count(found.month),
        "year": _count(found.year),
        "resources": list(found.resources),
        "more_resources": found.more,
    }


def _count(found: Count) -> Json:
    return {
        "calls": found.calls,
        "days": found.days,
        "first": _day(found.first),
        "last": _day(found.last),
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
