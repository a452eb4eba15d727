"""Do the recorded calls agree with the committed policies?  Where they do not, nothing is taken away.

A decision that hangs on conditions which records omit (UNKNOWN) agrees with a call that succeeded: the
condition was met.  A call that succeeded although the policies do not allow it means that something is not as
we believe: the policy in AWS is another one, a resource policy grants it, or our mapping is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.iam.evaluate import Decision
from leastwise.model.finding import Finding, Verdict
from leastwise.model.request import Certainty

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from leastwise.model.evidence import Observation
    from leastwise.model.request import AuthorizationRequest


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
    for observation in observations:
        request = observation.key.request
        verdict = _UNEXPLAINED.get(decide(request)) if observation.is_authorized else None
        if verdict:
            findings.append(Finding(verdict, request=request, observations=(observation,)))
            if request.certainty is Certainty.CERTAIN:
                example = f"{request.action} on {request.resource}: {verdict.value}"
                uncalibrated.setdefault(request.service, example)
    return Calibration(tuple(findings), uncalibrated)


_UNEXPLAINED = {Decision.NONE: Verdict.UNEXPLAINED_ALLOW, Decision.DENY: Verdict.CONTRADICTION}
