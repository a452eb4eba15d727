"""An open pull request: leave it, describe it anew, or put a new commit on top."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from leastwise.model.proposal import OutcomeKind
from leastwise.publish import notices
from leastwise.publish.github_annotate import annotate
from leastwise.publish.github_run import EDITED, MOVED, NO_STATE
from leastwise.publish.labels import STOP, TAKE_OVER
from leastwise.publish.ownership import holds_exactly, only_ours
from leastwise.publish.pull_state import differs, read_state, write_body

if TYPE_CHECKING:
    from leastwise.model.proposal import PublishOutcome
    from leastwise.publish.forge import PullRequest
    from leastwise.publish.github_run import Draft, Run
    from leastwise.publish.pull_state import PullState

_DEMANDS_BASE = frozenset({"dirty", "behind"})
"""GitHub's ``mergeable_state`` where the base has to be merged in: a conflict, or a rule."""


def renew(run: Run, pull: PullRequest, draft: Draft) -> PublishOutcome:
    """Nothing, where nothing is to be done; otherwise look at it as it is *now*, and then write."""
    if _is_settled(run, pull, draft):
        return draft.outcome(OutcomeKind.UNCHANGED, pull.url)
    refusal = untouchable(run, pull)
    if not refusal:
        pull = run.history.remember(run.forge.pull(pull.number))
        refusal = untouchable(run, pull)
    state = read_state(pull.body)
    asked = not refusal and _use_up_label(run, pull)
    if state is None and not asked:
        refusal = refusal or NO_STATE
    held = "" if refusal else _held(run, pull, state, draft)
    if held is None and not asked and not _let_in_by_box(run, pull):
        refusal = EDITED
    if refusal:
        return draft.outcome(OutcomeKind.WITHHELD, pull.url, refusal)
    return _write(run, pull, state, draft, held)


def untouchable(run: Run, pull: PullRequest) -> str:
    """Why the pull request is to be left alone, whatever is proposed; empty: it is not."""
    if not pull.is_open:
        return "it was closed while this ran; the next run looks again"
    if STOP in pull.labels:
        return f"the label {STOP} says to leave it alone"
    if pull.base != run.repository.default_branch:
        return f"people let it merge into {pull.base}, not {run.repository.default_branch}"
    return ""


def _is_settled(run: Run, pull: PullRequest, draft: Draft) -> bool:
    """Whether the pull request is as this run would make it; without a request."""
    state = read_state(pull.body)
    return (
        state is not None
        and (pull.head, pull.base) == (state.head, run.repository.default_branch)
        and (state.fingerprint, state.base) == (draft.proposal.fingerprint, run.base.commit)
        and not (state.unfinished or state.closed or TAKE_OVER in pull.labels)
        and not differs(state, draft.text.body, run.now.date())
    )


def _use_up_label(run: Run, pull: PullRequest) -> bool:
    """Whether the label asks to take over.  It is used up first: an interrupted run must be asked again."""
    if TAKE_OVER not in pull.labels:
        return False
    run.forge.remove_label(pull.number, TAKE_OVER)
    return True


def _held(run: Run, pull: PullRequest, state: PullState | None, draft: Draft) -> str | None:
    """The fingerprint of what the branch holds; empty: another one of ours; ``None``: people's work."""
    if state is not None and pull.head == state.head:
        return state.fingerprint
    divergence = run.forge.divergence(run.base.commit, pull.head)
    if holds_exactly(divergence, draft.files):
        return draft.proposal.fingerprint
    return "" if only_ours(divergence, pull.author) else None


def _let_in_by_box(run: Run, pull: PullRequest) -> bool:
    """Whether somebody ticked the box in our notice; writes the notice where there is none."""
    comment = notices.on_topic(run.forge.comments(pull.number), notices.EDITED)
    if notices.asks_to_take_over(comment):
        run.say(pull, notices.EDITED, notices.taken_over())
        return True
    run.say(pull, notices.EDITED, notices.notice(notices.EDITED))
    return False


def _write(
    run: Run, pull: PullRequest, state: PullState | None, draft: Draft, held: str | None
) -> PublishOutcome:
    """Commit where the policy change differs, then say what it is, then ask for reviews."""
    is_behind = state is None or state.base != run.base.commit
    must_commit = held != draft.proposal.fingerprint or (is_behind and pull.merge_state in _DEMANDS_BASE)
    fresh = draft.state(pull.head, state.base if state else run.base.commit, run.now)
    if must_commit:
        parents = (pull.head, run.base.commit) if is_behind else (pull.head,)
        commit = run.commit(draft, parents)
        if not run.forge.advance_branch(draft.branch, commit):
            return draft.outcome(OutcomeKind.FAILED, pull.url, MOVED)
        fresh = draft.state(commit, run.base.commit, run.now)
    elif state is not None and not _says_too_little(run, state, draft):
        return draft.outcome(OutcomeKind.UNCHANGED, pull.url)
    if state is not None:
        fresh = msgspec.structs.replace(fresh, labels=state.labels, unfinished=state.unfinished)
    return _describe(run, pull, state, draft, fresh)


def _says_too_little(run: Run, state: PullState, draft: Draft) -> bool:
    if state.unfinished or state.closed or state.fingerprint != draft.proposal.fingerprint:
        return True
    return differs(state, draft.text.body, run.now.date())


def _describe(
    run: Run, pull: PullRequest, state: PullState | None, draft: Draft, fresh: PullState
) -> PublishOutcome:
    """Title and body in one request.  A title that people changed is theirs."""
    title = draft.text.title if state is not None and pull.title == state.title else pull.title
    body = write_body(pull.body, draft.text.body, fresh)
    edited = run.forge.edit_pull(pull.number, title=title, body=body)
    why = annotate(run, run.history.remember(edited), fresh, draft) if fresh.unfinished else ""
    return draft.outcome(OutcomeKind.UPDATED, pull.url, why)
