"""Evidence -> audit."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from leastwise.audit.month import Days
from leastwise.audit.reach import blind_in, doubt_of, doubt_of_all, in_words, views_in
from leastwise.audit.uses import Doubts, Spans, denied_actions, uses
from leastwise.audit.values import Audit, Change, Kind, PrincipalAudit, SourceAudit
from leastwise.model.evidence import Evidence, Observation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from leastwise.audit.month import Month
    from leastwise.audit.values import Subject
    from leastwise.model.evidence import Coverage


@dataclass(frozen=True, slots=True)
class Question:
    """What is audited, and when it is asked.  ``hide`` makes of a resource's name what may be shown."""

    month: Month
    now: datetime
    subjects: tuple[Subject, ...]
    whole_accounts: tuple[str, ...] = ()
    hide: Callable[[str], str] = str

    @property
    def spans(self) -> Spans:
        """The days that are asked about: whole days only, and none that is not over."""
        year = self.month.year_up_to
        after = min(self.month.after, max(self.month.first, self.now.date()))
        return Spans(
            Days(self.month.first, after), Days(year.first, self.month.first), Days(year.first, after)
        )


def audited(evidence: Evidence, asked: Question, notes: Iterable[str] = ()) -> Audit:
    """The audit; it depends on nothing but the evidence and what is asked."""
    spans = asked.spans
    seen: dict[str, list[Observation]] = defaultdict(list)
    for key, tally in evidence.tallies.items():
        seen[key.principal].append(Observation(key, tally))
    found = (_principal(subject, seen[subject.key], evidence, asked, spans) for subject in asked.subjects)
    return Audit(
        month=asked.month,
        made=asked.now,
        month_days=spans.month,
        days_before=spans.before,
        whole_accounts=asked.whole_accounts,
        sources=tuple(_source(evidence.coverage[name], asked, spans) for name in sorted(evidence.coverage)),
        principals=tuple(sorted(found, key=_attention)),
        notes=tuple(notes),
    )


def _principal(
    subject: Subject, observations: Sequence[Observation], evidence: Evidence, asked: Question, spans: Spans
) -> PrincipalAudit:
    looked = Evidence({}, evidence.coverage, evidence.looked_since).of(subject.key).coverage
    coverages = [looked[name] for name in subject.sources if name in looked]
    before, month = (views_in(subject, coverages, days) for days in (spans.before, spans.month))
    unsure_month = doubt_of_all(month) or _not_over(asked, spans)
    denied = denied_actions(observations, spans, asked.hide)
    doubts = Doubts(
        before=cache(lambda action: doubt_of(action, before)),
        month=cache(lambda action: unsure_month or doubt_of(action, month)),
    )
    return PrincipalAudit(
        subject=subject,
        uses=uses(observations, denied, spans, doubts, asked.hide),
        denied=denied,
        unsure_before=doubt_of_all(before),
        unsure_month=unsure_month,
    )


def _source(coverage: Coverage, asked: Question, spans: Spans) -> SourceAudit:
    readers = [subject for subject in asked.subjects if coverage.source in subject.sources]
    accounts = sorted({account for subject in readers for account in subject.accounts})
    accounts = accounts or list(asked.whole_accounts)
    delivered = [day for account, day in coverage.delivered if account in accounts and day in spans.year]

    def covered(days: Days) -> int:
        return sum(
            all((account, day) in coverage.delivered for account in accounts)
            for day in days.each()
            if accounts and day in spans.year
        )

    def unsure(days: Days) -> str:
        if coverage.tells_actions_only:
            return "it looks at one principal at a time: see there"
        blind = blind_in(coverage, accounts, "", days)
        return in_words(blind) if blind else ""

    return SourceAudit(
        coverage=coverage,
        accounts=len(accounts),
        month=covered(spans.month),
        before=covered(spans.before),
        first=min(delivered, default=None),
        unsure_before=unsure(spans.before),
        unsure_month=unsure(spans.month) or _not_over(asked, spans),
    )


def _not_over(asked: Question, spans: Spans) -> str:
    if spans.month.after == asked.month.after:
        return ""
    if not len(spans.month):
        return f"{asked.month.title} has only begun: no day of it is over"
    return f"{asked.month.title} is not over: its days up to {spans.month.last} were looked at"


def _attention(each: PrincipalAudit) -> tuple[object, ...]:
    """Root at work, then those with most to look at; the order depends on nothing else but names."""
    fresh = each.that(Change.NEW, Change.FIRST_SEEN)
    return (
        not (each.subject.kind is Kind.ROOT and each.is_seen_in_month),
        -sum(bool(use.sensitive) for use in fresh),
        -each.tried_in_vain,
        -len(each.sensitive),
        -len(each.denied_in_month),
        -len(fresh),
        -len(each.that(Change.SILENT)),
        -each.calls,
        each.subject.key,
    )
