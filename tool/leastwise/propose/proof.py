"""The obligations of each kind of proposal, and whether they hold.  What cannot be decided does not hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.counterexample import included
from leastwise.grants import is_resource, why_opaque
from leastwise.iam import glob
from leastwise.iam.document import parse
from leastwise.iam.evaluate import Decision
from leastwise.iam.includes import Included, Undecided, Witness, includes, includes_requests
from leastwise.iam.statement import Effect, PolicyDocument
from leastwise.model.evidence import calls_of
from leastwise.model.proposal import Obligation
from leastwise.propose.escalation import paths_of
from leastwise.propose.replay import replay
from leastwise.reference.actions import exists

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from leastwise.holdings import Holdings
    from leastwise.iam.statement import Statement, Version
    from leastwise.model.evidence import Observation
    from leastwise.model.proposal import FileChange
    from leastwise.propose.parts import Tightening
    from leastwise.propose.replay import Replay

BOTH_READINGS = "under both readings of ARN patterns: whether a * crosses colons or not"


@dataclass(frozen=True, slots=True)
class Proved:
    """Obligations, with the figures that a reviewer wants to see."""

    obligations: tuple[Obligation, ...]
    replayed: Replay
    witness: str = ""
    """A request that the old policies allowed and the new ones do not."""


def prove_tightening(
    old: Holdings,
    new: Holdings,
    tightening: Tightening,
    observations: Sequence[Observation],
    finds_more: Callable[[], bool],
) -> Proved:
    """Nothing new, nothing lost, something gone, nothing left to say.

    ``old`` and ``new`` hold *all* policies of the principal; ``finds_more`` compares the new policies with
    the same evidence and says whether there would be another tightening.
    """
    replayed = replay(old, new, observations)
    witness = _gone(old, new, tightening)
    return Proved(
        obligations=(
            inside("allows nothing new", old.documents, new.documents),
            *_nothing_lost(replayed, list(_attempts_kept(old, new, observations))),
            Obligation("something is taken away", bool(witness), witness and f"for example {witness}"),
            Obligation("proposing again proposes nothing", not finds_more(), ""),
            _no_new_escalation(old, new),
            *(_traced(tightening, change) for change in tightening.files),
        ),
        replayed=replayed,
        witness=witness,
    )


def prove_initial(bound: Holdings | None, new: Holdings, observations: Sequence[Observation]) -> Proved:
    """Inside the policy held during the trial, where one is declared; and every derived call is allowed.

    ``observations`` are those the policy was derived from, without the omissions.
    """
    replayed = replay(new, new, observations)
    total = calls_of(seen for seen in observations if seen.is_authorized)
    detail = f"{replayed.recorded:,} of {total:,}"
    authorized = (new.decide(seen.key.request) for seen in observations if seen.is_authorized)
    complete = all(decision is Decision.ALLOW for decision in authorized)
    obligations = [Obligation("every recorded call is allowed", complete, detail)]
    attempts = [new.decide(seen.key.request) is Decision.ALLOW for seen in observations if seen.is_attempt]
    if attempts:
        seen = Obligation(
            "every action that was seen is allowed",
            all(attempts),
            f"{sum(attempts)} of {len(attempts)} actions",
        )
        obligations = [seen] if not total else [*obligations, seen]
    if bound:
        obligations.append(inside("stays inside the trial's policy", bound.documents, new.documents))
    return Proved(tuple(obligations), replayed)


def prove_addition(
    old: Holdings,
    new: Holdings,
    added: PolicyDocument,
    observations: Sequence[Observation],
    denied: Sequence[Observation],
) -> Proved:
    """C is kept, nothing but the listed grants is added, and the denied requests are now allowed."""
    replayed = replay(old, new, observations)
    answered = [new.decide(observation.key.request).value == "ALLOW" for observation in denied]
    return Proved(
        obligations=(
            inside("keeps everything", new.documents, old.documents),
            inside("adds the listed grants only", (*old.documents, added), new.documents),
            _still_allowed(replayed),
            Obligation("grants are literal", _is_literal(added), "no wildcard in an added statement"),
            Obligation(
                "the denied calls are now allowed",
                all(answered),
                f"{sum(answered)} of {len(answered)} different requests",
            ),
        ),
        replayed=replayed,
    )


def prove_restoration(
    old: Holdings,
    new: Holdings,
    before: tuple[Holdings, Sequence[PolicyDocument]],
    observations: Sequence[Observation],
    denied: Sequence[Observation],
) -> Proved:
    """C is kept, nothing comes back but what was granted, and the denied calls are now allowed.

    ``before`` is what the principal held before the applies, and those parts of it that come back.
    """
    held, back = before
    replayed = replay(old, new, observations)
    answered = [new.decide(observation.key.request) is Decision.ALLOW for observation in denied]
    return Proved(
        obligations=(
            inside(
                "allows nothing but what was allowed before", (*old.documents, *held.documents), new.documents
            ),
            Obligation(
                "the denied calls are now allowed",
                all(answered),
                f"{sum(answered)} of {len(answered)} different requests",
            ),
            inside("keeps everything", new.documents, old.documents),
            inside("restores the listed grants only", (*old.documents, *back), new.documents),
            _still_allowed(replayed),
        ),
        replayed=replayed,
    )


def inside(name: str, outer: Sequence[PolicyDocument], inner: Sequence[PolicyDocument]) -> Obligation:
    """Whether everything that ``inner`` allows is allowed by ``outer``."""
    result = included(outer, inner)
    match result:
        case Included():
            return Obligation(name, holds=True, detail=BOTH_READINGS)
        case Witness():
            return Obligation(
                name, holds=False, detail=f"counterexample: {result.action} on {result.resource}"
            )
        case Undecided():
            return Obligation(name, holds=None, detail=result.reason)


def _attempts_kept(old: Holdings, new: Holdings, observations: Sequence[Observation]) -> Iterator[bool]:
    """For each action that was only attempted, whether everything stays that the old policies grant of it.

    Where records tell on what an action is used, they decide instead.
    """
    recorded = {seen.key.request.action for seen in observations if seen.is_authorized}
    for seen in observations:
        request = seen.key.request
        if seen.is_attempt and request.action not in recorded:
            kept = includes_requests(new.evaluator, old.evaluator, request.action, request.resource)
            yield isinstance(kept, Included)


def _nothing_lost(replayed: Replay, attempts: Sequence[bool]) -> list[Obligation]:
    """The claims about recorded calls, and about actions of which no calls were recorded."""
    if not attempts:
        return [_still_allowed(replayed)]
    detail = f"{sum(attempts):,} of {len(attempts):,} actions; how often they were called is not told"
    kept = Obligation("every action that was seen keeps all it had", all(attempts), detail)
    has_records = replayed.recorded or replayed.undecided or replayed.lost
    return [_still_allowed(replayed), kept] if has_records else [kept]


def _still_allowed(replayed: Replay) -> Obligation:
    name = "every recorded call is still allowed"
    if replayed.lost:
        request = replayed.lost[0].key.request
        detail = f"{len(replayed.lost)} requests lost, the first: {request.action} on {request.resource}"
        return Obligation(name, holds=False, detail=detail)
    detail = f"{replayed.allowed:,} of {replayed.recorded:,}"
    if replayed.undecided:
        detail += (
            f"; of {replayed.undecided:,} more the records do not show whether a condition held, or on which "
            "resource they were: each is allowed or not just as before"
        )
    return Obligation(name, holds=True, detail=detail)


def _traced(tightening: Tightening, change: FileChange) -> Obligation:
    """Each Allow statement comes from an old one; Deny and opaque statements are equal.

    A new file holds parts of a file that changes, so it is held against all of them.
    """
    name = f"{change.path}: every statement is traced to an old one"
    olds = [change.before] if change.before else [file.before for file in tightening.files if file.before]
    before = [parse(text) for text in olds]
    if change.after is None:
        return Obligation(name, holds=not _untouchable(before[0])[1], detail="the file goes")
    after = parse(change.after)
    if change.before and _untouchable(before[0]) != _untouchable(after):
        return Obligation(name, holds=False, detail="a statement changed that is never rewritten")
    old = [PolicyDocument((allow,), document.version) for document in before for allow in _allows(document)]
    for statement in _allows(after):
        new = PolicyDocument((statement,), after.version)
        if not any(isinstance(includes((document,), (new,)), Included) for document in old):
            return Obligation(name, holds=False, detail=f"{statement.sid or statement.actions[0]} is of none")
    return Obligation(name, holds=True, detail="Deny, NotAction and NotResource as they were")


def _untouchable(document: PolicyDocument) -> tuple[Version, list[Statement]]:
    """The language of the document, and the statements that no tightening may touch."""
    return document.version, [
        statement
        for statement in document.statements
        if statement.effect is Effect.DENY or why_opaque(document, statement)
    ]


def _allows(document: PolicyDocument) -> list[Statement]:
    return [statement for statement in document.statements if statement.effect is Effect.ALLOW]


def _gone(old: Holdings, new: Holdings, tightening: Tightening) -> str:
    """A request that the old policies allow and the new ones do not; empty if there is none."""
    if isinstance(includes(new.documents, old.documents), Included):
        return ""
    for change in sorted(tightening.changes, key=lambda change: bool(change.after)):
        for pattern in change.before:
            found = includes_requests(new.evaluator, old.evaluator, change.action, pattern)
            if isinstance(found, Witness):
                return f"{change.action} on {found.resource}"
    return ""


def _no_new_escalation(old: Holdings, new: Holdings) -> Obligation:
    before, after = paths_of(old), paths_of(new)
    detail = f"{len(before)} known combinations of granted actions before, {len(after)} after"
    if after - before:
        detail += f"; new: {', '.join(sorted(after - before))}"
    return Obligation("no new way to escalate privileges", not after - before, detail)


def _is_literal(added: PolicyDocument) -> bool:
    """Whether each statement names its actions and resources in full; ``*`` is what has no resource."""
    names = (name for statement in added.statements for name in statement.resources if name != "*")
    actions = (action for statement in added.statements for action in statement.actions)
    return all(is_resource(name) and glob.parse(name).is_literal for name in names) and all(
        map(exists, actions)
    )
