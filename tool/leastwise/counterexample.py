"""A counterexample that a person can look up: one whose action AWS has.

Where a wildcard or ``NotAction`` lets an action in, the shortest name that refutes an inclusion is often one
that no service knows.  No pattern of the policies tells it from some real action, which does as well.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from leastwise.iam import glob
from leastwise.iam.includes import Witness, includes
from leastwise.reference.actions import exists, expand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leastwise.iam.includes import Included, Undecided
    from leastwise.iam.statement import PolicyDocument


def included(
    outer: Sequence[PolicyDocument], inner: Sequence[PolicyDocument]
) -> Included | Witness | Undecided:
    """Whether ``outer`` allow all that ``inner`` allow; a witness has a real action wherever one would do."""
    result = includes(outer, inner)
    if not isinstance(result, Witness) or exists(result.action):
        return result
    return replace(result, action=_real(result, (*outer, *inner)) or result.action)


def _real(witness: Witness, documents: Sequence[PolicyDocument]) -> str | None:
    """An action that exists and that every pattern matches or not as it does the witness's."""
    entries = {
        entry.lower()
        for document in documents
        for statement in document.statements
        for entry in (*statement.actions, *statement.not_actions)
    }
    patterns = {entry: glob.parse(entry, variables=False) for entry in entries}
    alike = {entry: glob.matches(pattern, witness.action.lower()) for entry, pattern in patterns.items()}
    candidates = min((expand(entry) for entry, matched in alike.items() if matched), key=len, default=None)
    return next(
        (
            action
            for action in _nearest_first(expand("*") if candidates is None else candidates, witness.resource)
            if all(glob.matches(patterns[entry], action.lower()) == alike[entry] for entry in entries)
        ),
        None,
    )


def _nearest_first(actions: Sequence[str], resource: str) -> list[str]:
    """Those of the service that the resource's ARN names come first."""
    service = f"{[*resource.split(':'), '', ''][2]}:"
    return sorted(actions, key=lambda action: not action.startswith(service))
