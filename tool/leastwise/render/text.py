"""Values as lines for a terminal."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from leastwise.model.finding import Verdict
from leastwise.model.proposal import Proposal
from leastwise.render.escape import plain
from leastwise.render.words import RARE_DAYS, counted, longest_pause, seen_window

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from leastwise.assess import Assessment
    from leastwise.model.event import Event
    from leastwise.model.evidence import Coverage, Evidence
    from leastwise.model.finding import Denied, Finding
    from leastwise.model.interpretation import Interpretation
    from leastwise.model.proposal import PublishOutcome

WIDE = 200
WIDE_WORDS = 600
MANY = 5
"""Denied calls that are listed one by one when they are left out for one reason."""


def traced(event: Event, interpretation: Interpretation) -> Iterator[str]:
    """One record: who called what with which outcome, and which permissions that took."""
    who = plain(event.actor or event.identity_type or "nobody", WIDE)
    call = f"{plain(event.source)} {plain(event.name)}"
    yield f"{plain(event.time)} {call}: {interpretation.outcome.value}, by {who} ({plain(event.event_id)})"
    for request in interpretation.requests:
        context = "".join(f", where {plain(key)} is {plain(value)}" for key, value in request.context)
        yield (
            f"    {plain(request.action)} on {plain(request.resource, WIDE)} "
            f"({request.certainty.value}{_form(request.form.value)}{context})"
        )
    if interpretation.unmapped:
        yield f"    no permission is known for it: {plain(interpretation.unmapped, WIDE)}"
    elif not interpretation.requests:
        yield "    needs no permission"
    if interpretation.denial:
        denial = interpretation.denial
        yield (
            f"    AWS says: {plain(denial.action) or 'it does not name the action'}"
            f" on {plain(denial.resource, WIDE) or 'a resource it does not name'}: {denial.reason.value}"
        )


def _form(form: str) -> str:
    return "" if form in ("literal", "none") else f", resource {form}"


def observed(evidence: Evidence) -> Iterator[str]:
    """Every source's coverage, then every observation by principal."""
    for source in sorted(evidence.coverage):
        yield from _coverage(evidence.coverage[source])
    principal = ""
    for observation in evidence.observations:
        key, tally = observation.key, observation.tally
        if key.principal != principal:
            principal = key.principal
            yield ""
            yield plain(principal, WIDE)
        words = [key.outcome.value, key.denial.value if key.denial else "", plain(key.error_code)]
        via = f" via {plain(key.via_service)}" if key.via_service else ""
        often = f"{tally.count:>8,} × on {len(tally.days):>3} days, last {tally.last[:10]}"
        if observation.is_attempt:
            often = f"between {tally.first[:10]} and {tally.last[:10]}"
        yield (
            f"  {plain(key.request.action):44} {', '.join(word for word in words if word):10} {often}  "
            f"{plain(key.request.resource, WIDE)}{_form(key.request.form.value)}{via}"
        )


def _coverage(seen: Coverage) -> Iterator[str]:
    window = seen_window(seen)
    name = f"source {seen.source} ({seen.kind})"
    if seen.tells_actions_only:
        yield f"{name}: " + (f"{window[0]} to {window[1]}" if window else "no day looked at yet")
        yield from (f"  {plain(words, WIDE_WORDS)}" for words in sorted(seen.limits))
    else:
        days = f"{window[0]} to {window[1]}" if window else "no record"
        counts = f"{counted(seen.records, 'record')}, {counted(seen.duplicates, 'duplicate')}"
        yield f"{name}: {days}, {counts}"
    for reason, count in sorted(seen.excluded.items()):
        yield f"  left out: {plain(reason, WIDE)}: {count:,}"
    for name, count in sorted(seen.unmapped.items()):
        yield f"  no permission known: {plain(name, WIDE)}: {count:,}"
    for name, count in sorted(seen.disagreements.items()):
        yield f"  AWS names another action than we do: {plain(name, WIDE)}: {count:,}"
    for unreadable in seen.unreadable:
        yield f"  could not be read: {plain(unreadable.path, WIDE)}: {plain(unreadable.reason, WIDE)}"
    if seen.unreadable_count > len(seen.unreadable):
        yield f"  could not be read: {seen.unreadable_count - len(seen.unreadable):,} more"
    for principal, examined in sorted(seen.examined.items()):
        for words in examined.words:
            yield f"  {plain(principal, WIDE)}: {plain(words, WIDE_WORDS)}"


def compared(assessment: Assessment) -> Iterator[str]:
    """How many grants are used, unused, unknown, and why."""
    yield plain(assessment.case.principal.key, WIDE)
    judged = [finding for finding in assessment.findings if finding.atom]
    if not judged:
        yield "  no policy is committed yet"
    counts = Counter(finding.verdict for finding in judged)
    for verdict in Verdict:
        if counts[verdict]:
            yield f"  {verdict.value:20} {counts[verdict]:>6,}"
            yield from _reasons(verdict, judged)
    yield from _rarely_used(judged)
    yield from _requests(assessment)


def _reasons(verdict: Verdict, judged: Sequence[Finding]) -> Iterator[str]:
    if verdict is not Verdict.UNKNOWN:
        return
    reasons = Counter(
        (finding.reason.value if finding.reason else "", finding.detail)
        for finding in judged
        if finding.verdict is verdict
    )
    for (reason, detail), count in sorted(reasons.items(), key=lambda item: (-item[1], item[0])):
        yield f"    {count:>6,}  {reason}" + (f" ({plain(detail, WIDE)})" if detail else "")


def _rarely_used(judged: Sequence[Finding]) -> Iterator[str]:
    """What a shorter window would have called unused, the longest pause first."""
    pauses: dict[str, int] = {}
    for finding in judged:
        if (
            finding.atom
            and finding.observations
            and finding.verdict in (Verdict.USED, Verdict.BROADER_THAN_USED)
        ):
            action = finding.atom.action
            pauses[action] = max(longest_pause(finding.observations), pauses.get(action, 0))
    for action, pause in sorted(pauses.items(), key=lambda item: (-item[1], item[0])):
        if pause >= RARE_DAYS:
            yield f"  used rarely: {plain(action)}, once {pause} days apart"


def _requests(assessment: Assessment) -> Iterator[str]:
    for finding in assessment.findings:
        if finding.request:
            yield (
                f"  {finding.verdict.value}: {plain(finding.request.action)} "
                f"on {plain(finding.request.resource, WIDE)}"
            )
    yield from _denied(assessment.denied)


def _denied(denied: Iterable[Denied]) -> Iterator[str]:
    """One line for each, but for many that are left out for one reason: a break-in tries dozens of doors."""
    reasons: dict[str, list[Denied]] = defaultdict(list)
    for found in denied:
        why = found.why_not.value if found.why_not else "missing: proposed as an addition"
        reasons[why + (f" ({plain(found.detail)})" if found.detail else "")].append(found)
    for why, alike in reasons.items():
        if len(alike) > MANY and alike[0].why_not:
            actions = sorted({plain(found.request.action) for found in alike})
            more = f" and {len(actions) - MANY} more" if len(actions) > MANY else ""
            yield f"  denied: {', '.join(actions[:MANY])}{more}: {why}"
            continue
        for found in alike:
            yield f"  denied: {plain(found.request.action)} on {plain(found.request.resource, WIDE)}: {why}"


def proposed(assessments: Iterable[Assessment], outcomes: Iterable[PublishOutcome]) -> Iterator[str]:
    """One line for every proposal and every refusal, then what publishing did."""
    for assessment in assessments:
        for result in assessment.results:
            name = plain(result.principal, WIDE)
            if isinstance(result, Proposal):
                yield f"{result.kind.value:8} {name}: {_figures(result)}"
            else:
                why = f"{result.reason.value}: {plain(result.detail, 400)}"
                yield f"{result.kind.value:8} {name}: withheld, {why}"
    yield from published(outcomes)


def published(outcomes: Iterable[PublishOutcome]) -> Iterator[str]:
    """One line for everything that publishing did, or kept from doing."""
    for outcome in outcomes:
        if outcome.where:
            why = f" ({plain(outcome.why, 400)})" if outcome.why else ""
            yield f"{outcome.kind.value:9} {plain(outcome.where, WIDE)}{why}"


def _figures(proposal: Proposal) -> str:
    kinds = Counter(change.kind.value for change in proposal.changes)
    changes = ", ".join(f"{counted(count, 'grant')} {kind}" for kind, count in sorted(kinds.items()))
    proof = proposal.proof
    return f"{changes}; {proof.allowed:,} of {proof.recorded:,} recorded calls still allowed"
