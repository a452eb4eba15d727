"""How much of a grant comes back when a call shows that it was needed: the grant, and no more of it.

What was removed comes back as it stood.  What was narrowed comes back by the smallest rung of the ladder that
the denied call stands on, inside the pattern that granted it before, and so does what was granted by a
policy of others; a sensitive action only on the very names that were asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.compare.narrow import Narrower
from leastwise.grants import grants_of, literal_pattern
from leastwise.iam.ladder import climb, container_of
from leastwise.model.request import ResourceForm
from leastwise.reference.ephemeral import lasting_name
from leastwise.reference.risk import is_sensitive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date

    from leastwise.grants import Granted
    from leastwise.model.evidence import Observation
    from leastwise.model.policies import PolicyFile


def patterns_of(
    own: Iterable[PolicyFile], granted: Granted, action: str, refused: Sequence[Observation]
) -> Narrower:
    """The resource patterns that ``action`` needs back of what ``granted`` allowed, or why it gets none.

    ``own`` are the committed policies, ``refused`` the denied calls; each of them lies inside ``granted``.
    """
    if is_sensitive(action) or _narrowed(own, granted, action):
        return smallest_of(action, refused, granted.accepts)
    return Narrower(granted.statement.resources)


def smallest_of(action: str, refused: Sequence[Observation], accept: Callable[[str], bool]) -> Narrower:
    """The smallest patterns for the denied calls; ``accept`` says whether a pattern was granted before.

    So comes back too what a policy of others granted, such as AWS's own during a trial: its patterns were
    never meant for this principal.
    """
    if is_sensitive(action):
        return _exact(action, refused, accept)
    return Narrower(climb([_rung(seen, accept) for seen in refused], accept))


def _narrowed(own: Iterable[PolicyFile], granted: Granted, action: str) -> bool:
    """Whether something of the grant is left: the action, under the same conditions, on a part of it."""
    return any(
        action in left.actions
        and left.statement.conditions == granted.statement.conditions
        and all(map(granted.accepts, left.statement.resources))
        for left in grants_of(own)
    )


def _exact(action: str, refused: Sequence[Observation], accept: Callable[[str], bool]) -> Narrower:
    """The very names, where each is one that lasts."""
    patterns = set()
    for seen in refused:
        request = seen.key.request
        name = literal_pattern(request)
        if request.form not in (ResourceForm.LITERAL, ResourceForm.NONE) or not accept(name):
            return Narrower(why_not=f"{is_sensitive(action)}: the record does not name one resource")
        if lasting_name(name):
            return Narrower(why_not=f"{is_sensitive(action)}: asked for on a name that a service invents")
        patterns.add(name)
    return Narrower(tuple(sorted(patterns)))


def _rung(seen: Observation, accept: Callable[[str], bool]) -> tuple[str, frozenset[date]]:
    """The smallest pattern that the call stands on, as far as it was granted, and its days.

    On a ladder that is the part of the path the name lies in: a denied call shows that the names of this part
    are in use, and that the next of them would be denied too.
    """
    request = seen.key.request
    name = request.resource if request.form is ResourceForm.ROLLED_UP else literal_pattern(request)
    wider = lasting_name(name) or _above(name)
    days = frozenset(seen.tally.days)
    return (wider, days) if wider and accept(wider) else (name, days)


def _above(name: str) -> str | None:
    """``…/2025/11/*`` for ``…/2025/11/x.pdf``; ``None`` where the name stands on no ladder."""
    container = container_of(name)
    if container is None or name.endswith("*"):
        return None
    head, slash, _ = name[len(container) :].rpartition("/")
    return f"{container}{head}{slash}*"
