"""What a page says first, in whole sentences: what was seen, whether it is enough, what is proposed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.model.evidence import calls_of
from leastwise.model.proposal import ProposalKind
from leastwise.render.words import counted
from leastwise.saturation import Saturation, Silence, Unseen, rarest

if TYPE_CHECKING:
    from leastwise.case import Case
    from leastwise.render.site.proposed import Proposed, Refused
    from leastwise.render.site.watch import Watch


@dataclass(frozen=True, slots=True)
class Summary:
    """Three sentences, and in a word or two whether the curve has levelled off."""

    seen: str
    enough: str
    proposed: str
    level: str


def summary(
    case: Case,
    watch: Watch,
    actions: Saturation,
    proposals: tuple[Proposed, ...],
    refusals: tuple[Refused, ...],
) -> Summary:
    """The sentences of one principal."""
    return Summary(
        seen=_seen(watch),
        enough=f"{_trial(case)} {_enough(actions)}{_unlooked(watch)}",
        proposed=_proposed(proposals, refusals),
        level=level(actions.unseen),
    )


def level(unseen: Unseen | Silence) -> str:
    """For a table: ``levelled off``, ``about 3 more``, or that it cannot be told."""
    if isinstance(unseen, Silence):
        return "cannot be told"
    more = whole(unseen.count)
    return f"at least {more:,} more" if more else "levelled off"


def interval(unseen: Unseen) -> str:
    """``0 to 4``, rounded outwards but for a twentieth."""
    return f"{math.floor(unseen.low + 0.05):,} to {whole(unseen.high):,}"


def whole(number: float) -> int:
    """An estimate as a whole number of permissions, upwards: half a permission is one."""
    return math.ceil(number - 0.05)


def _seen(watch: Watch) -> str:
    dated = [seen for seen in watch.observations if seen.tally.days]
    if not dated:
        called = len({seen.key.request.action for seen in watch.observations})
        if called:
            return f"Called: {counted(called, 'action')}; the sources tell neither days nor counts."
        looked = counted(len(watch.looked_at), "day")
        return (
            f"No call was recorded on {looked} looked at."
            if watch.looked_at
            else "Nothing was looked at yet."
        )
    requests = [seen.key.request for seen in dated]
    actions = counted(len({request.action for request in requests}), "action")
    services = counted(len({request.service for request in requests}), "service")
    days = counted(len(watch.looked_at), "day")
    used = len({seen.key.request.action for seen in dated if seen.is_authorized})
    refused = len({request.action for request in requests}) - used
    return (
        f"{counted(calls_of(dated), 'call')} of {actions} in {services}, "
        f"on {len(watch.at_work & watch.looked_at):,} of the {days} that were looked at"
        + (f" and {beyond:,} of the others" if (beyond := len(watch.at_work - watch.looked_at)) else "")
        + (f"; {refused:,} of the actions never got past authorization." if refused else ".")
    )


def _trial(case: Case) -> str:
    trial, today = case.principal.trial, case.now.date()
    if trial is None:
        return "No trial is declared."
    if today < trial.opens:
        return f"The trial opens on {trial.opens}."
    if trial.is_open(today):
        return f"The trial is open for another {counted((trial.closes - today).days, 'day')}."
    return f"The trial closed on {trial.closes}."


def _enough(actions: Saturation) -> str:
    unseen, again = actions.unseen, _again(actions)
    if isinstance(unseen, Silence):
        told = f"Whether everything was seen cannot be told: {unseen.value}."
        return f"{told} {again.capitalize()}." if again else told
    more = whole(unseen.count)
    if not more:
        return (
            f"The curve has levelled off: nothing points to an action still unseen. Yet {again}, and what is "
            f"used on one day in {rarest(actions.days):,} may have been missed."
        )
    return f"The curve still rises: {counted(more, 'action')} at least may be unseen, and {again}."


def _again(actions: Saturation) -> str:
    """What as many days more may show; empty where that cannot be told."""
    if actions.again is None:
        return ""
    days = counted(actions.days, "day")
    return (
        f"another {days} at work like these may show up to {actions.again:,} new ones (with 95% confidence)"
    )


def _unlooked(watch: Watch) -> str:
    missing = len(watch.days) - len(watch.looked_at)
    return f" {counted(missing, 'day')} of the window were not looked at." if missing > 1 else ""


def _proposed(proposals: tuple[Proposed, ...], refusals: tuple[Refused, ...]) -> str:
    if proposals:
        return " ".join(f"Proposed: {each.verdict[:1].lower()}{each.verdict[1:]}" for each in proposals)
    first = next((each for each in refusals if each.kind != ProposalKind.ADD.value), None)
    if first is None:
        return "Nothing is proposed."
    detail = f" ({first.detail})" if first.detail else ""
    return f"Nothing is proposed: {first.reason}{detail}."
