"""What an edit of policies really changes, as text and as annotations of a GitHub Actions run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.iam.includes import Included, Undecided, Witness
from leastwise.render.annotations import annotation
from leastwise.render.escape import plain
from leastwise.render.words import counted, usage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from leastwise.model.declared import Principal
    from leastwise.review import GrantDelta, Review

WIDE = 300
LINES = 50


def reviewed(reviews: Iterable[Review]) -> Iterator[str]:
    """For each folder: whether it widens, then every grant added and removed with risk and evidence."""
    for review in reviews:
        yield ""
        yield f"{plain(review.folder, WIDE)}: {_verdict(review)}"
        yield from _deltas("+", review.added)
        yield from _deltas("-", review.removed)
        for name in review.opaque:
            yield f"  ~ {plain(name, WIDE)}: not taken apart into grants; the verdict covers it"


def enrolments(before: frozenset[str], now: Iterable[Principal]) -> Iterator[str]:
    """What becomes of those not enrolled before: what is recorded, and what is proposed when."""
    for principal in now:
        if principal.key not in before:
            yield f"enrols {plain(principal.key, WIDE)}: {_to_come(principal)}"


def _to_come(principal: Principal) -> str:
    evidence = f"evidence from {', '.join(map(plain, principal.sources)) or 'no source yet'}"
    trial = principal.trial
    if trial is None:
        return f"no trial; {evidence}; a first policy, or a tightening, is proposed on the next run"
    held = f", holding {plain(trial.policy, WIDE)}" if trial.policy else ", with no upper bound declared"
    return (
        f"trial from {trial.opens} to {trial.closes} ({trial.days} days){held}; {evidence}; "
        f"nothing is taken away before {trial.closes}, and a first policy is proposed from then on"
    )


def annotations_of_reviews(reviews: Iterable[Review]) -> Iterator[str]:
    """One ``::warning`` for each folder whose edit allows something new, or may."""
    for review in reviews:
        if review.widens:
            yield annotation("warning", _verdict(review), title=review.folder)


def _verdict(review: Review) -> str:
    match review.inside:
        case Included():
            return "allows nothing new: proved under both readings of ARN patterns"
        case Witness() as witness:
            return f"WIDENS: for example {plain(witness.action)} on {plain(witness.resource, WIDE)}"
        case Undecided() as undecided:
            return f"may widen: {undecided.reason}"


def _deltas(sign: str, deltas: tuple[GrantDelta, ...]) -> Iterator[str]:
    for delta in deltas[:LINES]:
        where = ", ".join(plain(resource, WIDE) for resource in delta.resources)
        risks = f" [{'; '.join(delta.risks)}]" if delta.risks else ""
        used = f": {usage(delta.observations)}" if delta.observations else ""
        yield f"  {sign} {plain(delta.action)} on {where}{risks}{used}"
    if len(deltas) > LINES:
        yield f"  {sign} {counted(len(deltas) - LINES, 'more grant')}"
