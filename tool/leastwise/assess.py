"""One principal judged: derive, compare and propose, in that order.  Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.compare.calibrate import calibrate
from leastwise.compare.findings import compare
from leastwise.denied.triage import triage
from leastwise.denied.watch import losses
from leastwise.derive.grants import derive
from leastwise.derive.statements import document_of
from leastwise.holdings import Holdings
from leastwise.model.proposal import ProposalKind
from leastwise.propose.addition import propose_addition
from leastwise.propose.initial import propose_initial
from leastwise.propose.restoration import propose_restoration
from leastwise.propose.tightening import propose_tightening

if TYPE_CHECKING:
    from leastwise.case import Case
    from leastwise.drift.differences import Standing
    from leastwise.iam.statement import PolicyDocument
    from leastwise.model.derivation import Derivation
    from leastwise.model.finding import Denied, Finding
    from leastwise.model.proposal import Proposal, Withheld


USUAL = (ProposalKind.INITIAL, ProposalKind.TIGHTEN, ProposalKind.ADD)
"""The kinds that evidence and the committed policies are enough for."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """What is to be said of one principal."""

    case: Case
    findings: tuple[Finding, ...]
    denied: tuple[Denied, ...]
    results: tuple[Proposal | Withheld, ...]
    kinds: tuple[ProposalKind, ...]
    """The kinds that were looked into: of no other is anything said, and nothing is taken back."""
    standing: Standing | None = None
    """How what is live compares with what is committed; ``None``: AWS was not asked."""


def assess(case: Case) -> Assessment:
    """The proposals that apply: ``initial`` where nothing is committed yet, else ``tighten`` and ``add``.

    And ``restore``, where it is known what was applied.
    """
    lost = losses(case)
    restored = (propose_restoration(case, lost),) if case.applies is not None else ()
    kinds = (*USUAL, *(result.kind for result in restored))
    asked = {call.request for grant in lost.grants for call in grant.calls}
    held = Holdings.of(file.document for file in (*case.own, *case.elsewhere))
    denied = triage(case, held.decide, asked)
    if not case.own:
        derivation, document = observed_policy(case)
        initial = propose_initial(case, derivation, document, denied)
        return Assessment(case, (), denied, (initial, *restored), kinds)
    findings = judge(case)
    return Assessment(
        case,
        findings,
        denied,
        (
            propose_tightening(case, findings, denied, judge),
            propose_addition(case, denied),
            *restored,
        ),
        kinds,
    )


def watched(case: Case) -> Assessment:
    """What an apply took away and was asked for since; of everything else nothing is said.

    Nothing is taken back either: only a full run knows that nobody needs it any more.
    """
    return Assessment(case, (), (), (propose_restoration(case, losses(case)),), ())


def judge(case: Case) -> tuple[Finding, ...]:
    """Every grant compared with the evidence, and every authorized call that no grant explains."""
    held = Holdings.of(file.document for file in (*case.own, *case.elsewhere))
    calibration = calibrate(case.evidence.observations, held.decide)
    return (*compare(case, calibration.uncalibrated), *calibration.findings)


def observed_policy(case: Case) -> tuple[Derivation, PolicyDocument]:
    """What the evidence of the trial (of all time where there is none) suggests as a policy."""
    trial = case.principal.trial
    evidence = case.evidence.since(trial.opens) if trial else case.evidence
    bound = Holdings.of([case.bound.document]) if case.bound else None
    derivation = derive(evidence.observations, bound, case.principal.never)
    return derivation, document_of(derivation.grants)
