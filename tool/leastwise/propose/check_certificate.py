"""A certificate checked again: is it of these policies and this evidence, and does it say the truth?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.model.proposal import ProposalKind
from leastwise.propose.certificate import FORMAT, evidence_digest, text_digest
from leastwise.reference.actions import reference_version

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from leastwise.model.evidence import Evidence
    from leastwise.propose.replay import Replay


def check_certificate(
    certificate: Mapping[str, object],
    old: Sequence[str],
    new: Sequence[str],
    evidence: Evidence | None,
    replayed: Replay | None,
) -> tuple[str, ...]:
    """What does not agree, in words; empty where all does.

    ``old`` and ``new`` are the policies' texts.  Of an initial proposal ``old`` is the trial's policy, and
    the counts are of the derived calls alone, so they are not compared.  Without ``evidence`` its part is
    said to be unchecked.
    """
    return tuple(_doubts(certificate, old, new, evidence, replayed))


def _doubts(
    certificate: Mapping[str, object],
    old: Sequence[str],
    new: Sequence[str],
    evidence: Evidence | None,
    replayed: Replay | None,
) -> Iterator[str]:
    if certificate.get("format") != FORMAT:
        yield f"expected format {FORMAT}, found {certificate.get('format')!r}"
        return
    initial = certificate.get("kind") == ProposalKind.INITIAL.value
    for name, texts in (("bound" if initial else "before", old), ("after", new)):
        if sorted(_digests(certificate, name)) != sorted(map(text_digest, texts)):
            yield f"its {name!r} policies are not the ones given"
    if certificate.get("reference") != reference_version():
        yield f"made with {certificate.get('reference')}, checked with {reference_version()}"
    obligations = certificate.get("obligations")
    if not isinstance(obligations, dict) or not obligations:
        yield "it names no obligation"
    elif not all(holds is True for holds in obligations.values()):
        yield "it names an obligation that does not hold"
    if evidence is None or replayed is None:
        yield "the evidence was not checked: give it with --evidence"
        return
    principal = str(certificate.get("principal"))
    if evidence_digest(evidence.of(principal).observations) != certificate.get("evidence"):
        yield "its evidence is not the one given"
    counts = (replayed.recorded, replayed.allowed, replayed.undecided)
    if not initial and counts != tuple(
        certificate.get(name) for name in ("recorded", "allowed", "undecided")
    ):
        yield f"its counts are not those of the replay: {counts[1]:,} of {counts[0]:,}"


def _digests(certificate: Mapping[str, object], name: str) -> list[str]:
    files = certificate.get(name)
    return [str(digest) for digest in files.values()] if isinstance(files, dict) else []
