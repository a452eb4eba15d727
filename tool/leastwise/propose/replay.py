"""The recorded calls, asked of the policy before and after: none that was allowed may be lost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from leastwise.grants import concerns
from leastwise.iam.evaluate import Decision
from leastwise.iam.includes import Included, includes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from leastwise.holdings import Holdings
    from leastwise.iam.statement import PolicyDocument
    from leastwise.model.evidence import Observation


@dataclass(frozen=True, slots=True)
class Replay:
    """``recorded`` calls that the old policies allow, how many of them the new ones do, and which they lose.

    ``undecided`` counts calls on which the old policies give no certain answer (it hangs on conditions that
    records omit, or the resource was not recorded); for those the new policies must allow the action
    wherever the old ones do, or they are among the ``lost`` too.
    """

    recorded: int
    allowed: int
    undecided: int
    lost: tuple[Observation, ...]


def replay(old: Holdings, new: Holdings, observations: Iterable[Observation]) -> Replay:
    """Ask both policies about every authorized call; those the old ones do not allow are left out."""
    recorded = undecided = 0
    lost = []
    kept_whole: dict[str, bool] = {}
    for observation in observations:
        if not observation.is_authorized:
            continue
        request = observation.key.request
        before = old.decide(request)
        if before is Decision.ALLOW:
            recorded += observation.tally.count
            still = new.decide(request) is Decision.ALLOW
        elif before is Decision.UNKNOWN:
            undecided += observation.tally.count
            if request.action not in kept_whole:
                kept_whole[request.action] = allows_no_less(old, new, request.action)
            still = kept_whole[request.action]
        else:
            continue
        if not still:
            lost.append(observation)
    missed = sum(seen.tally.count for seen in lost if old.decide(seen.key.request) is Decision.ALLOW)
    return Replay(recorded, recorded - missed, undecided, tuple(lost))


def allows_no_less(old: Holdings, new: Holdings, action: str) -> bool:
    """Whether the new policies allow this one action wherever the old ones do."""
    only = tuple(_restricted(document, action) for document in old.documents)
    return isinstance(includes(new.documents, only), Included)


def _restricted(document: PolicyDocument, action: str) -> PolicyDocument:
    """The document as far as it concerns one action."""
    statements = tuple(
        replace(statement, actions=(action,), not_actions=())
        for statement in document.statements
        if concerns(statement, action)
    )
    return replace(document, statements=statements)
