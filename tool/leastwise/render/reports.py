"""What the dashboard needs to know of one principal, taken from its assessment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.model.proposal import Proposal
from leastwise.model.report import LiveReport, PrincipalReport, Refusal, SourceReport
from leastwise.render.words import days_of, title_name

if TYPE_CHECKING:
    from leastwise.assess import Assessment
    from leastwise.drift.differences import Standing
    from leastwise.model.declared import Principal
    from leastwise.visibility import View


def report_of(assessment: Assessment) -> PrincipalReport:
    """Everything but the proposals, which stand for themselves."""
    case = assessment.case
    active = days_of(case.evidence.observations)
    trial = case.principal.trial
    return PrincipalReport(
        principal=case.principal.key,
        name=title_name(case.principal),
        opens=trial.opens if trial else None,
        closes=trial.closes if trial else None,
        last_call=active[-1] if active else None,
        sources=tuple(_source(case.principal, view) for view in case.views),
        withheld=tuple(
            Refusal(result.kind, result.reason, result.detail)
            for result in assessment.results
            if not isinstance(result, Proposal)
        ),
        kinds=assessment.kinds,
        live=_live(assessment.standing) if assessment.standing else None,
    )


def _live(standing: Standing) -> LiveReport:
    """Which policies differ and how, without what they say: the page names no resource that is redacted."""
    differs = [
        f"{found.path}: {found.difference.value}"
        + (" (live is what was committed before)" if found.path in standing.waiting and found.changes else "")
        for found in standing.drifts
    ]
    if standing.behind:
        differs.append(f"not provisioned as it is defined to {', '.join(standing.behind)}")
    return LiveReport(tuple(differs), standing.unread, standing.undone_by)


def _source(principal: Principal, view: View) -> SourceReport:
    seen = view.coverage
    days = {day for account, day in seen.delivered if account in principal.accounts}
    first, last = (min(days), max(days)) if days else (None, None)
    return SourceReport(
        name=seen.source,
        kind=seen.kind,
        first=first,
        last=last,
        missing=(last - first).days + 1 - len(days) if first and last else 0,
        blind=view.blind.reason.value if view.blind else "",
        unreadable=seen.unreadable_count,
    )
