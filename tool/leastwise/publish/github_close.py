"""What is over: proposals that are no longer made, and pull requests that people closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from leastwise.publish import notices
from leastwise.publish.github_renew import untouchable
from leastwise.publish.github_run import EDITED, NO_STATE
from leastwise.publish.history import closed_by_us
from leastwise.publish.labels import TAKE_OVER
from leastwise.publish.ownership import only_ours
from leastwise.publish.pull_state import read_state, write_state

if TYPE_CHECKING:
    from leastwise.publish.forge import PullRequest
    from leastwise.publish.github_run import Run


def close(run: Run, pull: PullRequest) -> str:
    """Close an open pull request and delete its branch, or say why not."""
    refusal = untouchable(run, pull)
    if not refusal:
        pull = run.history.remember(run.forge.pull(pull.number))
        refusal = untouchable(run, pull)
    state = read_state(pull.body)
    if refusal or state is None:
        return refusal or NO_STATE
    if pull.head != state.head:
        divergence = run.forge.divergence(run.base.commit, pull.head)
        if not only_ours(divergence, pull.author):
            run.say(pull, notices.OBSOLETE, notices.abandoned())
            return EDITED
    run.say(pull, notices.OBSOLETE, notices.notice(notices.OBSOLETE))
    body = write_state(pull.body, msgspec.structs.replace(state, closed=run.now))
    run.history.remember(run.forge.close_pull(pull.number, body))
    _delete(run, pull)
    return ""


def tidy(run: Run, branch: str) -> None:
    """After a close: acknowledge a person's no, once, and delete the branch that was left.

    That the branch is gone is what tells that it was done.  One that holds a person's commits stays.
    """
    pull = run.history.latest(branch)
    if pull is None or pull.is_open or pull.is_merged or TAKE_OVER in pull.labels:
        return
    state = read_state(pull.body)
    if state is None or pull.head != state.head or run.history.branches(run.forge).get(branch) != pull.head:
        return
    if not closed_by_us(pull):
        run.say(pull, notices.REJECTED, notices.notice(notices.REJECTED))
    _delete(run, pull)


def _delete(run: Run, pull: PullRequest) -> None:
    """Delete a branch, if it is still where the pull request left it."""
    tip = run.forge.tip(pull.branch)
    if tip is not None and tip.commit == pull.head:
        run.forge.delete_branch(pull.branch)
