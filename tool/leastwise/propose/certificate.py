"""The certificate of a proof: small, and enough to check the proof again without trusting us."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from leastwise.iam.arn import Reading
from leastwise.model.proposal import Proof
from leastwise.reference.actions import reference_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from leastwise.case import Case
    from leastwise.model.evidence import Observation
    from leastwise.model.policies import PolicyFile
    from leastwise.model.proposal import FileChange, ProposalKind
    from leastwise.propose.proof import Proved

FORMAT = 1


def proof_of(case: Case, kind: ProposalKind, files: Sequence[FileChange], proved: Proved) -> Proof:
    """The obligations with their certificate."""
    replayed = proved.replayed
    after = {change.path: change.after for change in files}
    certificate = {
        "format": FORMAT,
        "kind": kind.value,
        "principal": case.principal.key,
        "before": _texts((file.path, file.text) for file in case.own),
        "after": _texts(
            (path, text)
            for path, text in {**{file.path: file.text for file in case.own}, **after}.items()
            if text is not None
        ),
        "elsewhere": _texts((file.path, file.text) for file in case.elsewhere),
        "bound": _texts((file.path, file.text) for file in _bound(case)),
        "evidence": evidence_digest(case.evidence.observations),
        "reference": reference_version(),
        "readings": [reading.value for reading in Reading],
        "obligations": {found.name: found.holds for found in proved.obligations},
        "recorded": replayed.recorded,
        "allowed": replayed.allowed,
        "undecided": replayed.undecided,
        "witness": proved.witness,
    }
    return Proof(proved.obligations, replayed.recorded, replayed.allowed, certificate)


def evidence_digest(observations: Iterable[Observation]) -> str:
    """SHA-256 over the authorized (or only attempted) requests and their counts, in their own order."""
    digest = hashlib.sha256()
    for observation in observations:
        if observation.is_authorized or observation.is_attempt:
            request = observation.key.request
            line = [
                request.action,
                request.resource,
                request.form.value,
                request.context,
                observation.tally.count,
            ]
            digest.update(json.dumps(line).encode() + b"\n")
    return digest.hexdigest()


def text_digest(text: str) -> str:
    """SHA-256 of a policy's text, byte for byte."""
    return hashlib.sha256(text.encode()).hexdigest()


def _texts(files: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {path: text_digest(text) for path, text in sorted(files)}


def _bound(case: Case) -> tuple[PolicyFile, ...]:
    return (case.bound,) if case.bound else ()
