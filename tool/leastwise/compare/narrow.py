"""From the resources an action is granted on to those it was used on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.grants import covers, names_nothing
from leastwise.iam import arn, glob
from leastwise.iam.dates import holds_date_of_use
from leastwise.iam.glob import escape
from leastwise.iam.ladder import climb
from leastwise.model.evidence import calls_of
from leastwise.model.request import ResourceForm
from leastwise.reference.arns import fits
from leastwise.reference.ephemeral import lasting_name
from leastwise.reference.risk import is_sensitive

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from leastwise.grants import Granted
    from leastwise.model.evidence import Observation

NAMED_RESOURCES = 20
"""More patterns than this for one action are no help to a reviewer: the wider pattern stays."""


@dataclass(frozen=True, slots=True)
class Narrower:
    """The patterns that would do, or why the statement's own must stay."""

    patterns: tuple[str, ...] | None = None
    why_not: str = ""


def narrowed(granted: Granted, action: str, used: Sequence[Observation]) -> Narrower:
    """The resource patterns that cover every use of ``action``, each inside one pattern of the statement."""
    if any(observation.key.request.form is ResourceForm.NONE for observation in used):
        return Narrower(why_not="the action works on no resource type")
    unnamed = [seen for seen in used if seen.key.request.form is ResourceForm.UNRECORDED]
    if unnamed:
        return Narrower(why_not=_why_unnamed(unnamed, used))
    if is_sensitive(action) and any(lasting_name(_seen(observation)[0]) for observation in used):
        return Narrower(why_not="sensitive, and used on names that a service invents: a person must choose")
    patterns = _patterns(granted, action, used)
    if any(pattern in patterns and holds_date_of_use(pattern, days) for pattern, days in map(_seen, used)):
        return Narrower(why_not="used on names that hold the date of their use: the next will be others")
    return _judged(granted, action, patterns)


def _why_unnamed(unnamed: Sequence[Observation], used: Sequence[Observation]) -> str:
    sample = min((sample for seen in unnamed for sample in seen.tally.samples), default="")
    example = f", e.g. event {sample}" if sample else ""
    calls = f"{calls_of(unnamed):,} of {calls_of(used):,} calls"
    return f"the records of {calls} do not say which resource was used{example}"


def _judged(granted: Granted, action: str, patterns: tuple[str, ...]) -> Narrower:
    if any(names_nothing(pattern, action) for pattern in patterns if pattern.endswith("*")):
        return Narrower(why_not="too many resources were used to name them")
    if not all(map(granted.accepts, patterns)):
        return Narrower(why_not="the recorded resources do not lie inside one pattern of the statement")
    if len(patterns) > NAMED_RESOURCES:
        return Narrower(why_not=f"{len(patterns)} resources were used, too many to name")
    if _is_as_wide(granted, action, patterns):
        return Narrower(why_not="used on all of it")
    return Narrower(patterns)


def _patterns(granted: Granted, action: str, used: Sequence[Observation]) -> tuple[str, ...]:
    seen = [_seen(observation) for observation in used]
    if is_sensitive(action):
        return tuple(sorted({pattern for pattern, _ in seen}))
    lasting = [(_lasting(pattern, granted), days) for pattern, days in seen]
    return climb(lasting, granted.accepts)


def _seen(observation: Observation) -> tuple[str, frozenset[date]]:
    request = observation.key.request
    pattern = escape(request.resource) if request.form is ResourceForm.LITERAL else request.resource
    return pattern, frozenset(observation.tally.days)


def _lasting(pattern: str, granted: Granted) -> str:
    """``type/*`` for a name that a service invented, as far as the statement grants as much."""
    lasting = lasting_name(pattern)
    return lasting if lasting and granted.accepts(lasting) else pattern


def _is_as_wide(granted: Granted, action: str, patterns: tuple[str, ...]) -> bool:
    """Whether nothing would be taken away: every pattern of the statement that matters is covered."""
    needed = [arn.pattern(pattern) for pattern in patterns]
    return all(
        any(covers(pattern, granted_pattern) for pattern in needed)
        for granted_pattern in granted.resources
        if _matters(granted_pattern.flat.text, action)
    )


def _matters(pattern: str, action: str) -> bool:
    """Whether the pattern can name a resource of a type that the action works on."""
    return pattern == "*" or any(fits(sample, action) for sample in _samples(pattern))


def _samples(pattern: str) -> Iterator[str]:
    """A few names of the pattern: stars of one component, and of two."""
    for filling in ("x", "x/x", "x:x"):
        tokens = glob.parse(pattern).tokens
        yield "".join(
            token if isinstance(token, str) else "x" if token is glob.Wildcard.ANY else filling
            for token in tokens
        )
