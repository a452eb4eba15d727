"""No open pull request yet: open one, or open again what leastwise itself closed a few days ago."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from leastwise.model.proposal import OutcomeKind
from leastwise.publish.github_annotate import annotate
from leastwise.publish.github_renew import renew
from leastwise.publish.github_run import MOVED
from leastwise.publish.history import closed_by_us
from leastwise.publish.ownership import holds_exactly, only_ours
from leastwise.publish.pull_state import read_state, write_body, write_state

if TYPE_CHECKING:
    from leastwise.model.proposal import PublishOutcome
    from leastwise.publish.github_run import Draft, Run

REOPEN_WITHIN = timedelta(days=7)


def reopen(run: Run, draft: Draft) -> PublishOutcome | None:
    """Open again what leastwise itself closed a few days ago, as it was; then bring it up to date."""
    pull = run.history.latest(draft.branch)
    state = read_state(pull.body) if pull else None
    if pull is None or state is None or state.closed is None or not closed_by_us(pull):
        return None
    if run.now - state.closed > REOPEN_WITHIN or not run.forge.create_branch(draft.branch, pull.head):
        return None
    body = write_state(pull.body, msgspec.structs.replace(state, closed=None))
    reopened = run.forge.reopen_pull(pull.number, body)
    if reopened is None:
        return None
    run.history.note_opened()
    outcome = renew(run, run.history.remember(reopened), draft)
    if outcome.kind in (OutcomeKind.UNCHANGED, OutcomeKind.UPDATED):
        return replace(outcome, kind=OutcomeKind.OPENED)
    return outcome


def open_new(run: Run, draft: Draft) -> PublishOutcome:
    """Have the draft on its branch, and a pull request from there."""
    head, refusal = _branch(run, draft)
    if refusal:
        return draft.outcome(OutcomeKind.WITHHELD, draft.branch, refusal)
    state = draft.state(head, run.base.commit, run.now)
    state = msgspec.structs.replace(state, labels=run.labels, unfinished=True)
    body = write_body("", draft.text.body, state)
    default = run.repository.default_branch
    pull = run.forge.open_pull(draft.branch, default, draft.text.title, body)
    if pull is None:
        return draft.outcome(OutcomeKind.WITHHELD, draft.branch, MOVED)
    run.history.note_opened()
    why = annotate(run, run.history.remember(pull), state, draft)
    return draft.outcome(OutcomeKind.OPENED, pull.url, why)


def _branch(run: Run, draft: Draft) -> tuple[str, str]:
    """Have the draft at the tip of its branch: the commit, or why not.

    A branch without an open pull request is what a merge or an interrupted run left.
    """
    tip = run.forge.tip(draft.branch)
    if tip is None:
        commit = run.commit(draft, (run.base.commit,))
        return commit, "" if run.forge.create_branch(draft.branch, commit) else MOVED
    divergence = run.forge.divergence(run.base.commit, tip.commit)
    if holds_exactly(divergence, draft.files):
        return tip.commit, ""
    if tip.commit not in run.history.own_heads(draft.branch) and not only_ours(divergence, ""):
        return "", f"the branch has commits that leastwise did not make; rename or delete {draft.branch}"
    parents = (tip.commit, run.base.commit) if divergence.commits else (run.base.commit,)
    commit = run.commit(draft, parents)
    return commit, "" if run.forge.advance_branch(draft.branch, commit) else MOVED
