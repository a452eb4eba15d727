"""Do the recorded calls agree with the committed policies?  Where they do not, nothing is taken away.

A call that succeeded although the policies do not allow it means that something is not as we believe: the
policy in AWS is another one, a resource policy grants it, or our mapping is wrong.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.iam.evaluate import Decision
from leastwise.model.finding import Finding, Verdict
from leastwise.model.request import Certainty, ResourceForm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from leastwise.model.evidence import Observation
    from leastwise.model.request import AuthorizationRequest

UNKNOWN_SHARE = 0.01
"""The share of a service's calls whose decision may be UNKNOWN before the service counts as uncalibrated."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """``findings`` are the calls the policies do not explain, ``uncalibrated`` their services."""

    findings: tuple[Finding, ...]
    uncalibrated: Mapping[str, str]


def calibrate(
    observations: Iterable[Observation], decide: Callable[[AuthorizationRequest], Decision]
) -> Calibration:
    """Hold every authorized call against what ``decide`` says of it."""
    findings: list[Finding] = []
    uncalibrated: dict[str, str] = {}
    calls: dict[str, dict[Decision, int]] = defaultdict(lambda: defaultdict(int))
    for observation in observations:
        if not observation.is_authorized:
            continue
        request = observation.key.request
        decision = decide(request)
        verdict = _UNEXPLAINED.get(decision)
        if verdict:
            findings.append(Finding(verdict, request=request, observations=(observation,)))
        if request.certainty is not Certainty.CERTAIN or request.form is ResourceForm.UNRECORDED:
            continue
        calls[request.service][decision] += observation.tally.count
        if verdict:
            uncalibrated.setdefault(
                request.service, f"{request.action} on {request.resource}: {verdict.value}"
            )
    for service, decided in sorted(calls.items()):
        if decided[Decision.UNKNOWN] > UNKNOWN_SHARE * sum(decided.values()):
            uncalibrated.setdefault(service, "whether they are allowed hangs on conditions that records omit")
    return Calibration(tuple(findings), uncalibrated)


_UNEXPLAINED = {Decision.NONE: Verdict.UNEXPLAINED_ALLOW, Decision.DENY: Verdict.CONTRADICTION}
