"""What a proposal does not change, and why; what was denied; what nothing explains."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from leastwise.model.finding import Verdict
from leastwise.model.proposal import ProposalKind
from leastwise.render.escape import code, prose
from leastwise.render.words import counted, listed, titled, usage

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from leastwise.model.derivation import Omission
    from leastwise.model.finding import Denied, Finding

LINES = 30


def kept_section(findings: Iterable[Finding]) -> str:
    """Grants that stay although nobody was seen using them, by reason."""
    reasons: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.atom and finding.verdict in (Verdict.UNKNOWN, Verdict.KEPT):
            reasons[_why_kept(finding)].append(finding)
    ordered = sorted(reasons.items(), key=lambda item: (-len(item[1]), item[0]))
    lines = [f"- {why}: {_actions(kept)}" for why, kept in ordered]
    return titled("Kept, though not seen in use", lines, LINES)


def unexplained_section(findings: Iterable[Finding]) -> str:
    """Calls that succeeded although the committed policies do not allow them."""
    lines = [
        f"- {finding.verdict.value}: {code(finding.request.action)} on {code(finding.request.resource)}: "
        + usage(finding.observations)
        for finding in findings
        if finding.request and finding.verdict in (Verdict.UNEXPLAINED_ALLOW, Verdict.CONTRADICTION)
    ]
    return titled("Succeeded, though the committed policies do not allow it", lines, LINES)


def denied_section(denied: Iterable[Denied], kind: ProposalKind) -> str:
    """Denied calls that are not proposed as an addition, or not restored, by reason."""
    reasons: dict[str, list[Denied]] = defaultdict(list)
    for found in denied:
        if found.why_not:
            detail = f" ({prose(found.detail)})" if found.detail else ""
            reasons[f"{found.why_not.value}{detail}"].append(found)
    lines = [
        f"- {why}: {listed(sorted({found.request.action for found in refused}), 5)}"
        for why, refused in sorted(reasons.items())
    ]
    if kind is ProposalKind.RESTORE:
        return titled("Denied since, allowed before, and not restored", lines, LINES)
    return titled("Denied, and not proposed as an addition", lines, LINES)


def omitted_section(omissions: Sequence[Omission]) -> str:
    """Recorded uses that a first policy leaves out on purpose."""
    reasons: dict[str, list[Omission]] = defaultdict(list)
    for omission in omissions:
        reasons[omission.reason.value].append(omission)
    lines = []
    for why, left_out in sorted(reasons.items()):
        observations = [omission.observation for omission in left_out]
        actions = sorted({observation.key.request.action for observation in observations})
        lines.append(f"- {why}: {listed(actions, 5)}; {usage(observations)}")
    title = "Used, and **not** in this policy: add it by hand if it is needed"
    return titled(title, lines, LINES)


def _why_kept(finding: Finding) -> str:
    words = finding.reason.value if finding.reason else "kept by the declaration"
    return f"{words} ({prose(finding.detail, 300)})" if finding.detail else words


def _actions(findings: Sequence[Finding]) -> str:
    names = sorted({finding.atom.action or finding.atom.pattern for finding in findings if finding.atom})
    return f"{counted(len(names), 'grant')}, {listed(names, 5)}"
