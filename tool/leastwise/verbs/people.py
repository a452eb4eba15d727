"""Whether a command shows people: names of sessions, and source addresses.  Decided here and nowhere else.

``people:`` of ``principals.yaml`` decides; ``--show-people`` can only ask where it is silent, and only where
no machine keeps the output for others; ``--hide-people`` always holds::

    principals.yaml        nothing asked   --show-people                   --hide-people
    people: shown          shown           shown                           hidden
    says nothing           hidden          shown; in a run of CI refused   hidden
    people: hidden         hidden          refused                         hidden
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.errors import UsageError
from leastwise.model.declared import People

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leastwise.model.declared import Declaration


def shows_people(declaration: Declaration, asked: bool | None, environment: Mapping[str, str]) -> bool:  # noqa: FBT001  a flag that may be unsaid
    """Whether people are shown; ``asked`` is what the command line says, ``None``: nothing.

    Raises ``UsageError`` where it asks for what is refused: what was asked for is never left out in silence.
    """
    if asked is False:
        return False
    if declaration.people is People.SHOWN:
        return True
    if asked and declaration.people is People.HIDDEN:
        raise UsageError(
            "--show-people: principals.yaml says `people: hidden`, and that holds for every command; leave "
            "the option out"
        )
    if asked and is_ci(environment):
        raise UsageError(
            "--show-people in a run of CI, whose output others can read: only `people: shown` in "
            "principals.yaml shows people there; declare it, or leave the option out"
        )
    return bool(asked)


def is_ci(environment: Mapping[str, str]) -> bool:
    """Whether a CI runs this: GitHub Actions, GitLab and most others set ``CI``.

    https://docs.github.com/en/actions/reference/workflows-and-actions/variables (2026-11)
    """
    said = (environment.get("GITHUB_ACTIONS", ""), environment.get("CI", ""))
    return any(each.lower() not in ("", "0", "false") for each in said)
