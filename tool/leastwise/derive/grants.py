"""Observations -> derived grants: the narrowest patterns that a policy can hold and that will last.

With an upper bound (the policy held during the trial) nothing outside of it is derived, and the resource
ladder is climbed inside of it.  Without a bound no ladder is climbed: nothing says how far.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from leastwise.grants import is_resource, names, names_nothing
from leastwise.iam import glob
from leastwise.iam.evaluate import Decision
from leastwise.iam.ladder import climb
from leastwise.model.derivation import Derivation, DerivedGrant, Flag, LeftOut, Omission
from leastwise.model.request import AuthorizationRequest, Certainty, ResourceForm
from leastwise.reference.ephemeral import lasting_name
from leastwise.reference.risk import is_sensitive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from leastwise.holdings import Holdings
    from leastwise.model.evidence import Observation

Context = tuple[tuple[str, str], ...]


def derive(
    observations: Iterable[Observation],
    bound: Holdings | None,
    never: Sequence[str] = (),
) -> Derivation:
    """The grants for every authorized call: each call is covered by one, or among the omissions.

    What was only attempted counts as well, as far as no source has records of the action: records tell more.
    """
    observations = tuple(observations)
    recorded = {seen.key.request.action for seen in observations if not seen.is_attempt}
    kept: dict[tuple[str, Context], list[Observation]] = defaultdict(list)
    omissions = []
    for observation in observations:
        told_better = observation.is_attempt and observation.key.request.action in recorded
        if told_better or not (observation.is_authorized or observation.is_attempt):
            continue
        reason = _left_out(observation, bound, never)
        if reason:
            omissions.append(Omission(reason, observation))
        else:
            request = observation.key.request
            kept[request.action, request.context].append(observation)
    grants = tuple(_derived(key, found, bound) for key, found in sorted(kept.items()))
    return Derivation(grants, tuple(omissions), bounded=bound is not None)


def _left_out(observation: Observation, bound: Holdings | None, never: Sequence[str]) -> LeftOut | None:
    request = observation.key.request
    if any(names(pattern, request.action) for pattern in never):
        return LeftOut.NEVER
    if request.form is ResourceForm.LITERAL and not is_resource(glob.escape(request.resource)):
        return LeftOut.NO_ARN
    if request.form is ResourceForm.ROLLED_UP and names_nothing(request.resource, request.action):
        return LeftOut.TOO_MANY_NAMES
    unnamed = request.form in (ResourceForm.UNRECORDED, ResourceForm.ROLLED_UP) or lasting_name(
        request.resource
    )
    if unnamed and is_sensitive(request.action):
        return LeftOut.SENSITIVE_UNNAMED
    decision = bound.decide(request) if bound else Decision.ALLOW
    if decision is Decision.UNKNOWN:
        return LeftOut.UNDECIDED_BOUND
    return None if decision is Decision.ALLOW else LeftOut.OUTSIDE_BOUND


def _derived(
    key: tuple[str, Context], observations: Sequence[Observation], bound: Holdings | None
) -> DerivedGrant:
    action, context = key
    accept = _acceptance(action, context, bound)

    def patterns(uses: Iterable[Observation]) -> tuple[str, ...]:
        seen = [(_pattern(use.key.request, accept), frozenset(use.tally.days)) for use in uses]
        resources = climb(seen, lambda wider: bound is not None and accept(wider))
        return ("*",) if "*" in resources else resources

    resources = patterns(observations)
    named = [use for use in observations if use.key.request.form is not ResourceForm.UNRECORDED]
    narrower = patterns(named) if len(named) < len(observations) else ()
    flags = {flag for observation in observations for flag in _flags(observation)}
    if not {_pattern(use.key.request, accept) for use in observations} >= set(resources):
        flags.add(Flag.CLIMBED)
    return DerivedGrant(
        action=action,
        resources=resources,
        context=context,
        observations=tuple(observations),
        flags=tuple(sorted(flags, key=lambda flag: flag.name)),
        narrower=narrower,
    )


def _acceptance(action: str, context: Context, bound: Holdings | None) -> Callable[[str], bool]:
    """Which wider patterns may be written: none for a sensitive action, else those inside the bound."""
    if is_sensitive(action):
        return lambda _: False
    if bound is None:
        return lambda _: True

    def accept(pattern: str) -> bool:
        request = AuthorizationRequest(action, pattern, ResourceForm.ROLLED_UP, context)
        return bound.decide(request) is Decision.ALLOW

    return accept


def _pattern(request: AuthorizationRequest, accept: Callable[[str], bool]) -> str:
    if request.form is not ResourceForm.LITERAL:
        return request.resource
    literal = glob.escape(request.resource)
    lasting = lasting_name(literal)
    return lasting if lasting and accept(lasting) else literal


def _flags(observation: Observation) -> Iterable[Flag]:
    request = observation.key.request
    if request.form is ResourceForm.UNRECORDED:
        yield Flag.UNRECORDED_RESOURCE
    if request.form is ResourceForm.ROLLED_UP:
        yield Flag.ROLLED_UP
    if request.form is ResourceForm.LITERAL and lasting_name(request.resource):
        yield Flag.EPHEMERAL_NAME
    if request.certainty is Certainty.INFERRED:
        yield Flag.INFERRED
    if observation.is_attempt:
        yield Flag.ATTEMPTED
    if observation.key.via_service:
        yield Flag.VIA_SERVICE
