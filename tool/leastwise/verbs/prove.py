"""``leastwise prove``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from leastwise.counterexample import included
from leastwise.errors import UsageError
from leastwise.evidence_file import read_evidence
from leastwise.holdings import Holdings
from leastwise.iam.includes import Included, Undecided, Witness
from leastwise.propose.check_certificate import check_certificate
from leastwise.propose.replay import replay
from leastwise.render import as_json
from leastwise.render.escape import plain
from leastwise.verbs.policies import read_named, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from leastwise.propose.replay import Replay

FOUND = 1
EVIDENCE = "evidence is what `leastwise observe --format json` prints"
CERTIFICATE = "a certificate is what `leastwise propose` writes beside a proposal, *.certificate.json"


def run(
    old: Path,
    new: Path,
    evidence: Path | None,
    certificate: Path | None,
    form: str,
    show: Callable[[str], object],
) -> int:
    """Show whether NEW is inside OLD; exit code 1 for a counterexample, a lost call, or no answer."""
    before, after = read_named([old]), read_named([new])
    old_holds, new_holds = (Holdings.of(policy.document for policy in found) for found in (before, after))
    result = included(old_holds.documents, new_holds.documents)
    observed = read_evidence(text_of(evidence, EVIDENCE), str(evidence)) if evidence else None
    replayed = replay(old_holds, new_holds, observed.observations) if observed else None
    doubts = (
        check_certificate(
            _certificate(certificate),
            [policy.text for policy in before],
            [policy.text for policy in after],
            observed,
            replayed,
        )
        if certificate
        else ()
    )
    if form == "json":
        show(json.dumps(as_json.inclusion(result, replayed, doubts, after)))
    else:
        for line in _lines(result, replayed, doubts):
            show(line)
    proved = isinstance(result, Included) and not (replayed and replayed.lost) and not doubts
    return 0 if proved else FOUND


def _certificate(file: Path) -> dict[str, object]:
    try:
        certificate = json.loads(text_of(file, CERTIFICATE))
    except (ValueError, RecursionError):
        raise UsageError(f"{file} is not JSON: {CERTIFICATE}") from None
    if not isinstance(certificate, dict):
        raise UsageError(f"{file} holds no JSON object: {CERTIFICATE}")
    return certificate


def _lines(
    result: Included | Witness | Undecided, replayed: Replay | None, doubts: tuple[str, ...]
) -> Iterator[str]:
    match result:
        case Included():
            yield "proved: everything that NEW allows is allowed by OLD, under both readings of ARN patterns"
        case Witness():
            example = f"{plain(result.action)} on {plain(result.resource, 300)}"
            yield f"counterexample: NEW allows {example}; OLD does not"
            for atom, truth in result.supposing:
                yield f"  supposing that {plain(atom, 300)} is {'true' if truth else 'false'}"
            if result.supposing:
                yield "  (conditions are compared as written: whether such a call can be made is not asked)"
        case Undecided():
            yield f"undecided: {result.reason}"
    if replayed:
        yield f"{replayed.allowed:,} of {replayed.recorded:,} recorded calls still allowed"
        for lost in replayed.lost[:10]:
            request = lost.key.request
            yield f"  lost: {plain(request.action)} on {plain(request.resource, 300)}"
    yield from (f"certificate: {doubt}" for doubt in doubts)
