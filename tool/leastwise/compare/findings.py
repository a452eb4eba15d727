"""Policy x evidence -> findings: what each grant is used for, and what may not be called unused.

A grant atom is one concrete action of one ``Allow`` statement.  Every authorized call credits every atom
that could have allowed it, conditions left aside: too much credit keeps a grant, too little would take one
away that is needed.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from leastwise.compare.narrow import narrowed
from leastwise.grants import grants_of, may_overlap, names
from leastwise.model.event import Outcome
from leastwise.model.finding import Finding, GrantAtom, Unseen, Verdict
from leastwise.model.proposal import ChangeKind, grant_text
from leastwise.visibility import WINDOW_DAYS, Blind, why_unseen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from leastwise.case import Case
    from leastwise.grants import Granted
    from leastwise.model.declared import Keep
    from leastwise.model.evidence import Observation

ATTEMPTED = "the source tells that it was called, not on what"
WHOLE_STATEMENT = ""
"""The ``action`` of the one atom of a statement that is not taken apart."""

_PROPOSED_AS = {Verdict.UNUSED: ChangeKind.REMOVED, Verdict.BROADER_THAN_USED: ChangeKind.NARROWED}


def compare(case: Case, uncalibrated: Mapping[str, str]) -> tuple[Finding, ...]:
    """One finding for every grant atom of the principal's own policies, in the order of the text.

    ``uncalibrated`` maps services whose recorded calls the committed policies do not explain to an example
    in words; nothing of them counts as unused.
    """
    by_action: dict[str, list[Observation]] = defaultdict(list)
    for observation in case.evidence.observations:
        by_action[observation.key.request.action].append(observation)
    doubts = Doubts(case, uncalibrated)
    return tuple(
        finding for granted in grants_of(case.own) for finding in _judged(granted, by_action, doubts)
    )


@dataclass(frozen=True, slots=True)
class Doubts:
    """Everything that may keep a grant which was not seen in use from being called unused."""

    case: Case
    uncalibrated: Mapping[str, str]

    def keep(self, granted: Granted, action: str) -> Keep | None:
        """The first ``keep:`` entry still in force that concerns this action of this statement."""
        today = self.case.now.date()
        return next(
            (
                keep
                for keep in self.case.principal.keep
                if today <= keep.until and names(keep.action, action) and _touches(keep.resource, granted)
            ),
            None,
        )

    def unless_declined(self, granted: Granted, finding: Finding) -> Finding:
        """The finding, or KEPT where a reviewer closed a proposal that said as much."""
        kind = _PROPOSED_AS.get(finding.verdict)
        if kind is None or finding.atom is None:
            return finding
        if grant_text(kind, finding.atom.action, granted.statement.resources) not in self.case.declined:
            return finding
        detail = "a reviewer closed the proposal to change it"
        return Finding(Verdict.KEPT, finding.atom, detail=detail, observations=finding.observations)

    def blind(self, granted: Granted, action: str, *, to_resources: bool = False) -> Blind | None:
        """Why uses of this action other than the recorded ones could have gone unseen.

        ``to_resources``: why they could have been on other resources, which not every source tells.
        """
        service = action.partition(":")[0]
        if service in self.uncalibrated:
            return Blind(Unseen.CALIBRATION, self.uncalibrated[service])
        changed = self.case.unchanged_since.get(granted.ref)
        if changed is None:
            return Blind(Unseen.STATEMENT_TOO_YOUNG, "git does not tell since when it stands there")
        if changed > self.case.now - timedelta(days=WINDOW_DAYS):
            return Blind(Unseen.STATEMENT_TOO_YOUNG, f"changed on {changed.date()}")
        views = self.case.views
        if to_resources:
            views = tuple(view for view in views if not view.coverage.tells_actions_only)
        return why_unseen(action, granted.statement.resources, views)


def _judged(
    granted: Granted, by_action: Mapping[str, list[Observation]], doubts: Doubts
) -> Iterator[Finding]:
    if granted.opaque:
        atom = GrantAtom(granted.ref, granted.opaque, WHOLE_STATEMENT)
        yield Finding(Verdict.UNKNOWN, atom, reason=Unseen.OPAQUE, detail=granted.opaque)
    for action, entry in granted.actions.items():
        observed = [seen for seen in by_action.get(action, ()) if granted.could_allow(seen.key.request)]
        yield _verdict(granted, GrantAtom(granted.ref, entry, action), observed, doubts)


def _verdict(granted: Granted, atom: GrantAtom, observed: list[Observation], doubts: Doubts) -> Finding:
    used = tuple(observation for observation in observed if observation.is_authorized)
    keep = doubts.keep(granted, atom.action)
    if keep:
        return Finding(Verdict.KEPT, atom, detail=f"{keep.why} (until {keep.until})", observations=used)
    blind = doubts.blind(granted, atom.action)
    if used:
        finding = _used(granted, atom, observed, doubts.blind(granted, atom.action, to_resources=True))
    elif any(not seen.is_attempt for seen in observed):
        return Finding(Verdict.UNKNOWN, atom, reason=Unseen.TOUCHED, observations=tuple(observed))
    elif observed:
        return Finding(Verdict.USED, atom, detail=ATTEMPTED, observations=tuple(observed))
    elif blind:
        return Finding(Verdict.UNKNOWN, atom, reason=blind.reason, detail=blind.detail)
    else:
        finding = Finding(Verdict.UNUSED, atom)
    return doubts.unless_declined(granted, finding)


def _used(granted: Granted, atom: GrantAtom, observed: list[Observation], blind: Blind | None) -> Finding:
    """USED, or BROADER_THAN_USED where other resources could have been seen and narrower patterns do.

    Calls that failed without a word about authorization are no uses, but nobody may be refused instead: what
    is left has room for them.  What is refused already stays refused.
    """
    used = tuple(observation for observation in observed if observation.is_authorized)
    if blind:
        return Finding(Verdict.USED, atom, reason=blind.reason, detail=blind.detail, observations=used)
    let_in = [seen for seen in observed if seen.key.outcome not in (Outcome.DENIED, Outcome.ATTEMPTED)]
    narrower = narrowed(granted, atom.action, let_in)
    if narrower.patterns is None:
        return Finding(Verdict.USED, atom, detail=narrower.why_not, observations=used)
    return Finding(Verdict.BROADER_THAN_USED, atom, observations=used, needed=narrower.patterns)


def _touches(resource: str, granted: Granted) -> bool:
    """Whether the statement may grant something that the ``keep:`` entry protects: when in doubt, yes."""
    return any(may_overlap(resource, pattern.text) for pattern in granted.resources)
