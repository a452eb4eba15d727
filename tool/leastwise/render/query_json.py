"""A run of saved queries as JSON (``schemas/query.schema.json``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.render import json_parts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from leastwise.saved.results import Report, Result


def report_object(report: Report) -> Mapping[str, object]:
    """The whole run; rows are cut as on pages, and ``rows`` counts them all."""
    return {
        "source": report.source,
        "made": _moment(report.made),
        "scanned": report.scanned,
        "notes": list(report.notes),
        "queries": [_query(result) for result in report.results],
    }


def _query(result: Result) -> Mapping[str, object]:
    asked, found = result.asked, result.found
    return {
        "name": asked.name,
        "path": asked.path,
        "title": asked.title or None,
        "severity": asked.severity.value if asked.severity else None,
        "owners": list(asked.owners),
        "standing": result.standing.value,
        "reason": result.reason or None,
        "problems": [json_parts.problem(problem) for problem in result.problems],
        "from": _moment(result.start),
        "to": _moment(result.end),
        "rows": found.count,
        "first": [{"cells": dict(zip(found.columns, row, strict=True))} for row in found.rows],
    }


def _moment(moment: datetime | None) -> str | None:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment else None
