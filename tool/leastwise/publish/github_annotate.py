"""Labels and reviewers of a new pull request: asked for once, and never a reason to fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from leastwise.publish import codeowners
from leastwise.publish.pull_state import write_state

if TYPE_CHECKING:
    from collections.abc import Iterable

    from leastwise.publish.forge import PullRequest
    from leastwise.publish.github_run import Draft, Run
    from leastwise.publish.pull_state import PullState


def annotate(run: Run, pull: PullRequest, state: PullState, draft: Draft) -> str:
    """Labels and reviewers, once.  Returns what GitHub had against a reviewer: it is never fatal."""
    if run.labels:
        run.forge.add_labels(pull.number, run.labels)
    complaint = _request_reviews(run, pull, draft)
    body = write_state(pull.body, msgspec.structs.replace(state, unfinished=False))
    run.history.remember(run.forge.edit_pull(pull.number, body=body))
    return complaint


def _request_reviews(run: Run, pull: PullRequest, draft: Draft) -> str:
    """Ask the owners, each alone, so that an unknown one does not keep the others from being asked."""
    if _has_code_owners(run, draft):
        return ""
    users, teams = _reviewers(draft.proposal.owners, run.repository.owner)
    complaints = [
        f"{user}: {complaint}"
        for user in users
        if user.lower() != pull.author.lower()
        and (complaint := run.forge.request_reviewers(pull.number, [user], []))
    ]
    complaints += [
        f"{team}: {complaint}"
        for team in teams
        if (complaint := run.forge.request_reviewers(pull.number, [], [team]))
    ]
    return f"no review asked of {'; '.join(complaints)}" if complaints else ""


def _has_code_owners(run: Run, draft: Draft) -> bool:
    """Whether GitHub asks the owners of every file by itself."""
    place = next((place for place in codeowners.PLACES if place in run.committed), None)
    return place is not None and codeowners.covers(run.forge.text(run.committed[place]), draft.files)


def _reviewers(owners: Iterable[str], organization: str) -> tuple[list[str], list[str]]:
    """Logins and team slugs among ``@login`` and ``@organization/team``; only its own teams can be asked."""
    names = [owner.removeprefix("@") for owner in owners if owner.startswith("@")]
    users = [name for name in names if "/" not in name]
    teams = [name.partition("/") for name in names if "/" in name]
    return users, [slug for owner, _, slug in teams if owner.lower() == organization.lower()]
